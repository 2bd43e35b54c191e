use super::rules::{
    PER_PERIOD, PER_PRIORITY, check_period, period_start, require_not_removed, require_room,
    require_room_in_period,
};
use chrono::NaiveDate;
use entity::measurable::MeasurablePeriod::{self, *};

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
    assert!(require_room_in_period(PER_PERIOD - 1).is_ok());
    assert!(require_room_in_period(PER_PERIOD).is_err());
    assert!(require_not_removed(false).is_ok());
    assert!(require_not_removed(true).is_err());
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}
