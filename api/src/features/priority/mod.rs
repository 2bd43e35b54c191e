//! Priority: one of the few results that a team decides to achieve in a cycle. Each priority has a rank and one owner.
//! The number of committed priorities is limited: a team must finish or drop one to commit another.

mod allowed;
pub mod limits;
pub mod reopening;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::{Action, rules::require_active_member},
    check_in::{CheckIn, CheckInSlot},
    client::Client,
    conflict::PriorityConflict,
    cycle::{self, CycleCount},
    decision::Decision,
    drift::{DriftSignal, keeping as drift},
    measurable::Measurable,
    member::Member,
    milestone::Milestone,
    obstacle::Obstacle,
    programme,
    reopening::Reopening,
    stage::Stage,
    target::{Target, rules as targets},
    team::{Team, editing::require_editor, link::linked},
};
use crate::{
    inputs,
    kernel::{
        Caller, Check, Error, Locked, Refusal, Write, access::Permission, end_of_day, expect_version,
        read::shape::typed, today,
    },
    mutations,
    scalar::Date,
    shape,
};
use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::{
    Id, client, cycle::CycleStatus, decision, member, priority, priority::Entity, priority::PriorityStatus,
    stage_run, target, team,
};
use limits::load_limits;
use rules::Step;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Select};

