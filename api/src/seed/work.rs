//! A team's priorities, cycle by cycle, and the actions that serve them.

use super::{
    calendar::{At, Cycle, day, day_end, working},
    making::Making,
    phrases::{Phrases, Words},
    sessions::HeldSession,
    sketch::NetworkShape,
    source::Source,
    story::{Line, Outlook, days},
    vocabulary::reasons::{CANCELLED, DECLINED, DROPPED, MOVED},
};
use chrono::{Datelike, Days, Duration, NaiveDate};
use entity::{
    Id, action,
    action::ActionStatus,
    action_move, cycle,
    cycle::CycleStatus,
    member,
    priority::{self, PriorityStatus},
    stage_run,
};

/// A priority, with the facts that actions depend on.
pub struct Aim {
    id: Id<priority::Entity>,
    theme: usize,
    words: Words,
    owner: Id<member::Entity>,
    created_at: At,
    closed_at: Option<At>,
}

/// The position of the stages that priorities come from.
const PLAN: usize = 3;

/// Makes the priorities: few in each cycle since the team began to plan.
pub fn add_priorities(making: &mut Making<'_>, line: &Line, runs: &[Id<stage_run::Entity>]) -> Vec<Aim> {
    let zone = making.card.zone;
    let current = Cycle::of(day(making.now, zone));
    let mut aims = Vec::new();
    if making.directory.sketch.shape == NetworkShape::Even {
        let from = line.started.max(day_end(current.first_day(), zone) - Duration::days(20));
        let stage = line.stages.len() - 1;
        cycle(making, line, current, from, runs[stage], 5, &mut aims);
        return aims;
    }
    let Some((planned, _)) = line.stages.get(PLAN).copied() else { return aims };
    let first = Cycle::of(day(planned, zone) + Days::new(35));
    // the next cycle is prepared in the last days of the one before
    let last = Cycle::of(day(line.end + Duration::days(5), zone)).max(first);
    // some teams always take on as much as they may
    let full = making.card.stage_door || making.source.chance(50);
    let mut at = first;
    while at <= last {
        let from = if at == first { planned } else { day_end(at.first_day(), zone) - Duration::days(6) };
        if from < line.end || at == first {
            let stage = if at == first { PLAN } else { line.stage(from).max(4).min(line.stages.len() - 1) };
            let count = if full { 5 } else { making.source.between(3, 5) };
            cycle(making, line, at, from.min(line.end), runs[stage], count as usize, &mut aims);
        }
        at = at.next();
    }
    aims
}

fn cycle(
    making: &mut Making<'_>,
    line: &Line,
    cycle: Cycle,
    from: At,
    stage: Id<stage_run::Entity>,
    count: usize,
    aims: &mut Vec<Aim>,
) {
    let zone = making.card.zone;
    let mut owners = making.members.clone();
    making.source.shuffle(&mut owners);
    if let Some(leader) = making.leader {
        // the leader owns two of the five
        owners.retain(|owner| *owner != leader);
        owners.insert(0, leader);
    }
    let twice = making.leader.is_some() || making.source.chance(40);
    let mut themes = Phrases::themes(making, count);
    let of = making.batch.priorities.len();
    let cycle_id = add_cycle_row(making, cycle, from);
    for place in 0..count {
        let owner = if place == 4 && twice { owners[0] } else { owners[place % owners.len()] };
        let until = (from + Duration::days(16)).min(line.end);
        let created_at = making.moment(from, until);
        let due_on = working(cycle.last_day() - Days::new(7 * making.source.between(0, 1) as u64));
        let due_at = day_end(due_on, zone);
        let (status, committed_at, closed_at) = draw_status(making, line, created_at, due_at);
        let theme = themes.pop().unwrap_or(0);
        let words = Words::draw(making);
        let (title, outcome) = Phrases::goal(making, theme, words);
        let id = making.source.id(created_at);
        let reason = (status == PriorityStatus::Dropped).then(|| (*making.source.pick(DROPPED)).to_owned());
        making.batch.priorities.push(priority::Model {
            id,
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            stage_run_id: Some(stage),
            decision_id: None,
            target_id: None,
            owner_id: owner,
            cycle_id,
            cycle: cycle.name(),
            title,
            outcome,
            rank: place as i32 + 1,
            status,
            due_on,
            due_at,
            committed_at,
            closed_at,
            reason,
            carried_from_id: None,
            added_after_lock: false,
            dropped_after_lock: false,
            created_at,
            version: 1 + i32::from(committed_at.is_some()) + i32::from(closed_at.is_some()),
        });
        aims.push(Aim { id, theme, words, owner, created_at, closed_at });
    }
    set_cycle_status(making, line, of);
}

