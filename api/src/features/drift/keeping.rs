//! Raises and ends signals: the job for whole teams, and each transaction that changes an action or a priority for that
//! object. Both use the same rules.

use super::{
    progress::{CycleSpan, PriorityEvidence},
    rules::{self, DriftFinding, SignalChange},
};
use crate::{
    features::{
        check_in::keeping as check_ins,
        notice::notifying::{notify_facilitators, notify_member},
    },
    kernel::{Error, Fault, Locked, Notice, Write, Zone},
};
use chrono::NaiveDate;
use entity::{
    Id,
    action::{self, ActionStatus},
    alignment_round::{self, AlignmentStatus},
    alignment_statement,
    check_in::{self, CheckInStatus},
    check_in_rhythm,
    client::{self, ClientStatus},
    cycle, drift_policy,
    drift_signal::{self, DriftCause, DriftStatus},
    measurable, measurable_value, member, milestone,
    notice::NoticeKind,
    priority::{self, PriorityStatus},
    programme::{self, ProgrammeStatus},
    programme_pause,
    review::{self, ReviewStatus},
    review_cadence, team,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Deref,
};
use uuid::Uuid;

/// The client and the team of raised signals.
#[derive(Clone, Copy)]
struct SignalScope {
    client: Id<client::Entity>,
    team: Id<team::Entity>,
}

/// Loads the network's thresholds.
async fn load_policy(write: &Write) -> Result<drift_policy::Model, Error> {
    Ok(write.one(select_policy(write)?).await?.ok_or(Fault::Internal)?)
}

/// Selects the network's thresholds.
pub fn select_policy(write: &Write) -> Result<Select<drift_policy::Entity>, Fault> {
    Ok(drift_policy::Entity::find().filter(drift_policy::Column::NetworkId.eq(write.network()?)))
}

/// Loads the pauses of the programmes of teams.
async fn load_pauses(
    write: &Write,
    teams: &[Id<team::Entity>],
) -> Result<Vec<programme_pause::Model>, Error> {
    let of = programme_pause::Column::TeamId.is_in(teams.iter().copied());
    write.all(programme_pause::Entity::find().filter(of)).await
}

/// Updates the signals of a changed action.
pub async fn update_action_signals(write: &Write, action: &action::Model) -> Result<(), Error> {
    if !rules::can_drift(action, write.now()) {
        return Ok(());
    }
    let lasting = lock_lasting_signals(write, drift_signal::Column::ActionId.eq(action.id)).await?;
    let mut found = vec![];
    if rules::is_to_be_done(action) {
        let pauses = load_pauses(write, &[action.team_id]).await?;
        let pauses: Vec<&programme_pause::Model> = pauses.iter().collect();
        found = rules::find_action_drift(action, &pauses, &load_policy(write).await?, write.now());
    }
    let scope = SignalScope { client: action.client_id, team: action.team_id };
    update_signals(write, scope, &lasting, &found).await
}

/// Updates the signals of a changed priority.
pub async fn update_priority_signals(write: &Write, priority: &priority::Model) -> Result<(), Error> {
    if priority.status == PriorityStatus::Committed {
        return update_behind_signal(write, priority.id).await;
    }
    let about = drift_signal::Column::PriorityId.eq(priority.id);
    let about = Condition::all().add(about).add(drift_signal::Column::ActionId.is_null());
    for signal in lock_lasting_signals(write, about).await? {
        end_signal(write, &signal).await?;
    }
    Ok(())
}

/// Ends the signals about missing check-ins of a priority.
pub async fn end_check_in_signals(write: &Write, priority: Id<priority::Entity>) -> Result<(), Error> {
    let about = Condition::all()
        .add(drift_signal::Column::PriorityId.eq(priority))
        .add(drift_signal::Column::Cause.eq(DriftCause::CheckInsMissed));
    for signal in lock_lasting_signals(write, about).await? {
        end_signal(write, &signal).await?;
    }
    Ok(())
}

/// Ends a team's signals about missing reviews.
pub async fn end_review_signals(write: &Write, team: Id<team::Entity>) -> Result<(), Error> {
    let about = Condition::all()
        .add(drift_signal::Column::TeamId.eq(team))
        .add(drift_signal::Column::Cause.eq(DriftCause::ReviewGap));
    for signal in lock_lasting_signals(write, about).await? {
        end_signal(write, &signal).await?;
    }
    Ok(())
}

