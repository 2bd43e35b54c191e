//! Days as instants, for each time zone: SQLite knows no time zones, so statements that count in their clients' days are
//! handed what they need as JSON.

use super::{end_of_day, today};
use chrono::{DateTime, Days, NaiveDate, SecondsFormat, Utc};
use chrono_tz::TZ_VARIANTS;
use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// For some time zones, when a day ends there, `endsAt`, and when the day ended that is so many days earlier, `back91`:
/// a list of instants with the zones that share them. The day is over everywhere: it is yesterday at the latest.
pub fn zones<'z>(
    names: impl Iterator<Item = &'z str>,
    day: Option<NaiveDate>,
    back: &[u64],
    now: DateTime<Utc>,
) -> String {
    let mut shared: BTreeMap<Vec<DateTime<Utc>>, Vec<&str>> = BTreeMap::new();
    for zone in names {
        let yesterday = today(zone, now).pred_opt().unwrap_or_default();
        let last = day.map_or(yesterday, |day| day.min(yesterday));
        let ends = |days: u64| end_of_day(last.checked_sub_days(Days::new(days)).unwrap_or(last), zone);
        let instants = std::iter::once(0).chain(back.iter().copied()).map(ends).collect();
        shared.entry(instants).or_default().push(zone);
    }
    let spelled = |at: &DateTime<Utc>| Value::from(at.to_rfc3339_opts(SecondsFormat::AutoSi, false));
    let lists = shared.iter().map(|(instants, zones)| {
        let names = std::iter::once("endsAt".to_owned()).chain(back.iter().map(|days| format!("back{days}")));
        let mut row: Map<String, Value> = names.zip(instants.iter().map(spelled)).collect();
        row.insert("zones".into(), json!(zones));
        Value::Object(row)
    });
    Value::Array(lists.collect()).to_string()
}

/// What was asked for last, for as long as no day ends: days end on quarters of an hour.
type Kept = (Option<NaiveDate>, Vec<u64>, i64, Arc<str>);

/// The same for every time zone there is.
pub fn all_zones(day: Option<NaiveDate>, back: &[u64], now: DateTime<Utc>) -> Arc<str> {
    static KEPT: Mutex<Option<Kept>> = Mutex::new(None);
    let quarter = now.timestamp().div_euclid(900);
    if let Some((of, spans, at, text)) = &*KEPT.lock()
        && (*of, spans.as_slice(), *at) == (day, back, quarter)
    {
        return text.clone();
    }
    let text: Arc<str> = zones(TZ_VARIANTS.iter().map(|zone| zone.name()), day, back, now).into();
    *KEPT.lock() = Some((day, back.to_vec(), quarter, text.clone()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_yesterday_at_the_latest() {
        let now: DateTime<Utc> = "2026-07-01T11:30:00Z".parse().expect("an instant");
        let asked = |day: Option<&str>| {
            let day = day.map(|day| day.parse().expect("a day"));
            let text = zones(["Etc/UTC", "Pacific/Auckland", "Europe/London"].into_iter(), day, &[91], now);
            serde_json::from_str::<Value>(&text).expect("JSON")
        };
        let london = json!({ "zones": ["Europe/London"], "endsAt": "2026-06-30T23:00:00+00:00",
            "back91": "2026-03-31T23:00:00+00:00" });
        let utc = json!({ "zones": ["Etc/UTC"], "endsAt": "2026-07-01T00:00:00+00:00", "back91": "2026-04-01T00:00:00+00:00" });
        let auckland = json!({ "zones": ["Pacific/Auckland"], "endsAt": "2026-06-30T12:00:00+00:00",
            "back91": "2026-03-31T11:00:00+00:00" });
        assert_eq!(asked(None), json!([auckland, london, utc]));
        assert_eq!(asked(Some("2026-07-09")), asked(None));
        let earlier = asked(Some("2026-05-31"));
        assert_eq!(earlier[0]["endsAt"], "2026-05-31T12:00:00+00:00");
    }

    #[test]
    fn every_zone_is_there_once() {
        let now: DateTime<Utc> = "2026-07-01T11:30:00Z".parse().expect("an instant");
        let text = all_zones(None, &[91, 365], now);
        let rows: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        let names: Vec<&Value> =
            rows.iter().flat_map(|row| row["zones"].as_array().expect("zones")).collect();
        assert_eq!(names.len(), TZ_VARIANTS.len());
        assert_eq!(all_zones(None, &[91, 365], now), text);
    }
}
