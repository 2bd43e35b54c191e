//! Topics that ask to be discussed in a team's next session by themselves: open drift signals, the gravest open obstacles,
//! decisions whose review day has come, and priorities that are off track. Pure; `session/preparing.rs` reads the rows.
//!
//! Invariant: a thing stands on an agenda at most once, also if it was discussed or dropped there.

use super::NewAgendaItem;
use crate::kernel::Zone;
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    Id,
    agenda_item::{self, AgendaItemStatus, AgendaSource},
    check_in::{self, CheckInStatus},
    decision::{self, DecisionStatus},
    drift_signal::{self, DriftStatus},
    obstacle::{self, ObstacleStatus},
    priority::{self, PriorityStatus},
    session::{self, SessionKind},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};
use uuid::Uuid;

/// Maximum number of topics of each kind on one agenda.
pub const PER_KIND: usize = 3;
/// Planned duration of a topic in minutes.
pub const MINUTES: i32 = 5;

/// The thing that an item is about, if it is about one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Subject {
    pub drift_signal: Option<Id<drift_signal::Entity>>,
    pub obstacle: Option<Id<obstacle::Entity>>,
    pub decision: Option<Id<decision::Entity>>,
    pub priority: Option<Id<priority::Entity>>,
}

impl Subject {
    /// The subject of an item.
    pub fn of(item: &agenda_item::Model) -> Subject {
        Subject {
            drift_signal: item.drift_signal_id,
            obstacle: item.obstacle_id,
            decision: item.decision_id,
            priority: item.priority_id,
        }
    }
    fn ids(&self) -> impl Iterator<Item = Uuid> {
        let ids = [
            self.drift_signal.map(|id| id.uuid()),
            self.obstacle.map(|id| id.uuid()),
            self.decision.map(|id| id.uuid()),
            self.priority.map(|id| id.uuid()),
        ];
        ids.into_iter().flatten()
    }
    /// The source of topics about this subject. A drift signal about a priority counts as a drift signal.
    fn kind(&self) -> Option<AgendaSource> {
        let kinds = [
            (self.drift_signal.is_some(), AgendaSource::DriftSignal),
            (self.obstacle.is_some(), AgendaSource::Obstacle),
            (self.decision.is_some(), AgendaSource::DecisionReview),
            (self.priority.is_some(), AgendaSource::PriorityOffTrack),
        ];
        kinds.into_iter().find(|(is_kind, _)| *is_kind).map(|(_, kind)| kind)
    }
}

/// Rows of a team from which topics are chosen.
pub struct TopicRows<'a> {
    pub zone: Zone,
    pub now: DateTime<Utc>,
    pub signals: &'a [drift_signal::Model],
    /// Titles of what the drift signals are about. A team as such has none.
    pub titles: &'a BTreeMap<Uuid, String>,
    pub obstacles: &'a [obstacle::Model],
    pub decisions: &'a [decision::Model],
    /// Items of any session about these decisions.
    pub reviewed: &'a [agenda_item::Model],
    pub priorities: &'a [priority::Model],
    pub check_ins: &'a [check_in::Model],
}

/// Whether topics come to a session by themselves: to all sessions of series, and to all but workshops.
pub fn takes_topics(session: &session::Model) -> bool {
    session.series_id.is_some() || session.kind != SessionKind::Workshop
}

/// Finds the open item that continues an item of an earlier session, if an agenda has one: about the same thing, or a
/// standing item of the same title.
pub fn find_continuation<'a>(
    item: &agenda_item::Model,
    there: &'a [agenda_item::Model],
) -> Option<&'a agenda_item::Model> {
    let subject = Subject::of(item);
    let is_same = |row: &&agenda_item::Model| {
        let is_standing = matches!(row.source, AgendaSource::Series | AgendaSource::Template);
        subject != Subject::default() && Subject::of(row) == subject || is_standing && row.title == item.title
    };
    there.iter().filter(|row| row.status == AgendaItemStatus::Open).find(is_same)
}

/// Chooses the topics that a session with these items still takes, at most `room`.
pub fn choose_topics(there: &[agenda_item::Model], rows: &TopicRows<'_>, room: usize) -> Vec<NewAgendaItem> {
    let subjects: Vec<Subject> = there.iter().map(Subject::of).collect();
    let mut covered: BTreeSet<Uuid> = subjects.iter().flat_map(Subject::ids).collect();
    let signals = rows.signals.iter().filter(|signal| covered.contains(&signal.id.uuid()));
    let about: Vec<Uuid> = signals.map(|signal| signal.subject_id).collect();
    covered.extend(about);
    let mut chosen = Vec::new();
    for candidates in [drifts(rows), obstacles(rows), decision_reviews(rows), off_track(rows)] {
        let Some(kind) = candidates.first().map(|(_, topic)| topic.source) else { continue };
        let before = subjects.iter().filter(|subject| subject.kind() == Some(kind)).count();
        let new = candidates.into_iter().filter(|(about, _)| covered.insert(*about));
        chosen.extend(new.map(|(_, topic)| topic).take(PER_KIND.saturating_sub(before)));
    }
    chosen.truncate(room);
    chosen
}