/// Ends all signals of an archived team.
pub async fn end_team_signals(write: &Write, team: Id<team::Entity>) -> Result<(), Error> {
    for signal in
        lock_lasting_signals(write, Condition::all().add(drift_signal::Column::TeamId.eq(team))).await?
    {
        end_signal(write, &signal).await?;
    }
    Ok(())
}

/// Updates the signal of a priority that is behind, and ends it if the priority has caught up. The job raises such signals,
/// because a priority falls behind only with time.
pub async fn update_behind_signal(write: &Write, id: Id<priority::Entity>) -> Result<(), Error> {
    let behind = Condition::all()
        .add(drift_signal::Column::PriorityId.eq(id))
        .add(drift_signal::Column::Cause.eq(DriftCause::Behind));
    let lasting = lock_lasting_signals(write, behind).await?;
    if lasting.is_empty() {
        return Ok(());
    }
    let priority = write.find::<priority::Entity>(id).await?.ok_or(Fault::Internal)?;
    let client = write.find::<client::Entity>(priority.client_id).await?.ok_or(Fault::Internal)?;
    let pauses = load_pauses(write, &[priority.team_id]).await?;
    let pauses: Vec<&programme_pause::Model> = pauses.iter().collect();
    let (policy, zone) = (load_policy(write).await?, Zone::named(&client.time_zone)?);
    let scope = SignalScope { client: priority.client_id, team: priority.team_id };
    let shown = EvidenceRows::of(write, std::slice::from_ref(&priority)).await?;
    let evidence = shown.of_priority(&priority, zone)?;
    let found = rules::find_priority_drift(&priority, &evidence, &pauses, &policy, zone, write.now());
    update_signals(write, scope, &lasting, &found.into_iter().collect::<Vec<_>>()).await
}

/// The member who answers for a signal: the owner of its action, or else of its priority. `None` if the signal is about the
/// team.
pub async fn load_owner(
    write: &Write,
    signal: &drift_signal::Model,
) -> Result<Option<Id<member::Entity>>, Error> {
    if let Some(action) = signal.action_id {
        return Ok(write.find::<action::Entity>(action).await?.map(|action| action.owner_id));
    }
    let Some(priority) = signal.priority_id else { return Ok(None) };
    Ok(write.find::<priority::Entity>(priority).await?.map(|priority| priority.owner_id))
}

/// The rows that show the progress of priorities.
struct EvidenceRows {
    cycles: Vec<cycle::Model>,
    measurables: Vec<measurable::Model>,
    /// The first day of the latest period of each measurable with a value.
    measured: HashMap<Id<measurable::Entity>, NaiveDate>,
    milestones: Vec<milestone::Model>,
    /// The slot and the status of the latest check-in of each priority.
    check_ins: HashMap<Id<priority::Entity>, (NaiveDate, CheckInStatus)>,
}

impl EvidenceRows {
    async fn of(write: &Write, priorities: &[priority::Model]) -> Result<EvidenceRows, Error> {
        let ids: Vec<Id<priority::Entity>> = priorities.iter().map(|priority| priority.id).collect();
        let cycles = cycle::Entity::find()
            .filter(cycle::Column::Id.is_in(priorities.iter().map(|priority| priority.cycle_id)));
        let measurables = measurable::Entity::find()
            .filter(measurable::Column::PriorityId.is_in(ids.iter().copied()))
            .filter(measurable::Column::RemovedAt.is_null());
        let measurables = write.all(measurables).await?;
        let measured = measurable_value::Entity::find()
            .filter(measurable_value::Column::MeasurableId.is_in(measurables.iter().map(|row| row.id)))
            .select_only()
            .column(measurable_value::Column::MeasurableId)
            .column_as(measurable_value::Column::PeriodOn.max(), "latest")
            .group_by(measurable_value::Column::MeasurableId);
        let measured: Vec<(Id<measurable::Entity>, NaiveDate)> = write.select_values(measured).await?;
        let milestones =
            milestone::Entity::find().filter(milestone::Column::PriorityId.is_in(ids.iter().copied()));
        let check_ins = check_in::Entity::find()
            .filter(check_in::Column::PriorityId.is_in(ids))
            .filter(check_in::Column::ReplacedAt.is_null())
            .order_by_asc(check_in::Column::SlotOn)
            .select_only()
            .column(check_in::Column::PriorityId)
            .column(check_in::Column::SlotOn)
            .column(check_in::Column::Status);
        let check_ins: Vec<(Id<priority::Entity>, NaiveDate, CheckInStatus)> =
            write.select_values(check_ins).await?;
        Ok(EvidenceRows {
            cycles: write.all(cycles).await?,
            measurables,
            measured: measured.into_iter().collect(),
            milestones: write.all(milestones).await?,
            // the latest comes last and stays
            check_ins: check_ins.into_iter().map(|(id, on, status)| (id, (on, status))).collect(),
        })
    }

