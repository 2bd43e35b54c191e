use super::rules::{PER_PRIORITY, require_conflicting_pair, require_room};
use crate::kernel::Code;
use chrono::{DateTime, NaiveDate};
use entity::{
    Id,
    priority::{
        self,
        PriorityStatus::{self, *},
    },
};
use uuid::Uuid;

#[test]
fn two_open_priorities_of_a_cycle_can_be_in_conflict() {
    let one = priority(1, 1, 1, Committed);
    for (other, answer) in [
        (priority(2, 1, 1, Proposed), None),
        (priority(2, 1, 1, Committed), None),
        (priority(2, 1, 1, Missed), Some(Code::Invalid)),
        (priority(1, 1, 1, Committed), Some(Code::Invalid)),
        (priority(2, 2, 1, Committed), Some(Code::Invalid)),
        (priority(2, 1, 2, Committed), Some(Code::Invalid)),
    ] {
        assert_eq!(
            require_conflicting_pair(&one, &other).err().map(|refusal| refusal.code),
            answer,
            "{other:?}"
        );
    }
    let closed = priority(1, 1, 1, Dropped);
    let refused =
        require_conflicting_pair(&closed, &priority(2, 1, 1, Proposed)).err().map(|refusal| refusal.code);
    assert_eq!(refused, Some(Code::WrongState));
    assert!(require_room(PER_PRIORITY - 1, "input.id").is_ok());
    assert!(require_room(PER_PRIORITY, "input.id").is_err());
}

fn id_of<N>(number: u128) -> Id<N> {
    Id::new(Uuid::from_u128(number))
}

fn priority(id: u128, team: u128, cycle: u128, status: PriorityStatus) -> priority::Model {
    priority::Model {
        id: id_of(id),
        network_id: id_of(0),
        client_id: id_of(0),
        team_id: id_of(team),
        stage_run_id: None,
        decision_id: None,
        target_id: None,
        owner_id: id_of(0),
        cycle_id: id_of(cycle),
        cycle: "2026-Q1".into(),
        title: "Grow".into(),
        outcome: String::new(),
        rank: 1,
        status,
        due_on: NaiveDate::default(),
        due_at: DateTime::UNIX_EPOCH,
        committed_at: None,
        closed_at: None,
        reason: None,
        carried_from_id: None,
        added_after_lock: false,
        dropped_after_lock: false,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}
