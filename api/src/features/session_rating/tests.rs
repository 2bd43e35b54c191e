use super::rules::{RatingSummary, is_complete, require_participant, summarise};
use chrono::DateTime;
use entity::{
    Id,
    attendance::{self, AttendanceStatus},
    member::{self, MemberStatus},
    session::RatingBand::*,
    session_rating,
};
use uuid::Uuid;

/// Lists scores with their summary: the mean in halves and the band.
#[test]
fn means_are_published_in_halves_from_five_ratings_on() {
    for (scores, expected) in [
        (vec![], None),
        (vec![5, 5, 5, 5], None),
        (vec![1, 1, 1, 1, 1], Some((2, FiveToNine))),
        (vec![5, 5, 5, 5, 5], Some((10, FiveToNine))),
        (vec![3, 3, 3, 3, 4], Some((6, FiveToNine))),
        (vec![3, 3, 3, 4, 4], Some((7, FiveToNine))),
        // 3.25 and 3.75 lie in the middle between two halves
        (vec![3, 3, 3, 4, 3, 3, 3, 4], Some((7, FiveToNine))),
        (vec![4, 4, 4, 3, 4, 4, 4, 3], Some((8, FiveToNine))),
        (vec![4; 10], Some((8, TenToNineteen))),
        (vec![2; 20], Some((4, TwentyAndMore))),
    ] {
        let ratings: Vec<_> =
            scores.iter().zip(1..).map(|(score, by): (&i32, u128)| rating(by, *score)).collect();
        assert_eq!(
            summarise(&ratings, ratings.len()),
            expected.map(|(halves, band)| RatingSummary { halves, band }),
            "{scores:?}"
        );
        assert_eq!(summarise(&ratings, 4), None, "four of them count: {scores:?}");
    }
}

#[test]
fn people_who_took_part_and_have_a_login_can_rate() {
    let members = [member(1, true), member(2, true), member(3, true), member(4, false)];
    let attended = [
        attended_by(1, AttendanceStatus::Present),
        attended_by(2, AttendanceStatus::Excused),
        attended_by(3, AttendanceStatus::Present),
        attended_by(4, AttendanceStatus::Present),
    ];
    for (person, fine) in [(1, true), (2, false), (3, true), (4, false), (5, false)] {
        assert_eq!(require_participant(of(person), &members, &attended).is_ok(), fine, "{person}");
    }
    for (by, all) in [(vec![], false), (vec![1], false), (vec![1, 3], true), (vec![1, 3, 9], true)] {
        let ratings: Vec<_> = by.iter().map(|by| rating(*by, 3)).collect();
        assert_eq!(is_complete(&ratings, &members, &attended), all, "{by:?}");
    }
}

fn of<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn rating(by: u128, score: i32) -> session_rating::Model {
    session_rating::Model {
        id: of(by),
        network_id: of(0),
        client_id: of(0),
        session_id: of(9),
        person_id: of(by),
        score,
        comment: String::new(),
        rated_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}

fn attended_by(member: u128, status: AttendanceStatus) -> attendance::Model {
    attendance::Model {
        id: of(100 + member),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        session_id: of(9),
        member_id: of(member),
        status,
        version: 1,
    }
}

fn member(id: u128, signs_in: bool) -> member::Model {
    member::Model {
        id: of(id),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        person_id: signs_in.then(|| of(id)),
        name: "Ada".into(),
        job_title: String::new(),
        email: None,
        status: MemberStatus::Active,
        created_at: DateTime::UNIX_EPOCH,
        removed_at: None,
        version: 1,
    }
}
