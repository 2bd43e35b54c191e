//! Prepares the agenda of a team's next session: when the session becomes the next one, and again when it starts. A session
//! of a series gets the standing items of the series, or else those that the template suggests for its stage. Then come
//! the items that earlier sessions left open, and the topics that ask to be discussed by themselves.
//!
//! Preparing twice adds nothing twice. The caller holds the locks on the team and the session.

use crate::{
    features::{
        agenda_item::{
            NewAgendaItem,
            rules::{self as items, PER_SESSION},
            select_items, suggested_items,
            topics::{Subject, TopicRows, choose_topics, find_continuation, takes_topics},
        },
        programme::select_stages,
        session_series::rules::standing_items,
    },
    kernel::{Error, Fault, Locked, Write, Zone},
};
use chrono::TimeDelta;
use entity::{
    Id, action,
    agenda_item::{self, AgendaItemStatus, AgendaSource},
    alignment_round, check_in, client,
    decision::{self, DecisionStatus},
    drift_signal::{self, DriftStatus},
    member,
    obstacle::{self, ObstacleStatus},
    priority::{self, PriorityStatus},
    session::{self, Entity},
    session_series,
    stage_run::{self, StageStatus},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Check-ins that are older say nothing about the present.
const CHECK_INS_OF: TimeDelta = TimeDelta::days(60);

/// Prepares the agenda of a session and returns the session, with another version if anything changed.
pub async fn prepare_agenda(
    write: &Write,
    session: Locked<session::Model>,
) -> Result<Locked<session::Model>, Error> {
    let series = session.series_id;
    let (session, standing) = match series {
        Some(series) => take_stage_and_items(write, session, series).await?,
        None => (session, vec![]),
    };
    let there = write.all(select_items(session.id)).await?;
    let new = standing.into_iter().filter(|item| there.iter().all(|row| row.title != item.title));
    append_items(write, &session, there.len(), new.collect()).await?;
    take_carried_items(write, &session, PER_SESSION).await?;
    add_topics(write, &session).await?;
    let after = write.count(select_items(session.id)).await?;
    if after > there.len() as i64 { write.touch::<Entity>(&session).await } else { Ok(session) }
}

/// Adds the waiting agenda items to a session, the longest waiting first, until the session has `limit` items. An item
/// that the session has already, as a standing item or about the same thing, is not added again but continues there.
/// Returns the number of items of the session.
pub async fn take_carried_items(write: &Write, session: &session::Model, limit: usize) -> Result<i32, Error> {
    let there = write.all(select_items(session.id)).await?;
    let mut position = i32::try_from(there.len()).map_err(|_| Fault::Internal)?;
    let room = limit.saturating_sub(there.len());
    let waiting = agenda_item::Entity::find()
        .filter(agenda_item::Column::TeamId.eq(session.team_id))
        .filter(agenda_item::Column::Status.eq(AgendaItemStatus::Carried))
        .filter(agenda_item::Column::CarriedToId.is_null())
        .order_by_asc(agenda_item::Column::ClosedAt)
        .order_by_asc(agenda_item::Column::Position)
        .order_by_asc(agenda_item::Column::Id)
        .limit(room as u64);
    let waiting = write.lock_all(waiting).await?;
    if waiting.is_empty() {
        return Ok(position);
    }
    let continued = agenda_item::Entity::find()
        .filter(agenda_item::Column::CarriedToId.is_in(there.iter().map(|item| item.id)));
    let mut continued: Vec<_> = write.all(continued).await?.iter().map(|item| item.carried_to_id).collect();
    let members = member::Entity::find().filter(member::Column::TeamId.eq(session.team_id));
    let members = write.all(members).await?;
    for item in waiting {
        let same = find_continuation(&item, &there).map(|same| same.id);
        let later = match same.filter(|same| !continued.contains(&Some(*same))) {
            Some(same) => same,
            None => {
                position += 1;
                let later = items::carried_item(&item, write.id(), session, position, &members, write.now());
                write.insert::<agenda_item::Entity>(later).await?.id
            }
        };
        continued.push(Some(later));
        let mut change = item.clone().into_active_model();
        change.carried_to_id = Set(Some(later));
        write.update::<agenda_item::Entity>(&item, change).await?;
    }
    Ok(position)
}

/// Sets the stage of a series' session, and returns its standing items.
async fn take_stage_and_items(
    write: &Write,
    session: Locked<session::Model>,
    series: Id<session_series::Entity>,
) -> Result<(Locked<session::Model>, Vec<NewAgendaItem>), Error> {
    let series = write.find::<session_series::Entity>(series).await?.ok_or(Fault::Internal)?;
    let stage = match (series.stage_run_id, session.programme_id) {
        (Some(stage), _) => write.find::<stage_run::Entity>(stage).await?,
        (None, Some(programme)) => {
            let open = select_stages(programme).filter(stage_run::Column::Status.eq(StageStatus::Open));
            write.one(open.limit(1)).await?
        }
        (None, None) => None,
    };
    let mut change = session.clone().into_active_model();
    change.stage_run_id = Set(stage.as_ref().map(|stage| stage.id));
    let session = write.update::<Entity>(&session, change).await?;
    let own = standing_items(&series);
    if own.is_empty() {
        return Ok((session, suggested_items(write, stage.as_ref()).await?));
    }
    let items = own.into_iter().map(|item| NewAgendaItem {
        title: item.title,
        minutes: item.minutes,
        owner: None,
        source: AgendaSource::Series,
        subject: Subject::default(),
    });
    Ok((session, items.collect()))
}

/// Adds the topics that ask to be discussed, as far as the agenda has room and does not have them yet.
pub async fn add_topics(write: &Write, session: &session::Model) -> Result<(), Error> {
    if !takes_topics(session) {
        return Ok(());
    }
    let client = write.find::<client::Entity>(session.client_id).await?.ok_or(Fault::Internal)?;
    let zone = Zone::named(&client.time_zone)?;
    let there = write.all(select_items(session.id)).await?;
    let team = session.team_id;
    let signals = drift_signal::Entity::find().filter(drift_signal::Column::TeamId.eq(team)).filter(
        drift_signal::Column::Status.eq(DriftStatus::Open).or(drift_signal::Column::OnNextAgenda.eq(true)),
    );
    let signals = write.all(signals).await?;
    let obstacles = obstacle::Entity::find()
        .filter(obstacle::Column::TeamId.eq(team))
        .filter(obstacle::Column::Status.is_in([ObstacleStatus::Raised, ObstacleStatus::Prioritised]));
    let decisions = decision::Entity::find()
        .filter(decision::Column::TeamId.eq(team))
        .filter(decision::Column::Status.eq(DecisionStatus::Ratified))
        .filter(decision::Column::ReviewOn.lte(zone.today(write.now())));
    let decisions = write.all(decisions).await?;
    let reviewed = agenda_item::Entity::find()
        .filter(agenda_item::Column::TeamId.eq(team))
        .filter(agenda_item::Column::DecisionId.is_in(decisions.iter().map(|decision| decision.id)));
    let priorities = priority::Entity::find()
        .filter(priority::Column::TeamId.eq(team))
        .filter(priority::Column::Status.eq(PriorityStatus::Committed));
    let priorities = write.all(priorities).await?;
    let check_ins = check_in::Entity::find()
        .filter(check_in::Column::PriorityId.is_in(priorities.iter().map(|priority| priority.id)))
        .filter(check_in::Column::ReplacedAt.is_null())
        .filter(check_in::Column::At.gte(write.now() - CHECK_INS_OF));
    let topics = choose_topics(
        &there,
        &TopicRows {
            zone,
            now: write.now(),
            titles: &load_titles(write, &signals).await?,
            signals: &signals,
            obstacles: &write.all(obstacles).await?,
            reviewed: &write.all(reviewed).await?,
            decisions: &decisions,
            check_ins: &write.all(check_ins).await?,
            priorities: &priorities,
        },
        PER_SESSION.saturating_sub(there.len()),
    );
    let on_agenda: BTreeSet<Id<drift_signal::Entity>> =
        topics.iter().filter_map(|topic| topic.subject.drift_signal).collect();
    append_items(write, session, there.len(), topics).await?;
    let handed = signals
        .iter()
        .filter(|signal| signal.on_next_agenda && on_agenda.contains(&signal.id))
        .map(|signal| signal.id);
    take_from_next_agenda(write, handed.collect()).await
}

/// Marks drift signals that were handed to the next agenda as being on it.
async fn take_from_next_agenda(write: &Write, signals: Vec<Id<drift_signal::Entity>>) -> Result<(), Error> {
    if signals.is_empty() {
        return Ok(());
    }
    let signals = drift_signal::Entity::find()
        .filter(drift_signal::Column::Id.is_in(signals))
        .order_by_asc(drift_signal::Column::Id);
    for signal in write.lock_all(signals).await? {
        let mut change = signal.clone().into_active_model();
        change.on_next_agenda = Set(false);
        write.update::<drift_signal::Entity>(&signal, change).await?;
    }
    Ok(())
}

/// Loads the titles of what drift signals are about.
async fn load_titles(
    write: &Write,
    signals: &[drift_signal::Model],
) -> Result<BTreeMap<Uuid, String>, Error> {
    let mut titles = BTreeMap::new();
    let actions = action::Entity::find()
        .filter(action::Column::Id.is_in(signals.iter().filter_map(|signal| signal.action_id)));
    titles.extend(write.all(actions).await?.into_iter().map(|row| (row.id.uuid(), row.title)));
    let priorities = priority::Entity::find()
        .filter(priority::Column::Id.is_in(signals.iter().filter_map(|signal| signal.priority_id)));
    titles.extend(write.all(priorities).await?.into_iter().map(|row| (row.id.uuid(), row.title)));
    let rounds = alignment_round::Entity::find().filter(
        alignment_round::Column::Id.is_in(signals.iter().filter_map(|signal| signal.alignment_round_id)),
    );
    titles.extend(write.all(rounds).await?.into_iter().map(|row| (row.id.uuid(), row.title)));
    Ok(titles)
}

/// Adds items at the end of an agenda that has this many, up to its limit.
async fn append_items(
    write: &Write,
    session: &session::Model,
    there: usize,
    items: Vec<NewAgendaItem>,
) -> Result<(), Error> {
    let items = items.into_iter().take(PER_SESSION.saturating_sub(there));
    let rows: Vec<agenda_item::Model> = items
        .zip(there as i32 + 1..)
        .map(|(item, position)| item.into_row(write, session, position))
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    write.insert_all::<agenda_item::Entity>(rows).await
}
