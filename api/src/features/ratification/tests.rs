use super::rules::{ReadBackCounts, quorum, require_members_without_login};
use crate::kernel::Code;
use chrono::DateTime;
use entity::{
    Id,
    decision_restatement::ReadBackStatus::*,
    member::{self, MemberStatus},
};
use uuid::Uuid;

#[test]
fn the_quorum_is_half_of_the_participants_and_at_least_two() {
    for (participants, needed) in [(0, 0), (1, 1), (2, 2), (3, 2), (4, 2), (5, 3), (8, 4), (9, 5)] {
        assert_eq!(quorum(participants), needed, "{participants}");
    }
}

fn id<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn member(number: u128, login: bool) -> member::Model {
    member::Model {
        id: id(number),
        network_id: id(1),
        client_id: id(7),
        team_id: id(8),
        person_id: login.then(|| id(number)),
        name: "Member".into(),
        job_title: "Head".into(),
        email: None,
        status: MemberStatus::Active,
        created_at: DateTime::UNIX_EPOCH,
        removed_at: None,
        version: 1,
    }
}

#[test]
fn stances_are_recorded_once_for_members_without_a_login() {
    let members = [member(5, true), member(6, false), member(7, false)];
    for (named, codes) in [
        (vec![], vec![]),
        (vec![Some(id(6)), Some(id(7))], vec![]),
        (vec![Some(id(5)), Some(id(9)), None], vec![Code::NotOwner, Code::Invalid, Code::Invalid]),
        (vec![Some(id(6)), Some(id(6))], vec![Code::Invalid]),
    ] {
        let found: Vec<Code> = require_members_without_login(&named, &members)
            .err()
            .into_iter()
            .flatten()
            .map(|no| no.code)
            .collect();
        assert_eq!(found, codes, "{named:?}");
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
        let counts = COUNTS.after_restatement(&before);
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
