//! Cycle: the period in which a team works on its priorities, by default a quarter. A team creates its cycles; none comes into
//! being by itself.
//!
//! A cycle is *planned*, then *open*: the team proposes priorities and commits to them. Until then it can be renamed, moved
//! and, without priorities, removed. Committing to the cycle *locks* it: later additions and drops of priorities are marked
//! and counted. *Closing* the cycle ends every open priority: achieved, missed, or missed and carried into the next cycle as a
//! new proposal. A closed cycle can be reopened for 14 days, while the team has committed to no later one.

mod carrying;
pub mod editing;
pub mod reopening;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    drift::keeping as drift,
    priority::{Priority, limits::load_limits},
    programme::rules as programmes,
    reopening::Reopening,
    team::Team,
    year::{Year, keeping as years},
};
use crate::{
    inputs,
    kernel::{
        Caller, Check, Error, Locked, Refusal, Write, access::Permission, expect_version, read::shape::typed,
        refused_id, today,
    },
    mutations,
    scalar::Date,
    shape,
};
use async_graphql::{Enum, ID, InputObject};
use chrono::NaiveDate;
use entity::{
    Id,
    action::{self, ActionStatus},
    client,
    cycle::{self, CycleStatus, Entity},
    member,
    priority::{self, PriorityStatus},
    priority_conflict, team,
};
use rules::{Step, Verdict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Select,
};
use std::collections::BTreeSet;

shape! {
    /// A period in which a team works on its priorities, by default a quarter.
    Cycle of cycle {
        /// Name of the cycle: a quarter such as `2026-Q1`, or a name chosen by the team.
        label = text(Label).filter().order(),
        /// First day of the cycle, in the client's time zone.
        startsOn = date(StartsOn).filter().order(),
        /// Last day of the cycle, in the client's time zone.
        endsOn = date(EndsOn).filter().order(),
        /// Current status of the cycle.
        status = closed::<CycleStatus, _>(Status).filter().order(),
        /// Number of priorities committed when the team committed to the cycle. 0 until then.
        committedCount = int(Committed),
        /// Number of priorities committed after the team committed to the cycle.
        addedCount = int(Added),
        /// Number of committed priorities dropped after the team committed to the cycle.
        droppedCount = int(Dropped),
        /// Number of priorities achieved.
        achievedCount = int(Achieved),
        /// Number of priorities missed, including those carried over to the next cycle.
        missedCount = int(Missed),
        /// Time at which the team committed to the cycle. Null until then.
        lockedAt = instant(LockedAt).or_null(),
        /// Time at which the cycle was closed. Null until then.
        closedAt = instant(ClosedAt).or_null().filter(),
        /// Revision number; increases with every change, including changes of the counts. Send it as `expectedVersion`.
        version = int(Version),
        /// Year in whose days the cycle starts. Null if the team has no such year.
        year = one::<Year, _>(YearId).or_null(),
        /// Every reopening of the cycle, oldest first, with the closing that was taken back.
        reopenings = pages::<Reopening, _>(entity::reopening::Column::CycleId).by(entity::reopening::Column::At, Ty::Instant),
        /// Team that the cycle belongs to.
        team = one::<Team, _>(TeamId),
        /// Priorities of the cycle, by rank.
        priorities = pages::<Priority, _>(entity::priority::Column::CycleId).by(entity::priority::Column::Rank, Ty::Int),
    }
}

/// Input for `cycleCreate`.
#[derive(InputObject)]
pub struct CycleCreateInput {
    /// ID of the team.
    pub team_id: ID,
    /// Name of the cycle: one line of 1 to 40 characters, unique in the team. A quarter's name such as `2026-Q1`
    /// requires the days of that quarter.
    pub label: String,
    /// First day of the cycle, in the client's time zone.
    pub starts_on: Date,
    /// Last day of the cycle, in the client's time zone: today or later. A cycle lasts 7 to 366 days.
    pub ends_on: Date,
}

inputs! {
    /// Input for `cycleOpen`.
    [CycleOpenInput] {
        /// ID of the cycle, which must be planned.
        pub id: ID,
        /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
        pub expected_version: Option<i32>,
    }
}

