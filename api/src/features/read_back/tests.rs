use super::rules::{ReadBackCounts, is_communication_day, require_ratified};
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

fn restatement(status: ReadBackStatus) -> decision_restatement::Model {
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

const COUNTS: ReadBackCounts = ReadBackCounts { read_back: 4, matching: 1, differing: 2 };

/// Lists the counts after a member's restatement, given the earlier ones.
#[test]
fn a_member_restates_again_only_if_the_last_restatement_differed() {
    for (before, result) in [
        (vec![], Ok((5, 1, 2))),
        (vec![Differs], Ok((4, 1, 1))),
        (vec![Differs, Differs], Ok((4, 1, 1))),
        (vec![Waiting], Err(Code::WrongState)),
        (vec![Differs, Matches], Err(Code::WrongState)),
        (vec![Differs; 10], Err(Code::LimitReached)),
    ] {
        let rows: Vec<_> = before.iter().copied().map(restatement).collect();
        let counts = COUNTS.after_restatement(&rows);
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
        let judged = COUNTS.after_judgement(status, matches).ok();
        let judged = judged.map(|(status, counts)| (status, counts.matching, counts.differing));
        assert_eq!(judged, result, "{status:?} {matches}");
    }
}

#[test]
fn only_a_decision_in_force_can_be_restated() {
    for status in DecisionStatus::iter() {
        assert_eq!(require_ratified(status).is_ok(), status == DecisionStatus::Ratified, "{status:?}");
    }
}

#[test]
fn a_decision_is_communicated_between_its_ratification_and_today() {
    let day = |text: &str| text.parse().expect("a day");
    for (on, can) in
        [("2026-03-01", false), ("2026-03-02", true), ("2026-03-09", true), ("2026-03-10", false)]
    {
        assert_eq!(is_communication_day(day(on), day("2026-03-02"), day("2026-03-09")), can, "{on}");
    }
}
