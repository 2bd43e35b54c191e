use super::rules::{is_communication_day, require_ratified};
use entity::decision::DecisionStatus;
use sea_orm::Iterable;

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
