//! Links actions to decisions and obstacles: some actions offered in the weeks after one are caused by it. Some decisions
//! without any say that they need none.

use super::{making::Making, sketch::NetworkShape, source::Source};
use chrono::Duration;
use entity::{decision::DecisionStatus, obstacle::ObstacleStatus};

/// How long after a decision or an obstacle an action can be linked to it.
const WEEKS: i64 = 7;

/// Links some actions of the client at this place to its decisions and obstacles.
pub fn link(making: &mut Making<'_>, at: usize) {
    if making.directory.sketch.shape == NetworkShape::Even {
        return;
    }
    let mut source = Source::new(making.directory.sketch.seed, 9_000_000 + at as u64);
    let client = making.client;
    // whether a team acts on what it says is its habit, and not chance alone
    let thorough = source.between(25, 90) as u32;
    let batch = &mut *making.batch;
    let decisions = batch.decisions.iter().filter(|row| row.client_id == client);
    let decided: Vec<_> = decisions
        .filter(|row| row.status != DecisionStatus::Proposed)
        .filter_map(|row| Some((row.id, row.ratified_at?)))
        .collect();
    let obstacles = batch.obstacles.iter().filter(|row| row.client_id == client);
    let met: Vec<_> = obstacles
        .filter(|row| matches!(row.status, ObstacleStatus::Prioritised | ObstacleStatus::Resolved))
        .map(|row| (row.id, row.raised_at))
        .collect();
    for (id, since) in decided {
        if source.chance(thorough) {
            let most = source.between(1, 3) as usize;
            let free =
                batch.actions.iter_mut().filter(|row| row.client_id == client && row.decision_id.is_none());
            let then = free.filter(|row| is_within_window(row.first_offered_at - since));
            then.take(most).for_each(|row| row.decision_id = Some(id));
        }
    }
    for (id, since) in met {
        if source.chance(thorough) {
            let mut free = batch.actions.iter_mut().filter(|row| {
                row.client_id == client && row.decision_id.is_none() && row.obstacle_id.is_none()
            });
            if let Some(row) = free.find(|row| is_within_window(row.first_offered_at - since)) {
                row.obstacle_id = Some(id);
            }
        }
    }
    for row in batch.decisions.iter_mut().filter(|row| row.client_id == client) {
        let idle = batch.actions.iter().all(|action| action.decision_id != Some(row.id));
        row.needs_no_action = idle && source.chance(25);
    }
}

fn is_within_window(after: Duration) -> bool {
    (Duration::zero()..=Duration::weeks(WEEKS)).contains(&after)
}
