use super::rules::{MAX_PER_PRIORITY, Step, require_allowed, require_room};
use chrono::{DateTime, NaiveDate};
use entity::{Id, milestone};
use uuid::Uuid;

#[test]
fn a_completed_milestone_must_be_reopened_first_and_a_removed_one_never_changes() {
    let steps = [Step::Update, Step::Complete, Step::Reopen, Step::Remove];
    for (done, removed, answers) in [
        (false, false, [true, true, false, true]),
        (true, false, [false, false, true, true]),
        (false, true, [false; 4]),
        (true, true, [false; 4]),
    ] {
        for (step, answer) in steps.into_iter().zip(answers) {
            let milestone = milestone(done, removed);
            assert_eq!(
                require_allowed(&milestone, step).is_ok(),
                answer,
                "{step:?}, done {done}, removed {removed}"
            );
        }
    }
    assert!(require_room(MAX_PER_PRIORITY - 1).is_ok());
    assert!(require_room(MAX_PER_PRIORITY).is_err());
}

fn milestone(done: bool, removed: bool) -> milestone::Model {
    fn nil<N>() -> Id<N> {
        Id::new(Uuid::nil())
    }
    milestone::Model {
        id: nil(),
        network_id: nil(),
        client_id: nil(),
        team_id: nil(),
        priority_id: nil(),
        carried_from_id: None,
        title: "Half way".into(),
        weight: 1,
        due_on: NaiveDate::default(),
        done_at: done.then_some(DateTime::UNIX_EPOCH),
        removed_at: removed.then_some(DateTime::UNIX_EPOCH),
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}
