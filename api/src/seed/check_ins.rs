//! Check-ins of owners on their work, slot by slot, with a few missing.

use super::{
    calendar::{At, day, on},
    making::Making,
    sketch::NetworkShape,
    source::Source,
    story::Line,
    vocabulary::check_ins::{AT_RISK, OFF_TRACK, ON_TRACK},
};
use crate::features::check_in::rules::{Slot, monday, week};
use chrono::{Days, NaiveTime};
use entity::{
    Id, action,
    action::ActionStatus,
    check_in::{self, CheckInStatus},
    check_in_rhythm, member, priority,
    priority::PriorityStatus,
};

/// Weeks back for which a team's words are kept: for the cast's, and for all others the last quarter that is frozen too.
const WEEKS: i32 = 30;

/// Something that is checked in on.
struct Subject {
    priority: Option<Id<priority::Entity>>,
    action: Option<Id<action::Entity>>,
    owner: Id<member::Entity>,
    since: At,
    until: At,
    due: At,
}

/// Makes the check-ins on a client's priorities, and for the cast's teams on their open actions. Their chances
/// are a stream of their own: what else is made does not depend on them.
pub fn add(making: &mut Making<'_>, line: &Line, at: usize) {
    if making.directory.sketch.shape == NetworkShape::Even {
        return;
    }
    let mut source = Source::new(making.directory.sketch.seed, 500_000 + at as u64);
    let ours = |client| client == making.client;
    let mut subjects: Vec<Subject> = Vec::new();
    let was = |row: &&priority::Model| ours(row.client_id) && row.status != PriorityStatus::Proposed;
    subjects.extend(making.batch.priorities.iter().filter(was).map(|row| Subject {
        priority: Some(row.id),
        action: None,
        owner: row.owner_id,
        since: row.committed_at.unwrap_or(row.created_at),
        until: row.closed_at.unwrap_or(line.end),
        due: row.due_at,
    }));
    let open = |row: &&action::Model| ours(row.client_id) && row.status == ActionStatus::Accepted;
    let shown = making.batch.actions.iter().filter(open).filter(|_| making.card.stage_door);
    subjects.extend(shown.map(|row| Subject {
        priority: None,
        action: Some(row.id),
        owner: row.owner_id,
        since: row.accepted_at.unwrap_or(row.offered_at),
        until: line.end,
        due: row.due_at,
    }));
    let careful = source.between(55, 95) as u32;
    let theirs = |row: &&check_in_rhythm::Model| row.team_id == making.team;
    let rhythms: Vec<_> = making.batch.rhythms.iter().rev().take_while(theirs).cloned().collect();
    let rhythms: Vec<_> = rhythms.iter().collect();
    for subject in subjects {
        follow(making, &mut source, line, &subject, careful, &rhythms);
    }
}

fn follow(
    making: &mut Making<'_>,
    source: &mut Source,
    line: &Line,
    subject: &Subject,
    careful: u32,
    rhythms: &[&check_in_rhythm::Model],
) {
    let zone = making.card.zone;
    let owner = making.batch.members.iter().find(|member| member.id == subject.owner);
    let login = owner.and_then(|owner| owner.person_id);
    let last = week(day(line.end.min(subject.until), zone));
    let mut next = week(day(subject.since, zone)).max(week(day(line.end, zone)) - WEEKS);
    while next <= last {
        let slot = Slot::of(next, rhythms);
        let spoken_in = source.between(next.into(), slot.last.min(last).into()) as i32;
        let spoken = monday(spoken_in) + Days::new(source.between(0, 4) as u64);
        let time = NaiveTime::MIN + chrono::Duration::milliseconds(source.between(28_800_000, 64_800_000));
        let at = on(spoken, time, zone);
        next = slot.last + 1;
        if !source.chance(careful) || at <= subject.since || at >= subject.until.min(line.end) {
            continue;
        }
        let near = zone.end_of_day(spoken) > subject.due - chrono::Duration::days(14);
        let (status, confidence, words) = match source.below(100) + if near { 22 } else { 0 } {
            0..65 => (CheckInStatus::OnTrack, source.between(4, 5), ON_TRACK),
            65..92 => (CheckInStatus::AtRisk, source.between(2, 4), AT_RISK),
            _ => (CheckInStatus::OffTrack, source.between(1, 2), OFF_TRACK),
        };
        let id = source.id(at);
        making.batch.check_ins.push(check_in::Model {
            id,
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            priority_id: subject.priority,
            action_id: subject.action,
            slot_on: slot.starts_on(),
            first_id: id,
            owner_id: subject.owner,
            person_id: login.unwrap_or(making.card.lead),
            by_owner: login.is_some(),
            status,
            confidence: confidence as i32,
            comment: (*source.pick(words)).into(),
            at,
            replaced_at: None,
        });
    }
}