shape! {
    /// A priority of a team for one cycle, with an owner and an outcome to reach.
    Priority of priority {
        /// Title: what the team wants to achieve.
        title = text(Title).filter().order(),
        /// Outcome that shows that the priority is achieved.
        outcome = text(Outcome),
        /// Label of the priority's cycle, for example `2026-Q1`.
        cycleLabel = text(Cycle).filter().order(),
        /// Cycle that the priority belongs to.
        cycle = one::<cycle::Cycle, _>(CycleId),
        /// ID of the priority's cycle, for use in filters.
        cycleId = id::<entity::cycle::Entity, _>(CycleId).filter(),
        /// Whether the priority was committed after the team had committed the cycle.
        addedAfterLock = flag(AddedAfterLock).filter(),
        /// Whether the priority was committed, and then dropped after the team had committed the cycle.
        droppedAfterLock = flag(DroppedAfterLock).filter(),
        /// Priority of an earlier cycle that this priority continues. Null if not carried over.
        carriedFrom = one::<Priority, _>(CarriedFromId).or_null(),
        /// Priority of a later cycle that continues this priority. Null if not carried over. The latest one if the cycle was
        /// reopened and the priority carried over again.
        carriedTo = first::<Priority, _>(CarriedFromId).by_last(CreatedAt, Ty::Instant),
        /// Rank among the team's priorities of the cycle, from 1.
        rank = int(Rank).filter().order(),
        /// Status of the priority.
        status = closed::<PriorityStatus, _>(Status).filter().order(),
        /// Due date: the end of this day in the client's time zone.
        dueOn = date(DueOn).filter().order(),
        /// Time the priority was committed. Null if never committed.
        committedAt = instant(CommittedAt).or_null(),
        /// Time the priority was achieved, missed or dropped. Null until then.
        closedAt = instant(ClosedAt).or_null().filter(),
        /// Why the priority was dropped. Null if not dropped.
        reason = text(Reason).or_null(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Mutations that the caller may do with the priority now, by role, ownership and state. Whatever is missing would be
        /// refused. The other arguments of a mutation and other objects can still be a reason to refuse it.
        allowed = allowed::field(),
        /// Member who owns the priority.
        owner = one::<Member, _>(OwnerId).filter(),
        /// ID of the member who owns the priority, for use in filters.
        ownerId = id::<entity::member::Entity, _>(OwnerId).filter(),
        /// Stage that the priority belongs to. Null if not linked to a stage.
        stage = one::<Stage, _>(StageRunId).or_null(),
        /// Decision that the priority carries out. Null if not linked to a decision.
        decision = one::<Decision, _>(DecisionId).or_null(),
        /// Target of a year that the priority serves. Null if it serves none.
        target = one::<Target, _>(TargetId).or_null(),
        /// ID of the target that the priority serves, for use in filters. Null if it serves none.
        targetId = id::<entity::target::Entity, _>(TargetId).or_null().filter(),
        /// Every reopening of the priority, oldest first, with the end that was taken back.
        reopenings = pages::<Reopening, _>(entity::reopening::Column::PriorityId).by(entity::reopening::Column::At, Ty::Instant),
        /// Obstacles that hinder the priority, by default latest first.
        obstacles = pages::<Obstacle, _>(entity::obstacle::Column::PriorityId).by_last(entity::obstacle::Column::RaisedAt, Ty::Instant),
        /// Team that the priority belongs to.
        team = one::<Team, _>(TeamId),
        /// ID of the team that the priority belongs to, for filters.
        teamId = id::<entity::team::Entity, _>(TeamId).filter(),
        /// Client that the priority belongs to.
        client = one::<Client, _>(ClientId).filter(),
        /// ID of the client that the priority belongs to, for filters.
        clientId = id::<entity::client::Entity, _>(ClientId).filter(),
        /// Actions that serve the priority, earliest due date first: at most 100.
        actions = list::<Action, _>(entity::action::Column::PriorityId).by(entity::action::Column::DueOn, Ty::Date).about(12),
        /// Signals that the priority drifts from what was agreed, by default latest first.
        driftSignals = pages::<DriftSignal, _>(entity::drift_signal::Column::PriorityId).by_last(entity::drift_signal::Column::RaisedAt, Ty::Instant),
        /// Declared conflicts with other priorities of the cycle that are not withdrawn, oldest first: at most 20.
        conflicts = list::<PriorityConflict, _>(entity::priority_conflict::Column::PriorityId).only("{t}.withdrawn_at is null").by(entity::priority_conflict::Column::DeclaredAt, Ty::Instant).about(2),
        /// Progress in per cent, from 0 to 100, rounded down: the mean progress of its measurables or, without any, the
        /// weight of completed milestones as a share of all. Null without measurables and milestones.
        progressPercent = derived(Ty::Int, "coalesce((select sum(q.progress) / count(*) from measurable q where q.priority_id = {t}.id and q.removed_at is null), (select sum(case when m.done_at is null then 0 else m.weight end) * 100 / sum(m.weight) from milestone m where m.priority_id = {t}.id and m.removed_at is null))").or_null(),
        /// Milestones of the priority, earliest due date first: at most 20.
        milestones = list::<Milestone, _>(entity::milestone::Column::PriorityId).only("{t}.removed_at is null").by(entity::milestone::Column::DueOn, Ty::Date).about(5),
        /// Measurables that track the priority's outcome, oldest first: at most 10.
        measurables = list::<Measurable, _>(entity::measurable::Column::PriorityId).only("{t}.removed_at is null").by(entity::measurable::Column::CreatedAt, Ty::Instant).about(3),
        /// Check-in slots in which the priority was in progress, by default oldest first. Each has its check-in or is
        /// blank. `last: 8` returns the latest eight.
        checkInSlots = pages_of_view::<CheckInSlot>("subject_id").only("{t}.starts_at <= {now}").by_view("starts_on", Ty::Date),
        /// Latest check-in. Null without check-ins.
        lastCheckIn = first::<CheckIn, _>(entity::check_in::Column::PriorityId).only("{t}.replaced_at is null").by_last(entity::check_in::Column::At, Ty::Instant),
        /// Check-ins of the priority, by default latest first. Excludes check-ins replaced by later ones of the same
        /// slot.
        checkIns = pages::<CheckIn, _>(entity::check_in::Column::PriorityId).only("{t}.replaced_at is null").by_last(entity::check_in::Column::At, Ty::Instant),
    }
}

/// Input for `priorityCreate`.
#[derive(InputObject)]
pub struct PriorityCreateInput {
    /// ID of the team.
    pub team_id: ID,
    /// ID of the member who will own the priority: active, from this team.
    pub owner_id: ID,
    /// Title, what the team wants to achieve: 1 to 200 characters.
    pub title: String,
    /// Outcome that shows that the priority is achieved: 1 to 2,000 characters.
    pub outcome: String,
    /// ID of the stage that the priority belongs to, from a programme of this team.
    pub stage_id: Option<ID>,
    /// ID of the decision that the priority carries out, from this team.
    pub decision_id: Option<ID>,
    /// ID of the target that the priority serves, from this team.
    pub target_id: Option<ID>,
    /// Label of the cycle: one of the team's cycles that is not closed and has not ended. Fails with `INVALID` if the team
    /// has no such cycle: create it first with `cycleCreate`. Default: the cycle of today in the client's time zone.
    pub cycle_label: Option<String>,
    /// Due date, in the client's time zone: today or later. Default: the cycle's last day.
    pub due_on: Option<Date>,
}

/// Input for `priorityUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct PriorityUpdateInput {
    /// ID of the priority, which must be proposed or committed.
    pub id: ID,
    /// Title, what the team wants to achieve: 1 to 200 characters.
    pub title: Option<String>,
    /// Outcome that shows that the priority is achieved: 1 to 2,000 characters.
    pub outcome: Option<String>,
    /// Due date, in the client's time zone: today or later.
    pub due_on: Option<Date>,
    /// ID of the member who will own the priority: active, from the same team. Fails with `LIMIT_REACHED` if the
    /// priority is committed and the member already owns as many in the cycle as allowed.
    pub owner_id: Option<ID>,
    /// ID of the stage that the priority belongs to, from a programme of the same team; `null` for none.
    pub stage_id: MaybeUndefined<ID>,
    /// ID of the decision that the priority carries out, from the same team; `null` for none.
    pub decision_id: MaybeUndefined<ID>,
    /// ID of the target that the priority serves, from the same team; `null` for none.
    pub target_id: MaybeUndefined<ID>,
    /// The `version` you last read. Fails with `CONFLICT` if the priority has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `priorityRank`.
#[derive(InputObject)]
pub struct PriorityRankInput {
    /// ID of the priority, which must be proposed or committed.
    pub id: ID,
    /// New rank, from 1 to the number of the team's priorities of the cycle that are not dropped.
    pub rank: i32,
    /// The `version` you last read. Fails with `CONFLICT` if the priority has changed since.
    pub expected_version: Option<i32>,
}

inputs! {
    /// Identifies the priority to commit, or to mark as achieved or missed.
    [PriorityCommitInput, PriorityAchieveInput, PriorityMissInput] {
        /// ID of the priority.
        pub id: ID,
        /// The `version` you last read. Fails with `CONFLICT` if the priority has changed since.
        pub expected_version: Option<i32>,
    }
}

/// Input for `priorityDrop`.
#[derive(InputObject)]
pub struct PriorityDropInput {
    /// ID of the priority, which must be proposed or committed.
    pub id: ID,
    /// Reason: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the priority has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    PriorityMutation: priority -> Priority of Entity {
        /// Proposes a priority for a team's cycle and ranks it last.
        priority_create(PriorityCreateInput) -> PriorityCreatePayload = create;
        /// Changes a priority's title, outcome, due date, owner, stage, decision or target. Leaders can change only priorities
        /// they own.
        priority_update(PriorityUpdateInput) -> PriorityUpdatePayload = update, on id;
        /// Moves a priority to another rank among the team's priorities of the cycle. The other ranks shift to make
        /// room.
        priority_rank(PriorityRankInput) -> PriorityRankPayload = rank, on id;
        /// Commits the team to a proposed priority. Fails with `LIMIT_REACHED` if the team or the owner already has as
        /// many in the cycle as the template allows, by default 5 and 2; the errors name these priorities.
        priority_commit(PriorityCommitInput) -> PriorityCommitPayload = commit, on id;
        /// Marks a committed priority as achieved. Leaders can do this only for priorities they own.
        priority_achieve(PriorityAchieveInput) -> PriorityAchievePayload = achieve, on id;
        /// Marks a committed priority as missed. Leaders can do this only for priorities they own.
        priority_miss(PriorityMissInput) -> PriorityMissPayload = miss, on id;
        /// Drops a proposed or committed priority, with a reason. Lower-ranked priorities move up.
        priority_drop(PriorityDropInput) -> PriorityDropPayload = drop_, on id;
    }
}

