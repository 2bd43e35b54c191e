//! Risk: how much attention a client needs, as one function of the client's facts, the network's policy and the clock.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{client_risk::RiskComponent, risk_policy};
use std::collections::BTreeMap;

/// What counts for a client's risk.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Whether the franchise works with the client.
    pub is_at_work: bool,
    /// Whether the client has a team that is not archived.
    pub has_team: bool,
    pub has_planned_programme: bool,
    pub has_active_programme: bool,
    pub has_paused_programme: bool,
    /// Whether a programme was completed or terminated.
    pub has_ended_programme: bool,
    /// When the last session that was held started. If none was held, when the client was created.
    pub last_session_at: DateTime<Utc>,
    /// How long the client's programme has been paused since the last session. Of several active programmes, the one
    /// that was paused least.
    pub paused_since: TimeDelta,
    /// Accepted actions by due instant, without those of paused teams.
    pub actions: BTreeMap<DateTime<Utc>, i32>,
    /// Scheduled sessions by start, without those of paused teams.
    pub sessions: BTreeMap<DateTime<Utc>, i32>,
    /// Open and acknowledged drift signals, without those of paused teams.
    pub drift_signals: i32,
    /// When the missed reviews were due, without those of archived and paused teams.
    pub missed_reviews: Vec<DateTime<Utc>>,
    /// When the client's contract ends. `None` if it has no end.
    pub contract_ends_at: Option<DateTime<Utc>>,
}

/// What a network decides about risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Days without a session after which a client counts as at risk: 1 to 365.
    pub session_gap_days: i32,
    /// What each component counts.
    pub weights: Weights,
    /// Another number for each other policy of the network: at least 1.
    pub revision: i32,
}

/// The points of each component: 0 to 20.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights {
    pub overdue_action: i32,
    pub action_due_soon: i32,
    pub drift_signal: i32,
    pub missed_review: i32,
    pub no_session: i32,
    pub session_gap_week: i32,
    pub renewal: i32,
}

impl From<&risk_policy::Model> for Weights {
    fn from(row: &risk_policy::Model) -> Weights {
        Weights {
            overdue_action: row.overdue_action,
            action_due_soon: row.action_due_soon,
            drift_signal: row.drift_signal,
            missed_review: row.missed_review,
            no_session: row.no_session,
            session_gap_week: row.session_gap_week,
            renewal: row.renewal,
        }
    }
}

/// What a component adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub component: RiskComponent,
    pub count: i32,
    pub points: i32,
}

/// A client's risk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Risk {
    /// The components of which there are any.
    pub parts: Vec<Part>,
    /// When a count changes next if no fact changes. None: never.
    pub due_at: Option<DateTime<Utc>>,
}

impl Risk {
    /// How much attention a client needs; see `Client.risk`.
    pub fn points(&self) -> i32 {
        self.parts.iter().map(|part| part.points).sum()
    }
}

const MOST_WEEKS: i32 = 20;
const SOON: TimeDelta = TimeDelta::hours(7 * 24);
/// How long before the end of its contract a client is to be renewed.
const RENEWAL: TimeDelta = TimeDelta::days(60);
/// How long a missed review counts.
pub const REVIEW_COUNTS: TimeDelta = TimeDelta::days(90);

impl Facts {
    /// Whether nothing counts: there is no work, it rests, or it is over.
    fn rests(&self) -> bool {
        let over = self.has_ended_programme && !self.has_planned_programme;
        !self.is_at_work
            || !self.has_team
            || !self.has_active_programme && (self.has_paused_programme || over)
    }
}