/// Input for `cycleCommit`.
#[derive(InputObject)]
pub struct CycleCommitInput {
    /// ID of the cycle, which must be planned or open.
    pub id: ID,
    /// `true` to commit despite collisions. By default, collisions reject the commitment.
    #[graphql(default)]
    pub acknowledge_collisions: bool,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// How a priority ends with its cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum CycleOutcome {
    /// Reached its outcome.
    Achieved,
    /// Not reached.
    Missed,
    /// Not reached; carried over to the next cycle, with its milestones, measurables and open actions.
    Carried,
}

/// How one priority ends with its cycle.
#[derive(InputObject)]
pub struct CycleDecisionInput {
    /// ID of the priority: proposed or committed, of this cycle.
    pub priority_id: ID,
    /// How the priority ends. A proposed priority can only be carried over.
    pub outcome: CycleOutcome,
}

/// Input for `cycleClose`.
#[derive(InputObject)]
pub struct CycleCloseInput {
    /// ID of the cycle, to which the team must have committed.
    pub id: ID,
    /// How each committed priority ends: at most 100 entries. Proposed priorities that are not listed are dropped.
    pub decisions: Vec<CycleDecisionInput>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    CycleMutation: cycle -> Cycle of Entity {
        /// Creates a cycle for a team. Fails with `TAKEN` if it overlaps another cycle of the team or has the same
        /// name.
        cycle_create(CycleCreateInput) -> CycleCreatePayload = create;
        /// Opens a planned cycle.
        cycle_open(CycleOpenInput) -> CycleOpenPayload = open, on id;
        /// Commits the team to a cycle and its committed priorities, at least one. Later additions and drops are
        /// counted. Fails with `COLLISION` for each collision, unless collisions are acknowledged: two committed
        /// priorities in declared conflict, or an owner with more committed priorities than the template allows or more
        /// than 15 open actions, over all their teams.
        cycle_commit(CycleCommitInput) -> CycleCommitPayload = commit, on id;
        /// Closes a cycle that the team committed to, and records how each open priority ends. Priorities are carried over
        /// to the team's next cycle, as proposals that take over copies of the milestones, and the measurables and open
        /// actions themselves. Fails with `WRONG_STATE` if priorities are carried over and the team has no next cycle:
        /// create it first with `cycleCreate`.
        cycle_close(CycleCloseInput) -> CycleClosePayload = close, on id;
    }
}

async fn create(caller: &Caller, input: CycleCreateInput) -> Result<Id<Entity>, Error> {
    let (write, team) =
        caller.write::<team::Entity>(Permission::CycleCreate, typed(&input.team_id), "input.teamId").await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let today = today(&client.time_zone, write.now())?;
    let mut check = Check::new();
    let label = check.line("input.label", &input.label, 1..=40);
    let ends_on = check.due("input.endsOn", input.ends_on.0, today);
    check.done()?;
    programmes::require_active_team(client.status, team.archived_at)?;
    let span = rules::check_span(&label, input.starts_on.0, ends_on)?;
    rules::require_apart(&load_cycles(&write, team.id).await?, &span, "input.label", "input.startsOn")?;
    let row = cycle::Model {
        id: write.id(),
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        year_id: years::find_year(&write, team.id, span.starts_on).await?,
        status: span.status(today),
        label: span.label,
        starts_on: span.starts_on,
        ends_on: span.ends_on,
        committed: 0,
        added: 0,
        dropped: 0,
        achieved: 0,
        missed: 0,
        locked_at: None,
        closed_at: None,
        created_at: write.now(),
        version: 1,
    };
    let id = write.insert::<Entity>(row).await?.id;
    write.commit().await?;
    Ok(id)
}

async fn open(caller: &Caller, input: CycleOpenInput) -> Result<Id<Entity>, Error> {
    let (write, _, cycle) =
        write_cycle(caller, Permission::CycleOpen, &input.id, input.expected_version).await?;
    let status = rules::next_status(cycle.status, Step::Open)?;
    let mut change = cycle.clone().into_active_model();
    change.status = Set(status);
    write.update::<Entity>(&cycle, change).await?;
    write.commit().await?;
    Ok(cycle.id)
}