async fn create(caller: &Caller, input: PriorityCreateInput) -> Result<Id<Entity>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::PriorityCreate, typed(&input.team_id), "input.teamId")
        .await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let owner = write.load::<member::Entity>(typed(&input.owner_id), "input.ownerId").await?;
    let today = today(&client.time_zone, write.now())?;
    let mut check = Check::new();
    let title = check.line("input.title", &input.title, 1..=200);
    let outcome = check.text("input.outcome", &input.outcome, 1..=2000);
    let due_on = input.due_on.map(|due_on| check.due("input.dueOn", due_on.0, today));
    check.done()?;
    programme::rules::require_active_team(client.status, team.archived_at)?;
    require_active_member(&owner, team.id)?;
    let stage = load_stage(&write, input.stage_id.as_ref(), team.id).await?;
    let cycle = cycle::choose_cycle(&write, &team, input.cycle_label.as_deref(), today).await?;
    let rank = rules::next_rank(&write.all(select_ranked(cycle.id)).await?)?;
    let due_on = due_on.unwrap_or(cycle.ends_on);
    let decision = input.decision_id.as_ref();
    let decision = linked::<decision::Entity>(&write, decision, team.id, "input.decisionId").await?;
    let target = load_target(&write, input.target_id.as_ref(), team.id).await?;
    let id = write.id();
    let row = priority::Model {
        id,
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        stage_run_id: stage,
        decision_id: decision.map(|decision| decision.id),
        target_id: target,
        owner_id: owner.id,
        cycle_id: cycle.id,
        cycle: cycle.label,
        title,
        outcome,
        rank,
        status: PriorityStatus::Proposed,
        due_on,
        due_at: end_of_day(due_on, &client.time_zone)?,
        committed_at: None,
        closed_at: None,
        reason: None,
        carried_from_id: None,
        added_after_lock: false,
        dropped_after_lock: false,
        created_at: write.now(),
        version: 1,
    };
    write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(id)
}

