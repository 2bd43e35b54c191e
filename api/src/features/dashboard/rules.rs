//! Rules of dashboards.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};

/// The last day of the month whose figures must be stored: the month after `last`, the latest stored one. Without stored
/// figures, the previous month if the network began in it or if today is the first of a month. On later days, the figures
/// of that month can no longer be computed.
pub fn month_to_store(last: Option<NaiveDate>, began: NaiveDate, today: NaiveDate) -> Option<NaiveDate> {
    let before = today.with_day(1)?.pred_opt()?;
    match last {
        Some(last) if last >= before => None,
        // The last day of the following month.
        Some(last) => last.succ_opt()?.checked_add_months(chrono::Months::new(1))?.pred_opt(),
        None => {
            let fresh = (began.year(), began.month()) == (before.year(), before.month());
            (fresh || today.day() == 1).then_some(before)
        }
    }
}

/// The instant at which a day ends, in UTC.
pub fn end_of_utc_day(day: NaiveDate) -> DateTime<Utc> {
    (day + Days::new(1)).and_time(NaiveTime::MIN).and_utc()
}
