//! Obstacle: something in a team's way, which it would rather not talk about.
//!
//! It is *raised*, *prioritised* and *resolved*; or *parked* on purpose, or *escalated* to whoever runs the programme,
//! and comes back from there with a reason. While it is open it ages: the days since it was raised or last spoken
//! about are for all to see. Every step is in its history.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::{
        Action,
        rules::{eligible, owned_by, same_team},
    },
    decision::Decision,
    member::Member,
    person::Person,
    priority::Priority,
    programme,
    session::Session,
    team::Team,
};
use crate::{
    inputs,
    kernel::{
        Caller, Check, Email, Error, Locked, Write, access::Permission, expect_version, read::shape::typed,
    },
    mutations, shape,
};
use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::{
    Id,
    assignment::{self, AssignmentPart},
    client,
    member::{self, MemberStatus},
    obstacle::{self, Entity, ObstacleStatus, Severity},
    obstacle_event::{self, ObstacleEventKind},
    outbox::EmailKind,
    person, priority, session, team,
};
use rules::Step;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// Something in a team's way.
    Obstacle of obstacle {
        /// What it is, in a line.
        title = text(Title).filter().order(),
        /// More about it.
        detail = text(Detail),
        /// How much it is in the way.
        severity = closed::<entity::obstacle::Severity, _>(Severity).filter().order(),
        /// Where it stands.
        status = closed::<ObstacleStatus, _>(Status).filter().order(),
        /// When it was raised.
        raisedAt = instant(RaisedAt).filter().order(),
        /// When it was raised or last spoken about.
        discussedAt = instant(DiscussedAt).filter().order(),
        /// How often it was spoken about.
        discussions = int(Discussions).filter(),
        /// For how many full days it has been avoided: since it was raised or last spoken about. 0 where it is resolved
        /// or parked.
        daysAvoided = derived(Ty::Int, "(case when {t}.status in ('raised', 'prioritised', 'escalated') then {days:{t}.discussed_at} else 0 end)").filter().order(),
        /// When it was prioritised.
        prioritisedAt = instant(PrioritisedAt).or_null(),
        /// When it was resolved.
        resolvedAt = instant(ResolvedAt).or_null().filter(),
        /// What was said at its last step: how it was resolved, or why it was parked, escalated or resumed.
        reason = text(Reason).or_null(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The member who raised it.
        raisedBy = one::<Member, _>(RaisedById).or_null(),
        /// The priority that it is in the way of.
        priority = one::<Priority, _>(PriorityId).or_null(),
        /// The session in which it was raised.
        session = one::<Session, _>(SessionId).or_null(),
        /// The team.
        team = one::<Team, _>(TeamId),
        /// The decisions that answer it, latest first.
        decisions = pages::<Decision, _>(entity::decision::Column::ObstacleId).by_last(entity::decision::Column::ProposedAt, Ty::Instant),
        /// The actions against it, by default soonest first.
        actions = pages::<Action, _>(entity::action::Column::ObstacleId).by(entity::action::Column::DueOn, Ty::Date),
        /// What happened to it, oldest first.
        history = pages::<ObstacleEvent, _>(entity::obstacle_event::Column::ObstacleId).by(entity::obstacle_event::Column::At, Ty::Instant),
    }
}

shape! {
    /// Something that happened to an obstacle.
    ObstacleEvent of obstacle_event {
        /// What.
        kind = closed::<ObstacleEventKind, _>(Kind),
        /// What was said.
        note = text(Note).or_null(),
        /// When.
        at = instant(At),
        /// Who did it.
        person = one::<Person, _>(PersonId).or_null(),
    }
}

/// An obstacle to raise.
#[derive(InputObject)]
pub struct ObstacleRaiseInput {
    /// The team.
    pub team_id: ID,
    /// What it is, in a line: 1 to 200 characters.
    pub title: String,
    /// More about it: up to 4,000 characters.
    pub detail: Option<String>,
    /// How much it is in the way.
    pub severity: Severity,
    /// The member who raises it: active, of this team. Left out: the caller, where they are one.
    pub raised_by_id: Option<ID>,
    /// The priority that it is in the way of, of this team.
    pub priority_id: Option<ID>,
    /// The session in which it is raised, of this team.
    pub session_id: Option<ID>,
}