async fn update(caller: &Caller, input: PriorityUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, priority) =
        lock_priority(caller, Permission::PriorityUpdate, &input.id, input.expected_version).await?;
    require_editor(&write, priority.client_id, Some(priority.owner_id), "input.id").await?;
    let client = write.load::<client::Entity>(Some(priority.client_id), "input.id").await?;
    let mut check = Check::new();
    let title = check.line_if("input.title", input.title.as_ref(), 1..=200);
    let outcome = check.text_if("input.outcome", input.outcome.as_ref(), 1..=2000);
    let today = today(&client.time_zone, write.now())?;
    // an unchanged due date may be in the past
    let due_on = input.due_on.map(|due_on| due_on.0).filter(|due_on| *due_on != priority.due_on);
    let due_on = due_on.map(|due_on| check.due("input.dueOn", due_on, today));
    check.done()?;
    rules::next_status(priority.status, Step::Update)?;
    let mut change = priority.clone().into_active_model();
    if let Some(owner) = &input.owner_id {
        change.owner_id = Set(load_new_owner(&write, &priority, owner).await?);
    }
    // an invalid ID never equals the current stage, even if the priority has none
    let stays = |stage: &ID| typed(stage).is_some_and(|stage| Some(stage) == priority.stage_run_id);
    if !input.stage_id.is_undefined() && !input.stage_id.value().is_some_and(stays) {
        change.stage_run_id = Set(load_stage(&write, input.stage_id.value(), priority.team_id).await?);
    }
    if !input.decision_id.is_undefined() {
        let (id, team) = (input.decision_id.value(), priority.team_id);
        let decision = linked::<decision::Entity>(&write, id, team, "input.decisionId").await?;
        change.decision_id = Set(decision.map(|decision| decision.id));
    }
    if !input.target_id.is_undefined() {
        change.target_id = Set(load_target(&write, input.target_id.value(), priority.team_id).await?);
    }
    title.into_iter().for_each(|title| change.title = Set(title));
    outcome.into_iter().for_each(|outcome| change.outcome = Set(outcome));
    if let Some(due_on) = due_on {
        change.due_on = Set(due_on);
        change.due_at = Set(end_of_day(due_on, &client.time_zone)?);
    }
    write.update::<Entity>(&priority, change).await?;
    write.commit().await?;
    Ok(priority.id)
}

