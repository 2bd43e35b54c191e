use super::rules::{AHEAD, Timing, plan, spelt, time, timely};
use chrono::{DateTime, NaiveDate, Utc};

/// Local times stay when clocks change: London's go forward on 29 March 2026 and back on 25 October.
#[test]
fn dates_follow_the_rule_and_times_the_clocks() {
    for (rule, from, at, zone, expected) in [
        (
            "FREQ=WEEKLY;BYDAY=TU;COUNT=3",
            "2026-03-24",
            "09:00",
            "Europe/London",
            vec!["2026-03-24T09:00:00Z", "2026-03-31T08:00:00Z", "2026-04-07T08:00:00Z"],
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=3",
            "2026-10-13",
            "09:00",
            "Europe/London",
            vec!["2026-10-13T08:00:00Z", "2026-10-27T09:00:00Z", "2026-11-10T09:00:00Z"],
        ),
        // 01:30 is skipped on the 29th in London, and comes twice on 25 October
        (
            "FREQ=DAILY;COUNT=3",
            "2026-03-28",
            "01:30",
            "Europe/London",
            vec!["2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"],
        ),
        (
            "FREQ=DAILY;COUNT=2",
            "2026-10-25",
            "01:30",
            "Europe/London",
            vec!["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
        ),
        (
            "FREQ=MONTHLY;BYDAY=-1FR;COUNT=2",
            "2026-03-01",
            "16:00",
            "America/New_York",
            vec!["2026-03-27T20:00:00Z", "2026-04-24T20:00:00Z"],
        ),
        // months without a 31st have none
        (
            "FREQ=MONTHLY;COUNT=2",
            "2026-01-31",
            "09:00",
            "UTC",
            vec!["2026-01-31T09:00:00Z", "2026-03-31T09:00:00Z"],
        ),
        // an end that is a date includes that day, where the series is
        (
            "FREQ=WEEKLY;UNTIL=20260331",
            "2026-03-24",
            "20:00",
            "America/New_York",
            vec!["2026-03-25T00:00:00Z", "2026-04-01T00:00:00Z"],
        ),
        (
            "FREQ=WEEKLY;UNTIL=20260330",
            "2026-03-24",
            "20:00",
            "America/New_York",
            vec!["2026-03-25T00:00:00Z"],
        ),
    ] {
        let found: Vec<DateTime<Utc>> =
            timing(rule, from, at, zone).occurrences().map(|one| one.at).collect();
        let expected: Vec<DateTime<Utc>> = expected.into_iter().map(instant).collect();
        assert_eq!(found, expected, "{rule} from {from}");
    }
}

#[test]
fn rules_that_can_be_kept() {
    for (rule, fine) in [
        ("FREQ=WEEKLY;BYDAY=TU", true),
        ("FREQ=DAILY;INTERVAL=3", true),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", true),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", true),
        ("FREQ=WEEKLY;UNTIL=20260401", true),
        ("", false),
        ("WEEKLY", false),
        ("FREQ=HOURLY", false),
        ("FREQ=WEEKLY;BYHOUR=9,15", false),
        ("FREQ=WEEKLY;BYDAY=2MO", false),
        ("FREQ=WEEKLY;INTERVAL=0", false),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", false),
        ("FREQ=WEEKLY;UNTIL=20200101", false),
        ("FREQ=WEEKLY;COUNT=99999999999", false),
        ("FREQ=WEEKLY\nEXDATE:20260324T090000", false),
        ("FREQ=WEEKLY;UNTIL=20260401T090000", false),
    ] {
        let timing = timing(rule, "2026-03-03", "09:00", "Europe/London");
        assert_eq!(timely(&timing, instant("2026-03-02T09:00:00Z")).is_ok(), fine, "{rule:?}");
    }
    let long = format!("FREQ=WEEKLY;BYDAY={}", ["MO"; 100].join(","));
    assert!(timely(&timing(&long, "2026-03-03", "09:00", "UTC"), instant("2026-03-02T09:00:00Z")).is_err());
    for (text, kept) in
        [(" rrule:freq=weekly;byday=tu; ", "FREQ=WEEKLY;BYDAY=TU"), ("FREQ=DAILY", "FREQ=DAILY")]
    {
        assert_eq!(spelt(text), kept);
    }
    for (text, fine) in [
        ("09:30", true),
        ("23:59", true),
        ("24:00", false),
        ("9:30", false),
        ("09:30:00", false),
        ("+9:30", false),
    ] {
        assert_eq!(time(text).is_some(), fine, "{text}");
    }
}

#[test]
fn the_diary_is_full_at_26_or_a_year() {
    let now = instant("2026-03-02T09:00:00Z");
    let weekly = timing("FREQ=WEEKLY", "2026-03-03", "09:00", "UTC");
    let first = plan(&weekly, None, &[], now);
    assert_eq!((first.make.len(), first.made_until), (AHEAD, Some(day("2026-08-25"))));
    assert_eq!(first.refill_at, Some(instant("2026-03-03T09:00:00Z")), "when the first has begun");
    // a week later one has begun: one more is made, and no other
    let ahead: Vec<_> = first.make[1..].iter().map(|one| one.at).collect();
    let later = plan(&weekly, first.made_until, &ahead, instant("2026-03-04T09:00:00Z"));
    assert_eq!(later.make.iter().map(|one| one.on).collect::<Vec<_>>(), [day("2026-09-01")]);
    assert_eq!(later.refill_at, Some(instant("2026-03-10T09:00:00Z")));
    let again = plan(
        &weekly,
        later.made_until,
        &[ahead, vec![later.make[0].at]].concat(),
        instant("2026-03-04T09:00:00Z"),
    );
    assert_eq!((again.make, again.made_until, again.refill_at), (vec![], later.made_until, later.refill_at));
    // quarterly: as far as a year ahead, and the next one when it comes in sight
    let quarterly = timing("FREQ=MONTHLY;INTERVAL=3", "2026-03-03", "09:00", "UTC");
    let first = plan(&quarterly, None, &[], now);
    assert_eq!((first.make.len(), first.made_until), (4, Some(day("2026-12-03"))));
    assert_eq!(first.refill_at, Some(instant("2026-03-03T09:00:00Z")));
    // what ends is made to its end
    let short = timing("FREQ=WEEKLY;COUNT=3", "2026-03-03", "09:00", "UTC");
    let all = plan(&short, None, &[], now);
    assert_eq!((all.make.len(), all.refill_at), (3, None));
    // what is past is not made, and exceptions are left out without counting for less
    let except = Timing { except_on: vec![day("2026-03-17")], ..weekly };
    let from = plan(&except, None, &[], instant("2026-03-03T09:00:00Z"));
    assert_eq!(
        from.make.iter().take(2).map(|one| one.on).collect::<Vec<_>>(),
        [day("2026-03-10"), day("2026-03-24")]
    );
}

fn timing(rule: &str, from: &str, at: &str, zone: &str) -> Timing {
    let at = time(at).expect("a time");
    Timing { rule: rule.into(), starts_on: day(from), time: at, zone: zone.into(), except_on: vec![] }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}
