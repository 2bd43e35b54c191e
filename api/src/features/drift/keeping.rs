//! How signals are raised and ended: by the job for whole teams, and for one action or priority in the transaction that
//! changes it. Both ask the same rules.

use super::rules::{self, Course, Finding};
use crate::{
    features::check_in::keeping as check_ins,
    kernel::{Error, Fault, Locked, Write, Zone},
};
use chrono::NaiveDate;
use entity::{
    Id,
    action::{self, ActionStatus},
    alignment_measure,
    alignment_round::{self, AlignmentStatus},
    check_in, check_in_rhythm,
    client::{self, ClientStatus},
    drift_policy,
    drift_signal::{self, DriftCause, DriftStatus},
    milestone,
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
    collections::{HashMap, HashSet},
    ops::Deref,
};
use uuid::Uuid;

/// Where signals are raised.
#[derive(Clone, Copy)]
struct Place {
    client: Id<client::Entity>,
    team: Id<team::Entity>,
}

/// The network's thresholds.
async fn policy(write: &Write) -> Result<drift_policy::Model, Error> {
    Ok(write.one(policies(write)?).await?.ok_or(Fault::Internal)?)
}

/// The network's row of thresholds.
pub fn policies(write: &Write) -> Result<Select<drift_policy::Entity>, Fault> {
    Ok(drift_policy::Entity::find().filter(drift_policy::Column::NetworkId.eq(write.network()?)))
}

/// When the programmes of some teams were paused.
async fn pauses(write: &Write, teams: &[Id<team::Entity>]) -> Result<Vec<programme_pause::Model>, Error> {
    let of = programme_pause::Column::TeamId.is_in(teams.iter().copied());
    write.all(programme_pause::Entity::find().filter(of)).await
}

/// An action was changed: what it gave rise to may be over, and it may give rise to something.
pub async fn action_changed(write: &Write, action: &action::Model) -> Result<(), Error> {
    let suspicious = rules::suspicious(action, write.now());
    let own = suspicious.then(|| drift_signal::Column::ActionId.eq(action.id));
    let served = action.priority_id.map(is_behind);
    if own.is_none() && served.is_none() {
        return Ok(());
    }
    // one look at both, because nearly always there is nothing
    let lasting = lasting(write, Condition::any().add_option(own).add_option(served)).await?;
    let (own, behind): (Vec<_>, Vec<_>) =
        lasting.into_iter().partition(|signal| signal.action_id == Some(action.id));
    if let Some(signal) = behind.first() {
        caught_up(write, signal).await?;
    }
    let mut found = vec![];
    if suspicious && rules::to_be_done(action) {
        let pauses = pauses(write, &[action.team_id]).await?;
        let pauses: Vec<&programme_pause::Model> = pauses.iter().collect();
        found = rules::of_action(action, &pauses, &policy(write).await?, write.now());
    }
    let place = Place { client: action.client_id, team: action.team_id };
    settle(write, place, &own, &found).await
}

/// A priority was changed: what it gave rise to may be over.
pub async fn priority_changed(write: &Write, priority: &priority::Model) -> Result<(), Error> {
    if priority.status == PriorityStatus::Committed {
        return priority_served(write, priority.id).await;
    }
    let about = drift_signal::Column::PriorityId.eq(priority.id);
    let about = Condition::all().add(about).add(drift_signal::Column::ActionId.is_null());
    for signal in lasting(write, about).await? {
        end(write, &signal).await?;
    }
    Ok(())
}

/// A priority was checked in: it no longer goes without.
pub async fn checked_in(write: &Write, priority: Id<priority::Entity>) -> Result<(), Error> {
    let about = Condition::all()
        .add(drift_signal::Column::PriorityId.eq(priority))
        .add(drift_signal::Column::Cause.eq(DriftCause::CheckInsMissed));
    for signal in lasting(write, about).await? {
        end(write, &signal).await?;
    }
    Ok(())
}

