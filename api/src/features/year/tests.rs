use super::rules::{require_apart, require_length, year_of};
use crate::kernel::Code;
use chrono::{DateTime, NaiveDate};
use entity::{Id, team_year};
use uuid::Uuid;

#[test]
fn a_year_lasts_about_a_year() {
    for (from, to, right) in [
        ("2026-01-01", "2026-12-31", true),
        ("2026-01-01", "2026-06-28", false),
        ("2026-01-01", "2026-06-29", true),
        ("2026-01-01", "2027-02-04", true),
        ("2026-01-01", "2027-02-05", false),
        ("2026-12-31", "2026-01-01", false),
    ] {
        assert_eq!(require_length(&year(1, "2026", from, to)).is_ok(), right, "{from} {to}");
    }
}

#[test]
fn years_of_a_team_have_distinct_labels_and_days() {
    let years = [year(1, "2026", "2026-01-01", "2026-12-31")];
    for (new, path) in [
        (year(2, "2027", "2027-01-01", "2027-12-31"), None),
        (year(2, "2027", "2026-12-31", "2027-12-30"), Some("startsOn")),
        (year(2, "2026", "2027-01-01", "2027-12-31"), Some("label")),
        // it is no other year than itself
        (year(1, "2026", "2026-02-01", "2027-01-31"), None),
    ] {
        let refusal = require_apart(&years, &new).err().map(|refusal| (refusal.code, refusal.path.join(".")));
        assert_eq!(refusal, path.map(|path| (Code::Taken, format!("input.{path}"))), "{new:?}");
    }
}

#[test]
fn a_cycle_belongs_to_the_year_in_which_it_starts() {
    let years = [year(1, "2026", "2026-01-01", "2026-12-31"), year(2, "2027", "2027-01-15", "2027-12-31")];
    for (starts_on, number) in [
        ("2025-12-31", None),
        ("2026-01-01", Some(1)),
        ("2026-12-31", Some(1)),
        ("2027-01-14", None),
        ("2027-01-15", Some(2)),
    ] {
        assert_eq!(year_of(&years, day(starts_on)), number.map(id_of), "{starts_on}");
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn id_of<N>(number: u128) -> Id<N> {
    Id::new(Uuid::from_u128(number))
}

fn year(number: u128, label: &str, from: &str, to: &str) -> team_year::Model {
    team_year::Model {
        id: id_of(number),
        network_id: id_of(0),
        client_id: id_of(0),
        team_id: id_of(0),
        label: label.into(),
        starts_on: day(from),
        ends_on: day(to),
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}
