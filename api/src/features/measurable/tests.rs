use super::rules::{PER_PERIOD, PER_PRIORITY, period, period_of, room, room_in_period, taken};
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
        assert_eq!(period_of(of, date(day)), date(first), "{of:?} of {day}");
    }
}

#[test]
fn values_are_for_periods_that_have_begun() {
    for (of, asked, answer) in [
        (Week, None, Some("2026-03-02")),
        (Month, Some("2026-03-04"), Some("2026-03-01")),
        (Month, Some("2026-03-05"), None),
        (Month, Some("2025-12-24"), Some("2025-12-01")),
        (Quarter, Some("2020-12-24"), None),
    ] {
        let answered = period(of, asked.map(date), date("2026-03-04")).ok();
        assert_eq!(answered, answer.map(date), "{of:?} {asked:?}");
    }
    let last: [MeasurablePeriod; 3] = [Week, Month, Quarter];
    assert!(last.into_iter().all(|of| period(of, None, date("2026-03-04")).is_ok()));
}

#[test]
fn there_is_so_much_room() {
    assert!(room(PER_PRIORITY - 1).is_ok());
    assert!(room(PER_PRIORITY).is_err());
    assert!(room_in_period(PER_PERIOD - 1).is_ok());
    assert!(room_in_period(PER_PERIOD).is_err());
    assert!(taken(false).is_ok());
    assert!(taken(true).is_err());
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}
