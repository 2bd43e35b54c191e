//! Rules of notices: when an e-mail about a notice leaves.

use crate::{features::session_series::rules::parse_time, kernel::Zone};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use entity::{notice::NoticeKind, notice_preference::NoticeDelivery};

/// Local time from which daily and weekly e-mails are sent.
const MORNING: NaiveTime = NaiveTime::from_hms_opt(7, 0, 0).expect("an hour");
/// How long notices are kept.
pub const KEPT: TimeDelta = TimeDelta::days(90);
/// Days after Monday on which a missed digest is still sent.
const DIGEST_DAYS: i64 = 2;

/// Hours in which no e-mail about a notice is sent, as local times. They may last over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    pub from: NaiveTime,
    pub until: NaiveTime,
}

impl QuietHours {
    /// The hours of two texts such as `22:00`. `None` if either is missing.
    pub fn parse(from: Option<&str>, until: Option<&str>) -> Option<QuietHours> {
        Some(QuietHours { from: parse_time(from?)?, until: parse_time(until?)? })
    }

    fn contain(self, time: NaiveTime) -> bool {
        if self.from <= self.until {
            self.from <= time && time < self.until
        } else {
            time >= self.from || time < self.until
        }
    }

    /// The first instant from `at` on that is not in these hours.
    pub fn next_free(self, zone: Zone, at: DateTime<Utc>) -> DateTime<Utc> {
        let local = zone.local(at);
        if !self.contain(local.time()) {
            return at;
        }
        let day = if local.time() < self.until { local.date() } else { local.date() + Days::new(1) };
        // a skipped hour could put the end before the instant
        zone.at(day.and_time(self.until)).max(at)
    }
}

/// When notices of a kind are sent by e-mail to people who did not choose.
pub fn default_delivery(kind: NoticeKind) -> NoticeDelivery {
    match kind {
        NoticeKind::WorkDue | NoticeKind::ReadBackGiven => NoticeDelivery::Daily,
        NoticeKind::BenchmarkPublished | NoticeKind::Digest => NoticeDelivery::Weekly,
        _ => NoticeDelivery::AtOnce,
    }
}

/// When the e-mail about a notice leaves: now or earlier means at once. `None`: never.
pub fn leaves_at(
    created: DateTime<Utc>,
    delivery: NoticeDelivery,
    zone: Zone,
    quiet: Option<QuietHours>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let leaves = match delivery {
        NoticeDelivery::Off => return None,
        NoticeDelivery::AtOnce => now,
        NoticeDelivery::Daily => morning_after(created, zone, |_| true),
        NoticeDelivery::Weekly => morning_after(created, zone, |day| day.weekday() == Weekday::Mon),
    };
    let leaves = leaves.max(now);
    Some(quiet.map_or(leaves, |quiet| quiet.next_free(zone, leaves)))
}

/// The first morning after an instant, of the days that are wanted.
fn morning_after(at: DateTime<Utc>, zone: Zone, wanted: impl Fn(NaiveDate) -> bool) -> DateTime<Utc> {
    let local = zone.local(at);
    let first = if local.time() < MORNING { local.date() } else { local.date() + Days::new(1) };
    let day = first.iter_days().take(7).find(|day| wanted(*day)).unwrap_or(first);
    zone.at(day.and_time(MORNING))
}

/// Whether a digest can be sent now in some time zone. Zones are at most 14 hours apart from UTC.
pub fn is_digest_time_anywhere(now: DateTime<Utc>) -> bool {
    !matches!(now.weekday(), Weekday::Thu | Weekday::Fri | Weekday::Sat)
}

/// The Monday of a digest that can be sent now: from seven in the morning on Monday to the end of Tuesday.
pub fn digest_day(zone: Zone, now: DateTime<Utc>) -> Option<NaiveDate> {
    let local = zone.local(now);
    let since = i64::from(local.weekday().num_days_from_monday());
    let monday = local.date() - TimeDelta::days(since);
    (since < DIGEST_DAYS && local >= monday.and_time(MORNING)).then_some(monday)
}
