use super::{
    recurrence::{MAX_RULE, ParsedRule, parse_rule},
    rules::{MAX_AHEAD, SeriesTiming, parse_time, plan_sessions, require_upcoming_date},
};
use crate::kernel::{Zone, zones};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

/// Local times stay when clocks change: London's go forward on 29 March 2026 and back on 25 October.
#[test]
fn dates_follow_the_rule_and_local_times_stay() {
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
        // months without a 31st have no date
        (
            "FREQ=MONTHLY;COUNT=2",
            "2026-01-31",
            "09:00",
            "UTC",
            vec!["2026-01-31T09:00:00Z", "2026-03-31T09:00:00Z"],
        ),
        // an end without a time includes that day, in the zone of the series
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

/// A rule, its first date, its time of day, its zone, and its sessions.
type Placed = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

/// Dates around the nights on which clocks change.
const PLACED: &[Placed] = &[
    // London's clocks skip from 1:00 to 2:00
    (
        "FREQ=DAILY;COUNT=3",
        "2027-03-28",
        "01:30",
        "Europe/London",
        &["2027-03-28T01:30:00Z", "2027-03-29T00:30:00Z", "2027-03-30T00:30:00Z"],
    ),
    (
        "FREQ=DAILY;COUNT=3",
        "2027-03-26",
        "01:30",
        "Europe/London",
        &["2027-03-26T01:30:00Z", "2027-03-27T01:30:00Z", "2027-03-28T01:30:00Z"],
    ),
    (
        "FREQ=DAILY;COUNT=3",
        "2027-10-30",
        "01:30",
        "Europe/London",
        &["2027-10-30T00:30:00Z", "2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"],
    ),
    // Cairo's skip from 0:00 to 1:00
    (
        "FREQ=DAILY;COUNT=3",
        "2027-04-29",
        "00:30",
        "Africa/Cairo",
        &["2027-04-28T22:30:00Z", "2027-04-29T22:30:00Z", "2027-04-30T21:30:00Z"],
    ),
    (
        "FREQ=WEEKLY;COUNT=3",
        "2027-04-30",
        "00:30",
        "Africa/Cairo",
        &["2027-04-29T22:30:00Z", "2027-05-06T21:30:00Z", "2027-05-13T21:30:00Z"],
    ),
    // Havana's go back from 1:00 to 0:00, and skip from 0:00 to 1:00
    (
        "FREQ=DAILY;COUNT=3",
        "2024-11-02",
        "00:30",
        "America/Havana",
        &["2024-11-02T04:30:00Z", "2024-11-03T04:30:00Z", "2024-11-04T05:30:00Z"],
    ),
    (
        "FREQ=DAILY;COUNT=3",
        "2024-03-09",
        "00:30",
        "America/Havana",
        &["2024-03-09T05:30:00Z", "2024-03-10T05:30:00Z", "2024-03-11T04:30:00Z"],
    ),
    // Sydney's skip from 2:00 to 3:00; an end in UTC is an instant, and one without is a local time
    (
        "FREQ=DAILY;UNTIL=20271003T163000Z",
        "2027-10-02",
        "02:30",
        "Australia/Sydney",
        &["2027-10-01T16:30:00Z", "2027-10-02T16:30:00Z", "2027-10-03T15:30:00Z"],
    ),
    (
        "FREQ=DAILY;UNTIL=20271002T163000Z",
        "2027-10-02",
        "02:30",
        "Australia/Sydney",
        &["2027-10-01T16:30:00Z", "2027-10-02T16:30:00Z"],
    ),
    (
        "FREQ=DAILY;UNTIL=20271003T022959",
        "2027-10-02",
        "02:30",
        "Australia/Sydney",
        &["2027-10-01T16:30:00Z"],
    ),
    (
        "FREQ=DAILY;UNTIL=20271003",
        "2027-10-02",
        "02:30",
        "Australia/Sydney",
        &["2027-10-01T16:30:00Z", "2027-10-02T16:30:00Z"],
    ),
    (
        "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2;COUNT=2",
        "2027-03-01",
        "09:00",
        "Europe/London",
        &["2027-03-09T09:00:00Z", "2027-04-13T08:00:00Z"],
    ),
];

/// A skipped local time moves on that date only, whether it is the first, the last or a middle one. No date is missing
/// where a local time occurs twice.
#[test]
fn a_date_on_which_clocks_change_is_neither_lost_nor_doubled() {
    for (rule, from, at, zone, expected) in PLACED {
        let found: Vec<DateTime<Utc>> =
            timing(rule, from, at, zone).occurrences().map(|one| one.at).collect();
        let expected: Vec<DateTime<Utc>> = expected.iter().map(|at| instant(at)).collect();
        assert_eq!(found, expected, "{rule} from {from} in {zone}");
    }
}

/// In each time zone, a year of days at times at which clocks change somewhere: each date occurs once, in order, at the
/// given local time or later by the skipped time.
#[test]
fn in_every_zone_each_date_comes_once() {
    for name in zones::names() {
        let zone = Zone::find(&name).expect("a zone");
        for at in ["00:30", "01:30", "02:30"] {
            let daily = timing("FREQ=DAILY;COUNT=366", "2027-01-01", at, &name);
            let all: Vec<_> = daily.occurrences().collect();
            assert_eq!(all.len(), 366, "{name} at {at}");
            for (number, one) in all.iter().enumerate() {
                assert_eq!(one.on, day("2027-01-01") + Days::new(number as u64), "{name} at {at}");
                let late = zone.local(one.at) - one.on.and_time(daily.time);
                assert!(
                    late >= TimeDelta::zero() && late <= TimeDelta::hours(2),
                    "{name} at {at} on {}",
                    one.on
                );
            }
            assert!(all.windows(2).all(|pair| pair[0].at < pair[1].at), "{name} at {at}");
            let late = all.iter().filter(|one| zone.local(one.at) != one.on.and_time(daily.time));
            assert!(late.count() <= 2, "{name} at {at}: clocks change twice a year");
        }
    }
}

#[test]
fn valid_rules_are_accepted() {
    for (rule, fine) in [
        ("FREQ=WEEKLY;BYDAY=TU", true),
        ("FREQ=DAILY;INTERVAL=3", true),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", true),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", true),
        ("FREQ=WEEKLY;UNTIL=20260401", true),
        ("FREQ=WEEKLY;UNTIL=20260401T090000", true),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", false),
        ("FREQ=WEEKLY;UNTIL=20200101", false),
    ] {
        let timing = timing(rule, "2026-03-03", "09:00", "Europe/London");
        assert_eq!(require_upcoming_date(&timing, instant("2026-03-02T09:00:00Z")).is_ok(), fine, "{rule:?}");
    }
    for (text, fine) in [
        ("09:30", true),
        ("23:59", true),
        ("24:00", false),
        ("9:30", false),
        ("09:30:00", false),
        ("+9:30", false),
    ] {
        assert_eq!(parse_time(text).is_some(), fine, "{text}");
    }
}

