use super::rules::{Step, next_status};
use chrono::DateTime;
use entity::obstacle::ObstacleStatus::{self, *};
use sea_orm::Iterable;

/// Lists the status after each step; `None` if the step is refused.
#[test]
fn each_status_allows_exactly_the_listed_steps() {
    use Step::*;
    let steps = [Update, Discuss, Prioritise, Resolve, Park, Escalate, Resume];
    #[rustfmt::skip]
    let table = [
        (Raised,      [Some(Raised),      Some(Raised),      Some(Prioritised), Some(Resolved), Some(Parked), Some(Escalated), None]),
        (Prioritised, [Some(Prioritised), Some(Prioritised), None,              Some(Resolved), Some(Parked), Some(Escalated), None]),
        (Escalated,   [Some(Escalated),   Some(Escalated),   None,              Some(Resolved), None,         None,            Some(Raised)]),
        (Parked,      [None,              None,              None,              None,           None,         None,            Some(Raised)]),
        (Resolved,    [None,              None,              None,              None,           None,         None,            None]),
    ];
    assert_eq!(ObstacleStatus::iter().count(), table.len());
    for (status, results) in table {
        for (step, result) in steps.into_iter().zip(results) {
            assert_eq!(next_status(status, step, None).ok(), result, "{step:?} from {status:?}");
        }
    }
    let before = Some(DateTime::UNIX_EPOCH);
    for status in [Parked, Escalated] {
        assert_eq!(
            next_status(status, Resume, before).ok(),
            Some(Prioritised),
            "as it was before {status:?}"
        );
    }
}
