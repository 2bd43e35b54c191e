use super::rules::{Open, removable};
use crate::kernel::Code;
use chrono::DateTime;
use entity::{
    Id,
    member::{
        self,
        MemberStatus::{self, Active, Removed},
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

/// Whether member 5 of team 8 can leave.
#[test]
fn open_work_needs_a_successor_in_the_team() {
    let none = Open::default();
    let some = Open { actions: 3, priorities: 1, decisions: 2 };
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
        let code = removable(&member(5, 8, status), open, successor.as_ref()).err().map(|no| no.code);
        assert_eq!(code, refusal, "{status:?} with {open:?} to {successor:?}");
    }
    let refusal = removable(&member(5, 8, Active), some, None).expect_err("open work");
    assert!(refusal.message.contains("3 actions, 1 priority and 2 decisions"), "{}", refusal.message);
}
