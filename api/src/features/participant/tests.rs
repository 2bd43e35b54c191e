use super::rules::{Cutoff, count_countable, is_countable};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Id,
    membership::{self, MembershipRole},
};
use uuid::Uuid;

fn id<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

#[test]
fn an_answer_counts_if_its_login_is_older_than_the_cutoff() {
    use MembershipRole::*;
    let at = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
    let day = TimeDelta::days(1);
    let held = |row: u128, role, team: Option<u128>, since: DateTime<Utc>, ends_at| membership::Model {
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
    };
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
