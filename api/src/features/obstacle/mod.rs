//! Obstacle: something that hinders a team and that the team tends to avoid.
//!
//! An obstacle is *raised*, *prioritised* and *resolved*. It can also be *parked* on purpose, or *escalated* to the people
//! who run the programme; it returns from both with a reason. All who see an open obstacle see the days since it was
//! raised or last discussed. Every step is in its history.

mod allowed;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::{Action, rules::require_active_member},
    client::Client,
    decision::Decision,
    member::Member,
    person::Person,
    priority::Priority,
    programme,
    session::Session,
    team::{Team, editing::require_editor, link::linked},
};
use crate::{
    inputs,
    kernel::{
        Caller, Check, Email, Error, Fault, Locked, Notice, Write, access::Permission, expect_version,
        read::shape::typed,
    },
    mutations, shape,
};
use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::{
    Id,
    assignment::{self, AssignmentPart},
    client,
    member::{self, MemberStatus},
    notice::NoticeKind,
    obstacle::{self, Entity, ObstacleStatus, Severity},
    obstacle_event::{self, ObstacleEventKind},
    outbox::EmailKind,
    person, priority, session, team,
};
use rules::Step;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// An obstacle that hinders a team's work.
    Obstacle of obstacle {
        /// Title: the obstacle in one line.
        title = text(Title).filter().order(),
        /// Details of the obstacle. May be empty.
        detail = text(Detail),
        /// How much the obstacle hinders the team, from `LOW` to `CRITICAL`.
        severity = closed::<entity::obstacle::Severity, _>(Severity).filter().order(),
        /// Status of the obstacle.
        status = closed::<ObstacleStatus, _>(Status).filter().order(),
        /// Time the obstacle was raised.
        createdAt = instant(RaisedAt).filter().order(),
        /// Time the obstacle was last discussed. Before the first discussion, the time it was raised.
        discussedAt = instant(DiscussedAt).filter().order(),
        /// Number of discussions recorded for the obstacle.
        discussionCount = int(Discussions).filter(),
        /// Full days since the obstacle was raised or last discussed. 0 if it is resolved or parked.
        daysAvoided = derived(Ty::Int, "(case when {t}.status in ({ObstacleStatus::Raised}, {ObstacleStatus::Prioritised}, {ObstacleStatus::Escalated}) then {days:{t}.discussed_at} else 0 end)").filter().order(),
        /// Time the obstacle was prioritised. Null if never prioritised.
        prioritisedAt = instant(PrioritisedAt).or_null(),
        /// Time the obstacle was resolved. Null if not resolved.
        resolvedAt = instant(ResolvedAt).or_null().filter(),
        /// How the obstacle was resolved, or why it was parked, escalated or resumed. Null if its last change of status
        /// has no reason.
        reason = text(Reason).or_null(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Mutations that the caller may do with the obstacle now, by role, ownership and state. Whatever is missing would be
        /// refused. The other arguments of a mutation and other objects can still be a reason to refuse it.
        allowed = allowed::field(),
        /// Member who raised the obstacle. Null if the obstacle was raised without naming a member.
        raisedBy = one::<Member, _>(RaisedById).or_null(),
        /// Priority that the obstacle hinders. Null if not linked to a priority.
        priority = one::<Priority, _>(PriorityId).or_null(),
        /// Session in which the obstacle was raised. Null if not linked to a session.
        session = one::<Session, _>(SessionId).or_null(),
        /// Team whose work the obstacle hinders.
        team = one::<Team, _>(TeamId),
        /// ID of the team that the obstacle belongs to, for filters.
        teamId = id::<entity::team::Entity, _>(TeamId).filter(),
        /// Client that the obstacle belongs to.
        client = one::<Client, _>(ClientId).filter(),
        /// ID of the client that the obstacle belongs to, for filters.
        clientId = id::<entity::client::Entity, _>(ClientId).filter(),
        /// Decisions made in response to the obstacle, by default latest proposal first.
        decisions = pages::<Decision, _>(entity::decision::Column::ObstacleId).by_last(entity::decision::Column::ProposedAt, Ty::Instant),
        /// Actions against the obstacle, by default earliest due date first.
        actions = pages::<Action, _>(entity::action::Column::ObstacleId).by(entity::action::Column::DueOn, Ty::Date),
        /// Events of the obstacle, by default oldest first.
        history = pages::<ObstacleEvent, _>(entity::obstacle_event::Column::ObstacleId).by(entity::obstacle_event::Column::At, Ty::Instant),
    }
}