async fn rank(caller: &Caller, input: PriorityRankInput) -> Result<Id<Entity>, Error> {
    let (write, priority) =
        lock_priority(caller, Permission::PriorityRank, &input.id, input.expected_version).await?;
    rules::next_status(priority.status, Step::Rank)?;
    let ranked = write.lock_all(select_ranked(priority.cycle_id)).await?;
    let moved = rules::reorder(&ranked, priority.id, Some(input.rank))?;
    save_ranks(&write, moved).await?;
    write.commit().await?;
    Ok(priority.id)
}

async fn commit(caller: &Caller, input: PriorityCommitInput) -> Result<Id<Entity>, Error> {
    let (write, priority) =
        lock_priority(caller, Permission::PriorityCommit, &input.id, input.expected_version).await?;
    let status = rules::next_status(priority.status, Step::Commit)?;
    let owner = write.load::<member::Entity>(Some(priority.owner_id), "input.id").await?;
    let limits = load_limits(&write, priority.team_id).await?;
    rules::require_room_to_commit(&load_committed(&write, &priority).await?, limits, &owner)?;
    let mut change = priority.clone().into_active_model();
    change.status = Set(status);
    change.committed_at = Set(Some(write.now()));
    let cycle = cycle::lock_cycle_of(&write, &priority).await?;
    if cycle.status == CycleStatus::Locked {
        change.added_after_lock = Set(true);
        cycle::count_in_cycle(&write, &cycle, CycleCount::Added).await?;
    }
    write.update::<Entity>(&priority, change).await?;
    write.commit().await?;
    Ok(priority.id)
}

async fn achieve(caller: &Caller, input: PriorityAchieveInput) -> Result<Id<Entity>, Error> {
    close_priority(caller, Permission::PriorityAchieve, Step::Achieve, &input.id, input.expected_version)
        .await
}

async fn miss(caller: &Caller, input: PriorityMissInput) -> Result<Id<Entity>, Error> {
    close_priority(caller, Permission::PriorityMiss, Step::Miss, &input.id, input.expected_version).await
}

