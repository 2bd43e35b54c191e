use super::rules::{QuietHours, default_delivery, digest_day, is_digest_time_anywhere, leaves_at};
use crate::{kernel::Zone, texts};
use chrono::{DateTime, Utc};
use entity::{
    network::Locale,
    notice::NoticeKind,
    notice_preference::NoticeDelivery::{self, AtOnce, Daily, Off, Weekly},
};
use sea_orm::Iterable;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Created at, delivery, quiet hours, looked at: leaves at.
type Case =
    (&'static str, NoticeDelivery, Option<(&'static str, &'static str)>, &'static str, Option<&'static str>);

#[test]
fn an_e_mail_leaves_when_its_recipient_wants_it() {
    let zone = Zone::named("Europe/Berlin").expect("a zone");
    let night = Some(("22:00", "06:30"));
    let cases: [Case; 9] = [
        ("2026-03-03T09:00:00Z", AtOnce, None, "2026-03-03T09:00:10Z", Some("2026-03-03T09:00:10Z")),
        ("2026-03-03T21:30:00Z", AtOnce, night, "2026-03-03T21:30:10Z", Some("2026-03-04T05:30:00Z")),
        ("2026-03-03T21:30:00Z", AtOnce, night, "2026-03-04T05:30:00Z", Some("2026-03-04T05:30:00Z")),
        ("2026-03-04T02:00:00Z", AtOnce, night, "2026-03-04T02:00:00Z", Some("2026-03-04T05:30:00Z")),
        ("2026-03-03T09:00:00Z", Daily, None, "2026-03-03T09:00:10Z", Some("2026-03-04T06:00:00Z")),
        ("2026-03-03T05:00:00Z", Daily, None, "2026-03-03T05:00:10Z", Some("2026-03-03T06:00:00Z")),
        (
            "2026-03-03T09:00:00Z",
            Daily,
            Some(("20:00", "08:00")),
            "2026-03-04T06:00:00Z",
            Some("2026-03-04T07:00:00Z"),
        ),
        // the clocks go forward on 29 March
        ("2026-03-24T09:00:00Z", Weekly, None, "2026-03-24T09:00:10Z", Some("2026-03-30T05:00:00Z")),
        ("2026-03-03T09:00:00Z", Off, None, "2026-03-03T09:00:10Z", None),
    ];
    for (created, delivery, quiet, now, leaves) in cases {
        let quiet = quiet.and_then(|(from, until)| QuietHours::parse(Some(from), Some(until)));
        let found = leaves_at(instant(created), delivery, zone, quiet, instant(now));
        assert_eq!(found, leaves.map(instant), "{created} {delivery:?} {now}");
    }
}

#[test]
fn a_digest_is_sent_on_monday_or_made_up_for_on_tuesday() {
    let zone = Zone::named("Europe/Berlin").expect("a zone");
    assert!(!is_digest_time_anywhere(instant("2026-03-05T12:00:00Z")), "Thursday");
    for (now, day) in [
        ("2026-03-02T05:59:00Z", None),
        ("2026-03-02T06:00:00Z", Some("2026-03-02")),
        ("2026-03-03T22:00:00Z", Some("2026-03-02")),
        ("2026-03-03T23:00:00Z", None),
        ("2026-03-08T12:00:00Z", None),
    ] {
        assert_eq!(digest_day(zone, instant(now)).map(|day| day.to_string()).as_deref(), day, "{now}");
        assert!(day.is_none() || is_digest_time_anywhere(instant(now)), "{now}");
    }
}

#[test]
fn every_kind_has_its_texts_in_every_language() {
    let keys = |locale| texts::keys(locale).collect::<Vec<_>>();
    assert_eq!(keys(Locale::English), keys(Locale::German));
    for locale in Locale::iter() {
        for kind in NoticeKind::iter().filter(|kind| *kind != NoticeKind::Digest) {
            let (subject, line) = texts::of_kind(kind);
            for key in [&subject, &line] {
                let text = texts::fill(locale, key, &[("title", "T"), ("at", "A"), ("on", "O")]);
                assert!(!text.is_empty() && !text.contains(['{', '}']), "{locale:?} {key}: {text}");
            }
        }
    }
    assert_eq!(default_delivery(NoticeKind::WorkDue), Daily);
}
