use super::rules::*;
use crate::kernel::Zone;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeZone, Utc};
use entity::{
    Id,
    programme::{self, ProgrammeStatus},
    review::{self, ReviewStatus},
    review_cadence::CadenceUnit::{self, *},
};
use rrule::{RRuleSet, Tz};
use uuid::Uuid;

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}
fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}
fn place(zone: &str) -> Zone {
    Zone::find(zone).expect("a zone")
}
fn rhythm(unit: CadenceUnit, every: i32, anchor: &str, time: &str) -> CadenceRule {
    CadenceRule { unit, every, anchor_on: date(anchor), time: parse_time(time).expect("a time of day") }
}

/// Compares due dates with those of an iCalendar library, over changes of clocks.
#[test]
fn due_dates_equal_those_of_an_icalendar_library() {
    for (unit, every, anchor, time, zone, rule) in [
        (Week, 1, "2026-03-02", "09:00", "Europe/London", "FREQ=WEEKLY"),
        (Week, 2, "2026-01-07", "17:30", "America/New_York", "FREQ=WEEKLY;INTERVAL=2"),
        (Day, 10, "2026-02-28", "08:15", "Australia/Sydney", "FREQ=DAILY;INTERVAL=10"),
        (Month, 1, "2026-01-15", "10:00", "Europe/Paris", "FREQ=MONTHLY"),
        (Month, 3, "2025-11-28", "14:00", "Asia/Singapore", "FREQ=MONTHLY;INTERVAL=3"),
        // not every month has a 31st: its last day is used instead
        (Month, 1, "2026-01-31", "10:00", "Europe/London", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"),
    ] {
        let ours = rhythm(unit, every, anchor, time);
        let start = ours.anchor_on.and_time(ours.time);
        let text = format!("DTSTART;TZID={zone}:{}\nRRULE:{rule};COUNT=30", start.format("%Y%m%dT%H%M%S"));
        let theirs: RRuleSet = text.parse().expect("a rule");
        let theirs: Vec<DateTime<Utc>> =
            theirs.all(30).dates.iter().map(|at: &DateTime<Tz>| at.with_timezone(&Utc)).collect();
        assert_eq!(theirs.len(), 30);
        let ours: Vec<DateTime<Utc>> = (0..30).map(|number| ours.times(number, place(zone)).due_at).collect();
        assert_eq!(ours, theirs, "every {every} {unit:?} from {anchor} in {zone}");
    }
}

#[test]
fn grace_periods_depend_on_the_interval_and_never_overlap() {
    for (unit, every, days) in [
        (Day, 1, 0),
        (Day, 3, 1),
        (Day, 7, 2),
        (Week, 1, 2),
        (Week, 2, 2),
        (Week, 4, 7),
        (Month, 1, 7),
        (Month, 2, 7),
        (Month, 3, 14),
        (Week, 13, 14),
        (Month, 12, 14),
    ] {
        let rhythm = rhythm(unit, every, "2026-01-31", "09:00");
        assert_eq!(rhythm.grace(), days, "every {every} {unit:?}");
        for number in 0..20 {
            let times = rhythm.times(number, place("Europe/London"));
            assert!(times.opens_at <= times.due_at && times.due_at < times.grace_ends_at);
            assert!(times.grace_ends_at <= times.closes_at, "every {every} {unit:?}: {number}");
            assert_eq!(times.closes_at, rhythm.times(number + 1, place("Europe/London")).opens_at);
        }
    }
}

#[test]
fn the_first_review_is_one_interval_after_the_start() {
    for (days, unit, every, anchor) in
        [(14, Week, 2, "2026-03-16"), (7, Week, 1, "2026-03-09"), (30, Day, 30, "2026-04-01")]
    {
        let rhythm = CadenceRule::of_template(days, date("2026-03-02"));
        assert_eq!((rhythm.unit, rhythm.every, rhythm.anchor_on), (unit, every, date(anchor)), "{days}");
        assert_eq!(rhythm.time, NaiveTime::from_hms_opt(9, 0, 0).expect("nine"));
    }
}

#[test]
fn enough_reviews_are_ahead_and_past_ones_are_not_created() {
    let zone = place("Europe/London");
    let weekly = rhythm(Week, 1, "2026-03-02", "09:00");
    // on the grace day after the second review, that review can still be held on time
    for (now, first) in [
        ("2026-02-01T00:00:00Z", 0),
        ("2026-03-04T23:59:00Z", 0),
        ("2026-03-05T00:00:00Z", 1),
        ("2026-03-11T12:00:00Z", 1),
        ("2026-03-12T00:00:00Z", 2),
    ] {
        assert_eq!(weekly.first_number(instant(now), zone), first, "{now}");
    }
    for (number, now, enough) in [
        (2, "2026-01-01T00:00:00Z", false),
        (3, "2026-03-02T08:59:00Z", true),
        (3, "2026-03-02T09:00:00Z", false),
        (4, "2026-03-02T09:00:00Z", true),
    ] {
        assert_eq!(weekly.has_enough(number, instant(now), zone), enough, "{number} at {now}");
    }
    assert_eq!(weekly.due_on(1).weekday(), weekly.due_on(40).weekday());
}

#[test]
fn a_time_of_day_has_one_format() {
    for (text, good) in [
        ("09:30", true),
        ("00:00", true),
        ("23:59", true),
        ("24:00", false),
        ("9:30", false),
        ("09:30 ", false),
        ("", false),
        ("noon!", false),
    ] {
        assert_eq!(parse_time(text).is_some(), good, "{text}");
    }
}

/// Due on Monday, 16 March 2026, weekly.
fn due(status: ReviewStatus) -> review::Model {
    let times = rhythm(Week, 1, "2026-03-16", "09:00").times(0, place("Europe/London"));
    review::Model {
        id: Id::new(Uuid::nil()),
        network_id: Id::new(Uuid::nil()),
        client_id: Id::new(Uuid::nil()),
        team_id: Id::new(Uuid::nil()),
        review_cadence_id: Id::new(Uuid::nil()),
        number: 0,
        due_on: times.due_on,
        due_at: times.due_at,
        opens_at: times.opens_at,
        grace_ends_at: times.grace_ends_at,
        closes_at: times.closes_at,
        status,
        session_id: None,
        held_at: None,
        quorate: None,
        version: 1,
    }
}

#[test]
fn the_time_of_holding_decides_the_status() {
    use ReviewStatus::*;
    let now = instant("2026-04-01T00:00:00Z");
    for (at, becomes) in [
        ("2026-03-13T23:59:59Z", None),
        ("2026-03-14T00:00:00Z", Some(Met)),
        ("2026-03-16T09:00:00Z", Some(Met)),
        ("2026-03-18T23:59:59Z", Some(Met)),
        ("2026-03-19T00:00:00Z", Some(Late)),
        ("2026-03-20T23:59:59Z", Some(Late)),
        ("2026-03-21T00:00:00Z", None),
        ("2026-04-01T00:00:01Z", None),
    ] {
        for status in [Due, Missed, Excused] {
            assert_eq!(
                status_if_held(&due(status), instant(at), now).ok(),
                becomes,
                "{status:?} held at {at}"
            );
        }
        for status in [Met, Late] {
            let refused = status_if_held(&due(status), instant(at), now).expect_err("it is held already");
            assert_eq!(refused.path.join("."), "input.id");
        }
    }
    let early = status_if_held(&due(Due), instant("2026-03-16T09:00:00Z"), instant("2026-03-16T08:00:00Z"));
    assert_eq!(early.expect_err("it is not held yet").path.join("."), "input.heldAt");
}

#[test]
fn a_pause_excuses_the_reviews_that_fall_into_it() {
    for (from, until, excuses) in [
        ("2026-03-01T00:00:00Z", "2026-03-16T09:00:00Z", false),
        ("2026-03-01T00:00:00Z", "2026-03-16T09:00:01Z", true),
        ("2026-03-17T00:00:00Z", "2026-05-01T00:00:00Z", true),
        ("2026-03-19T00:00:00Z", "2026-05-01T00:00:00Z", false),
    ] {
        assert_eq!(
            is_excused(&due(ReviewStatus::Due), instant(from), instant(until)),
            excuses,
            "{from} to {until}"
        );
    }
    let now = instant("2026-03-21T00:00:00Z");
    let programme = |status, paused_at: Option<&str>| programme::Model {
        id: Id::new(Uuid::nil()),
        network_id: Id::new(Uuid::nil()),
        client_id: Id::new(Uuid::nil()),
        team_id: Id::new(Uuid::nil()),
        template_version_id: Id::new(Uuid::nil()),
        name: "StratPro".into(),
        status,
        planned_start_on: date("2026-01-01"),
        started_at: None,
        paused_at: paused_at.map(instant),
        paused_seconds: 0,
        ended_at: None,
        reason: None,
        created_at: Utc.timestamp_nanos(0),
        version: 1,
    };
    for (of, becomes) in [
        (None, ReviewStatus::Missed),
        (Some(programme(ProgrammeStatus::Active, None)), ReviewStatus::Missed),
        (Some(programme(ProgrammeStatus::Paused, Some("2026-03-10T00:00:00Z"))), ReviewStatus::Excused),
        (Some(programme(ProgrammeStatus::Paused, Some("2026-03-20T00:00:00Z"))), ReviewStatus::Missed),
    ] {
        assert_eq!(status_if_closed(&due(ReviewStatus::Due), of.as_ref(), now), becomes);
    }
}
