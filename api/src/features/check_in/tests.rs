use super::rules::{
    PER_SLOT, RhythmStart, Slot, last_week, monday, needed_weeks, require_action_at_work,
    require_owner_or_proxy, require_priority_at_work, require_room_in_slot, rhythm_start, week,
    weeks_between, weeks_of,
};
use crate::kernel::Zone;
use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use entity::{
    Id,
    action::ActionStatus,
    check_in_rhythm,
    member::{self, MemberStatus},
    priority::PriorityStatus,
};
use sea_orm::Iterable;
use uuid::Uuid;

#[test]
fn weeks_begin_on_monday_and_are_counted() {
    for (day, begins_on) in [
        ("2026-03-02", "2026-03-02"),
        ("2026-03-08", "2026-03-02"),
        ("2026-03-09", "2026-03-09"),
        ("2026-01-01", "2025-12-29"),
        ("2024-02-29", "2024-02-26"),
    ] {
        assert_eq!(monday(week(date(day))), date(begins_on), "{day}");
    }
    for (day, number) in [
        ("1970-01-05", 0),
        ("1970-01-11", 0),
        ("1970-01-12", 1),
        ("1970-01-04", -1),
        ("1969-12-29", -1),
        ("1969-12-28", -2),
        ("2026-03-02", 2930),
        ("2026-03-08", 2930),
        ("2026-03-09", 2931),
    ] {
        assert_eq!(week(date(day)), number, "{day}");
    }
}

#[test]
fn a_slot_has_the_number_of_weeks_nearest_to_the_interval() {
    for (days, weeks) in [
        (1, 1),
        (7, 1),
        (10, 1),
        (11, 2),
        (14, 2),
        (17, 2),
        (18, 3),
        (28, 4),
        (30, 4),
        (60, 9),
        (90, 13),
        (180, 26),
        (360, 51),
        (364, 52),
        (366, 52),
    ] {
        assert_eq!(weeks_of(days), weeks, "{days} days");
    }
}

/// Slots have no gaps: within a rhythm, between two rhythms, and when a rhythm ends in the middle of a slot.
#[test]
fn slots_are_runs_of_weeks() {
    let rhythms = [rhythm(4, 10, Some(19)), rhythm(2, 20, Some(23)), rhythm(13, 26, None)];
    let rhythms: Vec<_> = rhythms.iter().collect();
    let cut =
        [(9, 9), (10, 13), (14, 17), (18, 19), (20, 21), (22, 23), (24, 24), (25, 25), (26, 38), (39, 51)];
    for (first, last) in cut {
        for week in first..=last {
            assert_eq!(Slot::of(week, &rhythms), Slot { first, last }, "{week}");
        }
    }
    for pair in cut.windows(2) {
        let (before, after) = (pair[0], Slot { first: pair[1].0, last: pair[1].1 });
        assert_eq!(after.before(&rhythms), Slot { first: before.0, last: before.1 });
    }
    assert_eq!(Slot { first: 2931, last: 2934 }.starts_on(), date("2026-03-09"));
}

#[test]
fn rhythms_begin_next_week_and_end_with_this_one() {
    use RhythmStart::{Continued, FromWeek, Weekly};
    for (weeks, before, present, answer) in [
        (1, None, 100, Weekly),
        (1, Some((4, 90, 100)), 100, Weekly),
        (4, None, 100, FromWeek(101)),
        (4, Some((4, 80, 95)), 100, FromWeek(101)),
        // Another cadence of the same length begins in the same week: the slot in progress continues.
        (4, Some((4, 90, 100)), 100, Continued),
        (4, Some((4, 90, 99)), 100, FromWeek(101)),
        (13, Some((4, 90, 100)), 100, FromWeek(101)),
        // The client moved west across midnight, so the last week of the old rhythm is still ahead.
        (13, Some((4, 90, 101)), 100, FromWeek(102)),
        (4, Some((4, 90, 101)), 100, Continued),
    ] {
        let before = before.map(|(weeks, first, last)| rhythm(weeks, first, Some(last)));
        assert_eq!(
            rhythm_start(weeks, before.as_ref(), present),
            answer,
            "{weeks} after {before:?} in {present}"
        );
    }
    for (first, present, last) in [(90, 100, Some(100)), (100, 100, Some(100)), (101, 100, None)] {
        assert_eq!(last_week(&rhythm(4, first, None), present), last, "{first} in {present}");
    }
}

