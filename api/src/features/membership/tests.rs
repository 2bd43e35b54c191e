use super::rules::{Ties, endable};
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
fn a_membership_ends_when_nothing_depends_on_it() {
    let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
    let held = |ends_at| membership::Model {
        id: id(1),
        network_id: id(1),
        person_id: id(1),
        role: MembershipRole::Facilitator,
        franchise_id: Some(id(3)),
        client_id: None,
        team_id: None,
        starts_at: DateTime::UNIX_EPOCH,
        ends_at,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    };
    for (ends_at, ties, says) in [
        (None, Ties::default(), None),
        (Some(now + TimeDelta::days(1)), Ties::default(), None),
        (Some(now), Ties::default(), Some("ended already")),
        (None, Ties { led: 1, ..Ties::default() }, Some("leads 1 client.")),
        (None, Ties { led: 4, ..Ties::default() }, Some("leads 4 clients.")),
        (None, Ties { only_admin: true, ..Ties::default() }, Some("last head-office admin")),
    ] {
        match (endable(&held(ends_at), ties, now), says) {
            (Ok(()), None) => {}
            (Err(refusal), Some(says)) => assert!(refusal.message.contains(says), "{}", refusal.message),
            (answer, _) => panic!("{ties:?}, ending {ends_at:?}: {answer:?}"),
        }
    }
}