/// A topic, with the ID of the thing that it is about in the end: a signal's subject, not the signal.
type Candidate = (Uuid, NewAgendaItem);

fn topic(source: AgendaSource, title: &str, subject: Subject) -> NewAgendaItem {
    NewAgendaItem { title: title.to_owned(), minutes: MINUTES, owner: None, source, subject }
}

/// Open drift signals and those handed to the next agenda, the latter first, then the oldest.
fn drifts(rows: &TopicRows<'_>) -> Vec<Candidate> {
    let mut open: Vec<&drift_signal::Model> = rows
        .signals
        .iter()
        .filter(|signal| signal.status == DriftStatus::Open || signal.on_next_agenda)
        .collect();
    open.sort_by_key(|signal| (!signal.on_next_agenda, signal.raised_at, signal.id));
    open.into_iter()
        .map(|signal| {
            let title = rows.titles.get(&signal.subject_id).map_or("Review rhythm", String::as_str);
            let (drift_signal, priority) = (Some(signal.id), signal.priority_id);
            let subject = Subject { drift_signal, priority, ..Subject::default() };
            (signal.subject_id, topic(AgendaSource::DriftSignal, title, subject))
        })
        .collect()
}

/// Open obstacles, the gravest first, and of these the prioritised and then the oldest first.
fn obstacles(rows: &TopicRows<'_>) -> Vec<Candidate> {
    let is_open = |status| matches!(status, ObstacleStatus::Raised | ObstacleStatus::Prioritised);
    let mut open: Vec<&obstacle::Model> =
        rows.obstacles.iter().filter(|obstacle| is_open(obstacle.status)).collect();
    open.sort_by_key(|obstacle| {
        let raised = obstacle.status == ObstacleStatus::Raised;
        (Reverse(obstacle.severity), raised, obstacle.raised_at, obstacle.id)
    });
    open.into_iter()
        .map(|obstacle| {
            let subject = Subject { obstacle: Some(obstacle.id), ..Subject::default() };
            (obstacle.id.uuid(), topic(AgendaSource::Obstacle, &obstacle.title, subject))
        })
        .collect()
}

/// Decisions in force whose review day has come and that no session has discussed since, the longest due first.
fn decision_reviews(rows: &TopicRows<'_>) -> Vec<Candidate> {
    let mut due: Vec<_> = rows
        .decisions
        .iter()
        .filter(|decision| decision.status == DecisionStatus::Ratified)
        .filter_map(|decision| Some((decision.review_on?, decision)))
        .filter(|(on, decision)| *on <= rows.zone.today(rows.now) && !is_reviewed(rows, decision, *on))
        .collect();
    due.sort_by_key(|(on, decision)| (*on, decision.id));
    due.into_iter()
        .map(|(_, decision)| {
            let subject = Subject { decision: Some(decision.id), ..Subject::default() };
            (decision.id.uuid(), topic(AgendaSource::DecisionReview, &decision.title, subject))
        })
        .collect()
}

fn is_reviewed(rows: &TopicRows<'_>, decision: &decision::Model, on: NaiveDate) -> bool {
    rows.reviewed.iter().any(|item| {
        item.decision_id == Some(decision.id)
            && item.status == AgendaItemStatus::Done
            && item.closed_at.is_some_and(|at| rows.zone.today(at) >= on)
    })
}

/// Committed priorities whose latest check-in says that they are off track, by rank.
fn off_track(rows: &TopicRows<'_>) -> Vec<Candidate> {
    let is_off_track = |priority: &&priority::Model| {
        let own = rows.check_ins.iter().filter(|check_in| check_in.priority_id == Some(priority.id));
        let last = own.filter(|check_in| check_in.replaced_at.is_none()).max_by_key(|one| (one.at, one.id));
        last.is_some_and(|last| last.status == CheckInStatus::OffTrack)
    };
    let committed = rows.priorities.iter().filter(|priority| priority.status == PriorityStatus::Committed);
    let mut off: Vec<&priority::Model> = committed.filter(is_off_track).collect();
    off.sort_by_key(|priority| (priority.rank, priority.id));
    off.into_iter()
        .map(|priority| {
            let subject = Subject { priority: Some(priority.id), ..Subject::default() };
            (priority.id.uuid(), topic(AgendaSource::PriorityOffTrack, &priority.title, subject))
        })
        .collect()
}
