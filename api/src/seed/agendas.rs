//! Agendas of a team's sessions, and recaps of those that were held.

use super::{
    calendar::{At, day},
    making::Making,
    source::Source,
    vocabulary::agendas::{DROPPED, FOLLOW_UPS, REVIEWS, Topic, WORKSHOPS},
};
use crate::features::{
    session::{
        minutes::{Minutes, MinutesRows},
        rules::count_quorum,
    },
    session_rating::rules as ratings,
};
use chrono::Duration;
use entity::{
    Id, action,
    action::ActionStatus,
    agenda_item,
    agenda_item::AgendaItemStatus,
    decision,
    decision::DecisionStatus,
    priority,
    priority::PriorityStatus,
    recap, session,
    session::{SessionKind, SessionStatus},
    session_series,
    session_series::SeriesStatus,
    team,
};

/// Streams of agendas lie beside those of the clients, so that neither changes what the other draws.
const STREAM: u64 = 3_000_000;

/// Writes the agendas of this client's sessions, those from `first` on, and the recaps of the ones that were held.
pub fn add(making: &mut Making<'_>, at: usize, first: usize) {
    let mut source = Source::new(making.directory.sketch.seed, STREAM + at as u64);
    let mut order: Vec<usize> = (first..making.batch.sessions.len()).collect();
    order.sort_by_key(|at| (making.batch.sessions[*at].starts_at, making.batch.sessions[*at].id));
    if making.card.stage_door {
        monthly(making, &mut source);
    }
    let mut waiting = None;
    for place in order {
        let status = making.batch.sessions[place].status;
        // one that was called off or forgotten handed on what it had, so it shows nothing of its own
        if !matches!(status, SessionStatus::Held | SessionStatus::Scheduled) {
            continue;
        }
        let from = making.batch.agenda.len();
        waiting = agenda(making, &mut source, place, waiting);
        if status == SessionStatus::Held {
            add_recap(making, &mut source, place, from);
        }
    }
}

/// A monthly review of the cast's team. Its sessions are put in the diary by the clock, as everyone's.
fn monthly(making: &mut Making<'_>, source: &mut Source) {
    let created_at = making.now - Duration::hours(2);
    making.batch.series.push(session_series::Model {
        id: source.id(created_at),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        programme_id: None,
        kind: SessionKind::Review,
        title: "Monthly review".into(),
        place: "Boardroom".into(),
        minutes: 90,
        rule: "FREQ=MONTHLY;BYDAY=1TH".into(),
        starts_on: day(making.now, making.card.zone),
        local_time: "09:00".into(),
        time_zone: making.card.zone.name().into(),
        except_on: "[]".into(),
        status: SeriesStatus::Active,
        made_until: None,
        refill_at: Some(making.now),
        ended_at: None,
        reason: None,
        created_at,
        version: 1,
    });
}

/// The agenda of one session. Returns the item that is left for the next session.
fn agenda(
    making: &mut Making<'_>,
    source: &mut Source,
    place: usize,
    waiting: Option<usize>,
) -> Option<usize> {
    let session = making.batch.sessions[place].clone();
    let held = session.status == SessionStatus::Held;
    let topics: &[Topic] = match session.kind {
        SessionKind::Workshop => WORKSHOPS,
        SessionKind::FollowUp => FOLLOW_UPS,
        SessionKind::Review => REVIEWS,
    };
    let mut left = None;
    let mut position = 0;
    if let Some(before) = waiting {
        position += 1;
        let earlier = making.batch.agenda[before].clone();
        let topic = (earlier.title.as_str(), earlier.minutes);
        let mut item = item(making, source, &session, position, topic);
        if held {
            let outcomes = FOLLOW_UPS.iter().chain(WORKSHOPS).chain(REVIEWS);
            let outcomes = outcomes.filter(|topic| topic.0 == earlier.title).flat_map(|topic| topic.2);
            end(&mut item, &session, AgendaItemStatus::Done, outcomes.copied().next());
        }
        making.batch.agenda[before].carried_to_id = Some(item.id);
        making.batch.agenda.push(item);
    }
    let carried = waiting.map(|before| making.batch.agenda[before].title.clone());
    let chosen = topics.iter().filter(|topic| carried.as_deref() != Some(topic.0));
    let chosen: Vec<&Topic> = chosen.filter(|_| source.chance(75)).collect();
    let last = chosen.len().saturating_sub(1);
    for (number, topic) in chosen.into_iter().enumerate() {
        position += 1;
        let mut item = item(making, source, &session, position, (topic.0, topic.1));
        match source.below(100) {
            _ if !held => {}
            0..25 if number == last => {
                end(&mut item, &session, AgendaItemStatus::Carried, None);
                left = Some(making.batch.agenda.len());
            }
            0..6 => end(&mut item, &session, AgendaItemStatus::Dropped, Some(*source.pick(DROPPED))),
            _ => end(&mut item, &session, AgendaItemStatus::Done, Some(*source.pick(topic.2))),
        }
        making.batch.agenda.push(item);
    }
    left
}

