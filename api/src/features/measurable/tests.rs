use super::rules::{
    Goal, PER_PERIOD, PER_PRIORITY, PER_TEAM, check_bounds, check_period, colour, is_late,
    measurable_percent, millionths, period_start, priority_percent, require_not_removed, require_room,
    require_room_in_period, require_room_in_team,
};
use crate::kernel::Zone;
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    Id,
    check_in::CheckInStatus::{AtRisk, OffTrack, OnTrack},
    measurable::{
        MeasurableDirection::{Down, Hold, Up},
        MeasurablePeriod::{self, *},
    },
    measurable_value::MeasurableColour::{Amber, Green, Red},
    milestone,
};

#[test]
fn periods_begin_on_their_first_day() {
    for (of, day, first) in [
        (Week, "2026-03-08", "2026-03-02"),
        (Week, "2026-01-01", "2025-12-29"),
        (Month, "2026-03-31", "2026-03-01"),
        (Month, "2024-02-29", "2024-02-01"),
        (Quarter, "2026-03-31", "2026-01-01"),
        (Quarter, "2026-12-31", "2026-10-01"),
        (Quarter, "2026-04-01", "2026-04-01"),
    ] {
        assert_eq!(period_start(of, date(day)), date(first), "{of:?} of {day}");
    }
}

#[test]
fn values_belong_to_periods_that_have_begun() {
    for (of, asked, answer) in [
        (Week, None, Some("2026-03-02")),
        (Month, Some("2026-03-04"), Some("2026-03-01")),
        (Month, Some("2026-03-05"), None),
        (Month, Some("2025-12-24"), Some("2025-12-01")),
        (Quarter, Some("2020-12-24"), None),
    ] {
        let answered = check_period(of, asked.map(date), date("2026-03-04")).ok();
        assert_eq!(answered, answer.map(date), "{of:?} {asked:?}");
    }
    let last: [MeasurablePeriod; 3] = [Week, Month, Quarter];
    assert!(last.into_iter().all(|of| check_period(of, None, date("2026-03-04")).is_ok()));
}

#[test]
fn measurables_and_values_are_limited() {
    assert!(require_room(PER_PRIORITY - 1).is_ok());
    assert!(require_room(PER_PRIORITY).is_err());
    assert!(require_room_in_team(PER_TEAM - 1).is_ok());
    assert!(require_room_in_team(PER_TEAM).is_err());
    assert!(require_room_in_period(PER_PERIOD - 1).is_ok());
    assert!(require_room_in_period(PER_PERIOD).is_err());
    assert!(require_not_removed(false).is_ok());
    assert!(require_not_removed(true).is_err());
}

#[test]
fn decimals_are_counted_in_millionths() {
    for (text, number) in [
        ("0", Some(0)),
        ("-12.5", Some(-12_500_000)),
        ("0.000001", Some(1)),
        ("999999999999999.999999", Some(999_999_999_999_999_999_999)),
        ("1.0000001", None),
        ("ten", None),
    ] {
        assert_eq!(millionths(text), number, "{text}");
    }
}

#[test]
fn values_have_the_colour_of_their_bounds() {
    let (none, some) = (None, Some("90"));
    for (direction, target, green, amber, value, is) in [
        // without bounds, the target decides
        (Up, "95", none, none, "95", Green),
        (Up, "95", none, none, "94.999999", Red),
        (Up, "95", none, some, "90", Amber),
        (Up, "95", Some("93"), some, "93", Green),
        (Up, "95", Some("93"), some, "92.9", Amber),
        (Up, "95", Some("93"), some, "89.9", Red),
        (Down, "80", none, some, "80", Green),
        (Down, "80", none, some, "90", Amber),
        (Down, "80", none, some, "90.1", Red),
        // bounds of a figure to hold are distances, on both sides
        (Hold, "50", none, none, "50", Green),
        (Hold, "50", none, none, "50.1", Red),
        (Hold, "50", Some("2"), Some("5"), "48", Green),
        (Hold, "50", Some("2"), Some("5"), "55", Amber),
        (Hold, "50", Some("2"), Some("5"), "44.9", Red),
        // a figure compares as a number and not as a text
        (Up, "9", none, none, "10", Green),
    ] {
        let goal = Goal { direction, baseline: "0", target, green, amber };
        assert_eq!(colour(goal, value), is, "{goal:?} {value}");
    }
}

