use super::rules::month_end;
use chrono::{DateTime, Utc};

#[test]
fn a_month_is_put_aside_on_the_day_after_it() {
    for (now, on) in [
        ("2026-03-01T00:00:00Z", Some("2026-02-28")),
        ("2028-03-01T23:59:59Z", Some("2028-02-29")),
        ("2027-01-01T12:00:00Z", Some("2026-12-31")),
        ("2026-03-02T00:00:00Z", None),
        ("2026-02-28T23:59:59Z", None),
    ] {
        let at: DateTime<Utc> = now.parse().expect("an instant");
        assert_eq!(month_end(at).map(|on| on.to_string()).as_deref(), on, "{now}");
    }
}
