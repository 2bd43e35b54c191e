use super::rules::{PER_PRIORITY, Step, allows, room};
use chrono::{DateTime, NaiveDate};
use entity::{Id, milestone};
use uuid::Uuid;

#[test]
fn a_milestone_is_reached_once_and_what_is_removed_stays_so() {
    let steps = [Step::Update, Step::Complete, Step::Reopen, Step::Remove];
    for (done, removed, answers) in [
        (false, false, [true, true, false, true]),
        (true, false, [false, false, true, true]),
        (false, true, [false; 4]),
        (true, true, [false; 4]),
    ] {
        for (step, answer) in steps.into_iter().zip(answers) {
            let milestone = milestone(done, removed);
            assert_eq!(allows(&milestone, step).is_ok(), answer, "{step:?}, done {done}, removed {removed}");
        }
    }
    assert!(room(PER_PRIORITY - 1).is_ok());
    assert!(room(PER_PRIORITY).is_err());
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
        title: "Half way".into(),
        weight: 1,
        due_on: NaiveDate::default(),
        done_at: done.then_some(DateTime::UNIX_EPOCH),
        removed_at: removed.then_some(DateTime::UNIX_EPOCH),
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}