/// A review was held: the gap is over.
pub async fn reviewed(write: &Write, team: Id<team::Entity>) -> Result<(), Error> {
    let about = Condition::all()
        .add(drift_signal::Column::TeamId.eq(team))
        .add(drift_signal::Column::Cause.eq(DriftCause::ReviewGap));
    for signal in lasting(write, about).await? {
        end(write, &signal).await?;
    }
    Ok(())
}

/// A team was archived: nothing about it waits for an answer.
pub async fn clear(write: &Write, team: Id<team::Entity>) -> Result<(), Error> {
    for signal in lasting(write, Condition::all().add(drift_signal::Column::TeamId.eq(team))).await? {
        end(write, &signal).await?;
    }
    Ok(())
}

/// What serves a priority that is behind was changed: it may have caught up. That it falls behind, time does.
pub async fn priority_served(write: &Write, id: Id<priority::Entity>) -> Result<(), Error> {
    match lasting(write, is_behind(id)).await?.first() {
        None => Ok(()),
        Some(signal) => caught_up(write, signal).await,
    }
}

/// Which signal says that a priority is behind.
fn is_behind(priority: Id<priority::Entity>) -> Condition {
    Condition::all()
        .add(drift_signal::Column::PriorityId.eq(priority))
        .add(drift_signal::Column::Cause.eq(DriftCause::Behind))
}

/// Ends the signal of a priority that was behind and is no more.
async fn caught_up(write: &Write, signal: &Locked<drift_signal::Model>) -> Result<(), Error> {
    let id = signal.priority_id.ok_or(Fault::Internal)?;
    let priority = write.find::<priority::Entity>(id).await?.ok_or(Fault::Internal)?;
    let serving = write.all(action::Entity::find().filter(action::Column::PriorityId.eq(id))).await?;
    let serving: Vec<&action::Model> = serving.iter().collect();
    let milestones =
        write.all(milestone::Entity::find().filter(milestone::Column::PriorityId.eq(id))).await?;
    let milestones: Vec<&milestone::Model> = milestones.iter().collect();
    let pauses = pauses(write, &[priority.team_id]).await?;
    let pauses: Vec<&programme_pause::Model> = pauses.iter().collect();
    let policy = policy(write).await?;
    let found = rules::of_priority(&priority, &milestones, &serving, &pauses, &policy, write.now());
    if found.is_none() {
        end(write, signal).await?;
    }
    Ok(())
}

/// Some teams of the network, those after an id.
pub async fn teams(write: &Write, after: Option<Uuid>, most: u64) -> Result<Vec<Uuid>, Error> {
    let teams = team::Entity::find()
        .filter(team::Column::Id.gt(after.unwrap_or_default()))
        .order_by_asc(team::Column::Id)
        .limit(most)
        .select_only()
        .column(team::Column::Id);
    write.chosen(teams).await
}

/// Looks at teams: raises the signals that their work gives rise to, and ends those it no longer does.
pub async fn look(write: &Write, teams: &[Uuid]) -> Result<(), Error> {
    let teams = team::Entity::find().filter(team::Column::Id.is_in(teams.iter().copied()));
    let teams = write.all(teams.order_by_asc(team::Column::Id)).await?;
    let seen = Seen::of(write, &teams).await?;
    for team in teams.iter().filter(|team| !seen.paused.contains(&team.id)) {
        let found = seen.found(write, team);
        let lasting: Vec<_> =
            seen.lasting.iter().filter(|signal| signal.team_id == team.id).cloned().collect();
        settle(write, Place { client: team.client_id, team: team.id }, &lasting, &found?).await?;
    }
    Ok(())
}

