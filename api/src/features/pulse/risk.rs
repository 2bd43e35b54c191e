//! Risk: how much attention a client needs, as one function of the client's facts, the network's policy and the clock.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// What counts for a client's risk.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub is_archived: bool,
    /// Whether the client has a team that is not archived.
    pub has_team: bool,
    pub has_active_programme: bool,
    pub has_paused_programme: bool,
    /// When the last session that was held started. If none was held, when the client was created.
    pub last_session_at: DateTime<Utc>,
    /// Accepted actions by due instant, without those of paused teams.
    pub actions: BTreeMap<DateTime<Utc>, i32>,
    /// Scheduled sessions by start, without those of paused teams.
    pub sessions: BTreeMap<DateTime<Utc>, i32>,
    /// Open and acknowledged drift signals, without those of paused teams.
    pub drift_signals: i32,
    /// When the missed reviews were due, without those of archived and paused teams.
    pub missed_reviews: Vec<DateTime<Utc>>,
}

/// What a network decides about risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Days without a session after which a client counts as at risk: 1 to 365.
    pub session_gap_days: i32,
}

/// A client's risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Risk {
    pub points: i32,
    /// When the points change next if no fact changes. None: never.
    pub due_at: Option<DateTime<Utc>>,
}

const OVERDUE_ACTION: i32 = 3;
const ACTION_DUE_SOON: i32 = 1;
const DRIFT_SIGNAL: i32 = 2;
const MISSED_REVIEW: i32 = 2;
const NO_SESSION_SCHEDULED: i32 = 5;
const MOST_WEEKS: i32 = 20;
const SOON: TimeDelta = TimeDelta::hours(7 * 24);
/// How long a missed review counts.
pub const REVIEW_COUNTS: TimeDelta = TimeDelta::days(90);

/// How much attention a client needs; see `Client.risk`.
pub fn assess(facts: &Facts, policy: Policy, now: DateTime<Utc>) -> Risk {
    if facts.is_archived || !facts.has_team || facts.has_paused_programme && !facts.has_active_programme {
        return Risk { points: 0, due_at: None };
    }
    let mut clock = Clock { now, next: None };
    let mut points = DRIFT_SIGNAL * facts.drift_signals;
    for (due_at, count) in facts.actions.iter().filter(|(_, count)| **count != 0) {
        let each = if clock.has_reached(*due_at) {
            OVERDUE_ACTION
        } else if clock.has_reached(*due_at - SOON) {
            ACTION_DUE_SOON
        } else {
            0
        };
        points += each * count;
    }
    let mut sessions = facts.sessions.iter().filter(|(_, count)| **count > 0);
    let last_session = sessions.next_back().map(|(starts_at, _)| *starts_at);
    if last_session.is_none_or(|starts_at| clock.has_reached(starts_at)) {
        points += NO_SESSION_SCHEDULED;
    }
    for week in 1..=MOST_WEEKS {
        let gap = TimeDelta::days(i64::from(policy.session_gap_days + 7 * week));
        if !clock.has_reached(facts.last_session_at + gap) {
            break;
        }
        points += 1;
    }
    for due_at in &facts.missed_reviews {
        if !clock.has_reached(*due_at + REVIEW_COUNTS) {
            points += MISSED_REVIEW;
        }
    }
    Risk { points, due_at: clock.next }
}

/// The time, and the first of the instants asked for that is still to come.
struct Clock {
    now: DateTime<Utc>,
    next: Option<DateTime<Utc>>,
}

