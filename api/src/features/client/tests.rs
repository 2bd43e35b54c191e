use super::rules::{
    Step, next_status, require_active_client, require_contract, require_engaged, require_erasable,
    require_later_end, require_no_programmes, require_not_erased, require_zone_editor,
};
use crate::kernel::Code;
use chrono::{DateTime, NaiveDate};
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
        contract_starts_on: None,
        contract_ends_on: None,
        paused_at: None,
        archived_at: None,
        archived_from: None,
        version: 1,
    }
}

/// Every step from every status: the status that it leads to, or none.
#[test]
fn each_step_of_a_clients_life_has_its_statuses() {
    use ClientStatus::*;
    let steps = [Step::Activate, Step::Pause, Step::Resume, Step::Graduate, Step::Archive, Step::Unarchive];
    let table = [
        (Prospect, [Some(Active), None, None, None, Some(Archived), None]),
        (Active, [None, Some(Paused), None, Some(Alumni), Some(Archived), None]),
        (Paused, [None, None, Some(Active), Some(Alumni), Some(Archived), None]),
        (Alumni, [Some(Active), None, None, None, Some(Archived), None]),
        (Archived, [None, None, None, None, None, Some(Active)]),
    ];
    assert_eq!(ClientStatus::iter().count(), table.len());
    for (status, after) in table {
        for (step, after) in steps.into_iter().zip(after) {
            let next = next_status(&client(status), step);
            assert_eq!(next.as_ref().ok(), after.as_ref(), "{status:?} {step:?}");
            assert!(next.is_ok() || next.is_err_and(|refusal| refusal.code == Code::WrongState));
        }
        let open = require_active_client(&client(status), "input.id").is_ok();
        assert_eq!(open, matches!(status, Prospect | Active | Paused), "{status:?}");
        assert_eq!(require_engaged(&client(status)).is_ok(), matches!(status, Active | Paused), "{status:?}");
    }
    assert!(require_no_programmes(0).is_ok() && require_no_programmes(1).is_err());
}

#[test]
fn an_archived_client_becomes_what_it_was() {
    use ClientStatus::*;
    for (before, after) in [
        (Some(Prospect), Prospect),
        (Some(Active), Active),
        // its programmes have ended
        (Some(Paused), Active),
        (Some(Alumni), Alumni),
        (None, Active),
    ] {
        let archived = client::Model { archived_from: before, ..client(Archived) };
        assert_eq!(next_status(&archived, Step::Unarchive), Ok(after), "{before:?}");
    }
}

#[test]
fn a_renewal_moves_the_end_of_a_contract_ahead() {
    let day = |day: u32| NaiveDate::from_ymd_opt(2026, 3, day);
    let today = day(10).expect("a day");
    for (starts_on, ends_on, renewed, may) in [
        (None, None, 9, false),
        (None, None, 10, true),
        (None, day(20), 20, false),
        (None, day(20), 21, true),
        (None, day(1), 5, false),
        (day(25), None, 25, false),
        (day(25), None, 26, true),
    ] {
        let client = client::Model {
            contract_starts_on: starts_on,
            contract_ends_on: ends_on,
            ..client(ClientStatus::Active)
        };
        let renewed = day(renewed).expect("a day");
        assert_eq!(require_later_end(&client, renewed, today).is_ok(), may, "{ends_on:?} to {renewed}");
    }
    for (starts_on, ends_on, may) in [
        (None, None, true),
        (day(2), None, true),
        (None, day(2), true),
        (day(2), day(3), true),
        (day(2), day(2), false),
        (day(3), day(2), false),
    ] {
        assert_eq!(require_contract((starts_on, ends_on)).is_ok(), may, "{starts_on:?} to {ends_on:?}");
    }
}

/// The result of erasing in each status, with the right name and with another name.
#[test]
fn erasing_comes_after_archiving_and_by_name() {
    for status in ClientStatus::iter() {
        let (right, other) = match status {
            ClientStatus::Archived => (None, Some(Code::Invalid)),
            _ => (Some(Code::WrongState), Some(Code::WrongState)),
        };
        let client = client(status);
        for (name, refused) in [("Client", right), ("client", other)] {
            let refusal = require_erasable(&client, name).err().map(|refusal| refusal.code);
            assert_eq!(refusal, refused, "{status:?} {name}");
        }
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