/// All that some teams' signals depend on. Whose programme is paused keeps the signals it has.
struct Seen {
    policy: drift_policy::Model,
    clients: Vec<client::Model>,
    paused: HashSet<Id<team::Entity>>,
    pauses: Vec<programme_pause::Model>,
    actions: Vec<action::Model>,
    priorities: Vec<priority::Model>,
    milestones: Vec<milestone::Model>,
    serving: Vec<action::Model>,
    /// Of each priority, the slot that was checked in last.
    checked: HashMap<Id<priority::Entity>, NaiveDate>,
    rhythms: Vec<check_in_rhythm::Model>,
    cadences: Vec<review_cadence::Model>,
    reviews: Vec<review::Model>,
    rounds: Vec<alignment_round::Model>,
    measures: Vec<alignment_measure::Model>,
    lasting: Vec<Locked<drift_signal::Model>>,
}

impl Seen {
    async fn of(write: &Write, teams: &[team::Model]) -> Result<Seen, Error> {
        let ids: Vec<Id<team::Entity>> = teams.iter().map(|team| team.id).collect();
        let clients =
            client::Entity::find().filter(client::Column::Id.is_in(teams.iter().map(|team| team.client_id)));
        let paused = programme::Entity::find()
            .filter(programme::Column::TeamId.is_in(ids.iter().copied()))
            .filter(programme::Column::Status.eq(ProgrammeStatus::Paused));
        let suspicious = Condition::any()
            .add(action::Column::Moves.gt(0))
            .add(action::Column::BaselineAt.lte(write.now()));
        // shared: none of them is completed between this look and what comes of it
        let actions = action::Entity::find()
            .filter(action::Column::TeamId.is_in(ids.iter().copied()))
            .filter(action::Column::Status.is_in(ActionStatus::TO_BE_DONE))
            .filter(suspicious)
            .lock_shared();
        let priorities = priority::Entity::find()
            .filter(priority::Column::TeamId.is_in(ids.iter().copied()))
            .filter(priority::Column::Status.eq(PriorityStatus::Committed));
        let priorities = write.all(priorities).await?;
        let aims: Vec<Id<priority::Entity>> = priorities.iter().map(|priority| priority.id).collect();
        let serving = action::Entity::find().filter(action::Column::PriorityId.is_in(aims.iter().copied()));
        let milestones =
            milestone::Entity::find().filter(milestone::Column::PriorityId.is_in(aims.iter().copied()));
        let checked = check_in::Entity::find()
            .filter(check_in::Column::PriorityId.is_in(aims))
            .select_only()
            .column(check_in::Column::PriorityId)
            .column_as(check_in::Column::SlotOn.max(), "latest")
            .group_by(check_in::Column::PriorityId);
        let checked: Vec<(Id<priority::Entity>, NaiveDate)> = write.chosen(checked).await?;
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
            .order_by_asc(alignment_round::Column::RevealedAt);
        let measures = alignment_measure::Entity::find()
            .filter(alignment_measure::Column::TeamId.is_in(ids.iter().copied()));
        Ok(Seen {
            policy: policy(write).await?,
            clients: write.all(clients).await?,
            paused: write.all(paused).await?.into_iter().map(|programme| programme.team_id).collect(),
            pauses: pauses(write, &ids).await?,
            actions: write.all(actions).await?,
            milestones: write.all(milestones).await?,
            serving: write.all(serving).await?,
            checked: checked.into_iter().collect(),
            rhythms: check_ins::of_teams(write, &ids).await?,
            cadences: write.all(cadences).await?,
            reviews: write.all(reviews).await?,
            rounds: write.all(rounds).await?,
            measures: write.all(measures).await?,
            lasting: lasting(write, drift_signal::Column::TeamId.is_in(ids)).await?,
            priorities,
        })
    }

