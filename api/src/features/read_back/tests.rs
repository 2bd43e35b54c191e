use super::rules::{Counts, in_force, told_on};
use crate::kernel::Code;
use chrono::DateTime;
use entity::{
    Id,
    decision::DecisionStatus,
    decision_restatement::{
        self,
        ReadBackStatus::{self, *},
    },
};
use sea_orm::Iterable;
use uuid::Uuid;

fn said(status: ReadBackStatus) -> decision_restatement::Model {
    decision_restatement::Model {
        id: Id::new(Uuid::nil()),
        network_id: Id::new(Uuid::nil()),
        client_id: Id::new(Uuid::nil()),
        person_id: Id::new(Uuid::nil()),
        decision_id: Id::new(Uuid::nil()),
        member_id: Id::new(Uuid::nil()),
        text: "Three markets".into(),
        status,
        note: String::new(),
        written_at: DateTime::UNIX_EPOCH,
        judged_at: None,
        version: 1,
    }
}

const COUNTS: Counts = Counts { read_back: 4, matching: 1, differing: 2 };

/// What a member's restatement makes of the counts, after those before.
#[test]
fn members_restate_once_and_again_where_they_differed() {
    for (before, result) in [
        (vec![], Ok((5, 1, 2))),
        (vec![Differs], Ok((4, 1, 1))),
        (vec![Differs, Differs], Ok((4, 1, 1))),
        (vec![Waiting], Err(Code::WrongState)),
        (vec![Differs, Matches], Err(Code::WrongState)),
        (vec![Differs; 10], Err(Code::LimitReached)),
    ] {
        let rows: Vec<_> = before.iter().copied().map(said).collect();
        let counts = COUNTS.restated(&rows);
        let counts = counts.map(|counts| (counts.read_back, counts.matching, counts.differing));
        assert_eq!(counts.map_err(|no| no.code), result, "{before:?}");
    }
}

#[test]
fn a_restatement_is_judged_once() {
    for (status, matches, result) in [
        (Waiting, true, Some((Matches, 2, 2))),
        (Waiting, false, Some((Differs, 1, 3))),
        (Matches, false, None),
        (Differs, true, None),
    ] {
        let judged = COUNTS.judged(status, matches).ok();
        let judged = judged.map(|(status, counts)| (status, counts.matching, counts.differing));
        assert_eq!(judged, result, "{status:?} {matches}");
    }
}

#[test]
fn only_what_is_in_force_is_read_back() {
    for status in DecisionStatus::iter() {
        assert_eq!(in_force(status).is_ok(), status == DecisionStatus::Ratified, "{status:?}");
    }
}

#[test]
fn people_are_told_between_ratification_and_today() {
    let day = |text: &str| text.parse().expect("a day");
    for (on, can) in
        [("2026-03-01", false), ("2026-03-02", true), ("2026-03-09", true), ("2026-03-10", false)]
    {
        assert_eq!(told_on(day(on), day("2026-03-02"), day("2026-03-09")), can, "{on}");
    }
}
