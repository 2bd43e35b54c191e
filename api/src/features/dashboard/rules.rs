//! The law of dashboards.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

/// The day whose figures are put aside now: the last of the month before, on the first of a month. Later they would no
/// longer be what they were.
pub fn month_end(now: DateTime<Utc>) -> Option<NaiveDate> {
    let today = now.date_naive();
    (today.day() == 1).then(|| today.pred_opt()).flatten()
}