    /// What a team's work gives rise to. That of an archived one gives rise to nothing.
    fn found(&self, write: &Write, team: &team::Model) -> Result<Vec<Finding>, Fault> {
        let (policy, now) = (&self.policy, write.now());
        let client = self.clients.iter().find(|client| client.id == team.client_id);
        let at_work = client.filter(|client| client.status == ClientStatus::Active);
        let Some(client) = at_work.filter(|_| team.archived_at.is_none()) else { return Ok(vec![]) };
        let zone = Zone::named(&client.time_zone)?;
        let reviews: Vec<_> = self.reviews.iter().filter(|review| review.team_id == team.id).collect();
        let pauses: Vec<_> = self.pauses.iter().filter(|pause| pause.team_id == team.id).collect();
        let rhythms: Vec<_> = self.rhythms.iter().filter(|rhythm| rhythm.team_id == team.id).collect();
        let mut found: Vec<Finding> = self
            .actions
            .iter()
            .filter(|action| action.team_id == team.id)
            .flat_map(|action| rules::of_action(action, &pauses, policy, now))
            .collect();
        for priority in self.priorities.iter().filter(|priority| priority.team_id == team.id) {
            let serves = |action: &&action::Model| action.priority_id == Some(priority.id);
            let serving: Vec<_> = self.serving.iter().filter(serves).collect();
            let on_the_way = |row: &&milestone::Model| row.priority_id == priority.id;
            let milestones: Vec<_> = self.milestones.iter().filter(on_the_way).collect();
            found.extend(rules::of_priority(priority, &milestones, &serving, &pauses, policy, now));
            let latest = self.checked.get(&priority.id).copied();
            found.extend(rules::of_check_ins(priority, latest, &rhythms, &pauses, policy, zone, now));
        }
        if let Some(cadence) = self.cadences.iter().find(|cadence| cadence.team_id == team.id) {
            found.extend(rules::of_rhythm(team.id, cadence, &reviews, &pauses, policy, now));
        }
        if let Some(latest) = self.rounds.iter().rfind(|round| round.team_id == team.id) {
            found.extend(rules::of_rounds(latest, &self.measures, policy));
        }
        Ok(found)
    }
}

/// The signals that last, locked.
async fn lasting(
    write: &Write,
    about: impl sea_orm::sea_query::IntoCondition,
) -> Result<Vec<Locked<drift_signal::Model>>, Error> {
    let lasting = drift_signal::Entity::find()
        .filter(drift_signal::Column::EndedAt.is_null())
        .filter(about)
        .order_by_asc(drift_signal::Column::Id);
    write.lock_all(lasting).await
}

/// Brings signals in line with what is found.
async fn settle(
    write: &Write,
    place: Place,
    lasting: &[Locked<drift_signal::Model>],
    found: &[Finding],
) -> Result<(), Error> {
    let of = |signal: &drift_signal::Model| (signal.cause, signal.subject_id);
    for signal in lasting {
        let same = found.iter().find(|found| (found.cause, found.subject) == of(signal));
        match rules::course(Some(signal), same) {
            Course::End => end(write, signal).await?,
            Course::Renew => {
                end(write, signal).await?;
                if let Some(found) = same {
                    raise(write, place, found).await?;
                }
            }
            Course::Raise | Course::Leave => {}
        }
    }
    for found in found {
        let same = lasting.iter().find(|signal| of(signal) == (found.cause, found.subject));
        if rules::course(same.map(Deref::deref), Some(found)) == Course::Raise {
            raise(write, place, found).await?;
        }
    }
    Ok(())
}

async fn end(write: &Write, signal: &Locked<drift_signal::Model>) -> Result<(), Error> {
    let mut change = signal.clone().into_active_model();
    change.status = Set(rules::ended(signal.status));
    change.ended_at = Set(Some(write.now()));
    write.update::<drift_signal::Entity>(signal, change).await?;
    Ok(())
}

/// Raises a signal, unless somebody has just raised the same.
async fn raise(write: &Write, place: Place, found: &Finding) -> Result<(), Error> {
    let row = drift_signal::Model {
        id: write.id(),
        network_id: write.network()?,
        client_id: place.client,
        team_id: place.team,
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
        note: None,
        raised_at: write.now(),
        acknowledged_at: None,
        answered_at: None,
        ended_at: None,
        version: 1,
    };
    write.insert_once::<drift_signal::Entity>(row).await?;
    Ok(())
}
