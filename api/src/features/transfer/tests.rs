use super::rules::{
    after_notification, people_to_notify, require_at_once, require_destination, require_no_shared_people,
    require_none_pending, require_pending,
};
use crate::kernel::Code;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Id,
    client::{self, ClientStatus, SizeBand},
    client_transfer::{self, TransferStatus},
    franchise::{self, FranchiseStatus},
    person,
};
use sea_orm::Iterable;
use uuid::Uuid;

fn id<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn client() -> client::Model {
    client::Model {
        id: id(7),
        network_id: id(1),
        franchise_id: id(3),
        region_id: id(1),
        name: "Client".into(),
        industry: "C".into(),
        size_band: SizeBand::Medium,
        time_zone: "Europe/London".into(),
        status: ClientStatus::Active,
        created_at: DateTime::UNIX_EPOCH,
        erased_at: None,
        legal_group: None,
        contract_starts_on: None,
        contract_ends_on: None,
        paused_at: None,
        archived_at: None,
        archived_from: None,
        version: 1,
    }
}

fn franchise(number: u128, status: FranchiseStatus) -> franchise::Model {
    franchise::Model {
        id: id(number),
        network_id: id(1),
        region_id: id(1),
        name: "Franchise".into(),
        legal_group: "Group".into(),
        status,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}

fn transfer(untold: i32) -> client_transfer::Model {
    client_transfer::Model {
        id: id(1),
        network_id: id(1),
        client_id: id(7),
        from_id: id(3),
        franchise_id: id(4),
        person_id: id(5),
        reason: None,
        status: TransferStatus::Pending,
        proposed_by: id(9),
        proposed_at: DateTime::UNIX_EPOCH,
        untold,
        takes_effect_at: None,
        ended_by: None,
        ended_at: None,
        version: 1,
    }
}

#[test]
fn head_office_moves_clients_between_franchises_and_owners_within_theirs() {
    use FranchiseStatus::*;
    for (to, status, wide, owns, refusal) in [
        (3, Active, false, true, None),
        (3, Active, true, false, Some(Code::NotOwner)),
        (4, Active, true, false, None),
        (4, Closed, true, false, Some(Code::WrongState)),
        (4, Active, false, true, Some(Code::NotFound)),
        (4, Closed, false, true, Some(Code::NotFound)),
    ] {
        let code = require_destination(&client(), &franchise(to, status), wide, owns).err().map(|no| no.code);
        assert_eq!(code, refusal, "to {to}, {status:?}, wide {wide}, owns {owns}");
    }
    assert!(require_no_shared_people(0).is_ok() && require_no_shared_people(1).is_err());
    assert!(require_none_pending(0, "input.clientId").is_ok());
    assert!(require_none_pending(1, "input.clientId").is_err());
}

#[test]
fn an_ended_transfer_does_not_change() {
    for status in TransferStatus::iter() {
        let transfer = client_transfer::Model { status, ..transfer(1) };
        assert_eq!(require_pending(&transfer).is_ok(), status == TransferStatus::Pending, "{status:?}");
    }
}

#[test]
fn a_sponsor_or_all_leaders_are_notified() {
    let someone = |number: u128, login: bool| person::Model {
        id: id(number),
        network_id: id(1),
        identity_id: login.then(|| id(number)),
        name: "Ada".into(),
        email: "ada@example.org".into(),
        created_at: DateTime::UNIX_EPOCH,
        erased_at: None,
        version: 1,
    };
    for (sponsors, leaders, notified, untold) in [
        (vec![someone(1, true), someone(2, true)], vec![someone(3, true)], vec![1, 2], 1),
        (vec![someone(1, false)], vec![someone(3, true), someone(4, true), someone(5, false)], vec![3, 4], 2),
        (vec![], vec![], vec![], 1),
    ] {
        let (people, number) = people_to_notify(sponsors, leaders).expect("few enough");
        let people: Vec<_> = people.iter().map(|person| person.id).collect();
        assert_eq!((people, number), (notified.into_iter().map(id).collect(), untold));
    }
}

#[test]
fn the_waiting_time_begins_with_the_last_required_notification() {
    let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
    assert_eq!(after_notification(&transfer(2), now), (1, None));
    assert_eq!(after_notification(&transfer(1), now), (0, Some(now + TimeDelta::days(7))));
    let begun = client_transfer::Model { takes_effect_at: Some(now), ..transfer(0) };
    assert_eq!(
        after_notification(&begun, now + TimeDelta::days(1)),
        (0, Some(now)),
        "a later notification changes nothing"
    );
}

#[test]
fn a_hundred_clients_move_at_once() {
    for (count, may) in [(0, false), (1, true), (100, true), (101, false)] {
        assert_eq!(require_at_once(count).is_ok(), may, "{count}");
    }
}