    fn of_priority(&self, priority: &priority::Model, zone: Zone) -> Result<PriorityEvidence<'_>, Fault> {
        let cycle = self.cycles.iter().find(|cycle| cycle.id == priority.cycle_id).ok_or(Fault::Internal)?;
        let measurables = self.measurables.iter().filter(|row| row.priority_id == Some(priority.id));
        Ok(PriorityEvidence {
            cycle: CycleSpan::of(cycle, zone),
            measurables: measurables.map(|row| (row, self.measured.get(&row.id).copied())).collect(),
            milestones: self.milestones.iter().filter(|row| row.priority_id == priority.id).collect(),
            latest_check_in: self.check_ins.get(&priority.id).copied(),
        })
    }
}

/// Loads the IDs of at most `most` teams of the network, beginning after `after`.
pub async fn load_team_ids(write: &Write, after: Option<Uuid>, most: u64) -> Result<Vec<Uuid>, Error> {
    let teams = team::Entity::find()
        .filter(team::Column::Id.gt(after.unwrap_or_default()))
        .order_by_asc(team::Column::Id)
        .limit(most)
        .select_only()
        .column(team::Column::Id);
    write.select_values(teams).await
}

/// Raises and ends the signals of teams.
pub async fn update_team_signals(write: &Write, teams: &[Uuid]) -> Result<(), Error> {
    let teams = team::Entity::find().filter(team::Column::Id.is_in(teams.iter().copied()));
    let teams = write.all(teams.order_by_asc(team::Column::Id)).await?;
    let facts = TeamFacts::of(write, &teams).await?;
    for team in teams.iter().filter(|team| !facts.paused.contains(&team.id)) {
        let found = facts.find_drift(write, team);
        let lasting: Vec<_> =
            facts.lasting.iter().filter(|signal| signal.team_id == team.id).cloned().collect();
        update_signals(write, SignalScope { client: team.client_id, team: team.id }, &lasting, &found?)
            .await?;
    }
    Ok(())
}

/// The facts that signals of teams depend on. Teams with a paused programme keep their signals.
struct TeamFacts {
    policy: drift_policy::Model,
    clients: Vec<client::Model>,
    paused: HashSet<Id<team::Entity>>,
    pauses: Vec<programme_pause::Model>,
    actions: Vec<action::Model>,
    priorities: Vec<priority::Model>,
    evidence: EvidenceRows,
    rhythms: Vec<check_in_rhythm::Model>,
    cadences: Vec<review_cadence::Model>,
    reviews: Vec<review::Model>,
    rounds: Vec<alignment_round::Model>,
    /// Statements of each team's latest round.
    statements: Vec<alignment_statement::Model>,
    lasting: Vec<Locked<drift_signal::Model>>,
}

