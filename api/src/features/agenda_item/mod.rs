//! Agenda item: a topic of a session, with a planned duration and the member who leads it.
//!
//! People who take part in the work add items. The person who runs the session orders them and records the result of
//! each: *done* with an outcome, or *dropped* with a reason. An item that is still *open* when its session ends is
//! *carried*: the team's next session gets an item of its own that continues it. If no session is scheduled, the item
//! waits for the next one.
//!
//! While the session is in progress, one item at a time is its *current item*, with a clock that every screen shows. The
//! time that an item was discussed is kept beside its planned duration.
//!
//! An item says where it comes from: people, the series' standing items, the template, an earlier session, the parking
//! lot, or something that asks to be discussed by itself ([`topics`]), which it leads to.
//!
//! Invariant: the positions of a session's items start at 1 and have no gaps. Invariant: a session has at most one
//! current item, which is open.

pub mod rules;
#[cfg(test)]
mod tests;
pub mod topics;

use super::{
    decision::Decision, drift::DriftSignal, member::Member, obstacle::Obstacle, priority::Priority,
    session::Session, team::Team,
};
use crate::{
    inputs,
    kernel::{
        Caller, Check, Code, Error, Locked, Write, access::Permission, expect_version, read::shape::typed,
    },
    mutations, shape,
};
use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::{
    Id,
    agenda_item::{self, AgendaItemStatus, AgendaSource, Entity},
    agenda_template_item, member, session, stage_run, team,
};
use rules::{EXTENSION, MINUTES, PER_SESSION, Step};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
};
use topics::Subject;

shape! {
    /// An item on the agenda of a session.
    AgendaItem of agenda_item {
        /// Position on the agenda, starting at 1.
        position = int(Position).filter().order(),
        /// Title of the item: one line of 1 to 200 characters.
        title = text(Title).filter().order(),
        /// Planned duration in minutes, 1 to 480.
        minutes = int(Minutes),
        /// Current status of the item.
        status = closed::<AgendaItemStatus, _>(Status).filter().order(),
        /// Outcome of a completed item, or the reason for dropping a dropped one. Null if the item is open or carried
        /// over.
        outcome = text(Outcome).or_null(),
        /// Time at which the item was completed, dropped or carried over. Null while it is open.
        closedAt = instant(ClosedAt).or_null(),
        /// Where the item comes from.
        source = closed::<AgendaSource, _>(Source).filter(),
        /// Drift signal that the item is about. Null if the item is not about a drift signal.
        driftSignal = one::<DriftSignal, _>(DriftSignalId).or_null(),
        /// Obstacle that the item is about. Null if the item is not about an obstacle.
        obstacle = one::<Obstacle, _>(ObstacleId).or_null(),
        /// Decision that the item is about. Null if the item is not about a decision.
        decision = one::<Decision, _>(DecisionId).or_null(),
        /// Priority that the item is about. Null if the item is not about a priority.
        priority = one::<Priority, _>(PriorityId).or_null(),
        /// Time since which the session has been discussing the item. Null unless it is the session's current item.
        discussedSince = instant(DiscussedSince).or_null(),
        /// Seconds for which the item was discussed, without the time since `discussedSince`. 0 if it was not discussed.
        discussedSeconds = int(DiscussedSeconds),
        /// Minutes for which the item was discussed, rounded up, without the time since `discussedSince`.
        discussedMinutes = derived(Ty::Int, "(({t}.discussed_seconds + 59) / 60)"),
        /// Minutes by which the planned duration was extended during the session. 0 if it was not extended.
        extendedMinutes = int(ExtendedMinutes),
        /// Revision number; increases with every change. Send it as `expectedVersion`.
        version = int(Version),
        /// Session whose agenda contains the item.
        session = one::<Session, _>(SessionId),
        /// Member who leads the item. Null if the person who runs the session leads it.
        owner = one::<Member, _>(OwnerId).or_null(),
        /// Item of a later session that continues this one. Null if this item is not carried over, or still waits for
        /// the team's next session.
        carriedTo = one::<AgendaItem, _>(CarriedToId).or_null(),
        /// Item of an earlier session that this one continues. Null if it continues none.
        carriedFrom = one_by::<AgendaItem, _>(CarriedToId).or_null(),
        /// Team that the item belongs to.
        team = one::<Team, _>(TeamId),
    }
}

/// An item of a new session's agenda.
#[derive(InputObject)]
pub struct AgendaItemInput {
    /// Title of the item: one line of 1 to 200 characters.
    pub title: String,
    /// Planned duration in minutes: 1 to 480.
    pub minutes: i32,
    /// ID of the member who leads the item: an active member of the session's team. If omitted, the person who runs the
    /// session leads it.
    pub owner_id: Option<ID>,
}