/// What a client's risk is made of, and how much it comes to.
pub fn assess(facts: &Facts, policy: &Policy, now: DateTime<Utc>) -> Risk {
    use RiskComponent::*;
    if facts.rests() {
        return Risk::default();
    }
    let mut clock = Clock { now, next: None };
    let (mut overdue, mut soon) = (0, 0);
    for (due_at, count) in facts.actions.iter().filter(|(_, count)| **count != 0) {
        if clock.has_reached(*due_at) {
            overdue += count;
        } else if clock.has_reached(*due_at - SOON) {
            soon += count;
        }
    }
    let mut sessions = facts.sessions.iter().filter(|(_, count)| **count > 0);
    let last_session = sessions.next_back().map(|(starts_at, _)| *starts_at);
    let no_session = last_session.is_none_or(|starts_at| clock.has_reached(starts_at));
    let weeks = (1..=MOST_WEEKS).take_while(|week| {
        let gap = TimeDelta::days(i64::from(policy.session_gap_days + 7 * week));
        clock.has_reached(facts.last_session_at + facts.paused_since + gap)
    });
    let weeks = weeks.last().unwrap_or(0);
    let missed = facts.missed_reviews.iter();
    let missed = missed.filter(|due_at| !clock.has_reached(**due_at + REVIEW_COUNTS)).count() as i32;
    let renewal = facts.contract_ends_at.is_some_and(|ends_at| clock.has_reached(ends_at - RENEWAL));
    let weights = &policy.weights;
    let parts = [
        (OverdueActions, overdue, weights.overdue_action),
        (ActionsDueSoon, soon, weights.action_due_soon),
        (DriftSignals, facts.drift_signals, weights.drift_signal),
        (MissedReviews, missed, weights.missed_review),
        (NoSession, i32::from(no_session), weights.no_session),
        (SessionGap, weeks, weights.session_gap_week),
        (Renewal, i32::from(renewal), weights.renewal),
    ];
    let parts = parts.into_iter().filter(|(_, count, _)| *count != 0);
    Risk {
        parts: parts
            .map(|(component, count, each)| Part { component, count, points: each * count })
            .collect(),
        due_at: clock.next,
    }
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

    const WEIGHTS: Weights = Weights {
        overdue_action: 3,
        action_due_soon: 1,
        drift_signal: 2,
        missed_review: 2,
        no_session: 5,
        session_gap_week: 1,
        renewal: 4,
    };
    const POLICY: Policy = Policy { session_gap_days: 30, weights: WEIGHTS, revision: 2 };

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}:00Z").parse().expect("an instant")
    }

    fn now() -> DateTime<Utc> {
        at("2026-03-02T09:00")
    }

    /// A client with a session today and one far ahead: no risk.
    fn calm() -> Facts {
        Facts {
            is_at_work: true,
            has_team: true,
            has_active_programme: true,
            last_session_at: now(),
            sessions: BTreeMap::from([(at("2030-01-01T09:00"), 1)]),
            ..Facts::default()
        }
    }

    /// The points and when they change next.
    fn assessed(facts: &Facts) -> (i32, String) {
        let risk = assess(facts, &POLICY, now());
        (risk.points(), risk.due_at.map_or("never".into(), |at| at.format("%Y-%m-%dT%H:%M").to_string()))
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
        let ending = |ends_at: &str| Facts { contract_ends_at: Some(at(ends_at)), ..calm() };
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
            (Facts { paused_since: TimeDelta::days(7), ..held("2026-01-24T09:00") }, 0, "2026-03-09T09:00"),
            (Facts { paused_since: TimeDelta::days(7), ..held("2026-01-17T09:00") }, 1, "2026-03-09T09:00"),
            (ending("2026-05-01T09:01"), 0, "2026-03-02T09:01"),
            (ending("2026-05-01T09:00"), 4, first_week),
            (ending("2026-02-01T09:00"), 4, first_week),
        ] {
            assert_eq!(assessed(&facts), (points, next.to_owned()), "{facts:?}");
        }
    }

    #[test]
    fn what_rests_is_at_no_risk() {
        let late = Facts { actions: BTreeMap::from([(at("2026-01-01T00:00"), 1)]), ..calm() };
        let resting = Facts { has_active_programme: false, ..late.clone() };
        let paused = Facts { has_paused_programme: true, ..resting.clone() };
        let ended = Facts { has_ended_programme: true, ..resting.clone() };
        for (facts, points) in [
            (late.clone(), 3),
            // before the first programme
            (resting, 3),
            (Facts { has_active_programme: true, ..paused.clone() }, 3),
            (Facts { has_planned_programme: true, ..paused.clone() }, 0),
            (paused, 0),
            (Facts { has_active_programme: true, ..ended.clone() }, 3),
            (Facts { has_planned_programme: true, ..ended.clone() }, 3),
            (ended, 0),
            (Facts { has_team: false, ..late.clone() }, 0),
            (Facts { is_at_work: false, ..late }, 0),
        ] {
            let risk = assess(&facts, &POLICY, now());
            assert_eq!((risk.points(), risk.due_at.is_some()), (points, points > 0), "{facts:?}");
        }
    }

    #[test]
    fn each_component_counts_by_its_own_weight() {
        use RiskComponent::*;
        let facts = Facts {
            actions: BTreeMap::from([(at("2026-03-01T00:00"), 2), (at("2026-03-04T00:00"), 3)]),
            sessions: BTreeMap::new(),
            drift_signals: 4,
            missed_reviews: vec![at("2026-02-01T00:00"); 5],
            last_session_at: at("2025-12-15T09:00"),
            contract_ends_at: Some(at("2026-04-01T00:00")),
            ..calm()
        };
        let weights = Weights {
            overdue_action: 20,
            action_due_soon: 7,
            drift_signal: 0,
            missed_review: 1,
            no_session: 9,
            session_gap_week: 3,
            renewal: 11,
        };
        let risk = assess(&facts, &Policy { weights, ..POLICY }, now());
        let parts: Vec<_> = risk.parts.iter().map(|part| (part.component, part.count, part.points)).collect();
        let expected = [
            (OverdueActions, 2, 40),
            (ActionsDueSoon, 3, 21),
            // a component that weighs nothing is shown all the same
            (DriftSignals, 4, 0),
            (MissedReviews, 5, 5),
            (NoSession, 1, 9),
            // 77 days without a session: six weeks more than 30 days
            (SessionGap, 6, 18),
            (Renewal, 1, 11),
        ];
        assert_eq!(parts, expected);
        assert_eq!(risk.points(), 104);
        assert!(assess(&calm(), &POLICY, now()).parts.is_empty());
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
            let risk = assess(&facts, &POLICY, now);
            let Some(due_at) = risk.due_at.filter(|due_at| *due_at < end) else { break };
            assert!(now < due_at);
            assert_eq!(assess(&facts, &POLICY, due_at - TimeDelta::milliseconds(1)), risk);
            (now, steps) = (due_at, steps + 1);
        }
        // two actions twice, the session, the review, and 20 weeks
        assert_eq!(steps, 2 * 2 + 1 + 1 + 20);
    }
}
