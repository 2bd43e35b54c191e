use super::rules::{archivable, erasable, open_client, present, zone};
use crate::kernel::Code;
use chrono::DateTime;
use entity::{
    Id,
    client::{self, ClientStatus, SizeBand},
};
use sea_orm::Iterable;
use uuid::Uuid;

fn id<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn client(status: ClientStatus) -> client::Model {
    client::Model {
        id: id(7),
        network_id: id(1),
        franchise_id: id(3),
        region_id: id(1),
        name: "Client".into(),
        industry: "C".into(),
        size_band: SizeBand::Medium,
        time_zone: "Europe/London".into(),
        status,
        created_at: DateTime::UNIX_EPOCH,
        erased_at: None,
        legal_group: None,
        version: 1,
    }
}

#[test]
fn archiving_waits_for_the_programmes() {
    for (status, running, may) in [
        (ClientStatus::Active, 0, true),
        (ClientStatus::Active, 1, false),
        (ClientStatus::Archived, 0, false),
    ] {
        assert_eq!(archivable(&client(status), running).is_ok(), may, "{status:?} with {running}");
        let open = open_client(&client(status), "input.id").is_ok();
        assert_eq!(open, status == ClientStatus::Active);
    }
}

/// Every status, and what archiving and erasing come to in it: by the right name, and by another one.
#[test]
fn erasing_comes_after_archiving_and_by_name() {
    let table = [
        (ClientStatus::Active, None, Some(Code::WrongState), Some(Code::WrongState)),
        (ClientStatus::Archived, Some(Code::WrongState), None, Some(Code::Invalid)),
    ];
    assert_eq!(ClientStatus::iter().count(), table.len());
    for (status, archiving, erasing, by_another) in table {
        let client = client(status);
        assert_eq!(archivable(&client, 0).err().map(|refusal| refusal.code), archiving, "{status:?}");
        assert_eq!(erasable(&client, "Client").err().map(|refusal| refusal.code), erasing, "{status:?}");
        assert_eq!(erasable(&client, "client").err().map(|refusal| refusal.code), by_another, "{status:?}");
        assert!(present(&client, "input.id").is_ok());
        let erased = client::Model { erased_at: Some(DateTime::UNIX_EPOCH), ..client };
        assert_eq!(present(&erased, "input.id").err().map(|refusal| refusal.code), Some(Code::WrongState));
    }
}

#[test]
fn only_who_runs_a_client_moves_its_time_zone() {
    let client = client(ClientStatus::Active);
    for (to, runs, may) in [
        ("Europe/London", false, true),
        ("Europe/London", true, true),
        ("Asia/Singapore", true, true),
        ("Asia/Singapore", false, false),
    ] {
        assert_eq!(zone(&client, to, runs).is_ok(), may, "{to}, runs {runs}");
    }
}