/// Weeks have no gaps when clocks change, and begin and end in the client's time zone.
#[test]
fn weeks_begin_where_the_client_is() {
    for (zone, day, starts, ends) in [
        ("UTC", "2026-03-04", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"),
        // Clocks in London go forward on 29 March and back on 25 October.
        ("Europe/London", "2026-03-25", "2026-03-23T00:00:00Z", "2026-03-29T23:00:00Z"),
        ("Europe/London", "2026-10-25", "2026-10-18T23:00:00Z", "2026-10-26T00:00:00Z"),
        ("America/New_York", "2026-07-01", "2026-06-29T04:00:00Z", "2026-07-06T04:00:00Z"),
        ("Pacific/Auckland", "2026-07-01", "2026-06-28T12:00:00Z", "2026-07-05T12:00:00Z"),
        ("Asia/Kathmandu", "2026-07-01", "2026-06-28T18:15:00Z", "2026-07-05T18:15:00Z"),
    ] {
        let place = Zone::find(zone).expect("a zone");
        let weeks = weeks_between(id_of(1), place, date(day), date(day));
        let [week] = &weeks[..] else { panic!("{zone}: {weeks:?}") };
        assert_eq!(week.starts_at, instant(starts), "{zone}");
        assert!(week.starts_on.weekday() == Weekday::Mon && week.starts_on <= date(day), "{zone}");
        assert_eq!((week.ends_on - week.starts_on).num_days(), 6);
        assert_eq!(week.ends_at, instant(ends), "{zone}");
        let year = weeks_between(id_of(1), place, date("2026-01-01"), date("2026-12-31"));
        assert_eq!(year.len(), 53);
        assert!(year.windows(2).all(|pair| pair[0].ends_at == pair[1].starts_at), "{zone}");
    }
    let utc = Zone::find("UTC").expect("a zone");
    assert!(weeks_between(id_of(1), utc, date("2026-03-09"), date("2026-03-08")).is_empty());
}

#[test]
fn a_zone_needs_the_weeks_since_its_first_client_and_a_year_more() {
    for zone in ["Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"] {
        let (since, now) = (instant("2026-03-02T09:00:00Z"), instant("2026-03-16T09:00:00Z"));
        let weeks = needed_weeks(id_of(1), Zone::find(zone).expect("a zone"), since, now);
        assert!(weeks.first().is_some_and(|week| week.starts_at <= since), "{zone}");
        assert!(weeks.last().is_some_and(|week| (week.ends_at - now).num_days() > 364), "{zone}");
    }
}

#[test]
fn only_accepted_actions_and_committed_priorities_are_checked_in() {
    for status in ActionStatus::iter() {
        assert_eq!(require_action_at_work(status).is_ok(), status == ActionStatus::Accepted, "{status:?}");
    }
    for status in PriorityStatus::iter() {
        assert_eq!(
            require_priority_at_work(status).is_ok(),
            status == PriorityStatus::Committed,
            "{status:?}"
        );
    }
}

#[test]
fn the_owner_checks_in_or_for_one_without_a_login_who_runs_the_programme() {
    let (with, without) = (member(Some(7)), member(None));
    for (owner, person, runs, answer) in [
        (Some(&with), 7, false, Some(true)),
        (Some(&with), 7, true, Some(true)),
        (Some(&with), 8, true, None),
        (Some(&without), 8, true, Some(false)),
        (Some(&without), 8, false, None),
        (None, 8, true, None),
    ] {
        assert_eq!(require_owner_or_proxy(owner, id_of(person), runs).ok(), answer, "{person} {runs}");
    }
    assert!(require_room_in_slot(PER_SLOT - 1).is_ok());
    assert!(require_room_in_slot(PER_SLOT).is_err());
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

fn rhythm(weeks: i32, first_week: i32, last_week: Option<i32>) -> check_in_rhythm::Model {
    check_in_rhythm::Model {
        id: id_of(5),
        network_id: id_of(1),
        client_id: id_of(2),
        team_id: id_of(3),
        weeks,
        first_week,
        last_week,
    }
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