impl TeamFacts {
    async fn of(write: &Write, teams: &[team::Model]) -> Result<TeamFacts, Error> {
        let ids: Vec<Id<team::Entity>> = teams.iter().map(|team| team.id).collect();
        let clients =
            client::Entity::find().filter(client::Column::Id.is_in(teams.iter().map(|team| team.client_id)));
        let paused = programme::Entity::find()
            .filter(programme::Column::TeamId.is_in(ids.iter().copied()))
            .filter(programme::Column::Status.eq(ProgrammeStatus::Paused));
        let suspicious = Condition::any()
            .add(action::Column::Moves.gt(0))
            .add(action::Column::BaselineAt.lte(write.now()));
        // Locked, so that no action is completed before its signals are saved.
        let actions = action::Entity::find()
            .filter(action::Column::TeamId.is_in(ids.iter().copied()))
            .filter(action::Column::Status.is_in(ActionStatus::TO_BE_DONE))
            .filter(suspicious)
            .lock_shared();
        let priorities = priority::Entity::find()
            .filter(priority::Column::TeamId.is_in(ids.iter().copied()))
            .filter(priority::Column::Status.eq(PriorityStatus::Committed));
        let priorities = write.all(priorities).await?;
        let cadences = review_cadence::Entity::find()
            .filter(review_cadence::Column::TeamId.is_in(ids.iter().copied()))
            .filter(review_cadence::Column::EndedAt.is_null());
        let told = [ReviewStatus::Met, ReviewStatus::Late, ReviewStatus::Excused];
        let reviews = review::Entity::find()
            .filter(review::Column::TeamId.is_in(ids.iter().copied()))
            .filter(review::Column::Status.is_in(told));
        let rounds = alignment_round::Entity::find()
            .filter(alignment_round::Column::TeamId.is_in(ids.iter().copied()))
            .filter(alignment_round::Column::Status.eq(AlignmentStatus::Revealed))
            .filter(alignment_round::Column::RevoteOfId.is_null())
            .order_by_asc(alignment_round::Column::RevealedAt);
        let rounds = write.all(rounds).await?;
        let latest: BTreeMap<_, _> = rounds.iter().map(|round| (round.team_id, round.id)).collect();
        let statements = alignment_statement::Entity::find()
            .filter(alignment_statement::Column::RoundId.is_in(latest.into_values()));
        Ok(TeamFacts {
            policy: load_policy(write).await?,
            clients: write.all(clients).await?,
            paused: write.all(paused).await?.into_iter().map(|programme| programme.team_id).collect(),
            pauses: load_pauses(write, &ids).await?,
            actions: write.all(actions).await?,
            evidence: EvidenceRows::of(write, &priorities).await?,
            rhythms: check_ins::load_rhythms(write, &ids).await?,
            cadences: write.all(cadences).await?,
            reviews: write.all(reviews).await?,
            rounds,
            statements: write.all(statements).await?,
            lasting: lock_lasting_signals(write, drift_signal::Column::TeamId.is_in(ids)).await?,
            priorities,
        })
    }

    /// Finds the drift in a team's work. Archived teams have none.
    fn find_drift(&self, write: &Write, team: &team::Model) -> Result<Vec<DriftFinding>, Fault> {
        let (policy, now) = (&self.policy, write.now());
        let client = self.clients.iter().find(|client| client.id == team.client_id);
        let at_work = client.filter(|client| client.status == ClientStatus::Active);
        let Some(client) = at_work.filter(|_| team.archived_at.is_none()) else { return Ok(vec![]) };
        let zone = Zone::named(&client.time_zone)?;
        let reviews: Vec<_> = self.reviews.iter().filter(|review| review.team_id == team.id).collect();
        let pauses: Vec<_> = self.pauses.iter().filter(|pause| pause.team_id == team.id).collect();
        let rhythms: Vec<_> = self.rhythms.iter().filter(|rhythm| rhythm.team_id == team.id).collect();
        let mut found: Vec<DriftFinding> = self
            .actions
            .iter()
            .filter(|action| action.team_id == team.id)
            .flat_map(|action| rules::find_action_drift(action, &pauses, policy, now))
            .collect();
        for priority in self.priorities.iter().filter(|priority| priority.team_id == team.id) {
            let evidence = self.evidence.of_priority(priority, zone)?;
            found.extend(rules::find_priority_drift(priority, &evidence, &pauses, policy, zone, now));
            found.extend(rules::find_missed_check_ins(
                priority, &evidence, &rhythms, &pauses, policy, zone, now,
            ));
        }
        if let Some(cadence) = self.cadences.iter().find(|cadence| cadence.team_id == team.id) {
            found.extend(rules::find_review_gap(team.id, cadence, &reviews, &pauses, policy, now));
        }
        if let Some(latest) = self.rounds.iter().rfind(|round| round.team_id == team.id) {
            found.extend(rules::find_agreement_drop(latest, &self.statements, policy));
        }
        Ok(found)
    }
}

/// Loads and locks signals that have not ended.
async fn lock_lasting_signals(
    write: &Write,
    about: impl sea_orm::sea_query::IntoCondition,
) -> Result<Vec<Locked<drift_signal::Model>>, Error> {
    let lasting = drift_signal::Entity::find()
        .filter(drift_signal::Column::EndedAt.is_null())
        .filter(about)
        .order_by_asc(drift_signal::Column::Id);
    write.lock_all(lasting).await
}

