use super::rules::{
    MAX_REOPENINGS, RatificationCase, Step, folded_title, next_status, require_ratifiable,
    require_reopenable, require_supersedable,
};
use crate::kernel::Code;
use chrono::DateTime;
use entity::{
    Id,
    decision::{
        self,
        DecisionStatus::{self, *},
    },
    member::{self, MemberStatus},
};
use sea_orm::Iterable;
use uuid::Uuid;

/// The status after each step from each status. `None`: the step is refused.
#[test]
fn every_step_from_every_status() {
    let steps = [Step::Update, Step::Stance, Step::Ratify, Step::Supersede, Step::Revoke, Step::Reopen];
    #[rustfmt::skip]
    let table = [
        (Proposed,   [Some(Proposed), Some(Proposed), Some(Ratified), None,             Some(Revoked), None]),
        (Ratified,   [None,           None,           None,           Some(Superseded), Some(Revoked), Some(Ratified)]),
        (Superseded, [None,           None,           None,           None,             None,          None]),
        (Revoked,    [None,           None,           None,           None,             None,          None]),
    ];
    assert_eq!(DecisionStatus::iter().count(), table.len());
    for (status, results) in table {
        for (step, result) in steps.into_iter().zip(results) {
            assert_eq!(next_status(status, step).ok(), result, "{step:?} from {status:?}");
        }
    }
}

#[test]
fn titles_are_compared_without_case_and_punctuation() {
    for (one, other, same) in [
        ("Serve three markets", " serve  THREE markets.", true),
        ("Établir l’usine", "établir l'usine", true),
        ("Serve three markets", "Serve four markets", false),
        ("Three markets", "Threemarkets", false),
    ] {
        assert_eq!(folded_title(one) == folded_title(other), same, "{one} and {other}");
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

fn decision(number: u128, title: &str, status: DecisionStatus) -> decision::Model {
    decision::Model {
        id: id(number),
        network_id: id(1),
        client_id: id(7),
        team_id: id(8),
        stage_run_id: None,
        session_id: None,
        obstacle_id: None,
        supersedes_id: None,
        owner_id: Some(id(5)),
        title: title.into(),
        text: "Three".into(),
        rationale: String::new(),
        status,
        review_on: None,
        needs_no_action: false,
        wording: 1,
        stances: 0,
        reopenings: 0,
        read_back: 0,
        matching: 0,
        differing: 0,
        proposed_at: DateTime::UNIX_EPOCH,
        ratified_at: None,
        ended_at: None,
        reason: None,
        version: 1,
    }
}

#[test]
fn ratification_needs_a_quorum_an_owner_and_a_distinct_title() {
    use Code::{OwnerNotEligible, QuorumNotMet, Taken};
    let decision_ = decision(20, "Serve three markets", Proposed);
    let (rival, other) =
        (decision(21, "serve three markets", Proposed), decision(22, "Sell the mill", Proposed));
    let gone = member::Model { status: MemberStatus::Removed, ..member(5, true) };
    let here = member(5, true);
    for (stances, owner, rivals, missing) in [
        (2, Some(&here), vec![other.clone()], vec![]),
        (1, Some(&here), vec![], vec![QuorumNotMet]),
        (2, None, vec![], vec![OwnerNotEligible]),
        (2, Some(&gone), vec![], vec![OwnerNotEligible]),
        (3, Some(&here), vec![other.clone(), rival.clone()], vec![Taken]),
        (0, None, vec![rival], vec![QuorumNotMet, OwnerNotEligible, Taken]),
    ] {
        let case =
            RatificationCase { decision: &decision_, owner, participants: 3, stances, rivals: &rivals };
        let codes: Vec<Code> =
            require_ratifiable(&case).err().into_iter().flatten().map(|no| no.code).collect();
        assert_eq!(codes, missing, "{stances} stances, {owner:?}");
    }
}

#[test]
fn only_a_ratified_decision_is_superseded_or_reopened() {
    for status in DecisionStatus::iter() {
        let before = decision(20, "Serve three markets", status);
        assert_eq!(
            require_supersedable(&before, id(8), "input.id").is_ok(),
            status == Ratified,
            "{status:?}"
        );
        assert!(require_supersedable(&before, id(9), "input.id").is_err(), "another team's");
        assert_eq!(require_reopenable(&before, &[]).is_ok(), status == Ratified, "{status:?}");
        assert!(require_reopenable(&before, &[decision(21, "Anew", Proposed)]).is_err(), "debated already");
    }
    let often =
        decision::Model { reopenings: MAX_REOPENINGS, ..decision(20, "Serve three markets", Ratified) };
    assert_eq!(require_reopenable(&often, &[]).err().map(|no| no.code), Some(Code::LimitReached));
}
