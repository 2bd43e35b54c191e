use super::rules::{PER_SLOT, by_owner, needed, on_action, on_priority, room_in_slot, slot, slots};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    Id,
    action::ActionStatus,
    member::{self, MemberStatus},
    priority::PriorityStatus,
};
use sea_orm::Iterable;
use uuid::Uuid;

#[test]
fn slots_are_weeks_that_begin_on_monday() {
    for (day, monday) in [
        ("2026-03-02", "2026-03-02"),
        ("2026-03-08", "2026-03-02"),
        ("2026-03-09", "2026-03-09"),
        ("2026-01-01", "2025-12-29"),
        ("2024-02-29", "2024-02-26"),
    ] {
        assert_eq!(slot(date(day)), date(monday), "{day}");
    }
}

/// Weeks touch each other whatever the clocks do, and begin and end where the client is.
#[test]
fn weeks_begin_where_the_client_is() {
    for (zone, day, starts, ends) in [
        ("UTC", "2026-03-04", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"),
        // the clocks of London go forward on 29 March and back on 25 October
        ("Europe/London", "2026-03-25", "2026-03-23T00:00:00Z", "2026-03-29T23:00:00Z"),
        ("Europe/London", "2026-10-25", "2026-10-18T23:00:00Z", "2026-10-26T00:00:00Z"),
        ("America/New_York", "2026-07-01", "2026-06-29T04:00:00Z", "2026-07-06T04:00:00Z"),
        ("Pacific/Auckland", "2026-07-01", "2026-06-28T12:00:00Z", "2026-07-05T12:00:00Z"),
        ("Asia/Kathmandu", "2026-07-01", "2026-06-28T18:15:00Z", "2026-07-05T18:15:00Z"),
    ] {
        let weeks = slots(id_of(1), zone, date(day), date(day));
        let [week] = &weeks[..] else { panic!("{zone}: {weeks:?}") };
        assert_eq!((week.starts_on, week.starts_at), (slot(date(day)), instant(starts)), "{zone}");
        assert_eq!((week.ends_on - week.starts_on).num_days(), 6);
        assert_eq!(week.ends_at, instant(ends), "{zone}");
        let year = slots(id_of(1), zone, date("2026-01-01"), date("2026-12-31"));
        assert_eq!(year.len(), 53);
        assert!(year.windows(2).all(|pair| pair[0].ends_at == pair[1].starts_at), "{zone}");
    }
    assert!(slots(id_of(1), "UTC", date("2026-03-09"), date("2026-03-08")).is_empty());
}

#[test]
fn a_zone_needs_the_weeks_since_its_first_client_and_a_year_more() {
    for zone in ["Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"] {
        let (since, now) = (instant("2026-03-02T09:00:00Z"), instant("2026-03-16T09:00:00Z"));
        let weeks = needed(id_of(1), zone, since, now);
        assert!(weeks.first().is_some_and(|week| week.starts_at <= since), "{zone}");
        assert!(weeks.last().is_some_and(|week| (week.ends_at - now).num_days() > 364), "{zone}");
    }
}

#[test]
fn only_what_is_at_work_is_checked_in_on() {
    for status in ActionStatus::iter() {
        assert_eq!(on_action(status).is_ok(), status == ActionStatus::Accepted, "{status:?}");
    }
    for status in PriorityStatus::iter() {
        assert_eq!(on_priority(status).is_ok(), status == PriorityStatus::Committed, "{status:?}");
    }
}

#[test]
fn the_owner_speaks_and_for_one_without_a_login_who_runs_the_programme() {
    let (with, without) = (member(Some(7)), member(None));
    for (owner, person, runs, answer) in [
        (Some(&with), 7, false, Some(true)),
        (Some(&with), 7, true, Some(true)),
        (Some(&with), 8, true, None),
        (Some(&without), 8, true, Some(false)),
        (Some(&without), 8, false, None),
        (None, 8, true, None),
    ] {
        assert_eq!(by_owner(owner, id_of(person), runs).ok(), answer, "{person} {runs}");
    }
    assert!(room_in_slot(PER_SLOT - 1).is_ok());
    assert!(room_in_slot(PER_SLOT).is_err());
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn id_of<N>(number: u128) -> Id<N> {
    Id::new(Uuid::from_u128(number))
}

fn member(person: Option<u128>) -> member::Model {
    member::Model {
        id: id_of(1),
        network_id: id_of(0),
        client_id: id_of(0),
        team_id: id_of(0),
        person_id: person.map(id_of),
        name: "Ada".into(),
        job_title: String::new(),
        email: None,
        status: MemberStatus::Active,
        created_at: DateTime::UNIX_EPOCH,
        removed_at: None,
        version: 1,
    }
}
