use super::rules::{MembershipDependents, require_endable};
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
fn a_membership_with_dependents_cannot_end() {
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
    for (ends_at, dependents, says) in [
        (None, MembershipDependents::default(), None),
        (Some(now + TimeDelta::days(1)), MembershipDependents::default(), None),
        (Some(now), MembershipDependents::default(), Some("ended already")),
        (None, MembershipDependents { led: 1, ..MembershipDependents::default() }, Some("leads 1 client.")),
        (None, MembershipDependents { led: 4, ..MembershipDependents::default() }, Some("leads 4 clients.")),
        (
            None,
            MembershipDependents { only_admin: true, ..MembershipDependents::default() },
            Some("last head-office admin"),
        ),
    ] {
        match (require_endable(&held(ends_at), dependents, now), says) {
            (Ok(()), None) => {}
            (Err(refusal), Some(says)) => assert!(refusal.message.contains(says), "{}", refusal.message),
            (answer, _) => panic!("{dependents:?}, ending {ends_at:?}: {answer:?}"),
        }
    }
}
