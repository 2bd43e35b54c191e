use super::rules::{
    Ending, FrozenPeriod, check_reason, require_at_work, require_owner_there, require_reopenable,
};
use crate::kernel::{Check, Code};
use chrono::{DateTime, NaiveDate, Utc};
use entity::client::ClientStatus;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

#[test]
fn an_end_can_be_taken_back_for_14_days_and_until_its_period_is_frozen() {
    let frozen = |name: &str, ends_on: &str| Some(FrozenPeriod { name: name.into(), ends_on: day(ends_on) });
    let ending = Ending { at: instant("2026-03-31T22:30:00Z"), on: day("2026-04-01") };
    for (now, frozen, reason) in [
        ("2026-03-31T22:30:00Z", None, None),
        ("2026-04-14T22:30:00Z", None, None),
        ("2026-04-14T22:30:01Z", None, Some("REOPENING_TOO_LATE")),
        // the day counts in the client's time zone, where April has begun
        ("2026-04-02T09:00:00Z", frozen("2026-Q1", "2026-03-31"), None),
        ("2026-04-02T09:00:00Z", frozen("2026-Q2", "2026-06-30"), Some("PERIOD_FROZEN")),
    ] {
        let refusal = require_reopenable(ending, frozen.as_ref(), instant(now)).err();
        let refusal = refusal.map(|refusal| (refusal.code, refusal.reason));
        assert_eq!(refusal, reason.map(|reason| (Code::WrongState, reason.to_owned())), "{now} {frozen:?}");
    }
}

#[test]
fn a_reason_is_needed() {
    for (reason, fits) in [("", false), ("  ", false), ("A mistake", true), (&"x".repeat(1001), false)] {
        let mut check = Check::new();
        check_reason(&mut check, reason);
        assert_eq!(check.done().is_ok(), fits, "{} characters", reason.len());
    }
}

#[test]
fn only_a_team_at_work_reopens_anything() {
    let then = Some(instant("2026-03-02T09:00:00Z"));
    for (client, archived, right) in [
        (ClientStatus::Active, None, true),
        (ClientStatus::Active, then, false),
        (ClientStatus::Archived, None, false),
    ] {
        let refusal = require_at_work(client, archived).err();
        let refusal = refusal.map(|refusal| (refusal.code, refusal.path.join(".")));
        let wanted = (!right).then(|| (Code::WrongState, "input.id".to_owned()));
        assert_eq!(refusal, wanted, "{client:?} {archived:?}");
    }
}

#[test]
fn work_without_an_owner_is_not_reopened() {
    let refusal = require_owner_there(None, "Call").expect_err("nobody owns it");
    assert_eq!(refusal.code, Code::OwnerNotEligible);
    assert!(refusal.message.contains("“Call”"), "{}", refusal.message);
}
