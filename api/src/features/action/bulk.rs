//! Mutations of many actions of a team, such as those that a session ends with.
//!
//! Invariant: a batch is one transaction. If any item is refused, no item is saved, and the refusals name the index of
//! each refused item.

use super::{Action, NewAction, accept_action, insert_action, move_due_date, rules};
use crate::{
    features::batch,
    kernel::{
        Caller, Check, Code, Error, Fault, Locked, Refusal, Write, access::Permission, expect_version,
        mutation::split, payload_object::PayloadObject, read::shape::typed, refused_id, today,
    },
    message, mutations, payload,
    scalar::Date,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    action::{self, Column, Entity},
    client, member, team,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// Input for `actionsCreate`.
#[derive(InputObject)]
pub struct ActionsCreateInput {
    /// ID of the team that the actions belong to.
    pub team_id: ID,
    /// Actions to offer: 1 to 100.
    pub items: Vec<ActionsCreateItem>,
}

/// An action to offer with `actionsCreate`.
#[derive(InputObject)]
pub struct ActionsCreateItem {
    /// ID of the member to offer the action to: an active member of this team.
    pub owner_id: ID,
    /// Title of the action: one line of 1 to 200 characters.
    pub title: String,
    /// Further details: up to 4,000 characters.
    pub detail: Option<String>,
    /// Due date, in the client's time zone: today or later.
    pub due_on: Date,
    /// ID of the priority that the action serves, of this team. A priority has at most 100 actions.
    pub priority_id: Option<ID>,
    /// ID of the session that the action comes from, of this team.
    pub session_id: Option<ID>,
    /// ID of the decision that the action implements, of this team.
    pub decision_id: Option<ID>,
    /// ID of the obstacle that the action is meant to remove, of this team.
    pub obstacle_id: Option<ID>,
}

/// Input for `actionsRedate`.
#[derive(InputObject)]
pub struct ActionsRedateInput {
    /// ID of the team that the actions belong to.
    pub team_id: ID,
    /// Reason for the moves: 1 to 1,000 characters.
    pub reason: String,
    /// Actions to move: 1 to 100, each at most once.
    pub items: Vec<ActionsRedateItem>,
}

/// An action and its new due date.
#[derive(InputObject)]
pub struct ActionsRedateItem {
    /// ID of the action, which must belong to this team and be offered or accepted.
    pub id: ID,
    /// New due date, in the client's time zone: today or later.
    pub due_on: Date,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `actionsAccept`.
#[derive(InputObject)]
pub struct ActionsAcceptInput {
    /// ID of the team that the actions belong to.
    pub team_id: ID,
    /// Actions to accept: 1 to 100, each at most once.
    pub items: Vec<ActionsAcceptItem>,
}

/// An action to accept with `actionsAccept`.
#[derive(InputObject)]
pub struct ActionsAcceptItem {
    /// ID of the action, which must belong to this team and be offered.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

payload! {
    /// Result of `actionsAccept`.
    pub struct ActionsAcceptPayload {
        /// Accepted actions, in the order of the items. Empty if any item was rejected.
        pub actions: Vec<PayloadObject<Action>>,
        /// Reasons the batch was rejected; each path contains the index of the item. Empty if all items were saved.
        pub errors: Vec<Refusal>,
    }
}

payload! {
    /// Result of `actionsCreate`.
    pub struct ActionsCreatePayload {
        /// Created actions, in the order of the items. Empty if any item was rejected.
        pub actions: Vec<PayloadObject<Action>>,
        /// Reasons the batch was rejected; each path contains the index of the item. Empty if all items were saved.
        pub errors: Vec<Refusal>,
    }
}

payload! {
    /// Result of `actionsRedate`.
    pub struct ActionsRedatePayload {
        /// Moved actions, in the order of the items. Empty if any item was rejected.
        pub actions: Vec<PayloadObject<Action>>,
        /// Reasons the batch was rejected; each path contains the index of the item. Empty if all items were saved.
        pub errors: Vec<Refusal>,
    }
}

mutations! {
    ActionsMutation {
        /// Offers several new actions to members of a team. If any item is rejected, no action is created.
        actions_create(ActionsCreateInput) -> ActionsCreatePayload = actions_create;
        /// Moves the due dates of several actions of a team, with one reason. If any item is rejected, no due date is
        /// moved. The baseline due dates do not change. Leaders can move only their own actions.
        actions_redate(ActionsRedateInput) -> ActionsRedatePayload = actions_redate;
        /// Accepts several offered actions of a team, by the rules of `actionAccept`. If any item is rejected, no action
        /// is accepted.
        actions_accept(ActionsAcceptInput) -> ActionsAcceptPayload = actions_accept;
    }
}

async fn actions_create(caller: &Caller, input: ActionsCreateInput) -> Result<ActionsCreatePayload, Fault> {
    let (done, errors) = split(create(caller, input).await)?;
    Ok(ActionsCreatePayload { actions: batch::saved_objects(done), errors })
}

async fn actions_redate(caller: &Caller, input: ActionsRedateInput) -> Result<ActionsRedatePayload, Fault> {
    let (done, errors) = split(redate(caller, input).await)?;
    Ok(ActionsRedatePayload { actions: batch::saved_objects(done), errors })
}

async fn actions_accept(caller: &Caller, input: ActionsAcceptInput) -> Result<ActionsAcceptPayload, Fault> {
    let (done, errors) = split(accept(caller, input).await)?;
    Ok(ActionsAcceptPayload { actions: batch::saved_objects(done), errors })
}

async fn create(caller: &Caller, input: ActionsCreateInput) -> Result<Vec<Id<Entity>>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::ActionsCreate, typed(&input.team_id), "input.teamId")
        .await?;
    batch::check_size(input.items.len())?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let (mut ids, mut faults) = (vec![], vec![]);
    for (at, item) in input.items.iter().enumerate() {
        match offer_item(&write, &team, &client, item).await {
            Ok(id) => ids.push(id),
            Err(error) => faults.extend(batch::item_refusals(error, at)?),
        }
    }
    batch::refuse_if_any(faults)?;
    write.commit().await?;
    Ok(ids)
}

async fn offer_item(
    write: &Write,
    team: &team::Model,
    client: &client::Model,
    item: &ActionsCreateItem,
) -> Result<Id<Entity>, Error> {
    let owner = write.load::<member::Entity>(typed(&item.owner_id), "input.ownerId").await?;
    let offer = NewAction {
        title: &item.title,
        detail: item.detail.as_deref().unwrap_or_default(),
        due_on: item.due_on.0,
        priority_id: item.priority_id.as_ref(),
        session_id: item.session_id.as_ref(),
        decision_id: item.decision_id.as_ref(),
        obstacle_id: item.obstacle_id.as_ref(),
    };
    insert_action(write, team, client, &owner, offer).await
}

async fn redate(caller: &Caller, input: ActionsRedateInput) -> Result<Vec<Id<Entity>>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::ActionsRedate, typed(&input.team_id), "input.teamId")
        .await?;
    batch::check_size(input.items.len())?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    let ids: Vec<Option<Id<Entity>>> = input.items.iter().map(|item| typed(&item.id)).collect();
    let rows = lock_named(&write, team.id, &ids).await?;
    let own = own_members(&write, &team).await?;
    let mut faults = check.done().err().map(batch::refusals_of).transpose()?.unwrap_or_default();
    let mut moves = vec![];
    for (at, (item, id)) in input.items.iter().zip(&ids).enumerate() {
        let row = rows.iter().find(|row| Some(row.id) == *id);
        let twice = id.is_some() && ids[..at].contains(id);
        match check_move(row, item, twice, own.as_deref(), (&client, write.now()), at) {
            Ok(row) => moves.push((row, item.due_on.0)),
            Err(error) => faults.extend(batch::refusals_of(error)?),
        }
    }
    batch::refuse_if_any(faults)?;
    for (action, due_on) in &moves {
        move_due_date(&write, action, *due_on, &reason, &client).await?;
    }
    write.commit().await?;
    Ok(moves.into_iter().map(|(action, _)| action.id).collect())
}

