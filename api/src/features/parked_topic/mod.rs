//! Parked topic: something that came up in a session and is set aside for later, in the session's parking lot.
//!
//! Everyone who works on it can park a topic while the session is in progress. Whoever runs sessions later promotes it,
//! once, to an agenda item, an obstacle or an action, which the topic then leads to, or drops it with a reason.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::{self, Action, NewAction},
    agenda_item::{self, AgendaItem, NewAgendaItem, topics::Subject},
    member::Member,
    obstacle::{self, NewObstacle, Obstacle},
    programme::rules::require_active_team,
    session::Session,
    team::{Team, link::linked},
};
use crate::{
    kernel::{
        Caller, Check, Error, Fault, Locked, Write, access::Permission, expect_version, read::shape::typed,
    },
    mutations,
    scalar::Date,
    shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    agenda_item::AgendaSource,
    client, member,
    obstacle::Severity,
    parked_topic::{self, Entity, ParkedTopicStatus},
    session, team,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

shape! {
    /// A topic that a session set aside for later, in its parking lot.
    ParkedTopic of parked_topic {
        /// Title of the topic: one line of 1 to 200 characters.
        title = text(Title),
        /// Whether the topic waits, what it became, or whether it was dropped.
        status = closed::<ParkedTopicStatus, _>(Status).filter(),
        /// Why the topic was dropped. Null if not dropped.
        reason = text(Reason).or_null(),
        /// Time at which the topic was promoted or dropped. Null while it waits.
        closedAt = instant(ClosedAt).or_null(),
        /// Revision number; increases with every change. Send it as `expectedVersion`.
        version = int(Version),
        /// Session in which the topic was parked.
        session = one::<Session, _>(SessionId),
        /// Team that the topic belongs to.
        team = one::<Team, _>(TeamId),
        /// Member who raised the topic. Null if it is not known.
        raisedBy = one::<Member, _>(RaisedById).or_null(),
        /// Agenda item that the topic became. Null if it became none.
        agendaItem = one::<AgendaItem, _>(AgendaItemId).or_null(),
        /// Obstacle that the topic became. Null if it became none.
        obstacle = one::<Obstacle, _>(ObstacleId).or_null(),
        /// Action that the topic became. Null if it became none.
        action = one::<Action, _>(ActionId).or_null(),
    }
}

/// Input for `parkedTopicAdd`.
#[derive(InputObject)]
pub struct ParkedTopicAddInput {
    /// ID of the session, which must be in progress and have fewer than 50 parked topics.
    pub session_id: ID,
    /// Title of the topic: one line of 1 to 200 characters.
    pub title: String,
    /// ID of the member who raises the topic: active, from the session's team. Default: your own member of the team, if
    /// you are one.
    pub raised_by_id: Option<ID>,
}

/// Input for `parkedTopicSchedule`.
#[derive(InputObject)]
pub struct ParkedTopicScheduleInput {
    /// ID of the topic, which must be parked.
    pub id: ID,
    /// ID of the session that is to discuss the topic: of the same team, scheduled or in progress, with fewer than 50
    /// agenda items.
    pub session_id: ID,
    /// Planned duration in minutes: 1 to 480.
    pub minutes: i32,
    /// ID of the member who leads the item: an active member of the team. If omitted, the person who runs the session
    /// leads it.
    pub owner_id: Option<ID>,
    /// The `version` you last read. Fails with `CONFLICT` if the topic has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `parkedTopicRaise`.
#[derive(InputObject)]
pub struct ParkedTopicRaiseInput {
    /// ID of the topic, which must be parked.
    pub id: ID,
    /// How much the obstacle hinders the team.
    pub severity: Severity,
    /// The `version` you last read. Fails with `CONFLICT` if the topic has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `parkedTopicAssign`.
#[derive(InputObject)]
pub struct ParkedTopicAssignInput {
    /// ID of the topic, which must be parked.
    pub id: ID,
    /// ID of the member to offer the action to: an active member of the team.
    pub owner_id: ID,
    /// Due date of the action, in the client's time zone: today or later.
    pub due_on: Date,
    /// The `version` you last read. Fails with `CONFLICT` if the topic has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `parkedTopicDrop`.
#[derive(InputObject)]
pub struct ParkedTopicDropInput {
    /// ID of the topic, which must be parked.
    pub id: ID,
    /// Reason: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the topic has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    ParkedTopicMutation: parked_topic -> ParkedTopic of Entity {
        /// Sets a topic aside in the parking lot of a session in progress.
        parked_topic_add(ParkedTopicAddInput) -> ParkedTopicAddPayload = add;
        /// Makes a parked topic an item at the end of a session's agenda.
        parked_topic_schedule(ParkedTopicScheduleInput) -> ParkedTopicSchedulePayload = schedule, on id;
        /// Makes a parked topic an obstacle of the team.
        parked_topic_raise(ParkedTopicRaiseInput) -> ParkedTopicRaisePayload = raise, on id;
        /// Makes a parked topic an action and offers it to a member of the team.
        parked_topic_assign(ParkedTopicAssignInput) -> ParkedTopicAssignPayload = assign, on id;
        /// Drops a parked topic, with a reason.
        parked_topic_drop(ParkedTopicDropInput) -> ParkedTopicDropPayload = drop_topic, on id;
    }
}

async fn add(caller: &Caller, input: ParkedTopicAddInput) -> Result<Id<Entity>, Error> {
    let (write, session) = caller
        .write::<session::Entity>(Permission::ParkedTopicAdd, typed(&input.session_id), "input.sessionId")
        .await?;
    let mut check = Check::new();
    let title = check.line("input.title", &input.title, 1..=200);
    check.done()?;
    rules::require_in_progress(session.status)?;
    let there = Entity::find().filter(parked_topic::Column::SessionId.eq(session.id));
    rules::require_room(usize::try_from(write.count(there).await?).map_err(|_| Fault::Internal)?)?;
    let row = parked_topic::Model {
        id: write.id(),
        network_id: session.network_id,
        client_id: session.client_id,
        team_id: session.team_id,
        session_id: session.id,
        raised_by_id: obstacle::find_raiser(&write, input.raised_by_id.as_ref(), session.team_id).await?,
        title,
        status: ParkedTopicStatus::Parked,
        agenda_item_id: None,
        obstacle_id: None,
        action_id: None,
        reason: None,
        closed_at: None,
        created_at: write.now(),
        version: 1,
    };
    let topic = write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(topic.id)
}

async fn schedule(caller: &Caller, input: ParkedTopicScheduleInput) -> Result<Id<Entity>, Error> {
    let ParkedTopicCase { write, team, topic, .. } =
        lock_parked(caller, Permission::ParkedTopicSchedule, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let minutes = check.number("input.minutes", input.minutes, agenda_item::rules::MINUTES);
    let members = member::Entity::find().filter(member::Column::TeamId.eq(team.id)).lock_shared();
    let members = write.all(members).await?;
    let owner = input.owner_id.as_ref().and_then(|id| {
        check.keep(agenda_item::rules::require_item_owner(typed(id), &members, "input.ownerId"))
    });
    check.done()?;
    let id = Some(&input.session_id);
    let session = linked::<session::Entity>(&write, id, team.id, "input.sessionId").await?;
    let session = write.lock::<session::Entity>(session.ok_or(Fault::Internal)?.id).await?;
    let update = agenda_item::rules::Step::Update;
    agenda_item::rules::require_open_agenda(session.status, update, "input.sessionId")?;
    let there = write.all(agenda_item::select_items(session.id)).await?.len();
    agenda_item::rules::require_room(there, "input.sessionId")?;
    let item = NewAgendaItem {
        title: topic.title.clone(),
        minutes,
        owner,
        source: AgendaSource::ParkingLot,
        subject: Subject::default(),
    };
    let item = item.into_row(&write, &session, there as i32 + 1);
    let item = write.insert::<entity::agenda_item::Entity>(item).await?;
    write.touch::<session::Entity>(&session).await?;
    let mut change = topic.clone().into_active_model();
    change.agenda_item_id = Set(Some(item.id));
    close_topic(write, topic, change, ParkedTopicStatus::Scheduled).await
}

async fn raise(caller: &Caller, input: ParkedTopicRaiseInput) -> Result<Id<Entity>, Error> {
    let ParkedTopicCase { write, team, topic, .. } =
        lock_parked(caller, Permission::ParkedTopicRaise, &input.id, input.expected_version).await?;
    let new = NewObstacle {
        title: topic.title.clone(),
        detail: String::new(),
        severity: input.severity,
        raised_by: topic.raised_by_id,
        priority: None,
        session: Some(topic.session_id),
    };
    let mut change = topic.clone().into_active_model();
    change.obstacle_id = Set(Some(obstacle::insert_obstacle(&write, &team, new).await?));
    close_topic(write, topic, change, ParkedTopicStatus::Raised).await
}

async fn assign(caller: &Caller, input: ParkedTopicAssignInput) -> Result<Id<Entity>, Error> {
    let ParkedTopicCase { write, client, team, topic } =
        lock_parked(caller, Permission::ParkedTopicAssign, &input.id, input.expected_version).await?;
    let owner = write.load::<member::Entity>(typed(&input.owner_id), "input.ownerId").await?;
    let session = ID::from(topic.session_id.to_string());
    let offer = NewAction {
        title: &topic.title,
        detail: "",
        due_on: input.due_on.0,
        priority_id: None,
        session_id: Some(&session),
        decision_id: None,
        obstacle_id: None,
    };
    let action = action::insert_action(&write, &team, &client, &owner, offer).await?;
    let mut change = topic.clone().into_active_model();
    change.action_id = Set(Some(action));
    close_topic(write, topic, change, ParkedTopicStatus::Assigned).await
}

async fn drop_topic(caller: &Caller, input: ParkedTopicDropInput) -> Result<Id<Entity>, Error> {
    let ParkedTopicCase { write, topic, .. } =
        lock_parked(caller, Permission::ParkedTopicDrop, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    let mut change = topic.clone().into_active_model();
    change.reason = Set(Some(reason));
    close_topic(write, topic, change, ParkedTopicStatus::Dropped).await
}

/// A topic that waits, and its team. The team is locked first, as by all that adds to its sessions.
struct ParkedTopicCase {
    write: Write,
    client: client::Model,
    team: Locked<team::Model>,
    topic: Locked<parked_topic::Model>,
}

async fn lock_parked(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<ParkedTopicCase, Error> {
    let column = parked_topic::Column::TeamId;
    let (write, team, topic) =
        caller.write_under::<team::Entity, Entity>(permission, column, typed(id), "input.id").await?;
    expect_version(topic.version, expected)?;
    rules::require_parked(topic.status)?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.id").await?;
    require_active_team(client.status, team.archived_at).map_err(|refusal| refusal.at("input.id"))?;
    Ok(ParkedTopicCase { write, client, team, topic })
}

async fn close_topic(
    write: Write,
    topic: Locked<parked_topic::Model>,
    mut change: parked_topic::ActiveModel,
    status: ParkedTopicStatus,
) -> Result<Id<Entity>, Error> {
    change.status = Set(status);
    change.closed_at = Set(Some(write.now()));
    write.update::<Entity>(&topic, change).await?;
    write.commit().await?;
    Ok(topic.id)
}