fn item(
    making: &Making<'_>,
    source: &mut Source,
    session: &session::Model,
    position: i32,
    (title, minutes): (&str, i32),
) -> agenda_item::Model {
    let led = source.chance(60) && !making.members.is_empty();
    agenda_item::Model {
        id: source.id(session.created_at),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        session_id: session.id,
        owner_id: led.then(|| *source.pick(&making.members)),
        carried_to_id: None,
        position,
        title: title.to_owned(),
        minutes,
        status: AgendaItemStatus::Open,
        outcome: None,
        closed_at: None,
        created_at: session.created_at,
        version: 1,
    }
}

fn end(
    item: &mut agenda_item::Model,
    session: &session::Model,
    status: AgendaItemStatus,
    outcome: Option<&str>,
) {
    item.status = status;
    item.outcome = outcome.map(str::to_owned);
    item.closed_at = session.closed_at.map(|at| {
        if status == AgendaItemStatus::Carried {
            at
        } else {
            at - Duration::minutes(i64::from(session.minutes) / 4)
        }
    });
    item.version = 2;
}

/// Sets the quorum of a session that was held, and adds its recap.
fn add_recap(making: &mut Making<'_>, source: &mut Source, place: usize, from: usize) {
    let batch = &mut *making.batch;
    let of = batch.sessions[place].id;
    // a client's rows are made together, so they are the last
    let members: Vec<_> =
        batch.members.iter().rev().take_while(|member| member.team_id == making.team).cloned().collect();
    let attendance = batch.attendance.iter().rev().take_while(|row| row.team_id == making.team);
    let attendance: Vec<_> = attendance.filter(|row| row.session_id == of).cloned().collect();
    let quorum = count_quorum(&members, &attendance);
    let session = &mut batch.sessions[place];
    session.members_present = Some(quorum.present);
    session.members_active = Some(quorum.active);
    let closed_at = session.closed_at.unwrap_or(session.starts_at);
    let until = closed_at + ratings::OPEN_FOR;
    session.rating_until = Some(until);
    session.rating_closed_at = (until <= making.now).then_some(until);
    let actions: Vec<action::Model> = batch
        .actions
        .iter()
        .rev()
        .take_while(|action| action.team_id == making.team)
        .filter(|action| action.session_id == Some(of) && action.offered_at <= closed_at)
        .map(|action| action_at(action, closed_at))
        .collect();
    let served = |priority: &&priority::Model| {
        actions.iter().any(|action| action.priority_id == Some(priority.id))
            && priority.created_at <= closed_at
    };
    let priorities: Vec<priority::Model> = batch
        .priorities
        .iter()
        .rev()
        .take_while(|priority| priority.team_id == making.team)
        .filter(served)
        .map(|priority| {
            let committed = priority.committed_at.is_some_and(|at| at <= closed_at);
            let status = if committed { PriorityStatus::Committed } else { PriorityStatus::Proposed };
            priority::Model { status, ..priority.clone() }
        })
        .collect();
    let minutes = Minutes::of(&MinutesRows {
        session,
        zone: making.card.zone.name(),
        quorum,
        members: &members,
        attendance: &attendance,
        agenda: &batch.agenda[from..],
        decisions: &decisions_of(&batch.decisions, making.team, of, closed_at),
        priorities: &priorities,
        actions: &actions,
    });
    let id: Id<recap::Entity> = source.id(closed_at);
    batch.recaps.push(recap::Model {
        id,
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        session_id: of,
        minutes: serde_json::to_string(&minutes).unwrap_or_default(),
        markdown: minutes.markdown().unwrap_or_default(),
        created_at: closed_at,
        redactions: 0,
    });
}

/// The decisions that came out of a session, as they were when it was closed.
fn decisions_of(
    all: &[decision::Model],
    team: Id<team::Entity>,
    of: Id<session::Entity>,
    closed_at: At,
) -> Vec<decision::Model> {
    let of_team = all.iter().rev().take_while(|decision| decision.team_id == team);
    of_team
        .filter(|decision| decision.session_id == Some(of) && decision.proposed_at <= closed_at)
        .map(|decision| {
            let ratified = decision.ratified_at.is_some_and(|at| at <= closed_at);
            let status = if ratified { DecisionStatus::Ratified } else { DecisionStatus::Proposed };
            decision::Model { status, ..decision.clone() }
        })
        .collect()
}

/// An action as it was at a moment.
fn action_at(action: &action::Model, at: At) -> action::Model {
    let accepted = action.accepted_at.is_some_and(|accepted| accepted <= at);
    action::Model {
        status: if accepted { ActionStatus::Accepted } else { ActionStatus::Offered },
        due_on: action.baseline_on.unwrap_or(action.due_on),
        ..action.clone()
    }
}