async fn commit(caller: &Caller, input: CycleCommitInput) -> Result<Id<Entity>, Error> {
    let (write, _, cycle) =
        write_cycle(caller, Permission::CycleCommit, &input.id, input.expected_version).await?;
    let status = rules::next_status(cycle.status, Step::Commit)?;
    let priorities = write.all(select_priorities(cycle.id)).await?;
    let promised = rules::committed_count(&priorities)?;
    if !input.acknowledge_collisions {
        let collisions = find_collisions(&write, &cycle, &priorities).await?;
        if !collisions.is_empty() {
            return Err(collisions.into());
        }
    }
    let mut change = cycle.clone().into_active_model();
    change.status = Set(status);
    change.committed = Set(promised);
    change.locked_at = Set(Some(write.now()));
    write.update::<Entity>(&cycle, change).await?;
    write.commit().await?;
    Ok(cycle.id)
}

/// Finds the conflicts and overloaded owners of a cycle's committed priorities.
async fn find_collisions(
    write: &Write,
    cycle: &cycle::Model,
    priorities: &[priority::Model],
) -> Result<Vec<Refusal>, Error> {
    let committed: Vec<_> = priorities.iter().filter(|row| row.status == PriorityStatus::Committed).collect();
    let ids = committed.iter().map(|row| row.id);
    let declared = priority_conflict::Entity::find()
        .filter(priority_conflict::Column::PriorityId.is_in(ids))
        .filter(priority_conflict::Column::WithdrawnAt.is_null());
    let mut collisions = rules::conflict_refusals(&committed, &write.all(declared).await?);
    let limits = load_limits(write, cycle.team_id).await?;
    let owners: BTreeSet<_> = committed.iter().map(|row| row.owner_id).collect();
    for owner in owners {
        let Some(owner) = write.find::<member::Entity>(owner).await? else { continue };
        // Members of other teams that are the same person.
        let same = Condition::any()
            .add(member::Column::Id.eq(owner.id))
            .add_option(owner.person_id.map(|person| member::Column::PersonId.eq(person)));
        let parts: Vec<_> =
            write.all(member::Entity::find().filter(same)).await?.into_iter().map(|row| row.id).collect();
        let owned = priority::Entity::find()
            .filter(priority::Column::OwnerId.is_in(parts.clone()))
            .filter(priority::Column::Status.eq(PriorityStatus::Committed));
        let open = action::Entity::find()
            .filter(action::Column::OwnerId.is_in(parts))
            .filter(action::Column::Status.is_in(ActionStatus::TO_BE_DONE));
        let (owned, open) = (write.count(owned).await?, write.count(open).await?);
        collisions.extend(rules::overload_refusal(&owner, owned, open, limits));
    }
    Ok(collisions)
}

async fn close(caller: &Caller, input: CycleCloseInput) -> Result<Id<Entity>, Error> {
    let (write, _, cycle) =
        write_cycle(caller, Permission::CycleClose, &input.id, input.expected_version).await?;
    let status = rules::next_status(cycle.status, Step::Close)?;
    let mut open = write.lock_all(select_priorities(cycle.id)).await?;
    open.retain(|row| matches!(row.status, PriorityStatus::Proposed | PriorityStatus::Committed));
    let verdicts = rules::decide_priorities(&open, &check_decisions(&open, &input.decisions)?)?;
    let client = write.load::<client::Entity>(Some(cycle.client_id), "input.id").await?;
    let carried: Vec<_> =
        verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Carried).map(|(row, _)| *row).collect();
    for (priority, verdict) in &verdicts {
        let mut change = (*priority).clone().into_active_model();
        change.status = Set(match (verdict, priority.status) {
            (Verdict::Achieved, _) => PriorityStatus::Achieved,
            (Verdict::Missed | Verdict::Carried, PriorityStatus::Committed) => PriorityStatus::Missed,
            _ => PriorityStatus::Dropped,
        });
        let dropped = priority.status == PriorityStatus::Proposed;
        change.reason = Set(dropped.then(|| "The cycle closed before it was committed.".to_owned()));
        change.closed_at = Set(Some(write.now()));
        let closed = write.update::<priority::Entity>(priority, change).await?;
        drift::update_priority_signals(&write, &closed).await?;
    }
    if !carried.is_empty() {
        carrying::carry_priorities(&write, &client, &cycle, &carried).await?;
    }
    let achieved = verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Achieved).count();
    let missed = verdicts.iter().filter(|(row, verdict)| {
        row.status == PriorityStatus::Committed && matches!(verdict, Verdict::Missed | Verdict::Carried)
    });
    let mut change = cycle.clone().into_active_model();
    change.status = Set(status);
    change.closed_at = Set(Some(write.now()));
    change.achieved = Set(cycle.achieved + achieved as i32);
    change.missed = Set(cycle.missed + missed.count() as i32);
    write.update::<Entity>(&cycle, change).await?;
    write.commit().await?;
    Ok(cycle.id)
}

