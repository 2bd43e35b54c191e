use super::rules::{Step, next};
use chrono::DateTime;
use entity::obstacle::ObstacleStatus::{self, *};
use sea_orm::Iterable;

/// What each status becomes by each step; a dash where the step is refused.
#[test]
fn every_step_from_every_status() {
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
            assert_eq!(next(status, step, None).ok(), result, "{step:?} from {status:?}");
        }
    }
    let before = Some(DateTime::UNIX_EPOCH);
    for status in [Parked, Escalated] {
        assert_eq!(next(status, Resume, before).ok(), Some(Prioritised), "as it was before {status:?}");
    }
}