/// Raises and ends signals so that they match the findings.
async fn update_signals(
    write: &Write,
    scope: SignalScope,
    lasting: &[Locked<drift_signal::Model>],
    found: &[DriftFinding],
) -> Result<(), Error> {
    let of = |signal: &drift_signal::Model| (signal.cause, signal.subject_id);
    for signal in lasting {
        let same = found.iter().find(|found| (found.cause, found.subject) == of(signal));
        match rules::signal_change(Some(signal), same) {
            SignalChange::End => end_signal(write, signal).await?,
            SignalChange::Renew => {
                end_signal(write, signal).await?;
                if let Some(found) = same {
                    raise_signal(write, scope, found).await?;
                }
            }
            SignalChange::Raise => {}
            SignalChange::Keep => {
                if let Some(found) = same {
                    keep_evidence(write, signal, found).await?;
                }
            }
        }
    }
    for found in found {
        let same = lasting.iter().find(|signal| of(signal) == (found.cause, found.subject));
        if rules::signal_change(same.map(Deref::deref), Some(found)) == SignalChange::Raise {
            raise_signal(write, scope, found).await?;
        }
    }
    Ok(())
}

async fn end_signal(write: &Write, signal: &Locked<drift_signal::Model>) -> Result<(), Error> {
    let mut change = signal.clone().into_active_model();
    change.status = Set(rules::ended_status(signal.status));
    change.ended_at = Set(Some(write.now()));
    change.on_next_agenda = Set(false);
    write.update::<drift_signal::Entity>(signal, change).await?;
    Ok(())
}

/// Stores what is measured now. Unaudited, without a new version: it follows from other rows, and an answer to the signal
/// may be under way.
async fn keep_evidence(
    write: &Write,
    signal: &Locked<drift_signal::Model>,
    found: &DriftFinding,
) -> Result<(), Error> {
    let before = (signal.current_measured, signal.current_progress, signal.current_elapsed);
    if before == (found.measured, found.progress, found.elapsed) {
        return Ok(());
    }
    let mut change = signal.clone().into_active_model();
    change.current_measured = Set(found.measured);
    change.current_progress = Set(found.progress);
    change.current_elapsed = Set(found.elapsed);
    write.set::<drift_signal::Entity>(signal, change).await
}

/// Raises a signal, unless another transaction has just raised the same one.
async fn raise_signal(write: &Write, scope: SignalScope, found: &DriftFinding) -> Result<(), Error> {
    let row = drift_signal::Model {
        id: write.id(),
        network_id: write.network()?,
        client_id: scope.client,
        team_id: scope.team,
        cause: found.cause,
        subject_id: found.subject,
        action_id: found.action,
        priority_id: found.priority,
        alignment_round_id: found.round,
        status: DriftStatus::Open,
        measured: found.measured,
        threshold: found.threshold,
        unit: found.unit,
        since: found.since,
        progress: found.progress,
        elapsed: found.elapsed,
        current_measured: found.measured,
        current_progress: found.progress,
        current_elapsed: found.elapsed,
        answered_measured: None,
        on_next_agenda: false,
        note: None,
        raised_at: write.now(),
        acknowledged_at: None,
        answered_at: None,
        ended_at: None,
        version: 1,
    };
    if write.insert_once::<drift_signal::Entity>(row.clone()).await? {
        notify_of_signal(write, &row).await?;
    }
    Ok(())
}

/// Tells the facilitators of a new signal, and who owns what it is about.
async fn notify_of_signal(write: &Write, signal: &drift_signal::Model) -> Result<(), Error> {
    let notice = Notice::about(NoticeKind::DriftRaised, signal.id).of_team(signal.client_id, signal.team_id);
    notify_facilitators(write, notice).await?;
    let owner = match (signal.action_id, signal.priority_id) {
        (Some(id), _) => write.find::<action::Entity>(id).await?.map(|action| action.owner_id),
        (None, Some(id)) => write.find::<priority::Entity>(id).await?.map(|priority| priority.owner_id),
        (None, None) => None,
    };
    if let Some(owner) = owner
        && let Some(owner) = write.find::<member::Entity>(owner).await?
    {
        notify_member(write, notice, &owner);
    }
    Ok(())
}
