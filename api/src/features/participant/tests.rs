use super::rules::{Cutoff, count_countable, is_countable, is_participant, participants};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Id,
    member::{self, MemberStatus},
    membership::{self, MembershipRole},
};
use uuid::Uuid;

fn id<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn noon() -> DateTime<Utc> {
    DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn held(
    row: u128,
    role: MembershipRole,
    team: Option<u128>,
    since: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
) -> membership::Model {
    membership::Model {
        id: id(row),
        network_id: id(1),
        person_id: id(5),
        role,
        franchise_id: None,
        client_id: Some(id(7)),
        team_id: team.map(id),
        starts_at: since,
        ends_at,
        created_at: since,
        version: 1,
    }
}

fn member(person: Option<u128>, status: MemberStatus) -> member::Model {
    member::Model {
        id: id(9),
        network_id: id(1),
        client_id: id(7),
        team_id: id(3),
        person_id: person.map(id),
        name: "Ada".into(),
        job_title: "Director".into(),
        email: None,
        status,
        created_at: noon(),
        removed_at: None,
        version: 1,
    }
}

#[test]
fn a_participant_speaks_for_themselves_or_is_recorded() {
    use MembershipRole::*;
    let (at, day) = (noon(), TimeDelta::days(1));
    let since = at - day;
    for (person, status, held, expected) in [
        (None, MemberStatus::Active, vec![], true),
        (None, MemberStatus::Removed, vec![], false),
        (Some(5), MemberStatus::Active, vec![], false),
        (Some(5), MemberStatus::Active, vec![held(1, Leader, Some(3), since, None)], true),
        (Some(5), MemberStatus::Removed, vec![held(1, Leader, Some(3), since, None)], false),
        (Some(5), MemberStatus::Active, vec![held(1, Sponsor, None, since, None)], true),
        (Some(5), MemberStatus::Active, vec![held(1, Observer, Some(3), since, None)], false),
        (Some(5), MemberStatus::Active, vec![held(1, Leader, Some(4), since, None)], false),
        (Some(6), MemberStatus::Active, vec![held(1, Leader, Some(3), since, None)], false),
        (Some(5), MemberStatus::Active, vec![held(1, Leader, Some(3), at + day, None)], false),
        (Some(5), MemberStatus::Active, vec![held(1, Leader, Some(3), at, Some(at + day))], true),
        (Some(5), MemberStatus::Active, vec![held(1, Leader, Some(3), since, Some(at))], false),
        (
            Some(5),
            MemberStatus::Active,
            vec![held(1, Observer, Some(3), since, None), held(2, Leader, Some(3), since, None)],
            true,
        ),
    ] {
        let member = member(person, status);
        assert_eq!(is_participant(&member, &held, at), expected, "{person:?} {status:?} {held:?}");
        assert_eq!(participants(vec![member], &held, at).len(), usize::from(expected));
    }
}

#[test]
fn an_answer_counts_if_its_login_is_older_than_the_cutoff() {
    use MembershipRole::*;
    let (at, day) = (noon(), TimeDelta::days(1));
    let opened = Cutoff { at, row: Some(Uuid::from_u128(50)) };
    for (held, fine) in [
        (held(1, Leader, Some(3), at - day, None), true),
        (held(1, Sponsor, None, at - day, None), true),
        (held(1, Leader, Some(4), at - day, None), false),
        (held(1, Observer, Some(3), at - day, None), false),
        (held(1, Leader, Some(3), at - day - day, Some(at - day)), false),
        (held(1, Leader, Some(3), at - day, Some(at + day)), true),
        (held(1, Leader, Some(3), at + day, None), false),
        (held(49, Leader, Some(3), at, None), true),
        (held(51, Leader, Some(3), at, None), false),
    ] {
        assert_eq!(is_countable(id(5), std::slice::from_ref(&held), id(3), opened), fine, "{held:?}");
        assert!(!is_countable(id(6), std::slice::from_ref(&held), id(3), opened), "another person");
    }
    let one = held(60, Leader, Some(3), at, None);
    let answered = [id(5), id(6)];
    assert_eq!(count_countable(answered.into_iter(), &[one], id(3), Cutoff { at, row: None }), 1);
}