/// The text of a rule for a series from 3 March 2026 at 9:00 in London.
fn read_here(text: &str) -> Result<ParsedRule, String> {
    let zone = Zone::find("Europe/London").expect("a zone");
    parse_rule(text, zone, day("2026-03-03"), parse_time("09:00").expect("a time")).map_err(|refusal| {
        assert_eq!(refusal.path, ["input", "rule"]);
        refusal.message
    })
}

#[test]
fn rules_are_parsed_as_calendars_write_them() {
    for (text, rule, except_on) in [
        (" rrule:freq=weekly;byday=tu; ", "FREQ=WEEKLY;BYDAY=TU", vec![]),
        ("FREQ=WEEKLY; BYDAY=TU, TH;WKST=SU", "FREQ=WEEKLY;BYDAY=TU,TH;WKST=SU", vec![]),
        ("DTSTART:20260303T090000\nRRULE:FREQ=DAILY", "FREQ=DAILY", vec![]),
        ("DTSTART;TZID=Europe/London:20260303T090000\r\nRRULE:FREQ=DAILY\r\n", "FREQ=DAILY", vec![]),
        ("DTSTART;TZID=Europe/Belfast:20260303T090000\nRRULE:FREQ=DAILY", "FREQ=DAILY", vec![]),
        ("DTSTART;TZID=\"GMT Standard Time\":20260303T090000\nRRULE:FREQ=DAILY", "FREQ=DAILY", vec![]),
        ("DTSTART;VALUE=DATE:20260303\nRRULE:FREQ=DAILY", "FREQ=DAILY", vec![]),
        ("DTSTART:20260303T090000Z\nRRULE:FREQ=DAILY", "FREQ=DAILY", vec![]),
        (
            "RRULE:FREQ=DAILY\nEXDATE;TZID=Europe/London:20260310T090000,20260317T090000\nEXDATE;VALUE=DATE:20260324",
            "FREQ=DAILY",
            vec!["2026-03-10", "2026-03-17", "2026-03-24"],
        ),
        (
            "RRULE:FREQ=WEEKLY;BYDAY=T\n U,TH\nEXDATE:20260330T230000Z",
            "FREQ=WEEKLY;BYDAY=TU,TH",
            vec!["2026-03-31"],
        ),
        ("FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=0", "FREQ=DAILY", vec![]),
        (
            "FREQ=MONTHLY;BYDAY=+2MO,-1FR;UNTIL=20270331T090000",
            "FREQ=MONTHLY;BYDAY=+2MO,-1FR;UNTIL=20270331T090000",
            vec![],
        ),
    ] {
        let except_on = except_on.into_iter().map(day).collect();
        assert_eq!(read_here(text), Ok(ParsedRule { rule: rule.into(), except_on }), "{text}");
    }
}