shape! {
    /// An event in an obstacle's history.
    ObstacleEvent of obstacle_event {
        /// Type of event.
        kind = closed::<ObstacleEventKind, _>(Kind),
        /// Summary or reason given with the event. Null if not given.
        reason = text(Note).or_null(),
        /// Time of the event.
        createdAt = instant(At),
        /// Person responsible for the event. Null if you have no access to them.
        person = one::<Person, _>(PersonId).or_null(),
        /// Obstacle that the event is about.
        obstacle = one::<Obstacle, _>(ObstacleId),
    }
}

/// Input for `obstacleRaise`.
#[derive(InputObject)]
pub struct ObstacleRaiseInput {
    /// ID of the team.
    pub team_id: ID,
    /// Title, the obstacle in one line: 1 to 200 characters.
    pub title: String,
    /// Details of the obstacle: up to 4,000 characters. Default: empty.
    pub detail: Option<String>,
    /// How much the obstacle hinders the team.
    pub severity: Severity,
    /// ID of the member who raises the obstacle: active, from this team. Default: your own member of the team, if you
    /// are one.
    pub raised_by_id: Option<ID>,
    /// ID of the priority that the obstacle hinders. Must belong to the same team.
    pub priority_id: Option<ID>,
    /// ID of the session in which the obstacle is raised. Must belong to the same team.
    pub session_id: Option<ID>,
}

/// Input for `obstacleUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct ObstacleUpdateInput {
    /// ID of the obstacle, which must be raised, prioritised or escalated.
    pub id: ID,
    /// Title, the obstacle in one line: 1 to 200 characters.
    pub title: Option<String>,
    /// Details of the obstacle: up to 4,000 characters.
    pub detail: Option<String>,
    /// How much the obstacle hinders the team.
    pub severity: Option<Severity>,
    /// ID of the priority that the obstacle hinders, from the same team; `null` for none.
    pub priority_id: MaybeUndefined<ID>,
    /// The `version` you last read. Fails with `CONFLICT` if the obstacle has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `obstaclePrioritise`.
#[derive(InputObject)]
pub struct ObstaclePrioritiseInput {
    /// ID of the obstacle, which must be raised.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the obstacle has changed since.
    pub expected_version: Option<i32>,
}

inputs! {
    /// Input to discuss, resolve, park, escalate or resume an obstacle.
    [ObstacleDiscussInput, ObstacleResolveInput, ObstacleParkInput, ObstacleEscalateInput, ObstacleResumeInput] {
        /// ID of the obstacle.
        pub id: ID,
        /// Summary of the discussion, how the obstacle was resolved, or why its status changes: 1 to 1,000 characters.
        pub reason: String,
        /// The `version` you last read. Fails with `CONFLICT` if the obstacle has changed since.
        pub expected_version: Option<i32>,
    }
}

mutations! {
    ObstacleMutation: obstacle -> Obstacle of Entity {
        /// Raises an obstacle for a team.
        obstacle_raise(ObstacleRaiseInput) -> ObstacleRaisePayload = raise;
        /// Changes an obstacle that is not resolved or parked. Leaders can change only obstacles they raised.
        obstacle_update(ObstacleUpdateInput) -> ObstacleUpdatePayload = update, on id;
        /// Records that the team discussed an obstacle, with a summary. Resets `daysAvoided` to 0.
        obstacle_discuss(ObstacleDiscussInput) -> ObstacleDiscussPayload = discuss, on id;
        /// Selects a raised obstacle to be dealt with.
        obstacle_prioritise(ObstaclePrioritiseInput) -> ObstaclePrioritisePayload = prioritise, on id;
        /// Marks an obstacle as resolved and records how.
        obstacle_resolve(ObstacleResolveInput) -> ObstacleResolvePayload = resolve, on id;
        /// Sets a raised or prioritised obstacle aside, with a reason.
        obstacle_park(ObstacleParkInput) -> ObstacleParkPayload = park, on id;
        /// Hands a raised or prioritised obstacle to the people who run the programme, with a reason. The client's lead
        /// is notified by e-mail.
        obstacle_escalate(ObstacleEscalateInput) -> ObstacleEscalatePayload = escalate, on id;
        /// Returns a parked or escalated obstacle to `PRIORITISED` if it was prioritised before, otherwise to `RAISED`,
        /// with a reason.
        obstacle_resume(ObstacleResumeInput) -> ObstacleResumePayload = resume, on id;
    }
}