/// Locks the actions of a team among those named. Sorted, so that two batches lock rows in the same order and cannot
/// deadlock.
async fn lock_named(
    write: &Write,
    team: Id<team::Entity>,
    ids: &[Option<Id<Entity>>],
) -> Result<Vec<Locked<action::Model>>, Error> {
    let select = Entity::find()
        .filter(Column::Id.is_in(ids.iter().flatten().copied()))
        .filter(Column::TeamId.eq(team))
        .order_by_asc(Column::Id);
    write.lock_all(select).await
}

async fn accept(caller: &Caller, input: ActionsAcceptInput) -> Result<Vec<Id<Entity>>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::ActionsAccept, typed(&input.team_id), "input.teamId")
        .await?;
    batch::check_size(input.items.len())?;
    let ids: Vec<Option<Id<Entity>>> = input.items.iter().map(|item| typed(&item.id)).collect();
    let rows = lock_named(&write, team.id, &ids).await?;
    let (mut accepted, mut faults) = (vec![], vec![]);
    for (at, (item, id)) in input.items.iter().zip(&ids).enumerate() {
        let twice = id.is_some() && ids[..at].contains(id);
        let row = rows.iter().find(|row| Some(row.id) == *id);
        let done = match row.ok_or_else(|| refused_id("input.id")) {
            Ok(_) if twice => Err(action_twice().at("input.id").into()),
            Ok(action) => accept_action(&write, action, item.expected_version).await.map(|()| action.id),
            Err(refusal) => Err(refusal.into()),
        };
        match done {
            Ok(id) => accepted.push(id),
            Err(error) => faults.extend(batch::item_refusals(error, at)?),
        }
    }
    batch::refuse_if_any(faults)?;
    write.commit().await?;
    Ok(accepted)
}