#[test]
fn amber_begins_where_green_ends() {
    for (direction, green, amber, path) in [
        (Up, None, None, None),
        (Up, Some("90"), Some("80"), None),
        (Up, Some("90"), Some("90"), None),
        (Up, Some("90"), Some("91"), Some("amberBound")),
        // the target is 95
        (Up, None, Some("96"), Some("amberBound")),
        (Down, Some("90"), Some("91"), None),
        (Down, Some("90"), Some("89"), Some("amberBound")),
        (Hold, Some("2"), Some("5"), None),
        (Hold, None, Some("0"), None),
        (Hold, Some("5"), Some("2"), Some("amberBound")),
        (Hold, Some("-1"), None, Some("greenBound")),
        (Hold, None, Some("-1"), Some("amberBound")),
    ] {
        let goal = Goal { direction, baseline: "0", target: "95", green, amber };
        let refused = check_bounds(goal).err().map(|refusal| refusal.path[1].clone());
        assert_eq!(refused.as_deref(), path, "{goal:?}");
    }
}

#[test]
fn progress_of_a_measurable_is_the_way_it_has_gone() {
    for (direction, baseline, target, latest, percent) in [
        (Up, "80", "100", None, 0),
        (Up, "80", "100", Some("80"), 0),
        (Up, "80", "100", Some("90"), 50),
        (Up, "80", "100", Some("99.999999"), 99),
        (Up, "80", "100", Some("120"), 100),
        (Up, "80", "100", Some("60"), 0),
        (Up, "0", "3", Some("1"), 33),
        (Down, "40", "10", Some("25"), 50),
        (Down, "40", "10", Some("5"), 100),
        (Down, "40", "10", Some("50"), 0),
        // the largest figures there are
        (Up, "-999999999999999.999999", "999999999999999.999999", Some("0"), 50),
        // beyond the target from the beginning
        (Up, "20", "10", Some("15"), 100),
        // no way to go
        (Up, "10", "10", Some("10"), 100),
        (Up, "10", "10", Some("9"), 0),
        (Hold, "10", "50", Some("50"), 100),
        (Hold, "10", "50", Some("30"), 0),
    ] {
        let goal = Goal { direction, baseline, target, green: None, amber: None };
        assert_eq!(measurable_percent(goal, latest), percent, "{goal:?} {latest:?}");
    }
    let near = Goal { direction: Hold, baseline: "50", target: "50", green: Some("1"), amber: Some("3") };
    assert_eq!(
        [Some("51"), Some("52"), Some("54")].map(|latest| measurable_percent(near, latest)),
        [100, 50, 0]
    );
}

#[test]
fn progress_of_a_priority_counts_what_tells_most() {
    let (half, done, gone) =
        (milestone(1, false, false), milestone(2, true, false), milestone(9, false, true));
    let both = [&half, &done, &gone];
    for (measured, milestones, check_in, percent) in [
        (&[40, 61][..], &both[..], Some(OffTrack), Some(50)),
        (&[0], &both, None, Some(0)),
        (&[], &both, Some(OffTrack), Some(66)),
        (&[], &both[..1], None, Some(0)),
        // what was removed is not there
        (&[], &both[2..], Some(OnTrack), Some(50)),
        (&[], &[], Some(OnTrack), Some(50)),
        (&[], &[], Some(AtRisk), Some(37)),
        (&[], &[], Some(OffTrack), Some(25)),
        (&[], &[], None, None),
    ] {
        assert_eq!(
            priority_percent(measured, milestones, check_in, 50),
            percent,
            "{measured:?} {check_in:?}"
        );
    }
}

#[test]
fn a_value_is_late_after_the_grace_of_its_period() {
    let london = Zone::find("Europe/London").expect("a zone");
    for (of, period_on, now, late) in [
        (Week, "2026-03-02", "2026-03-10T23:59:59Z", false),
        (Week, "2026-03-02", "2026-03-11T00:00:00Z", true),
        (Week, "2026-03-02", "2026-03-04T09:00:00Z", false),
        (Month, "2026-02-01", "2026-03-07T23:59:59Z", false),
        (Month, "2026-02-01", "2026-03-08T00:00:00Z", true),
        // clocks are an hour ahead in April
        (Quarter, "2026-01-01", "2026-04-14T22:59:59Z", false),
        (Quarter, "2026-01-01", "2026-04-14T23:00:00Z", true),
    ] {
        let now: DateTime<Utc> = now.parse().expect("an instant");
        assert_eq!(is_late(of, date(period_on), london, now), late, "{of:?} {period_on} at {now}");
    }
}

fn milestone(weight: i32, done: bool, removed: bool) -> milestone::Model {
    let at = |there: bool| there.then_some(DateTime::UNIX_EPOCH);
    let id = uuid::Uuid::from_u128(1);
    milestone::Model {
        id: Id::new(id),
        network_id: Id::new(id),
        client_id: Id::new(id),
        team_id: Id::new(id),
        priority_id: Id::new(id),
        title: "Half way".into(),
        weight,
        carried_from_id: None,
        due_on: date("2026-03-20"),
        done_at: at(done),
        removed_at: at(removed),
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}