/// Checks the decisions of the input. Each refers to its priority by the index in `open`.
fn check_decisions(
    open: &[Locked<priority::Model>],
    decisions: &[CycleDecisionInput],
) -> Result<Vec<(usize, Verdict)>, Error> {
    let place = |(at, decision): (usize, &CycleDecisionInput)| {
        let id = typed::<priority::Entity>(&decision.priority_id);
        let place = open.iter().position(|row| Some(row.id) == id);
        let verdict = match decision.outcome {
            CycleOutcome::Achieved => Verdict::Achieved,
            CycleOutcome::Missed => Verdict::Missed,
            CycleOutcome::Carried => Verdict::Carried,
        };
        let place = place.ok_or_else(|| refused_id(&format!("input.decisions.{at}.priorityId")));
        place.map(|place| (place, verdict)).map_err(Error::from)
    };
    decisions.iter().enumerate().map(place).collect()
}

/// Begins a change of a cycle. Its team is locked first, so that changes of the cycle and of its priorities are
/// serialised.
async fn write_cycle(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<team::Model>, Locked<cycle::Model>), Error> {
    let under = cycle::Column::TeamId;
    let (write, team, cycle) =
        caller.write_under::<team::Entity, Entity>(permission, under, typed(id), "input.id").await?;
    expect_version(cycle.version, expected)?;
    Ok((write, team, cycle))
}

/// The cycle of a new priority: the one with the label `asked`, or the present one. The caller must have locked the team.
pub async fn choose_cycle(
    write: &Write,
    team: &team::Model,
    asked: Option<&str>,
    today: NaiveDate,
) -> Result<cycle::Model, Error> {
    Ok(rules::choose(&load_cycles(write, team.id).await?, asked, today)?.clone())
}

async fn load_cycles(write: &Write, team: Id<team::Entity>) -> Result<Vec<cycle::Model>, Error> {
    write.all(Entity::find().filter(cycle::Column::TeamId.eq(team))).await
}

/// The priorities of a cycle, by rank.
fn select_priorities(cycle: Id<Entity>) -> Select<priority::Entity> {
    let select = priority::Entity::find().filter(priority::Column::CycleId.eq(cycle));
    select.order_by_asc(priority::Column::Rank)
}

/// A change of a priority that its cycle counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CycleCount {
    Added,
    Dropped,
    Achieved,
    /// An achieved priority was reopened.
    Reopened,
    Missed,
}

/// Counts a change of a priority in its cycle. The caller must have locked the team.
pub async fn count_in_cycle(
    write: &Write,
    cycle: &Locked<cycle::Model>,
    step: CycleCount,
) -> Result<(), Error> {
    let mut change = cycle.clone().into_active_model();
    match step {
        CycleCount::Added => change.added = Set(cycle.added + 1),
        CycleCount::Dropped => change.dropped = Set(cycle.dropped + 1),
        CycleCount::Achieved => change.achieved = Set(cycle.achieved + 1),
        CycleCount::Reopened => change.achieved = Set(cycle.achieved - 1),
        CycleCount::Missed => change.missed = Set(cycle.missed + 1),
    }
    write.update::<Entity>(cycle, change).await?;
    Ok(())
}

/// Loads and locks the cycle of a priority.
pub async fn lock_cycle_of(write: &Write, priority: &priority::Model) -> Result<Locked<cycle::Model>, Error> {
    write.lock::<Entity>(priority.cycle_id).await
}