fn action_twice() -> Refusal {
    Refusal::new(Code::Invalid, message!(ACTION_NAMED_TWICE, "This action is named twice. Leave one out."))
}

/// Checks that an item may move its action, and returns the action.
fn check_move<'a>(
    row: Option<&'a Locked<action::Model>>,
    item: &ActionsRedateItem,
    twice: bool,
    own: Option<&[Id<member::Entity>]>,
    (client, now): (&client::Model, chrono::DateTime<chrono::Utc>),
    at: usize,
) -> Result<&'a Locked<action::Model>, Error> {
    let path = |field: &str| format!("input.items.{at}.{field}");
    let action = row.ok_or_else(|| refused_id(&path("id")))?;
    let version = expect_version(action.version, item.expected_version);
    version.map_err(|refusal| refusal.at(&path("expectedVersion")))?;
    if own.is_some_and(|own| !own.contains(&action.owner_id)) {
        let refusal = Refusal::new(Code::NotOwner, message!(ONLY_OWNER, "Only the owner can do this."));
        return Err(refusal.at(&path("id")).into());
    }
    let mut check = Check::new();
    let due_on = check.due(&path("dueOn"), item.due_on.0, today(&client.time_zone, now)?);
    let same = due_on == action.due_on;
    check.refuse_if(
        same,
        Code::Invalid,
        &path("dueOn"),
        message!(SAME_DAY, "The action is due on this day already. Choose another day."),
    );
    let once = if twice { Err(action_twice().at(&path("id"))) } else { Ok(()) };
    check.keep(once);
    check.done()?;
    let allowed = rules::next_status(action.status, rules::Step::Redate);
    allowed.map_err(|refusal| refusal.at(&path("id")))?;
    Ok(action)
}

/// The members of the team that stand for the caller. `None` if the caller shapes the team's work and may move every
/// action.
async fn own_members(write: &Write, team: &team::Model) -> Result<Option<Vec<Id<member::Entity>>>, Error> {
    let actor = write.actor()?;
    if actor.shapes(team.client_id) {
        return Ok(None);
    }
    let own = member::Entity::find()
        .filter(member::Column::TeamId.eq(team.id))
        .filter(member::Column::PersonId.eq(actor.person));
    Ok(Some(write.all(own).await?.into_iter().map(|member| member.id).collect()))
}
