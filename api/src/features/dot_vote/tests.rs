use super::rules::{
    NewOption, OPTIONS, PER_SESSION, check_ballot, check_options, count_dots, count_voters, require_current,
    require_few, require_open, require_room, require_voter,
};
use crate::kernel::Refusal;
use entity::{Id, dot_ballot, dot_vote::DotVoteStatus, dot_vote_option, session::SessionStatus};
use sea_orm::Iterable;
use uuid::Uuid;

fn of<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn option(number: u128) -> dot_vote_option::Model {
    dot_vote_option::Model {
        id: of(number),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        vote_id: of(0),
        position: 1,
        title: "Travel".into(),
        obstacle_id: None,
        priority_id: None,
        decision_option_id: None,
        dots: None,
        version: 1,
    }
}

fn ballot(person: u128, option: u128, dots: i32) -> dot_ballot::Model {
    dot_ballot::Model {
        id: of(100 * person + option),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        person_id: of(person),
        vote_id: of(0),
        option_id: of(option),
        dots,
        version: 1,
    }
}

fn paths(refusals: Vec<Refusal>) -> Vec<String> {
    refusals.into_iter().map(|refusal| refusal.path.join(".")).collect()
}

#[test]
fn votes_are_part_of_sessions_that_are_not_over() {
    for status in SessionStatus::iter() {
        let current = matches!(status, SessionStatus::Scheduled | SessionStatus::InProgress);
        assert_eq!(require_current(status).is_ok(), current, "{status:?}");
    }
    for status in DotVoteStatus::iter() {
        assert_eq!(require_open(status).is_ok(), status == DotVoteStatus::Open, "{status:?}");
    }
    assert!(require_room(PER_SESSION - 1).is_ok());
    assert!(require_room(PER_SESSION).is_err());
    assert!(require_voter(of(1), &[]).is_err());
}

#[test]
fn a_vote_has_two_to_twenty_options_each_named_once() {
    let obstacle = |number: u128| NewOption {
        obstacle: Some(of(number)),
        path: format!("input.obstacleIds.{number}"),
        ..NewOption::default()
    };
    let priority = NewOption { priority: Some(of(1)), ..NewOption::default() };
    let many: Vec<NewOption> = (0..=*OPTIONS.end() as u128).map(obstacle).collect();
    assert_eq!(check_options(&[obstacle(1), priority]), Ok(()));
    assert_eq!(check_options(&many[1..]), Ok(()));
    for (options, wrong) in [
        (vec![], "input"),
        (vec![obstacle(1)], "input"),
        (many, "input"),
        (vec![obstacle(1), obstacle(2), obstacle(2)], "input.obstacleIds.2"),
    ] {
        assert_eq!(paths(check_options(&options).err().unwrap_or_default()), [wrong]);
    }
    assert!(require_few(*OPTIONS.end()).is_ok());
    assert!(require_few(*OPTIONS.end() + 1).is_err());
}

#[test]
fn a_ballot_gives_one_dot_to_all_dots() {
    let options = [option(1), option(2), option(3)];
    let check = |sent: &[(u128, i32)]| {
        let sent: Vec<_> = sent.iter().map(|(id, dots)| (Some(of(*id)), *dots)).collect();
        check_ballot(&sent, &options, 3)
    };
    assert_eq!(check(&[(2, 3)]), Ok(vec![(of(1), 0), (of(2), 3), (of(3), 0)]));
    assert_eq!(check(&[(3, 1), (1, 2), (2, 0)]), Ok(vec![(of(1), 2), (of(2), 0), (of(3), 1)]));
    for (sent, wrong) in [
        (&[][..], &["input.ballots"][..]),
        (&[(1, 0)], &["input.ballots"]),
        (&[(1, 2), (2, 2)], &["input.ballots"]),
        (&[(1, 4)], &["input.ballots.0.dots"]),
        (&[(1, -1), (2, 3)], &["input.ballots.0.dots"]),
        (&[(1, 1), (1, 1)], &["input.ballots.1.optionId"]),
        (&[(9, 1)], &["input.ballots.0.optionId"]),
    ] {
        assert_eq!(paths(check(sent).err().unwrap_or_default()), wrong, "{sent:?}");
    }
    assert_eq!(
        paths(check_ballot(&[(None, 1)], &options, 3).err().unwrap_or_default()),
        ["input.ballots.0.optionId"]
    );
}

#[test]
fn dots_are_added_up_for_each_option() {
    let ballots = [ballot(1, 1, 2), ballot(1, 2, 1), ballot(2, 1, 3), ballot(2, 2, 0)];
    assert_eq!([1, 2, 3].map(|option| count_dots(of(option), &ballots)), [5, 1, 0]);
    assert_eq!((count_voters(&ballots), count_voters(&[])), (2, 0));
}
