use super::rules::{Step, next_status};
use entity::action::ActionStatus::{self, *};
use sea_orm::Iterable;

/// The status after each step from each status. `None`: the step is refused.
#[test]
fn every_step_from_every_status() {
    let steps = [
        Step::Update,
        Step::Reassign,
        Step::Accept,
        Step::Decline,
        Step::Complete,
        Step::Cancel,
        Step::Redate,
        Step::Reopen,
    ];
    #[rustfmt::skip]
    let table = [
        (Offered,   [Some(Offered),  Some(Offered), Some(Accepted), Some(Declined), None,       Some(Cancelled), Some(Offered), None]),
        (Accepted,  [Some(Accepted), Some(Offered), None,           None,           Some(Done), Some(Cancelled), Some(Accepted), None]),
        (Declined,  [None,           Some(Offered), None,           None,           None,       None,            None, None]),
        (Done,      [None,           None,          None,           None,           None,       None,            None, Some(Accepted)]),
        (Cancelled, [None,           None,          None,           None,           None,       None,            None, None]),
    ];
    assert_eq!(ActionStatus::iter().count(), table.len());
    for (status, results) in table {
        for (step, result) in steps.into_iter().zip(results) {
            assert_eq!(next_status(status, step).ok(), result, "{step:?} from {status:?}");
        }
    }
}