async fn drop_(caller: &Caller, input: PriorityDropInput) -> Result<Id<Entity>, Error> {
    let (write, priority) =
        lock_priority(caller, Permission::PriorityDrop, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    drop_priority(&write, &priority, reason).await?;
    write.commit().await?;
    Ok(priority.id)
}

/// Drops a priority. The priorities ranked after it move up.
pub(super) async fn drop_priority(
    write: &Write,
    priority: &Locked<priority::Model>,
    reason: String,
) -> Result<(), Error> {
    let status = rules::next_status(priority.status, Step::Drop)?;
    let ranked = write.lock_all(select_ranked(priority.cycle_id)).await?;
    let cycle = cycle::lock_cycle_of(write, priority).await?;
    let late = cycle.status == CycleStatus::Locked && priority.status == PriorityStatus::Committed;
    let mut change = priority.clone().into_active_model();
    change.status = Set(status);
    change.closed_at = Set(Some(write.now()));
    change.reason = Set(Some(reason));
    change.dropped_after_lock = Set(late);
    if late {
        cycle::count_in_cycle(write, &cycle, CycleCount::Dropped).await?;
    }
    let priority = write.update::<Entity>(priority, change).await?;
    save_ranks(write, rules::reorder(&ranked, priority.id, None)?).await?;
    drift::update_priority_signals(write, &priority).await
}

async fn close_priority(
    caller: &Caller,
    permission: Permission,
    step: Step,
    id: &ID,
    expected: Option<i32>,
) -> Result<Id<Entity>, Error> {
    let (write, priority) = lock_priority(caller, permission, id, expected).await?;
    require_editor(&write, priority.client_id, Some(priority.owner_id), "input.id").await?;
    let status = rules::next_status(priority.status, step)?;
    let mut change = priority.clone().into_active_model();
    change.status = Set(status);
    change.closed_at = Set(Some(write.now()));
    let priority = write.update::<Entity>(&priority, change).await?;
    let tally = if status == PriorityStatus::Achieved { CycleCount::Achieved } else { CycleCount::Missed };
    cycle::count_in_cycle(&write, &cycle::lock_cycle_of(&write, &priority).await?, tally).await?;
    drift::update_priority_signals(&write, &priority).await?;
    write.commit().await?;
    Ok(priority.id)
}

/// Locks a priority after its team: a change of one priority can move others, and two changes must not both take the
/// last free rank.
async fn lock_priority(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<priority::Model>), Error> {
    let under = priority::Column::TeamId;
    let (write, _, priority) =
        caller.write_under::<team::Entity, Entity>(permission, under, typed(id), "input.id").await?;
    expect_version(priority.version, expected)?;
    Ok((write, priority))
}

/// Requires that a priority is open, and that the caller owns it or shapes the team's work. A refusal names `path`.
pub(super) async fn require_editable(
    write: &Write,
    priority: &priority::Model,
    path: &str,
) -> Result<(), Error> {
    require_editor(write, priority.client_id, Some(priority.owner_id), path).await?;
    Ok(require_open(priority, path)?)
}

/// Requires that a priority is open. A refusal names `path`.
pub(super) fn require_open(priority: &priority::Model, path: &str) -> Result<(), Refusal> {
    let open = rules::next_status(priority.status, Step::Update);
    open.map(|_| ()).map_err(|refusal| refusal.at(path))
}

/// Loads the new owner of a priority. If the priority is committed, the owner must be within their limit.
async fn load_new_owner(
    write: &Write,
    priority: &priority::Model,
    id: &ID,
) -> Result<Id<member::Entity>, Error> {
    let owner = write.load::<member::Entity>(typed(id), "input.ownerId").await?;
    require_active_member(&owner, priority.team_id)?;
    if priority.status == PriorityStatus::Committed && owner.id != priority.owner_id {
        let limits = load_limits(write, priority.team_id).await?;
        rules::require_room_for_owner(
            &load_committed(write, priority).await?,
            limits,
            &owner,
            "input.ownerId",
        )?;
    }
    Ok(owner.id)
}

async fn load_stage(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<Id<stage_run::Entity>>, Error> {
    let stage = linked::<stage_run::Entity>(write, id, team, "input.stageId").await?;
    let Some(stage) = stage else { return Ok(None) };
    let others = write.count(Entity::find().filter(priority::Column::StageRunId.eq(stage.id))).await?;
    rules::require_room_in_stage(others)?;
    Ok(Some(stage.id))
}

async fn load_target(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<Id<target::Entity>>, Error> {
    let target = linked::<target::Entity>(write, id, team, "input.targetId").await?;
    if let Some(target) = &target {
        targets::require_kept(target, "input.targetId")?;
    }
    Ok(target.map(|target| target.id))
}

/// Selects the ranked priorities of a cycle.
fn select_ranked(cycle: Id<entity::cycle::Entity>) -> Select<Entity> {
    Entity::find()
        .filter(priority::Column::CycleId.eq(cycle))
        .filter(priority::Column::Status.ne(PriorityStatus::Dropped))
        .order_by_asc(priority::Column::Rank)
}

/// Loads the committed priorities of a priority's cycle.
async fn load_committed(write: &Write, priority: &priority::Model) -> Result<Vec<priority::Model>, Error> {
    let mut ranked = write.all(select_ranked(priority.cycle_id)).await?;
    ranked.retain(|other| other.status == PriorityStatus::Committed);
    Ok(ranked)
}

async fn save_ranks(write: &Write, moved: Vec<(&Locked<priority::Model>, i32)>) -> Result<(), Error> {
    for (priority, rank) in moved {
        let mut change = priority.clone().into_active_model();
        change.rank = Set(rank);
        write.update::<Entity>(priority, change).await?;
    }
    Ok(())
}
