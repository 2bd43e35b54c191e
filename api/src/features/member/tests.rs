use super::rules::{OpenWork, require_removable, require_room_for};
use crate::{features::priority::limits::PriorityLimits, kernel::Code};
use chrono::{DateTime, NaiveDate};
use entity::{
    Id,
    member::{
        self,
        MemberStatus::{self, Active, Removed},
    },
    priority::{
        self,
        PriorityStatus::{self, Committed, Proposed},
    },
};
use uuid::Uuid;

fn id<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn member(number: u128, team: u128, status: MemberStatus) -> member::Model {
    member::Model {
        id: id(number),
        network_id: id(1),
        client_id: id(7),
        team_id: id(team),
        person_id: None,
        name: "Member".into(),
        job_title: "Head".into(),
        email: None,
        status,
        created_at: DateTime::UNIX_EPOCH,
        removed_at: None,
        version: 1,
    }
}

/// Removes member 5 of team 8.
#[test]
fn open_work_needs_a_successor_in_the_team() {
    let none = OpenWork::default();
    let some = OpenWork { actions: 3, priorities: 1, decisions: 2 };
    for (status, open, successor, refusal) in [
        (Active, none, None, None),
        (Active, some, None, Some(Code::WrongState)),
        (Active, some, Some(member(6, 8, Active)), None),
        (Active, none, Some(member(6, 8, Active)), None),
        (Active, some, Some(member(6, 8, Removed)), Some(Code::OwnerNotEligible)),
        (Active, some, Some(member(6, 9, Active)), Some(Code::OwnerNotEligible)),
        (Active, some, Some(member(5, 8, Active)), Some(Code::OwnerNotEligible)),
        (Removed, none, None, Some(Code::WrongState)),
    ] {
        let code = require_removable(&member(5, 8, status), open, successor.as_ref()).err().map(|no| no.code);
        assert_eq!(code, refusal, "{status:?} with {open:?} to {successor:?}");
    }
    let refusal = require_removable(&member(5, 8, Active), some, None).expect_err("open work");
    assert!(refusal.message.contains("actions: 3, priorities: 1, decisions: 2"), "{}", refusal.message);
}

fn priority(number: u128, owner: u128, cycle: u128, status: PriorityStatus) -> priority::Model {
    priority::Model {
        id: id(number),
        network_id: id(1),
        client_id: id(7),
        team_id: id(8),
        stage_run_id: None,
        decision_id: None,
        target_id: None,
        owner_id: id(owner),
        cycle_id: id(cycle),
        cycle: "2026-Q1".into(),
        title: format!("Priority {number}"),
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

/// Member 6, who can own two priorities in a cycle, takes over from member 5.
#[test]
fn a_successor_stays_within_the_limits() {
    let left = |number, cycle, status| priority(number, 5, cycle, status);
    let own = |number, cycle| priority(number, 6, cycle, Committed);
    for (handed, taken, fits) in [
        (vec![], vec![own(1, 1), own(2, 1)], true),
        (vec![left(3, 1, Committed)], vec![own(1, 1)], true),
        (vec![left(3, 1, Committed)], vec![own(1, 1), own(2, 1)], false),
        (vec![left(3, 2, Committed)], vec![own(1, 1), own(2, 1)], true),
        (vec![left(3, 1, Proposed)], vec![own(1, 1), own(2, 1)], true),
        (vec![left(3, 1, Committed), left(4, 1, Committed)], vec![], true),
        (vec![left(3, 1, Committed), left(4, 1, Committed)], vec![own(1, 1)], false),
    ] {
        let refusal =
            require_room_for(&handed, &taken, PriorityLimits { team: 5, leader: 2 }, &member(6, 8, Active))
                .err();
        let refusal = refusal.map(|refusal| (refusal.code, refusal.path));
        let path = ["input", "successorId"].map(String::from).to_vec();
        assert_eq!(refusal, (!fits).then_some((Code::LimitReached, path)), "{handed:?} beside {taken:?}");
    }
}