impl Clock {
    fn has_reached(&mut self, at: DateTime<Utc>) -> bool {
        if at <= self.now {
            return true;
        }
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy { session_gap_days: 30 };

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}:00Z").parse().expect("an instant")
    }

    fn now() -> DateTime<Utc> {
        at("2026-03-02T09:00")
    }

    /// A client with a session today and one far ahead: no risk.
    fn calm() -> Facts {
        Facts {
            has_team: true,
            has_active_programme: true,
            last_session_at: now(),
            sessions: BTreeMap::from([(at("2030-01-01T09:00"), 1)]),
            ..Facts::default()
        }
    }

    /// The points and when they change next.
    fn assessed(facts: &Facts) -> (i32, String) {
        let risk = assess(facts, POLICY, now());
        (risk.points, risk.due_at.map_or("never".into(), |at| at.format("%Y-%m-%dT%H:%M").to_string()))
    }

    #[test]
    fn each_fact_counts_and_says_when_it_changes() {
        let first_week = "2026-04-08T09:00";
        let actions = |due_at: &str| Facts { actions: BTreeMap::from([(at(due_at), 2)]), ..calm() };
        let held = |held_at: &str| Facts { last_session_at: at(held_at), ..calm() };
        let booked = |starts_at: &str, count: i32| Facts {
            sessions: BTreeMap::from([(at("2026-03-01T09:00"), 1), (at(starts_at), count)]),
            ..calm()
        };
        let missed = |due_at: &str| Facts { missed_reviews: vec![at(due_at)], ..calm() };
        for (facts, points, next) in [
            (calm(), 0, first_week),
            (actions("2026-03-02T09:00"), 6, first_week),
            (actions("2026-03-02T09:01"), 2, "2026-03-02T09:01"),
            (actions("2026-03-09T09:00"), 2, "2026-03-09T09:00"),
            (actions("2026-03-09T09:01"), 0, "2026-03-02T09:01"),
            (Facts { drift_signals: 3, ..calm() }, 6, first_week),
            (booked("2026-03-02T09:01", 1), 0, "2026-03-02T09:01"),
            (booked("2026-03-02T09:00", 1), 5, first_week),
            (booked("2026-03-20T09:00", 0), 5, first_week),
            (Facts { sessions: BTreeMap::new(), ..calm() }, 5, first_week),
            (held("2026-01-24T09:01"), 0, "2026-03-02T09:01"),
            (held("2026-01-24T09:00"), 1, "2026-03-09T09:00"),
            (held("2025-09-20T09:00"), 19, "2026-03-09T09:00"),
            (held("2020-01-01T00:00"), 20, "2030-01-01T09:00"),
            (missed("2025-12-02T09:01"), 2, "2026-03-02T09:01"),
            (missed("2025-12-02T09:00"), 0, first_week),
        ] {
            assert_eq!(assessed(&facts), (points, next.to_owned()), "{facts:?}");
        }
    }

    #[test]
    fn what_rests_is_at_no_risk() {
        let late = Facts { actions: BTreeMap::from([(at("2026-01-01T00:00"), 1)]), ..calm() };
        let paused = Facts { has_paused_programme: true, ..late.clone() };
        for (facts, points) in [
            (late.clone(), 3),
            (Facts { has_active_programme: false, ..late.clone() }, 3),
            (paused.clone(), 3),
            (Facts { has_active_programme: false, ..paused }, 0),
            (Facts { has_team: false, ..late.clone() }, 0),
            (Facts { is_archived: true, ..late }, 0),
        ] {
            let risk = assess(&facts, POLICY, now());
            assert_eq!((risk.points, risk.due_at.is_some()), (points, points > 0), "{facts:?}");
        }
    }

    #[test]
    fn the_points_stay_until_they_are_due() {
        let mut facts = calm();
        facts.actions = BTreeMap::from([(at("2026-03-20T00:00"), 1), (at("2026-04-02T00:00"), 2)]);
        facts.missed_reviews = vec![at("2026-02-01T00:00")];
        facts.sessions = BTreeMap::from([(at("2026-03-25T10:00"), 1)]);
        let end = at("2027-01-01T00:00");
        let (mut now, mut steps) = (now(), 0);
        loop {
            let risk = assess(&facts, POLICY, now);
            let Some(due_at) = risk.due_at.filter(|due_at| *due_at < end) else { break };
            assert!(now < due_at);
            assert_eq!(assess(&facts, POLICY, due_at - TimeDelta::milliseconds(1)), risk);
            (now, steps) = (due_at, steps + 1);
        }
        // two actions twice, the session, the review, and 20 weeks
        assert_eq!(steps, 2 * 2 + 1 + 1 + 20);
    }
}
