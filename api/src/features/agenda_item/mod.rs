//! Agenda item: something a session is to talk about, for so many minutes, with the member who leads it.
//!
//! Items have places that count from 1. Whoever takes part in the work puts items on the agenda; whoever runs the
//! session orders them and writes down what came of each: *done* with an outcome, or *dropped* with a reason. What
//! is still *open* when its session ends, in whatever way, is *carried*: the team's next session takes it over as an
//! item of its own, or, where none is in the diary, it waits for the next one to be scheduled.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{member::Member, session::Session, team::Team};
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
    agenda_item::{self, AgendaItemStatus, Entity},
    agenda_template_item, member, session, stage_run, team,
};
use rules::{MINUTES, PER_SESSION, Step};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
};

shape! {
    /// Something that a session is to talk about.
    AgendaItem of agenda_item {
        /// Its place on the agenda, from 1.
        position = int(Position).filter().order(),
        /// What it is about.
        title = text(Title).filter().order(),
        /// How long it is to take, in minutes.
        minutes = int(Minutes),
        /// Where it stands.
        status = closed::<AgendaItemStatus, _>(Status).filter().order(),
        /// What came of it; of a dropped item, why it was dropped.
        outcome = text(Outcome).or_null(),
        /// When it was done, dropped or carried.
        closedAt = instant(ClosedAt).or_null(),
        /// When it was put on the agenda.
        createdAt = instant(CreatedAt).order(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The session.
        session = one::<Session, _>(SessionId),
        /// The member who leads it; nobody where whoever runs the session does.
        owner = one::<Member, _>(OwnerId).or_null(),
        /// The item of a later session that goes on with it; none where it waits for the team's next session.
        carriedTo = one::<AgendaItem, _>(CarriedToId).or_null(),
        /// The item of an earlier session that it goes on with.
        carriedFrom = one_by::<AgendaItem, _>(CarriedToId).or_null(),
        /// The team.
        team = one::<Team, _>(TeamId),
    }
}

/// An item of a new session's agenda.
#[derive(InputObject)]
pub struct AgendaItemInput {
    /// What it is about: 1 to 200 characters.
    pub title: String,
    /// How long it is to take: 1 to 480 minutes.
    pub minutes: i32,
    /// The member who leads it: active, of the session's team. Left out: whoever runs the session does.
    pub owner_id: Option<ID>,
}

/// An item to put on a session's agenda.
#[derive(InputObject)]
pub struct AgendaItemAddInput {
    /// The session: scheduled or under way, with fewer than 50 items.
    pub session_id: ID,
    /// What it is about: 1 to 200 characters.
    pub title: String,
    /// How long it is to take: 1 to 480 minutes.
    pub minutes: i32,
    /// The member who leads it: active, of the session's team. Left out: whoever runs the session does.
    pub owner_id: Option<ID>,
}

/// What to change of an open agenda item. What is left out stays.
#[derive(InputObject)]
pub struct AgendaItemUpdateInput {
    /// The item.
    pub id: ID,
    /// What it is about: 1 to 200 characters.
    pub title: Option<String>,
    /// How long it is to take: 1 to 480 minutes.
    pub minutes: Option<i32>,
    /// The member who leads it: active, of the session's team; `null` for nobody.
    pub owner_id: MaybeUndefined<ID>,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

/// Where an item is to stand.
#[derive(InputObject)]
pub struct AgendaItemMoveInput {
    /// The item.
    pub id: ID,
    /// Its new place: 1 to the number of items on the agenda. Those behind it make room.
    pub position: i32,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

inputs! {
    /// Which item, and what came of it.
    [AgendaItemCompleteInput, AgendaItemDropInput] {
        /// The item: open.
        pub id: ID,
        /// What came of it, or why it is dropped: 1 to 4,000 characters.
        pub outcome: String,
        /// The version this was decided on.
        pub expected_version: Option<i32>,
    }
}

mutations! {
    AgendaItemMutation: agenda_item -> AgendaItem of Entity {
        /// Puts an item at the end of a session's agenda.
        agenda_item_add(AgendaItemAddInput) -> AgendaItemAddPayload = add;
        /// Changes what an open item says, how long it takes or who leads it.
        agenda_item_update(AgendaItemUpdateInput) -> AgendaItemUpdatePayload = update, on id;
        /// Moves an item to another place on its session's agenda.
        agenda_item_move(AgendaItemMoveInput) -> AgendaItemMovePayload = change_place, on id;
        /// Writes down what came of an item, while its session is under way.
        agenda_item_complete(AgendaItemCompleteInput) -> AgendaItemCompletePayload = complete, on id;
        /// Gives an open item up, with a reason, before its session is over.
        agenda_item_drop(AgendaItemDropInput) -> AgendaItemDropPayload = give_up, on id;
    }
}

async fn add(caller: &Caller, input: AgendaItemAddInput) -> Result<Id<Entity>, Error> {
    let (write, session) = caller
        .write::<session::Entity>(Permission::AgendaItemAdd, typed(&input.session_id), "input.sessionId")
        .await?;
    rules::takes(session.status, Step::Update, "input.sessionId")?;
    let members = members_of(&write, session.team_id).await?;
    let mut check = Check::new();
    let asked = AgendaItemInput { title: input.title, minutes: input.minutes, owner_id: input.owner_id };
    let asked = one(&mut check, &asked, &members, "input");
    check.done()?;
    let there = write.all(items_of(session.id)).await?;
    rules::room(there.len(), "input.sessionId")?;
    let row = asked.on(&write, &session, there.len() as i32 + 1);
    let item = write.insert::<Entity>(row).await?;
    write.touch::<session::Entity>(&session).await?;
    write.commit().await?;
    Ok(item.id)
}

async fn update(caller: &Caller, input: AgendaItemUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, session, item) = open(caller, Permission::AgendaItemUpdate, &input.id).await?;
    expect_version(item.version, input.expected_version)?;
    rules::takes(session.status, Step::Update, "input.id")?;
    rules::next(item.status, Step::Update)?;
    let mut check = Check::new();
    let title = check.line_if("input.title", input.title.as_ref(), 1..=200);
    let minutes = input.minutes.map(|minutes| check.number("input.minutes", minutes, MINUTES));
    let owner = match input.owner_id.value() {
        Some(id) => {
            let members = members_of(&write, session.team_id).await?;
            check.keep(rules::owner(typed(id), &members, "input.ownerId"))
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

async fn change_place(caller: &Caller, input: AgendaItemMoveInput) -> Result<Id<Entity>, Error> {
    let (write, session, item) = open(caller, Permission::AgendaItemMove, &input.id).await?;
    expect_version(item.version, input.expected_version)?;
    rules::takes(session.status, Step::Move, "input.id")?;
    rules::next(item.status, Step::Move)?;
    let items = write.lock_all(items_of(session.id)).await?;
    let moved = rules::moved(&items, item.id, input.position)?;
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

async fn complete(caller: &Caller, input: AgendaItemCompleteInput) -> Result<Id<Entity>, Error> {
    let opened = open(caller, Permission::AgendaItemComplete, &input.id).await?;
    close(opened, Step::Complete, &input.outcome, input.expected_version).await
}

async fn give_up(caller: &Caller, input: AgendaItemDropInput) -> Result<Id<Entity>, Error> {
    let opened = open(caller, Permission::AgendaItemDrop, &input.id).await?;
    close(opened, Step::Drop, &input.outcome, input.expected_version).await
}

/// An item and its session, the session locked first: its agenda is one thing.
type Opened = (Write, Locked<session::Model>, Locked<agenda_item::Model>);

async fn open(caller: &Caller, permission: Permission, id: &ID) -> Result<Opened, Error> {
    let column = agenda_item::Column::SessionId;
    caller.write_under::<session::Entity, Entity>(permission, column, typed(id), "input.id").await
}

async fn close(
    (write, session, item): Opened,
    step: Step,
    outcome: &str,
    expected: Option<i32>,
) -> Result<Id<Entity>, Error> {
    expect_version(item.version, expected)?;
    rules::takes(session.status, step, "input.id")?;
    let status = rules::next(item.status, step)?;
    let mut check = Check::new();
    let outcome = check.text("input.outcome", outcome, 1..=4000);
    check.done()?;
    let mut change = item.clone().into_active_model();
    change.status = Set(status);
    change.outcome = Set(Some(outcome));
    change.closed_at = Set(Some(write.now()));
    if write.update::<Entity>(&item, change).await? != item {
        write.touch::<session::Entity>(&session).await?;
    }
    write.commit().await?;
    Ok(item.id)
}

/// An item as it was asked for, checked.
pub struct Asked {
    title: String,
    minutes: i32,
    owner: Option<Id<member::Entity>>,
}

impl Asked {
    /// The item on a session's agenda.
    pub fn on(self, write: &Write, session: &session::Model, position: i32) -> agenda_item::Model {
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
            created_at: write.now(),
            version: 1,
        }
    }
}

/// The agenda that the template suggests for a stage's sessions, as far as there is room. Nobody leads an item yet.
pub async fn suggested(write: &Write, stage: Option<&stage_run::Model>) -> Result<Vec<Asked>, Error> {
    let Some(stage) = stage else { return Ok(vec![]) };
    let items = agenda_template_item::Entity::find()
        .filter(agenda_template_item::Column::TemplateStageId.eq(stage.template_stage_id))
        .order_by_asc(agenda_template_item::Column::Position);
    let items = write.all(items).await?.into_iter().take(PER_SESSION);
    Ok(items.map(|item| Asked { title: item.title, minutes: item.minutes, owner: None }).collect())
}

/// Checks a whole agenda that is asked for.
pub fn asked(check: &mut Check, items: &[AgendaItemInput], members: &[member::Model]) -> Vec<Asked> {
    let many = items.len() > PER_SESSION;
    check.refuse_if(many, Code::LimitReached, "input.agenda", "An agenda holds at most 50 items.");
    let items = items.iter().take(PER_SESSION).enumerate();
    items.map(|(at, item)| one(check, item, members, &format!("input.agenda.{at}"))).collect()
}

fn one(check: &mut Check, item: &AgendaItemInput, members: &[member::Model], path: &str) -> Asked {
    let owner = item
        .owner_id
        .as_ref()
        .and_then(|id| check.keep(rules::owner(typed(id), members, &format!("{path}.ownerId"))));
    Asked {
        title: check.line(&format!("{path}.title"), &item.title, 1..=200),
        minutes: check.number(&format!("{path}.minutes"), item.minutes, MINUTES),
        owner,
    }
}

fn items_of(session: Id<session::Entity>) -> Select<Entity> {
    Entity::find().filter(agenda_item::Column::SessionId.eq(session))
}

async fn members_of(write: &Write, team: Id<team::Entity>) -> Result<Vec<member::Model>, Error> {
    // those who lead items stay as they are until this is done
    write.all(member::Entity::find().filter(member::Column::TeamId.eq(team)).lock_shared()).await
}