/// The row of a cycle, whose id draws from no chance that other rows draw from.
fn add_cycle_row(making: &mut Making<'_>, cycle: Cycle, from: At) -> Id<cycle::Entity> {
    let number = u64::from(cycle.first_day().num_days_from_ce().unsigned_abs());
    let mut source = Source::new(making.directory.sketch.seed ^ making.client.uuid().as_u64_pair().1, number);
    let id = source.id(from);
    making.batch.cycles.push(cycle::Model {
        id,
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        year_id: None,
        label: cycle.name(),
        starts_on: cycle.first_day(),
        ends_on: cycle.last_day(),
        status: CycleStatus::Planned,
        committed: 0,
        added: 0,
        dropped: 0,
        achieved: 0,
        missed: 0,
        locked_at: None,
        closed_at: None,
        created_at: from,
        version: 1,
    });
    id
}

/// Sets the status of a cycle from its priorities. It was committed after a fortnight; priorities committed or dropped after
/// that are counted.
fn set_cycle_status(making: &mut Making<'_>, line: &Line, of: usize) {
    let zone = making.card.zone;
    let Some(cycle) = making.batch.cycles.last_mut() else { return };
    let lock = day_end(cycle.starts_on + Days::new(13), zone).max(cycle.created_at + Duration::days(9));
    let priorities = &mut making.batch.priorities[of..];
    let open = priorities.iter().any(|row| row.closed_at.is_none());
    let promised = |row: &&mut priority::Model| row.committed_at.is_some_and(|at| at <= lock);
    let (begun, over) =
        (day_end(cycle.starts_on, zone) <= line.end, day_end(cycle.ends_on, zone) <= line.end);
    cycle.committed = priorities
        .iter_mut()
        .filter(promised)
        .filter(|row| row.status != PriorityStatus::Dropped || row.closed_at.is_some_and(|at| at > lock))
        .count() as i32;
    let locked = lock <= line.end && cycle.committed > 0;
    if !locked {
        cycle.committed = 0;
    }
    for row in priorities.iter_mut().filter(|_| locked) {
        row.added_after_lock = row.committed_at.is_some_and(|at| at > lock);
        let dropped = row.status == PriorityStatus::Dropped && row.committed_at.is_some();
        row.dropped_after_lock = dropped && row.closed_at.is_some_and(|at| at > lock);
    }
    let count = |of: fn(&priority::Model) -> bool| priorities.iter().filter(|row| of(row)).count() as i32;
    cycle.added = count(|row| row.added_after_lock);
    cycle.dropped = count(|row| row.dropped_after_lock);
    cycle.achieved = count(|row| row.status == PriorityStatus::Achieved);
    cycle.missed = count(|row| row.status == PriorityStatus::Missed);
    cycle.locked_at = locked.then_some(lock);
    cycle.status = match (open, locked) {
        (false, true) if over || line.end < making.now => CycleStatus::Closed,
        (_, true) => CycleStatus::Locked,
        _ if begun => CycleStatus::Open,
        _ => CycleStatus::Planned,
    };
    if cycle.status == CycleStatus::Closed {
        cycle.closed_at = priorities.iter().filter_map(|row| row.closed_at).max();
    }
}

/// Draws the status of a priority: proposed, committed, and reached or not when its cycle closes.
fn draw_status(
    making: &mut Making<'_>,
    line: &Line,
    created: At,
    due: At,
) -> (PriorityStatus, Option<At>, Option<At>) {
    let mut committed = created + days(0.3 + 6.0 * making.source.part());
    if making.leader.is_some() {
        committed = committed.min(created + (line.end - created) / 2);
    }
    let over = matches!(making.card.outlook, Outlook::Completed | Outlook::Terminated(_));
    let planning = line.stages.len() == PLAN + 1 && making.source.chance(45) && due > line.end;
    let shy = making.leader.is_none() && (planning || making.source.chance(7)) && due > line.end;
    if committed > line.end || shy {
        return match over {
            true => (PriorityStatus::Dropped, None, Some(line.end)),
            false => (PriorityStatus::Proposed, None, None),
        };
    }
    let closing = due + days(4.0 * making.source.part());
    if closing <= line.end {
        let early = due - days(20.0 * making.source.part());
        return match making.source.below(100) {
            0..62 => (PriorityStatus::Achieved, Some(committed), Some(early.max(committed))),
            62..88 => (PriorityStatus::Missed, Some(committed), Some(closing.max(committed))),
            _ => (PriorityStatus::Dropped, Some(committed), Some(early.max(committed))),
        };
    }
    let reached = committed + days(25.0 + 30.0 * making.source.part());
    match (making.card.outlook, making.source.below(100)) {
        (Outlook::Terminated(_), _) => (PriorityStatus::Dropped, Some(committed), Some(line.end)),
        (Outlook::Completed, 0..75) => (PriorityStatus::Achieved, Some(committed), Some(line.end)),
        (Outlook::Completed, _) => (PriorityStatus::Dropped, Some(committed), Some(line.end)),
        (_, 0..14) if reached <= line.end && making.leader.is_none() => {
            (PriorityStatus::Achieved, Some(committed), Some(reached))
        }
        (_, 14..18) if reached <= line.end && making.leader.is_none() => {
            (PriorityStatus::Dropped, Some(committed), Some(reached))
        }
        _ => (PriorityStatus::Committed, Some(committed), None),
    }
}

