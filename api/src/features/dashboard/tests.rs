use super::rules::{end_of_utc_day, month_to_store};
use chrono::NaiveDate;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

#[test]
fn every_month_is_stored_once() {
    for (last, began, today, month) in [
        // Daily runs.
        (Some("2026-01-31"), "2025-01-01", "2026-02-28", None),
        (Some("2026-01-31"), "2025-01-01", "2026-03-01", Some("2026-02-28")),
        (Some("2026-02-28"), "2025-01-01", "2026-03-01", None),
        (Some("2028-01-31"), "2025-01-01", "2028-03-01", Some("2028-02-29")),
        (Some("2026-11-30"), "2025-01-01", "2027-01-01", Some("2026-12-31")),
        // After an outage, one month after the other.
        (Some("2026-01-31"), "2025-01-01", "2026-05-17", Some("2026-02-28")),
        (Some("2026-02-28"), "2025-01-01", "2026-05-17", Some("2026-03-31")),
        (Some("2026-03-31"), "2025-01-01", "2026-05-17", Some("2026-04-30")),
        (Some("2026-04-30"), "2025-01-01", "2026-05-17", None),
        // The first month.
        (None, "2026-02-10", "2026-02-20", None),
        (None, "2026-02-10", "2026-03-01", Some("2026-02-28")),
        (None, "2026-02-10", "2026-03-09", Some("2026-02-28")),
        (None, "2025-01-01", "2026-03-09", None),
        (None, "2025-01-01", "2026-03-01", Some("2026-02-28")),
    ] {
        let found = month_to_store(last.map(day), day(began), day(today));
        assert_eq!(found, month.map(day), "{last:?}, {began}, {today}");
    }
}

#[test]
fn a_day_ends_as_the_next_one_begins() {
    assert_eq!(end_of_utc_day(day("2026-02-28")).to_rfc3339(), "2026-03-01T00:00:00+00:00");
}
