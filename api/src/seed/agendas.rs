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
    agenda_item::{AgendaItemStatus, AgendaSource},
    decision,
    decision::DecisionStatus,
    member::MemberStatus,
    obstacle,
    obstacle::ObstacleStatus,
    parked_topic,
    parked_topic::ParkedTopicStatus,
    priority,
    priority::PriorityStatus,
    recap, recap_addendum, session,
    session::{SessionKind, SessionStatus},
    session_series,
    session_series::SeriesStatus,
    team,
};

/// Streams of agendas lie beside those of the clients, so that neither changes what the other draws.
const STREAM: u64 = 3_000_000;

/// Standing items of the monthly review.
const STANDING: &str = r#"[{"title":"Good news","minutes":5},{"title":"Scorecard","minutes":15},{"title":"Priorities","minutes":20}]"#;

/// Topics in the parking lot, with the reason why some were dropped.
const PARKED: [(&str, Option<&str>); 3] = [
    ("Move to a four-day week", None),
    ("Who speaks at the trade fair", None),
    ("Colour of the vans", Some("Not for this team.")),
];

/// Writes the agendas of this client's sessions, those from `first` on, and the recaps of the ones that were held.
pub fn add(making: &mut Making<'_>, at: usize, first: usize) {
    let mut source = Source::new(making.directory.sketch.seed, STREAM + at as u64);
    let mut order: Vec<usize> = (first..making.batch.sessions.len()).collect();
    order.sort_by_key(|at| (making.batch.sessions[*at].starts_at, making.batch.sessions[*at].id));
    if making.card.stage_door {
        monthly(making, &mut source);
    }
    let mut waiting = None;
    let mut last_held = None;
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
            last_held = Some(place);
        }
    }
    if let Some(place) = last_held.filter(|_| making.card.stage_door) {
        add_afterthoughts(making, &mut source, place);
    }
}

/// The parking lot of a held session, and an addendum to its recap.
fn add_afterthoughts(making: &mut Making<'_>, source: &mut Source, place: usize) {
    let session = making.batch.sessions[place].clone();
    let at = session.closed_at.unwrap_or(session.starts_at);
    for (title, reason) in PARKED {
        making.batch.parked.push(parked_topic::Model {
            id: source.id(at),
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            session_id: session.id,
            raised_by_id: making.members.first().copied(),
            title: title.into(),
            status: if reason.is_some() { ParkedTopicStatus::Dropped } else { ParkedTopicStatus::Parked },
            agenda_item_id: None,
            obstacle_id: None,
            action_id: None,
            reason: reason.map(str::to_owned),
            closed_at: reason.map(|_| at),
            created_at: at - Duration::minutes(20),
            version: if reason.is_some() { 2 } else { 1 },
        });
    }
    making.batch.addenda.push(recap_addendum::Model {
        id: source.id(at),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        session_id: session.id,
        person_id: making.card.lead,
        reason: "A figure was missing.".into(),
        text: "The order book stands at 14 weeks.".into(),
        member_id: None,
        attendance: None,
        confirmed_at: None,
        created_at: at,
        version: 1,
    });
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
        stage_run_id: None,
        kind: SessionKind::Review,
        title: "Monthly review".into(),
        place: "Boardroom".into(),
        minutes: 90,
        rule: "FREQ=MONTHLY;BYDAY=1TH".into(),
        starts_on: day(making.now, making.card.zone),
        local_time: "09:00".into(),
        time_zone: making.card.zone.name().into(),
        except_on: "[]".into(),
        agenda: STANDING.into(),
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
        item.source = AgendaSource::Carried;
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
        source: AgendaSource::Added,
        drift_signal_id: None,
        obstacle_id: None,
        decision_id: None,
        priority_id: None,
        discussed_since: None,
        discussed_seconds: 0,
        extended_minutes: 0,
        created_at: session.created_at,
        version: 1,
    }
}

/// Ends an item. One that was done was discussed for about as long as planned.
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
    if status == AgendaItemStatus::Done {
        item.discussed_seconds = item.minutes * 60 + (item.position % 3 - 1) * 90;
    }
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
    // whoever of them signs in is sponsor or leader, so all who are still there are participants
    let participants: Vec<_> =
        members.iter().filter(|member| member.status == MemberStatus::Active).cloned().collect();
    let quorum = count_quorum(&participants, &attendance);
    let session = &mut batch.sessions[place];
    session.members_present = Some(quorum.present);
    session.members_active = Some(quorum.active);
    let closed_at = session.closed_at.unwrap_or(session.starts_at);
    let until = closed_at + ratings::OPEN_FOR;
    session.rating_until = Some(until);
    session.rating_closed_at = (until <= making.now).then_some(until);
    let actions = actions_of(&batch.actions, making.team, of, closed_at);
    let priorities = priorities_of(&batch.priorities, making.team, &actions, closed_at);
    let decisions = decisions_of(&batch.decisions, making.team, of, closed_at);
    let is_of = |id: Id<decision::Entity>| {
        decisions.iter().any(|decision| decision.id == id && decision.ratified_at.is_some())
    };
    let positions = batch.positions.iter().rev().take_while(|row| row.team_id == making.team);
    let positions: Vec<_> = positions.filter(|row| is_of(row.decision_id)).cloned().collect();
    let obstacles = batch.obstacles.iter().rev().take_while(|row| row.team_id == making.team);
    let obstacles = obstacles.filter(|row| row.session_id == Some(of) && row.raised_at <= closed_at);
    let obstacles: Vec<_> =
        obstacles.map(|row| obstacle::Model { status: ObstacleStatus::Raised, ..row.clone() }).collect();
    let minutes = Minutes::of(&MinutesRows {
        session,
        zone: making.card.zone.name(),
        quorum,
        members: &members,
        attendance: &attendance,
        agenda: &batch.agenda[from..],
        decisions: &decisions,
        positions: &positions,
        obstacles: &obstacles,
        votes: &[],
        vote_options: &[],
        rounds: &[],
        statements: &[],
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

/// The actions that came out of a session, as they were when it was closed.
fn actions_of(
    all: &[action::Model],
    team: Id<team::Entity>,
    of: Id<session::Entity>,
    closed_at: At,
) -> Vec<action::Model> {
    let of_team = all.iter().rev().take_while(|action| action.team_id == team);
    of_team
        .filter(|action| action.session_id == Some(of) && action.offered_at <= closed_at)
        .map(|action| action_at(action, closed_at))
        .collect()
}

/// The priorities that a session's actions serve, as they were when it was closed.
fn priorities_of(
    all: &[priority::Model],
    team: Id<team::Entity>,
    actions: &[action::Model],
    closed_at: At,
) -> Vec<priority::Model> {
    let served = |priority: &&priority::Model| {
        actions.iter().any(|action| action.priority_id == Some(priority.id))
            && priority.created_at <= closed_at
    };
    let of_team = all.iter().rev().take_while(|priority| priority.team_id == team);
    of_team
        .filter(served)
        .map(|priority| {
            let committed = priority.committed_at.is_some_and(|at| at <= closed_at);
            let status = if committed { PriorityStatus::Committed } else { PriorityStatus::Proposed };
            priority::Model { status, ..priority.clone() }
        })
        .collect()
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
            let ratified_at = decision.ratified_at.filter(|_| ratified);
            decision::Model { status, ratified_at, ..decision.clone() }
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