/// Makes the actions: most come out of a session and serve a priority of the time.
pub fn add_actions(making: &mut Making<'_>, line: &Line, held: &[HeldSession], aims: &[Aim]) {
    let weeks = (line.end - line.started).num_days() as f64 / 7.0;
    let count = match making.directory.sketch.shape {
        NetworkShape::Even => 60,
        NetworkShape::Grown if making.card.stage_door => 60,
        NetworkShape::Grown => (4.0 + weeks * (0.9 + 0.6 * making.source.part())).min(60.0) as usize,
    };
    let mut phrases = Phrases::default();
    for place in 0..count {
        let fresh = making.card.stage_door && place < 10;
        let late = making.source.part().sqrt();
        let skewed = (late * held.len() as f64) as usize;
        let session = held.get(skewed).filter(|_| !fresh && making.source.chance(65));
        let span = line.end - line.started;
        let from = if fresh {
            // six wait for an answer; four were promised the week before last
            making.now - Duration::days(if place < 6 { 3 } else { 12 })
        } else {
            line.started + days(late * 0.98 * span.num_days() as f64)
        };
        let offered_at = match session {
            Some(session) => {
                let parts = (session.closed_at - session.starts_at).num_milliseconds();
                session.starts_at + Duration::milliseconds(making.source.between(parts / 3, parts))
            }
            None => {
                let until = (from + Duration::days(2)).min(line.end);
                making.moment(from, until)
            }
        };
        let running: Vec<&Aim> = aims
            .iter()
            .filter(|aim| {
                aim.created_at <= offered_at && aim.closed_at.is_none_or(|closed| closed > offered_at)
            })
            .collect();
        let even = making.directory.sketch.shape == NetworkShape::Even;
        let aim = if running.is_empty() || !making.source.chance(if even { 100 } else { 88 }) {
            None
        } else {
            Some(*making.source.pick(&running))
        };
        let title = phrases.action(making, aim.map(|aim| (aim.theme, aim.words)), line.stage(offered_at));
        add_action(making, line, Offer { offered_at, aim, session, title, fresh: fresh.then_some(place) });
    }
}

/// An action when it is offered.
struct Offer<'a> {
    offered_at: At,
    aim: Option<&'a Aim>,
    session: Option<&'a HeldSession>,
    title: String,
    /// Which of those it is that the cast's leader finds new.
    fresh: Option<usize>,
}

/// The outcome of an offer.
struct Fate {
    status: ActionStatus,
    accepted_at: Option<At>,
    closed_at: Option<At>,
    due_on: NaiveDate,
    baseline_on: Option<NaiveDate>,
    moves: Vec<(NaiveDate, NaiveDate, At)>,
}