async fn raise(caller: &Caller, input: ObstacleRaiseInput) -> Result<Id<Entity>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::ObstacleRaise, typed(&input.team_id), "input.teamId")
        .await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let mut check = Check::new();
    let title = check.line("input.title", &input.title, 1..=200);
    let detail = check.text("input.detail", input.detail.as_deref().unwrap_or_default(), 0..=4000);
    check.done()?;
    programme::rules::require_active_team(client.status, team.archived_at)?;
    let (priority, session) = (input.priority_id.as_ref(), input.session_id.as_ref());
    let priority = linked::<priority::Entity>(&write, priority, team.id, "input.priorityId").await?;
    let session = linked::<session::Entity>(&write, session, team.id, "input.sessionId").await?;
    let new = NewObstacle {
        title,
        detail,
        severity: input.severity,
        raised_by: find_raiser(&write, input.raised_by_id.as_ref(), team.id).await?,
        priority: priority.map(|priority| priority.id),
        session: session.map(|session| session.id),
    };
    let id = insert_obstacle(&write, &team, new).await?;
    write.commit().await?;
    Ok(id)
}

/// A new obstacle, already checked.
pub(super) struct NewObstacle {
    pub title: String,
    pub detail: String,
    pub severity: Severity,
    pub raised_by: Option<Id<member::Entity>>,
    pub priority: Option<Id<priority::Entity>>,
    pub session: Option<Id<session::Entity>>,
}

/// Inserts a raised obstacle with its first event.
pub(super) async fn insert_obstacle(
    write: &Write,
    team: &team::Model,
    new: NewObstacle,
) -> Result<Id<Entity>, Error> {
    let row = obstacle::Model {
        id: write.id(),
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        priority_id: new.priority,
        session_id: new.session,
        raised_by_id: new.raised_by,
        title: new.title,
        detail: new.detail,
        severity: new.severity,
        status: ObstacleStatus::Raised,
        raised_at: write.now(),
        discussed_at: write.now(),
        discussions: 0,
        prioritised_at: None,
        resolved_at: None,
        reason: None,
        version: 1,
    };
    let row = write.insert::<Entity>(row).await?;
    record_event(write, &row, ObstacleEventKind::Raised, None).await?;
    Ok(row.id)
}

async fn update(caller: &Caller, input: ObstacleUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, obstacle) =
        caller.write::<Entity>(Permission::ObstacleUpdate, typed(&input.id), "input.id").await?;
    expect_version(obstacle.version, input.expected_version)?;
    require_editor(&write, obstacle.client_id, obstacle.raised_by_id, "input.id").await?;
    let mut check = Check::new();
    let title = check.line_if("input.title", input.title.as_ref(), 1..=200);
    let detail = check.text_if("input.detail", input.detail.as_ref(), 0..=4000);
    check.done()?;
    rules::next_status(obstacle.status, Step::Update, obstacle.prioritised_at)?;
    let mut change = obstacle.clone().into_active_model();
    title.into_iter().for_each(|title| change.title = Set(title));
    detail.into_iter().for_each(|detail| change.detail = Set(detail));
    input.severity.into_iter().for_each(|severity| change.severity = Set(severity));
    if !input.priority_id.is_undefined() {
        let (id, team) = (input.priority_id.value(), obstacle.team_id);
        let priority = linked::<priority::Entity>(&write, id, team, "input.priorityId").await?;
        change.priority_id = Set(priority.map(|priority| priority.id));
    }
    write.update::<Entity>(&obstacle, change).await?;
    write.commit().await?;
    Ok(obstacle.id)
}

async fn discuss(caller: &Caller, input: ObstacleDiscussInput) -> Result<Id<Entity>, Error> {
    let reason = Some(input.reason);
    take_step(caller, Permission::ObstacleDiscuss, Step::Discuss, &input.id, reason, input.expected_version)
        .await
}

async fn prioritise(caller: &Caller, input: ObstaclePrioritiseInput) -> Result<Id<Entity>, Error> {
    take_step(
        caller,
        Permission::ObstaclePrioritise,
        Step::Prioritise,
        &input.id,
        None,
        input.expected_version,
    )
    .await
}

async fn resolve(caller: &Caller, input: ObstacleResolveInput) -> Result<Id<Entity>, Error> {
    let reason = Some(input.reason);
    take_step(caller, Permission::ObstacleResolve, Step::Resolve, &input.id, reason, input.expected_version)
        .await
}

async fn park(caller: &Caller, input: ObstacleParkInput) -> Result<Id<Entity>, Error> {
    let reason = Some(input.reason);
    take_step(caller, Permission::ObstaclePark, Step::Park, &input.id, reason, input.expected_version).await
}

async fn escalate(caller: &Caller, input: ObstacleEscalateInput) -> Result<Id<Entity>, Error> {
    let reason = Some(input.reason);
    take_step(caller, Permission::ObstacleEscalate, Step::Escalate, &input.id, reason, input.expected_version)
        .await
}

async fn resume(caller: &Caller, input: ObstacleResumeInput) -> Result<Id<Entity>, Error> {
    let reason = Some(input.reason);
    take_step(caller, Permission::ObstacleResume, Step::Resume, &input.id, reason, input.expected_version)
        .await
}

