//! Obstacles of a team: discussed ones and avoided ones.

use super::{
    calendar::At,
    making::Making,
    phrases::{Words, fill},
    sessions::HeldSession,
    sketch::NetworkShape,
    source::Source,
    story::{Line, Outlook},
    vocabulary::obstacles::{ESCALATED, OBSTACLES, PARKED, RESOLVED, SPOKEN},
};
use chrono::Duration;
use entity::{
    obstacle::{self, ObstacleStatus, Severity},
    obstacle_event::{self, ObstacleEventKind},
};

/// Where a client's own stream of obstacles begins: beside the one that all else is drawn from.
const STREAM: u64 = 2_000_000;

/// Makes the obstacles of a grown network's client: few, each raised in a session.
pub fn add(making: &mut Making<'_>, at: usize, line: &Line, held: &[HeldSession]) {
    if making.directory.sketch.shape == NetworkShape::Even || held.is_empty() {
        return;
    }
    let own = Source::new(making.directory.sketch.seed, STREAM + at as u64);
    let kept = std::mem::replace(&mut making.source, own);
    let mut matters: Vec<usize> = (0..OBSTACLES.len()).collect();
    making.source.shuffle(&mut matters);
    // one team in three says all that stands in its way, and within a quarter
    let frank = !making.card.stage_door && at % 3 == 1;
    let most = match (making.card.stage_door, frank) {
        (true, _) => 6,
        (_, true) => making.source.between(12, 16) as usize,
        _ => making.source.between(0, 4) as usize,
    };
    let from = making.source.below(held.len());
    let over = matches!(making.card.outlook, Outlook::Completed | Outlook::Terminated(_));
    for (place, matter) in matters.into_iter().take(most).enumerate() {
        let first = match frank {
            true => (from + making.source.below(3)).min(held.len() - 1),
            false => making.source.below(held.len()),
        };
        // in the cast's team each status once
        let fate = if making.card.stage_door { place * 17 } else { making.source.below(100) };
        add_one(making, OBSTACLES[matter], &held[first..], line.end, if over { 0 } else { fate });
    }
    making.source = kept;
}

/// Raises an obstacle in the first of these sessions, and adds its history in the later ones.
fn add_one(
    making: &mut Making<'_>,
    (title, detail): (&str, &str),
    held: &[HeldSession],
    end: At,
    fate: usize,
) {
    let words = Words::draw(making);
    let joined = fill(making, &format!("{title}\n{detail}"), words);
    let (title, detail) = joined.split_once('\n').unwrap_or((title, detail));
    let Some((session, later)) = held.split_first() else { return };
    let raised_at = session.starts_at + Duration::minutes(making.source.between(10, 50));
    let severity =
        *making.source.pick(&[Severity::Low, Severity::Medium, Severity::High, Severity::Critical]);
    let raised_by = *making.source.pick(&making.members);
    let mut row = obstacle::Model {
        id: making.source.id(raised_at),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        priority_id: None,
        session_id: Some(session.id),
        raised_by_id: Some(raised_by),
        title: title.to_owned(),
        detail: detail.to_owned(),
        severity,
        status: ObstacleStatus::Raised,
        raised_at,
        discussed_at: raised_at,
        discussions: 0,
        prioritised_at: None,
        resolved_at: None,
        reason: None,
        version: 1,
    };
    event(making, &row, ObstacleEventKind::Raised, None, raised_at);
    let at = later.first().map_or(session.closed_at, |next| next.starts_at + Duration::minutes(20)).min(end);
    if !later.is_empty() && making.source.chance(50) {
        let said = *making.source.pick(SPOKEN);
        (row.discussed_at, row.discussions, row.version) = (at, 1, row.version + 1);
        event(making, &row, ObstacleEventKind::Discussed, Some(said), at);
    }
    let (status, kind, words) = match fate {
        0..34 => (ObstacleStatus::Resolved, ObstacleEventKind::Resolved, RESOLVED),
        34..51 => (ObstacleStatus::Parked, ObstacleEventKind::Parked, PARKED),
        51..60 => (ObstacleStatus::Escalated, ObstacleEventKind::Escalated, ESCALATED),
        60..80 => (ObstacleStatus::Prioritised, ObstacleEventKind::Prioritised, &[][..]),
        _ => {
            making.batch.obstacles.push(row);
            return;
        }
    };
    let said = (!words.is_empty()).then(|| *making.source.pick(words));
    event(making, &row, kind, said, at);
    (row.status, row.reason, row.version) = (status, said.map(str::to_owned), row.version + 1);
    match status {
        ObstacleStatus::Resolved => row.resolved_at = Some(at),
        ObstacleStatus::Prioritised => row.prioritised_at = Some(at),
        _ => {}
    }
    making.batch.obstacles.push(row);
}

fn event(making: &mut Making<'_>, of: &obstacle::Model, kind: ObstacleEventKind, note: Option<&str>, at: At) {
    making.batch.obstacle_events.push(obstacle_event::Model {
        id: making.source.id(at),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        obstacle_id: of.id,
        kind,
        person_id: making.card.lead,
        note: note.map(str::to_owned),
        at,
    });
}