fn add_action(making: &mut Making<'_>, line: &Line, offer: Offer<'_>) {
    let zone = making.card.zone;
    let owner = match (making.leader, offer.aim) {
        (Some(leader), _) if offer.fresh.is_some_and(|place| !(4..=6).contains(&place)) => leader,
        (Some(leader), _) if offer.fresh.is_none() && making.source.chance(28) => leader,
        (_, Some(aim)) if making.source.chance(60) => aim.owner,
        _ => *making.source.pick(&making.members),
    };
    let fate = match offer.fresh {
        Some(place) => showcase_fate(making, place, offer.offered_at),
        None => draw_fate(making, line, offer.offered_at),
    };
    let reason = match fate.status {
        ActionStatus::Declined => Some(*making.source.pick(DECLINED)),
        ActionStatus::Cancelled => Some(*making.source.pick(CANCELLED)),
        _ => None,
    };
    let id = making.source.id(offer.offered_at);
    let detail = Phrases::detail(making);
    let moves = fate.moves.len() as i32;
    making.batch.actions.push(action::Model {
        id,
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        priority_id: offer.aim.map(|aim| aim.id),
        session_id: offer.session.map(|session| session.id),
        decision_id: None,
        obstacle_id: None,
        owner_id: owner,
        title: offer.title,
        detail,
        status: fate.status,
        due_on: fate.due_on,
        due_at: day_end(fate.due_on, zone),
        baseline_on: fate.baseline_on,
        baseline_at: fate.baseline_on.map(|on| day_end(on, zone)),
        moves,
        offered_at: offer.offered_at,
        accepted_at: fate.accepted_at,
        closed_at: fate.closed_at,
        first_offered_at: offer.offered_at,
        first_accepted_at: fate.accepted_at,
        cancelled_by_id: None,
        reason: reason.map(str::to_owned),
        version: 1 + moves + i32::from(fate.accepted_at.is_some()) + i32::from(fate.closed_at.is_some()),
    });
    for (from_on, to_on, at) in fate.moves {
        making.batch.moves.push(action_move::Model {
            id: making.source.id(at),
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            action_id: id,
            person_id: making.card.lead,
            from_on,
            to_on,
            reason: (*making.source.pick(MOVED)).into(),
            at,
        });
    }
}

/// What the cast's leader finds: offers to answer, and promises, of which the first is overdue.
fn showcase_fate(making: &mut Making<'_>, place: usize, offered: At) -> Fate {
    let promised = place >= 6;
    let ahead = if place == 7 { 8 } else { making.source.between(15, 30) };
    let due_on = working(day(offered, making.card.zone) + Days::new(ahead as u64));
    Fate {
        status: if promised { ActionStatus::Accepted } else { ActionStatus::Offered },
        accepted_at: promised.then(|| offered + days(0.2 + making.source.part())),
        closed_at: None,
        due_on,
        baseline_on: promised.then_some(due_on),
        moves: Vec::new(),
    }
}

/// Draws what became of an offer by the end of the line; a programme that is over leaves nothing open.
fn draw_fate(making: &mut Making<'_>, line: &Line, offered: At) -> Fate {
    let zone = making.card.zone;
    let over = matches!(making.card.outlook, Outlook::Completed | Outlook::Terminated(_));
    let asked = working(day(offered, zone) + Days::new(making.source.between(7, 40) as u64))
        .max(day(offered, zone) + Days::new(2));
    let mut fate = Fate {
        status: ActionStatus::Offered,
        accepted_at: None,
        closed_at: None,
        due_on: asked,
        baseline_on: None,
        moves: Vec::new(),
    };
    let hours = if making.source.chance(70) { 6.0 } else { 96.0 };
    let answer = offered + days((0.2 + hours * making.source.part()) / 24.0);
    let silent = answer > line.end || making.source.chance(2);
    if silent && !over {
        return fate;
    }
    let answer = answer.min(line.end);
    if making.source.chance(4) {
        (fate.status, fate.closed_at) = (ActionStatus::Declined, Some(answer));
        return fate;
    }
    (fate.status, fate.accepted_at, fate.baseline_on) = (ActionStatus::Accepted, Some(answer), Some(asked));
    let moves = if making.source.chance(17) { making.source.between(1, 8) / 7 + 1 } else { 0 };
    let mut since = answer;
    for _ in 0..moves {
        let at = making.moment(since, day_end(fate.due_on, zone));
        let to = working(fate.due_on + Days::new(making.source.between(7, 21) as u64));
        if at > line.end || at <= since {
            break;
        }
        fate.moves.push((fate.due_on, to, at));
        (fate.due_on, since) = (to, at);
    }
    let due = day_end(fate.due_on, zone);
    let (status, closed) = match making.source.below(100) {
        0..5 => (ActionStatus::Cancelled, making.moment(since, due + Duration::days(8))),
        5..72 => (ActionStatus::Done, making.moment(since + (due - since) / 3, due - Duration::hours(6))),
        72..93 => (ActionStatus::Done, making.moment(due, due + Duration::days(16))),
        _ => (ActionStatus::Done, due + days(30.0 + 40.0 * making.source.part())),
    };
    if closed <= line.end {
        (fate.status, fate.closed_at) = (status, Some(closed));
    } else if over {
        let finished = making.card.outlook == Outlook::Completed && making.source.chance(80);
        fate.status = if finished { ActionStatus::Done } else { ActionStatus::Cancelled };
        fate.closed_at = Some(line.end);
    }
    fate
}