async fn take_step(
    caller: &Caller,
    permission: Permission,
    step: Step,
    id: &ID,
    reason: Option<String>,
    expected: Option<i32>,
) -> Result<Id<Entity>, Error> {
    let (write, obstacle) = caller.write::<Entity>(permission, typed(id), "input.id").await?;
    expect_version(obstacle.version, expected)?;
    let mut check = Check::new();
    let reason = check.text_if("input.reason", reason.as_ref(), 1..=1000);
    check.done()?;
    let status = rules::next_status(obstacle.status, step, obstacle.prioritised_at)?;
    let mut change = obstacle.clone().into_active_model();
    change.status = Set(status);
    match step {
        Step::Discuss => {
            change.discussed_at = Set(write.now());
            change.discussions = Set(obstacle.discussions + 1);
        }
        Step::Prioritise => change.prioritised_at = Set(Some(write.now())),
        Step::Resolve => change.resolved_at = Set(Some(write.now())),
        _ => {}
    }
    if step != Step::Discuss {
        change.reason = Set(reason.clone());
    }
    write.update::<Entity>(&obstacle, change).await?;
    if let Some(kind) = rules::event_kind(step) {
        record_event(&write, &obstacle, kind, reason.clone()).await?;
    }
    if step == Step::Escalate {
        send_escalation(&write, &obstacle, reason.unwrap_or_default()).await?;
    }
    write.commit().await?;
    Ok(obstacle.id)
}

/// Parks an obstacle, whatever its status.
pub(super) async fn park_obstacle(
    write: &Write,
    obstacle: &Locked<obstacle::Model>,
    reason: &str,
) -> Result<(), Error> {
    let mut change = obstacle.clone().into_active_model();
    change.status = Set(ObstacleStatus::Parked);
    change.reason = Set(Some(reason.to_owned()));
    write.update::<Entity>(obstacle, change).await?;
    record_event(write, obstacle, ObstacleEventKind::Parked, Some(reason.to_owned())).await
}

async fn record_event(
    write: &Write,
    obstacle: &obstacle::Model,
    kind: ObstacleEventKind,
    note: Option<String>,
) -> Result<(), Error> {
    let event = obstacle_event::Model {
        id: write.id(),
        network_id: obstacle.network_id,
        client_id: obstacle.client_id,
        team_id: obstacle.team_id,
        obstacle_id: obstacle.id,
        kind,
        person_id: write.person()?,
        note,
        at: write.now(),
    };
    write.insert::<obstacle_event::Entity>(event).await?;
    Ok(())
}

/// Sends an e-mail to the client's lead.
async fn send_escalation(write: &Write, obstacle: &obstacle::Model, reason: String) -> Result<(), Error> {
    let lead = assignment::Entity::find()
        .filter(assignment::Column::ClientId.eq(obstacle.client_id))
        .filter(assignment::Column::Part.eq(AssignmentPart::Lead))
        .filter(assignment::Column::StartsAt.lte(write.now()))
        .filter(assignment::Entity::lasting(write.now()));
    let Some(lead) = write.one(lead).await? else { return Ok(()) };
    let Some(lead) = write.find::<person::Entity>(lead.person_id).await? else { return Ok(()) };
    let client = write.find::<client::Entity>(obstacle.client_id).await?.ok_or(Fault::Internal)?;
    let text = format!("{}\n\n{}\n\n{reason}\n", client.name, obstacle.title);
    let subject = format!("{}: an obstacle was escalated to you", client.name);
    let notice = Notice::about(NoticeKind::ObstacleEscalated, obstacle.id);
    write.notify(notice.of_team(obstacle.client_id, obstacle.team_id).without_email(), lead.id);
    let email = Email::new(EmailKind::ObstacleEscalated, obstacle.id.uuid(), &lead, subject, text);
    write.post(email.at(obstacle.client_id));
    Ok(())
}

/// The member named by the input, or else the caller's own member of the team, if there is one.
pub(super) async fn find_raiser(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<Id<member::Entity>>, Error> {
    if let Some(id) = id {
        let raiser = write.load::<member::Entity>(typed(id), "input.raisedById").await?;
        require_active_member(&raiser, team).map_err(|refusal| refusal.at("input.raisedById"))?;
        return Ok(Some(raiser.id));
    }
    let myself = member::Entity::find()
        .filter(member::Column::TeamId.eq(team))
        .filter(member::Column::Status.eq(MemberStatus::Active))
        .filter(member::Column::PersonId.eq(write.person()?));
    Ok(write.one(myself).await?.map(|member| member.id))
}