/// Input for `agendaItemAdd`.
#[derive(InputObject)]
pub struct AgendaItemAddInput {
    /// ID of the session, which must be scheduled or in progress and have fewer than 50 items.
    pub session_id: ID,
    /// Title of the item: one line of 1 to 200 characters.
    pub title: String,
    /// Planned duration in minutes: 1 to 480.
    pub minutes: i32,
    /// ID of the member who leads the item: an active member of the session's team. If omitted, the person who runs the
    /// session leads it.
    pub owner_id: Option<ID>,
}

/// Input for `agendaItemUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct AgendaItemUpdateInput {
    /// ID of the item, which must be open.
    pub id: ID,
    /// New title: one line of 1 to 200 characters.
    pub title: Option<String>,
    /// New planned duration in minutes: 1 to 480.
    pub minutes: Option<i32>,
    /// ID of the member who leads the item: an active member of the session's team; `null` for the person who runs the
    /// session.
    pub owner_id: MaybeUndefined<ID>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `agendaItemMove`.
#[derive(InputObject)]
pub struct AgendaItemMoveInput {
    /// ID of the item, which must not be carried over.
    pub id: ID,
    /// New position: 1 to the number of items on the agenda. The items in between shift by one.
    pub position: i32,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `agendaItemDiscuss`.
#[derive(InputObject)]
pub struct AgendaItemDiscussInput {
    /// ID of the item, which must be open.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `agendaItemExtend`.
#[derive(InputObject)]
pub struct AgendaItemExtendInput {
    /// ID of the item, which must be open.
    pub id: ID,
    /// Minutes to add to the planned duration: 1 to 120, and at most 480 altogether.
    pub minutes: i32,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

inputs! {
    /// Input for `agendaItemComplete` and `agendaItemDrop`.
    [AgendaItemCompleteInput, AgendaItemDropInput] {
        /// ID of the item, which must be open.
        pub id: ID,
        /// Outcome of a completed item, or the reason for dropping an item: 1 to 4,000 characters.
        pub outcome: String,
        /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
        pub expected_version: Option<i32>,
    }
}

mutations! {
    AgendaItemMutation: agenda_item -> AgendaItem of Entity {
        /// Adds an item at the end of a session's agenda.
        agenda_item_add(AgendaItemAddInput) -> AgendaItemAddPayload = add;
        /// Changes the title, duration or owner of an open item.
        agenda_item_update(AgendaItemUpdateInput) -> AgendaItemUpdatePayload = update, on id;
        /// Moves an item to another position on its session's agenda.
        agenda_item_move(AgendaItemMoveInput) -> AgendaItemMovePayload = move_item, on id;
        /// Makes an open item the current item of its session, and starts its clock. The clock of the item that was
        /// current before stops. The session must be in progress.
        agenda_item_discuss(AgendaItemDiscussInput) -> AgendaItemDiscussPayload = discuss, on id;
        /// Gives an open item more minutes than planned. The session must be in progress.
        agenda_item_extend(AgendaItemExtendInput) -> AgendaItemExtendPayload = extend, on id;
        /// Completes an open item and records its outcome. The session must be in progress.
        agenda_item_complete(AgendaItemCompleteInput) -> AgendaItemCompletePayload = complete, on id;
        /// Drops an open item, with a reason. The session must be scheduled or in progress.
        agenda_item_drop(AgendaItemDropInput) -> AgendaItemDropPayload = drop_item, on id;
    }
}

async fn add(caller: &Caller, input: AgendaItemAddInput) -> Result<Id<Entity>, Error> {
    let (write, session) = caller
        .write::<session::Entity>(Permission::AgendaItemAdd, typed(&input.session_id), "input.sessionId")
        .await?;
    rules::require_open_agenda(session.status, Step::Update, "input.sessionId")?;
    let members = load_members(&write, session.team_id).await?;
    let mut check = Check::new();
    let asked = AgendaItemInput { title: input.title, minutes: input.minutes, owner_id: input.owner_id };
    let asked = check_item(&mut check, &asked, &members, "input");
    check.done()?;
    let there = write.all(select_items(session.id)).await?;
    rules::require_room(there.len(), "input.sessionId")?;
    let row = asked.into_row(&write, &session, there.len() as i32 + 1);
    let item = write.insert::<Entity>(row).await?;
    write.touch::<session::Entity>(&session).await?;
    write.commit().await?;
    Ok(item.id)
}

async fn update(caller: &Caller, input: AgendaItemUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, session, item) = open_item(caller, Permission::AgendaItemUpdate, &input.id).await?;
    expect_version(item.version, input.expected_version)?;
    rules::require_open_agenda(session.status, Step::Update, "input.id")?;
    rules::next_status(item.status, Step::Update)?;
    let mut check = Check::new();
    let title = check.line_if("input.title", input.title.as_ref(), 1..=200);
    let minutes = input.minutes.map(|minutes| check.number("input.minutes", minutes, MINUTES));
    let owner = match input.owner_id.value() {
        Some(id) => {
            let members = load_members(&write, session.team_id).await?;
            check.keep(rules::require_item_owner(typed(id), &members, "input.ownerId"))
        }
        None => None,
    };
    check.done()?;
    let mut change = item.clone().into_active_model();
    title.into_iter().for_each(|title| change.title = Set(title));
    minutes.into_iter().for_each(|minutes| change.minutes = Set(minutes));
    if !input.owner_id.is_undefined() {
        change.owner_id = Set(owner);
    }
    if write.update::<Entity>(&item, change).await? != item {
        write.touch::<session::Entity>(&session).await?;
    }
    write.commit().await?;
    Ok(item.id)
}

async fn move_item(caller: &Caller, input: AgendaItemMoveInput) -> Result<Id<Entity>, Error> {
    let (write, session, item) = open_item(caller, Permission::AgendaItemMove, &input.id).await?;
    expect_version(item.version, input.expected_version)?;
    rules::require_open_agenda(session.status, Step::Move, "input.id")?;
    rules::next_status(item.status, Step::Move)?;
    let items = write.lock_all(select_items(session.id)).await?;
    let moved = rules::moved_positions(&items, item.id, input.position)?;
    if moved.iter().any(|(row, position)| row.position != *position) {
        write.touch::<session::Entity>(&session).await?;
    }
    for (row, position) in moved {
        let mut change = row.clone().into_active_model();
        change.position = Set(position);
        write.update::<Entity>(row, change).await?;
    }
    write.commit().await?;
    Ok(item.id)
}

async fn discuss(caller: &Caller, input: AgendaItemDiscussInput) -> Result<Id<Entity>, Error> {
    let (write, session, item) = open_item(caller, Permission::AgendaItemDiscuss, &input.id).await?;
    expect_version(item.version, input.expected_version)?;
    rules::require_open_agenda(session.status, Step::Discuss, "input.id")?;
    rules::next_status(item.status, Step::Discuss)?;
    if item.discussed_since.is_none() {
        let current = select_items(session.id).filter(agenda_item::Column::DiscussedSince.is_not_null());
        for before in write.lock_all(current).await? {
            let mut change = before.clone().into_active_model();
            rules::stop_clock(&mut change, &before, write.now());
            write.update::<Entity>(&before, change).await?;
        }
        let mut change = item.clone().into_active_model();
        change.discussed_since = Set(Some(write.now()));
        write.update::<Entity>(&item, change).await?;
        write.touch::<session::Entity>(&session).await?;
    }
    write.commit().await?;
    Ok(item.id)
}

async fn extend(caller: &Caller, input: AgendaItemExtendInput) -> Result<Id<Entity>, Error> {
    let (write, session, item) = open_item(caller, Permission::AgendaItemExtend, &input.id).await?;
    expect_version(item.version, input.expected_version)?;
    rules::require_open_agenda(session.status, Step::Extend, "input.id")?;
    rules::next_status(item.status, Step::Extend)?;
    let mut check = Check::new();
    let minutes = check.number("input.minutes", input.minutes, EXTENSION);
    check.done()?;
    let mut change = item.clone().into_active_model();
    change.extended_minutes = Set(rules::extended_minutes(&item, minutes)?);
    write.update::<Entity>(&item, change).await?;
    write.touch::<session::Entity>(&session).await?;
    write.commit().await?;
    Ok(item.id)
}

async fn complete(caller: &Caller, input: AgendaItemCompleteInput) -> Result<Id<Entity>, Error> {
    let item = open_item(caller, Permission::AgendaItemComplete, &input.id).await?;
    close_item(item, Step::Complete, &input.outcome, input.expected_version).await
}

async fn drop_item(caller: &Caller, input: AgendaItemDropInput) -> Result<Id<Entity>, Error> {
    let item = open_item(caller, Permission::AgendaItemDrop, &input.id).await?;
    close_item(item, Step::Drop, &input.outcome, input.expected_version).await
}

/// An item and its session. The session is locked first, and with it its whole agenda.
type OpenItem = (Write, Locked<session::Model>, Locked<agenda_item::Model>);

async fn open_item(caller: &Caller, permission: Permission, id: &ID) -> Result<OpenItem, Error> {
    let column = agenda_item::Column::SessionId;
    caller.write_under::<session::Entity, Entity>(permission, column, typed(id), "input.id").await
}

async fn close_item(
    (write, session, item): OpenItem,
    step: Step,
    outcome: &str,
    expected: Option<i32>,
) -> Result<Id<Entity>, Error> {
    expect_version(item.version, expected)?;
    rules::require_open_agenda(session.status, step, "input.id")?;
    let status = rules::next_status(item.status, step)?;
    let mut check = Check::new();
    let outcome = check.text("input.outcome", outcome, 1..=4000);
    check.done()?;
    let mut change = item.clone().into_active_model();
    change.status = Set(status);
    change.outcome = Set(Some(outcome));
    change.closed_at = Set(Some(write.now()));
    rules::stop_clock(&mut change, &item, write.now());
    if write.update::<Entity>(&item, change).await? != item {
        write.touch::<session::Entity>(&session).await?;
    }
    write.commit().await?;
    Ok(item.id)
}

/// A checked item that is not yet on an agenda.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAgendaItem {
    pub title: String,
    pub minutes: i32,
    pub owner: Option<Id<member::Entity>>,
    pub source: AgendaSource,
    pub subject: Subject,
}

impl NewAgendaItem {
    /// The item's row on a session's agenda.
    pub fn into_row(self, write: &Write, session: &session::Model, position: i32) -> agenda_item::Model {
        agenda_item::Model {
            id: write.id(),
            network_id: session.network_id,
            client_id: session.client_id,
            team_id: session.team_id,
            session_id: session.id,
            owner_id: self.owner,
            carried_to_id: None,
            position,
            title: self.title,
            minutes: self.minutes,
            status: AgendaItemStatus::Open,
            outcome: None,
            closed_at: None,
            source: self.source,
            drift_signal_id: self.subject.drift_signal,
            obstacle_id: self.subject.obstacle,
            decision_id: self.subject.decision,
            priority_id: self.subject.priority,
            discussed_since: None,
            discussed_seconds: 0,
            extended_minutes: 0,
            created_at: write.now(),
            version: 1,
        }
    }
}

/// The items that the template suggests for a stage's sessions, up to the limit of an agenda. They have no owner.
pub async fn suggested_items(
    write: &Write,
    stage: Option<&stage_run::Model>,
) -> Result<Vec<NewAgendaItem>, Error> {
    let Some(stage) = stage else { return Ok(vec![]) };
    let items = agenda_template_item::Entity::find()
        .filter(agenda_template_item::Column::TemplateStageId.eq(stage.template_stage_id))
        .order_by_asc(agenda_template_item::Column::Position);
    let items = write.all(items).await?.into_iter().take(PER_SESSION);
    Ok(items
        .map(|item| NewAgendaItem {
            title: item.title,
            minutes: item.minutes,
            owner: None,
            source: AgendaSource::Template,
            subject: Subject::default(),
        })
        .collect())
}

/// Checks the items of a new agenda.
pub fn check_items(
    check: &mut Check,
    items: &[AgendaItemInput],
    members: &[member::Model],
) -> Vec<NewAgendaItem> {
    let many = items.len() > PER_SESSION;
    check.refuse_if(many, Code::LimitReached, "input.agenda", rules::too_many_message());
    let items = items.iter().take(PER_SESSION).enumerate();
    items.map(|(at, item)| check_item(check, item, members, &format!("input.agenda.{at}"))).collect()
}

fn check_item(
    check: &mut Check,
    item: &AgendaItemInput,
    members: &[member::Model],
    path: &str,
) -> NewAgendaItem {
    let owner = item
        .owner_id
        .as_ref()
        .and_then(|id| check.keep(rules::require_item_owner(typed(id), members, &format!("{path}.ownerId"))));
    NewAgendaItem {
        title: check.line(&format!("{path}.title"), &item.title, 1..=200),
        minutes: check.number(&format!("{path}.minutes"), item.minutes, MINUTES),
        owner,
        source: AgendaSource::Added,
        subject: Subject::default(),
    }
}

/// Selects the items of a session.
pub fn select_items(session: Id<session::Entity>) -> Select<Entity> {
    Entity::find().filter(agenda_item::Column::SessionId.eq(session))
}

async fn load_members(write: &Write, team: Id<team::Entity>) -> Result<Vec<member::Model>, Error> {
    // Locked, so that no member who leads an item is removed before the change is saved.
    write.all(member::Entity::find().filter(member::Column::TeamId.eq(team)).lock_shared()).await
}