/// What to change of an obstacle. What is left out stays.
#[derive(InputObject)]
pub struct ObstacleUpdateInput {
    /// The obstacle: raised, prioritised or escalated.
    pub id: ID,
    /// What it is, in a line: 1 to 200 characters.
    pub title: Option<String>,
    /// More about it: up to 4,000 characters.
    pub detail: Option<String>,
    /// How much it is in the way.
    pub severity: Option<Severity>,
    /// The priority that it is in the way of, of the obstacle's team; `null` for none.
    pub priority_id: MaybeUndefined<ID>,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

/// Which obstacle, and nothing more.
#[derive(InputObject)]
pub struct ObstaclePrioritiseInput {
    /// The obstacle.
    pub id: ID,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

inputs! {
    /// Which obstacle, and what was said of it.
    [ObstacleDiscussInput, ObstacleResolveInput, ObstacleParkInput, ObstacleEscalateInput, ObstacleResumeInput] {
        /// The obstacle.
        pub id: ID,
        /// What was said, how it was resolved, or why it moves: 1 to 1,000 characters.
        pub reason: String,
        /// The version this was decided on.
        pub expected_version: Option<i32>,
    }
}

mutations! {
    ObstacleMutation: obstacle -> Obstacle of Entity {
        /// Raises an obstacle.
        obstacle_raise(ObstacleRaiseInput) -> ObstacleRaisePayload = raise;
        /// Changes what an obstacle says. Who raised it does, or whoever shapes the team's work.
        obstacle_update(ObstacleUpdateInput) -> ObstacleUpdatePayload = update, on id;
        /// Says that the team spoke about an obstacle, and what was said. Its days of being avoided begin anew.
        obstacle_discuss(ObstacleDiscussInput) -> ObstacleDiscussPayload = discuss, on id;
        /// Chooses a raised obstacle to be dealt with.
        obstacle_prioritise(ObstaclePrioritiseInput) -> ObstaclePrioritisePayload = prioritise, on id;
        /// Says that an obstacle is out of the way, and how.
        obstacle_resolve(ObstacleResolveInput) -> ObstacleResolvePayload = resolve, on id;
        /// Puts an obstacle aside, with a reason.
        obstacle_park(ObstacleParkInput) -> ObstacleParkPayload = park, on id;
        /// Gives an obstacle to whoever runs the programme, with a reason. Its lead hears of it by mail.
        obstacle_escalate(ObstacleEscalateInput) -> ObstacleEscalatePayload = escalate, on id;
        /// Brings an obstacle back from where it was parked or escalated to, with a reason.
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
    programme::rules::takes_work(client.status, team.archived_at)?;
    let row = obstacle::Model {
        id: write.id(),
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        priority_id: hindered(&write, input.priority_id.as_ref(), team.id).await?,
        session_id: sprung(&write, input.session_id.as_ref(), team.id).await?,
        raised_by_id: raiser(&write, input.raised_by_id.as_ref(), team.id).await?,
        title,
        detail,
        severity: input.severity,
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
    happened(&write, &row, ObstacleEventKind::Raised, None).await?;
    write.commit().await?;
    Ok(row.id)
}

async fn update(caller: &Caller, input: ObstacleUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, obstacle) =
        caller.write::<Entity>(Permission::ObstacleUpdate, typed(&input.id), "input.id").await?;
    expect_version(obstacle.version, input.expected_version)?;
    let actor = write.actor()?;
    if !actor.shapes(obstacle.client_id) {
        let raiser = match obstacle.raised_by_id {
            Some(raiser) => write.find::<member::Entity>(raiser).await?,
            None => None,
        };
        owned_by(raiser.as_ref(), actor.person)?;
    }
    let mut check = Check::new();
    let title = check.line_if("input.title", input.title.as_ref(), 1..=200);
    let detail = check.text_if("input.detail", input.detail.as_ref(), 0..=4000);
    check.done()?;
    rules::next(obstacle.status, Step::Update, obstacle.prioritised_at)?;
    let mut change = obstacle.clone().into_active_model();
    title.into_iter().for_each(|title| change.title = Set(title));
    detail.into_iter().for_each(|detail| change.detail = Set(detail));
    input.severity.into_iter().for_each(|severity| change.severity = Set(severity));
    if !input.priority_id.is_undefined() {
        change.priority_id = Set(hindered(&write, input.priority_id.value(), obstacle.team_id).await?);
    }
    write.update::<Entity>(&obstacle, change).await?;
    write.commit().await?;
    Ok(obstacle.id)
}

async fn discuss(caller: &Caller, input: ObstacleDiscussInput) -> Result<Id<Entity>, Error> {
    let said = Some(input.reason);
    step(caller, Permission::ObstacleDiscuss, Step::Discuss, &input.id, said, input.expected_version).await
}

async fn prioritise(caller: &Caller, input: ObstaclePrioritiseInput) -> Result<Id<Entity>, Error> {
    step(caller, Permission::ObstaclePrioritise, Step::Prioritise, &input.id, None, input.expected_version)
        .await
}

async fn resolve(caller: &Caller, input: ObstacleResolveInput) -> Result<Id<Entity>, Error> {
    let said = Some(input.reason);
    step(caller, Permission::ObstacleResolve, Step::Resolve, &input.id, said, input.expected_version).await
}

async fn park(caller: &Caller, input: ObstacleParkInput) -> Result<Id<Entity>, Error> {
    let said = Some(input.reason);
    step(caller, Permission::ObstaclePark, Step::Park, &input.id, said, input.expected_version).await
}

async fn escalate(caller: &Caller, input: ObstacleEscalateInput) -> Result<Id<Entity>, Error> {
    let said = Some(input.reason);
    step(caller, Permission::ObstacleEscalate, Step::Escalate, &input.id, said, input.expected_version).await
}

async fn resume(caller: &Caller, input: ObstacleResumeInput) -> Result<Id<Entity>, Error> {
    let said = Some(input.reason);
    step(caller, Permission::ObstacleResume, Step::Resume, &input.id, said, input.expected_version).await
}

async fn step(
    caller: &Caller,
    permission: Permission,
    step: Step,
    id: &ID,
    said: Option<String>,
    expected: Option<i32>,
) -> Result<Id<Entity>, Error> {
    let (write, obstacle) = caller.write::<Entity>(permission, typed(id), "input.id").await?;
    expect_version(obstacle.version, expected)?;
    let mut check = Check::new();
    let said = check.text_if("input.reason", said.as_ref(), 1..=1000);
    check.done()?;
    let status = rules::next(obstacle.status, step, obstacle.prioritised_at)?;
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
        change.reason = Set(said.clone());
    }
    write.update::<Entity>(&obstacle, change).await?;
    if let Some(kind) = rules::kind(step) {
        happened(&write, &obstacle, kind, said.clone()).await?;
    }
    if step == Step::Escalate {
        tell(&write, &obstacle, said.unwrap_or_default()).await?;
    }
    write.commit().await?;
    Ok(obstacle.id)
}

/// Parks an obstacle, however it stands.
pub(super) async fn put_aside(
    write: &Write,
    obstacle: &Locked<obstacle::Model>,
    reason: &str,
) -> Result<(), Error> {
    let mut change = obstacle.clone().into_active_model();
    change.status = Set(ObstacleStatus::Parked);
    change.reason = Set(Some(reason.to_owned()));
    write.update::<Entity>(obstacle, change).await?;
    happened(write, obstacle, ObstacleEventKind::Parked, Some(reason.to_owned())).await
}

async fn happened(
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

/// An e-mail to whoever leads the client's programme.
async fn tell(write: &Write, obstacle: &obstacle::Model, why: String) -> Result<(), Error> {
    let lead = assignment::Entity::find()
        .filter(assignment::Column::ClientId.eq(obstacle.client_id))
        .filter(assignment::Column::Part.eq(AssignmentPart::Lead))
        .filter(assignment::Column::StartsAt.lte(write.now()))
        .filter(assignment::Entity::lasting(write.now()));
    let Some(lead) = write.one(lead).await? else { return Ok(()) };
    let Some(lead) = write.find::<person::Entity>(lead.person_id).await? else { return Ok(()) };
    let text = format!("{}\n\n{why}\n", obstacle.title);
    let subject = "An obstacle was escalated to you";
    let email = Email::new(EmailKind::ObstacleEscalated, obstacle.id.uuid(), &lead, subject, text);
    write.post(email.at(obstacle.client_id));
    Ok(())
}

/// The member named, or the one that the caller is.
async fn raiser(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<Id<member::Entity>>, Error> {
    if let Some(id) = id {
        let raiser = write.load::<member::Entity>(typed(id), "input.raisedById").await?;
        eligible(&raiser, team).map_err(|refusal| refusal.at("input.raisedById"))?;
        return Ok(Some(raiser.id));
    }
    let myself = member::Entity::find()
        .filter(member::Column::TeamId.eq(team))
        .filter(member::Column::Status.eq(MemberStatus::Active))
        .filter(member::Column::PersonId.eq(write.person()?));
    Ok(write.one(myself).await?.map(|member| member.id))
}

async fn hindered(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<Id<priority::Entity>>, Error> {
    let Some(id) = id else { return Ok(None) };
    let priority = write.load::<priority::Entity>(typed(id), "input.priorityId").await?;
    same_team(priority.team_id, team, "input.priorityId")?;
    Ok(Some(priority.id))
}

async fn sprung(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<Id<session::Entity>>, Error> {
    let Some(id) = id else { return Ok(None) };
    let session = write.load::<session::Entity>(typed(id), "input.sessionId").await?;
    same_team(session.team_id, team, "input.sessionId")?;
    Ok(Some(session.id))
}