#[test]
fn a_refusal_of_a_rule_says_what_to_change() {
    let long = format!("FREQ=WEEKLY;BYDAY={}", ["MO"; MAX_RULE].join(","));
    let endless = "X".repeat(5_001);
    for (text, part) in [
        ("", "There is no rule."),
        ("WEEKLY", "A part of a rule is written like INTERVAL=2."),
        ("FREQ=HOURLY", "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY."),
        ("INTERVAL=2", "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY."),
        ("FREQ=WEEKLY;BYHOUR=9,15", "Leave out BYHOUR."),
        ("FREQ=WEEKLY;BYHOUR=10", "Leave out BYHOUR."),
        ("FREQ=WEEKLY;BYEASTER=0", "A rule has no part \"BYEASTER\"."),
        ("FREQ=WEEKLY;BYDAY=2MO", "Leave the number out."),
        ("FREQ=WEEKLY;BYDAY=MON", "BYDAY is a list of weekdays"),
        ("FREQ=WEEKLY;BYDAY=", "BYDAY is a list of weekdays"),
        ("FREQ=WEEKLY;BYDAY=é", "BYDAY is a list of weekdays"),
        ("FREQ=MONTHLY;BYDAY=6MO", "BYDAY is a list of weekdays"),
        ("FREQ=WEEKLY;INTERVAL=0", "INTERVAL is a number from 1 to 1000, and not \"0\"."),
        ("FREQ=WEEKLY;COUNT=99999999999", "COUNT is a number from 1 to 9999"),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=20270331", "Leave one out."),
        ("FREQ=WEEKLY;COUNT=2;COUNT=3", "COUNT is there twice."),
        ("FREQ=WEEKLY;UNTIL=2027-03-31", "UNTIL is like 20270331, 20270331T090000 or 20270331T090000Z"),
        ("FREQ=WEEKLY;UNTIL=20270231", "UNTIL is like 20270331"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY does not go with FREQ=WEEKLY."),
        ("FREQ=MONTHLY;BYWEEKNO=3", "BYWEEKNO goes with FREQ=YEARLY alone."),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS chooses among dates"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH is a list of months from 1 to 12"),
        ("RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "A series has one RRULE."),
        ("RRULE:FREQ=DAILY\nRDATE:20260310T090000", "A series has no RDATE."),
        ("RRULE:FREQ=DAILY\nEXDATE:tomorrow", "EXDATE lists dates like 20270308"),
        ("BEGIN:VEVENT\nRRULE:FREQ=DAILY", "Leave out BEGIN."),
        (
            "DTSTART:20260304T090000\nRRULE:FREQ=DAILY",
            "DTSTART is 2026-03-04 09:00, and the series starts 2026-03-03 09:00.",
        ),
        ("DTSTART:20260303T100000\nRRULE:FREQ=DAILY", "leave the line DTSTART out."),
        (
            "DTSTART;TZID=Europe/Paris:20260303T100000\nRRULE:FREQ=DAILY",
            "DTSTART is in the time zone Europe/Paris",
        ),
        ("DTSTART:soon\nRRULE:FREQ=DAILY", "DTSTART is written like 20270301"),
        (long.as_str(), "A rule has at most 200 characters."),
        (endless.as_str(), "at most 5000 characters"),
    ] {
        let message = read_here(text).expect_err(text);
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn at_most_26_sessions_or_a_year_are_planned() {
    let now = instant("2026-03-02T09:00:00Z");
    let weekly = timing("FREQ=WEEKLY", "2026-03-03", "09:00", "UTC");
    let first = plan_sessions(&weekly, None, &[], now);
    assert_eq!((first.make.len(), first.made_until), (MAX_AHEAD, Some(day("2026-08-25"))));
    assert_eq!(first.refill_at, Some(instant("2026-03-03T09:00:00Z")), "when the first has begun");
    // a week later one session has begun, so one more is planned
    let ahead: Vec<_> = first.make[1..].iter().map(|one| one.at).collect();
    let later = plan_sessions(&weekly, first.made_until, &ahead, instant("2026-03-04T09:00:00Z"));
    assert_eq!(later.make.iter().map(|one| one.on).collect::<Vec<_>>(), [day("2026-09-01")]);
    assert_eq!(later.refill_at, Some(instant("2026-03-10T09:00:00Z")));
    let again = plan_sessions(
        &weekly,
        later.made_until,
        &[ahead, vec![later.make[0].at]].concat(),
        instant("2026-03-04T09:00:00Z"),
    );
    assert_eq!((again.make, again.made_until, again.refill_at), (vec![], later.made_until, later.refill_at));
    // quarterly: up to a year ahead; the next one is planned when it is within a year
    let quarterly = timing("FREQ=MONTHLY;INTERVAL=3", "2026-03-03", "09:00", "UTC");
    let first = plan_sessions(&quarterly, None, &[], now);
    assert_eq!((first.make.len(), first.made_until), (4, Some(day("2026-12-03"))));
    assert_eq!(first.refill_at, Some(instant("2026-03-03T09:00:00Z")));
    // a rule with an end is planned to its end
    let short = timing("FREQ=WEEKLY;COUNT=3", "2026-03-03", "09:00", "UTC");
    let all = plan_sessions(&short, None, &[], now);
    assert_eq!((all.make.len(), all.refill_at), (3, None));
    // past dates are not planned, and exceptions do not count
    let except = SeriesTiming { except_on: vec![day("2026-03-17")], ..weekly };
    let from = plan_sessions(&except, None, &[], instant("2026-03-03T09:00:00Z"));
    assert_eq!(
        from.make.iter().take(2).map(|one| one.on).collect::<Vec<_>>(),
        [day("2026-03-10"), day("2026-03-24")]
    );
}

fn timing(rule: &str, from: &str, at: &str, zone: &str) -> SeriesTiming {
    let at = parse_time(at).expect("a time");
    SeriesTiming {
        rule: rule.into(),
        starts_on: day(from),
        time: at,
        zone: Zone::find(zone).expect("a zone"),
        except_on: vec![],
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}
