use super::rules::{
    require_active_client, require_archivable, require_erasable, require_not_erased, require_zone_editor,
};
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
fn a_client_with_running_programmes_cannot_be_archived() {
    for (status, running, may) in [
        (ClientStatus::Active, 0, true),
        (ClientStatus::Active, 1, false),
        (ClientStatus::Archived, 0, false),
    ] {
        assert_eq!(require_archivable(&client(status), running).is_ok(), may, "{status:?} with {running}");
        let open = require_active_client(&client(status), "input.id").is_ok();
        assert_eq!(open, status == ClientStatus::Active);
    }
}

/// The result of archiving and erasing in each status, with the right name and with another name.
#[test]
fn erasing_comes_after_archiving_and_by_name() {
    let table = [
        (ClientStatus::Active, None, Some(Code::WrongState), Some(Code::WrongState)),
        (ClientStatus::Archived, Some(Code::WrongState), None, Some(Code::Invalid)),
    ];
    assert_eq!(ClientStatus::iter().count(), table.len());
    for (status, archiving, erasing, by_another) in table {
        let client = client(status);
        assert_eq!(require_archivable(&client, 0).err().map(|refusal| refusal.code), archiving, "{status:?}");
        assert_eq!(
            require_erasable(&client, "Client").err().map(|refusal| refusal.code),
            erasing,
            "{status:?}"
        );
        assert_eq!(
            require_erasable(&client, "client").err().map(|refusal| refusal.code),
            by_another,
            "{status:?}"
        );
        assert!(require_not_erased(&client, "input.id").is_ok());
        let erased = client::Model { erased_at: Some(DateTime::UNIX_EPOCH), ..client };
        assert_eq!(
            require_not_erased(&erased, "input.id").err().map(|refusal| refusal.code),
            Some(Code::WrongState)
        );
    }
}

#[test]
fn only_people_who_run_a_client_change_its_time_zone() {
    let client = client(ClientStatus::Active);
    for (to, runs, may) in [
        ("Europe/London", false, true),
        ("Europe/London", true, true),
        ("Asia/Singapore", true, true),
        ("Asia/Singapore", false, false),
    ] {
        assert_eq!(require_zone_editor(&client, to, runs).is_ok(), may, "{to}, runs {runs}");
    }
}
