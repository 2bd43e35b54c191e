//! The law of dashboards.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};

/// The last day of the month whose figures are to be put aside, of several the earliest: the one after the `last` that was.
/// Of a network for which nothing was put aside yet, it is the month before this one if the network began in it, or if this
/// is the first of a month. Later its figures would no longer be what they were.
pub fn month_to_put_aside(last: Option<NaiveDate>, began: NaiveDate, today: NaiveDate) -> Option<NaiveDate> {
    let before = today.with_day(1)?.pred_opt()?;
    match last {
        Some(last) if last >= before => None,
        // the last day of the month after
        Some(last) => last.succ_opt()?.checked_add_months(chrono::Months::new(1))?.pred_opt(),
        None => {
            let fresh = (began.year(), began.month()) == (before.year(), before.month());
            (fresh || today.day() == 1).then_some(before)
        }
    }
}

/// The instant at which a day ends, in UTC.
pub fn end_of(day: NaiveDate) -> DateTime<Utc> {
    (day + Days::new(1)).and_time(NaiveTime::MIN).and_utc()
}
