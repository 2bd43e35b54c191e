//! All that the timeline tells of the story, day by day, written down from the diary and the rules.

use super::story::{Story, Who::Lena};
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

/// Each day (Greenwich) on which something happened: what kinds of things, and to what.
type Day = (&'static str, &'static [(&'static str, &'static [&'static str])]);

const OFFERED: &str = "ACTION_OFFERED";
const ACCEPTED: &str = "ACTION_ACCEPTED";
const DONE: &str = "ACTION_DONE";
const MOVED: &str = "ACTION_MOVED";
const COMMITTED: &str = "PRIORITY_COMMITTED";
const ACHIEVED: &str = "PRIORITY_ACHIEVED";
const MISSED: &str = "PRIORITY_MISSED";
const RAISED: &str = "DRIFT_RAISED";
const CLEARED: &str = "DRIFT_CLEARED";
const HELD: &str = "SESSION_HELD";
const CANCELLED: &str = "SESSION_CANCELLED";
const OPENED: &str = "STAGE_OPENED";
const PASSED: &str = "STAGE_PASSED";
/// A review that was held in time has no title.
const MET: (&str, &[&str]) = ("REVIEW_MET", &[""]);
const FOLLOW_UP: &[&str] = &["Follow-up"];

const BRANCHES: &str = "Ask every branch how it reads the page";
const FOREMEN: &str = "Check the page with the foremen";
const SENTENCE: &str = "Say the vision in one sentence";
const SILENCE: &str = "Two of us do not speak to each other";
const SHIFTS: &str = "Nobody plans the shifts";
const GOODBYE: &str = "Say goodbye to seven markets";
const BEST: &str = "Head office takes the best people";
const TALKS: &str = "Hold two talks about the fourth market";
const SCREENS: &str = "Show the screens to the night shift";
const SECOND: &str = "A second shift that works";
const COMPLAINTS: &str = "Complaints answered in a day";
const FREE: &str = "Give every manager a free day";
const THREE: &str = "Choose next year's three";
const RHYTHM: &str = "A rhythm without a facilitator";

/// March to June 2026: four stages begin.
const SPRING: &[Day] = &[
    (
        "2026-03-02",
        &[
            ("PROGRAMME_STARTED", &["StratPro"]),
            (OPENED, &["Align"]),
            ("MEMBER_JOINED", &["Lena Leader", "Sami Sponsor", "Quentin Quiet", "Ada", "Ben", "Cai"]),
        ],
    ),
    (
        "2026-03-03",
        &[
            (HELD, &["Alignment workshop"]),
            (OFFERED, &["Write the one page", BRANCHES, FOREMEN, "Print the page"]),
            (ACCEPTED, &["Write the one page", BRANCHES, FOREMEN, "Print the page"]),
            ("DECISION_PROPOSED", &["Serve three markets"]),
        ],
    ),
    ("2026-03-04", &[("ROUND_OPENED", &["First reading"]), ("ROUND_REVEALED", &["First reading"])]),
    // declined on the 6th, and offered anew to another one
    ("2026-03-09", &[(OFFERED, &["Tell the auditors"]), (ACCEPTED, &["Tell the auditors"])]),
    ("2026-03-12", &[(DONE, &["Write the one page"])]),
    (
        "2026-03-16",
        &[
            (HELD, FOLLOW_UP),
            MET,
            ("DECISION_RATIFIED", &["Serve three markets"]),
            ("OBSTACLE_RAISED", &[SILENCE]),
        ],
    ),
    ("2026-03-20", &[("DECISION_ATTESTED", &["Serve three markets"])]),
    ("2026-03-24", &[(DONE, &[BRANCHES])]),
    ("2026-03-27", &[("ACTION_CANCELLED", &["Print the page"]), (PASSED, &["Align"]), (OPENED, &["Vision"])]),
    (
        "2026-03-30",
        &[
            (HELD, FOLLOW_UP),
            MET,
            ("OBSTACLE_DISCUSSED", &[SILENCE]),
            ("OBSTACLE_PRIORITISED", &[SILENCE]),
            (OFFERED, &[SENTENCE]),
            (ACCEPTED, &[SENTENCE]),
        ],
    ),
    ("2026-04-03", &[(DONE, &["Tell the auditors"])]),
    ("2026-04-04", &[("ROUND_OPENED", &["First reading"])]),
    ("2026-04-09", &[(HELD, &["Vision workshop"]), ("DECISION_PROPOSED", &["No rush orders"])]),
    ("2026-04-16", &[(HELD, FOLLOW_UP), ("REVIEW_LATE", &[""]), ("DECISION_RATIFIED", &["No rush orders"])]),
    ("2026-04-18", &[(RAISED, &[FOREMEN])]),
    ("2026-04-20", &[(MOVED, &[FOREMEN]), (CLEARED, &[FOREMEN])]),
    ("2026-04-24", &[("STAGE_OVERRIDDEN", &["Vision"]), (OPENED, &["Diagnose"])]),
    // nobody came on the 27th, which the clock tells a day after it would have ended, in the night
    ("2026-04-29", &[("SESSION_MISSED", FOLLOW_UP)]),
    ("2026-05-04", &[("ROUND_OPENED", &["First reading"])]),
    ("2026-05-06", &[(DONE, &[FOREMEN])]),
    (
        "2026-05-07",
        &[
            (HELD, &["Diagnosis workshop"]),
            ("OBSTACLE_RAISED", &[SHIFTS]),
            (OFFERED, &["Sketch a plan of the shifts"]),
            (ACCEPTED, &["Sketch a plan of the shifts"]),
        ],
    ),
    // until the grace of the next one began, two days before the 11th
    ("2026-05-08", &[("REVIEW_MISSED", &[""])]),
    // the gap between reviews is a signal of the team's own
    ("2026-05-09", &[(RAISED, &[""])]),
    ("2026-05-11", &[(HELD, FOLLOW_UP), MET, (CLEARED, &[""]), ("OBSTACLE_PRIORITISED", &[SHIFTS])]),
    ("2026-05-20", &[(MOVED, &[SENTENCE]), (CANCELLED, FOLLOW_UP)]),
    ("2026-05-22", &[(PASSED, &["Diagnose"]), (OPENED, &["Plan"])]),
    ("2026-05-27", &[(HELD, &["After the holiday"]), MET]),
    ("2026-05-28", &[(MOVED, &[SENTENCE]), (RAISED, &[SENTENCE])]),
    ("2026-05-29", &[("DECISION_PROPOSED", &["Outsource the paint shop"])]),
    ("2026-06-01", &[("STAGE_REOPENED", &["Diagnose"])]),
    ("2026-06-03", &[("ROUND_OPENED", &["First reading"])]),
    ("2026-06-04", &[(DONE, &["Sketch a plan of the shifts"])]),
    (
        "2026-06-05",
        &[
            ("DECISION_REVOKED", &["Outsource the paint shop"]),
            ("OBSTACLE_RESOLVED", &[SHIFTS]),
            (CANCELLED, FOLLOW_UP),
        ],
    ),
    ("2026-06-09", &[MET]),
    ("2026-06-11", &[(MOVED, &[SENTENCE]), ("DRIFT_ACCEPTED", &[SENTENCE]), (RAISED, &[SENTENCE])]),
    ("2026-06-12", &[(PASSED, &["Diagnose"]), (OPENED, &["Plan"])]),
    ("2026-06-18", &[(HELD, &["Planning workshop"]), (DONE, &[SENTENCE]), (CLEARED, &[SENTENCE])]),
    (
        "2026-06-22",
        &[
            (HELD, FOLLOW_UP),
            MET,
            (
                OFFERED,
                &[
                    "List the customers of each market",
                    GOODBYE,
                    "Price the third market",
                    "Collect all price lists",
                    "Choose one currency",
                    "Announce the list",
                ],
            ),
            (
                ACCEPTED,
                &[
                    "List the customers of each market",
                    GOODBYE,
                    "Price the third market",
                    "Collect all price lists",
                    "Choose one currency",
                ],
            ),
        ],
    ),
    // every other Monday becomes the last Thursday: what was in the diary goes
    ("2026-06-29", &[(CANCELLED, &["Follow-up"; 26])]),
    ("2026-06-30", &[(COMMITTED, &["Three markets", "One price list", "Deliver on time", "Two planners"])]),
];

/// July to September 2026: the first quarter of execution.
const SUMMER: &[Day] = &[
    (
        "2026-07-10",
        &[
            (DONE, &["List the customers of each market", "Collect all price lists"]),
            ("MILESTONE_REACHED", &["The customers are sorted"]),
        ],
    ),
    ("2026-07-13", &[(COMMITTED, &["Screens on the floor"]), (PASSED, &["Plan"]), (OPENED, &["Execute"])]),
    ("2026-07-17", &[(DONE, &["Price the third market"])]),
    ("2026-07-20", &[(RAISED, &["One price list"])]),
    (
        "2026-07-30",
        &[
            (HELD, FOLLOW_UP),
            MET,
            (DONE, &["Choose one currency"]),
            (MOVED, &[GOODBYE]),
            ("MILESTONE_REACHED", &["The lists are collected"]),
            ("DRIFT_REPLANNED", &["One price list"]),
        ],
    ),
    ("2026-08-03", &[(ACCEPTED, &["Announce the list"])]),
    ("2026-08-14", &[(DONE, &[GOODBYE]), ("PRIORITY_DROPPED", &["Two planners"])]),
    ("2026-08-17", &[(COMMITTED, &["Call the silent customers"])]),
    (
        "2026-08-20",
        &[
            ("MILESTONE_REACHED", &["Seven contracts are ended"]),
            ("DECISION_REOPENED", &["No rush orders"]),
            ("DECISION_PROPOSED", &["No rush orders"]),
        ],
    ),
    ("2026-08-24", &[(OFFERED, &["Translate the list"])]),
    ("2026-08-31", &[("ACTION_DECLINED", &["Translate the list"])]),
    ("2026-09-04", &[(RAISED, &["One price list"])]),
    ("2026-09-05", &[(RAISED, &["Announce the list"])]),
    (
        "2026-09-10",
        &[
            (HELD, FOLLOW_UP),
            ("REVIEW_LATE", &[""]),
            ("DECISION_RATIFIED", &["No rush orders"]),
            ("DECISION_SUPERSEDED", &["No rush orders"]),
            ("OBSTACLE_ESCALATED", &[SILENCE]),
        ],
    ),
    ("2026-09-14", &[(DONE, &["Announce the list"]), (CLEARED, &["Announce the list"])]),
    (
        "2026-09-15",
        &[
            ("OBSTACLE_RESUMED", &[SILENCE]),
            ("ROUND_OPENED", &["Second reading"]),
            ("ROUND_REVEALED", &["Second reading"]),
        ],
    ),
    // agreement is down: a signal of the round's, which is no action and no priority
    ("2026-09-16", &[(RAISED, &[""])]),
    ("2026-09-18", &[("DRIFT_ACCEPTED", &["One price list"]), (RAISED, &["One price list"])]),
    (
        "2026-09-24",
        &[
            (HELD, FOLLOW_UP),
            MET,
            ("OBSTACLE_RESOLVED", &[SILENCE]),
            ("OBSTACLE_RAISED", &[BEST]),
            ("DECISION_PROPOSED", &["Serve four markets"]),
            ("DECISION_RATIFIED", &["Serve four markets"]),
            ("DECISION_SUPERSEDED", &["Serve three markets"]),
            (OFFERED, &[TALKS, SCREENS]),
            (ACCEPTED, &[TALKS, SCREENS]),
        ],
    ),
    ("2026-09-25", &[(ACHIEVED, &["Three markets"])]),
    ("2026-09-28", &[(RAISED, &["Deliver on time"])]),
    ("2026-09-30", &[("OBSTACLE_PARKED", &[BEST])]),
];

const SHIFT_AND_COMPLAINTS: &[&str] = &[
    "Find the second shift",
    "Train the second shift",
    "Staff the second shift",
    "Run the second shift",
    "Count the complaints",
    "Sort the complaints",
    "Answer the complaints",
    "Halve the complaints",
    "Hire a coach",
];

/// October to December 2026: a second quarter, and a pause. What is carried was missed, and goes on as another one.
const AUTUMN: &[Day] = &[
    (
        "2026-10-01",
        &[
            (MISSED, &["One price list", "Screens on the floor", "Call the silent customers"]),
            (ACHIEVED, &["Deliver on time"]),
            (CLEARED, &["Deliver on time", "One price list"]),
        ],
    ),
    (
        "2026-10-05",
        &[
            (DONE, &[TALKS, SCREENS]),
            (COMMITTED, &["One price list", SECOND, COMPLAINTS]),
            (ACCEPTED, SHIFT_AND_COMPLAINTS),
            (OFFERED, SHIFT_AND_COMPLAINTS),
            (OFFERED, &["Buy a clock"]),
        ],
    ),
    ("2026-10-08", &[("ACTION_DECLINED", &["Buy a clock"])]),
    (
        "2026-10-16",
        &[(DONE, &["Find the second shift", "Count the complaints"]), ("ROUND_OPENED", &["Second reading"])],
    ),
    ("2026-10-29", &[(HELD, FOLLOW_UP), MET]),
    ("2026-11-06", &[(DONE, &["Train the second shift", "Sort the complaints"])]),
    ("2026-11-15", &[("ROUND_OPENED", &["Second reading"])]),
    ("2026-11-20", &[("ACTION_CANCELLED", &["Hire a coach"])]),
    ("2026-11-27", &[(DONE, &["Staff the second shift"])]),
    ("2026-11-28", &[("SESSION_MISSED", FOLLOW_UP)]),
    ("2026-12-01", &[(DONE, &["Answer the complaints"])]),
    ("2026-12-04", &[(ACHIEVED, &["One price list"])]),
    (
        "2026-12-10",
        &[
            (DONE, &["Run the second shift", "Halve the complaints"]),
            (OFFERED, &["Take stock"]),
            (ACCEPTED, &["Take stock"]),
        ],
    ),
    // the pulse of the 15th falls into the pause
    ("2026-12-14", &[("PROGRAMME_PAUSED", &["StratPro"]), (CANCELLED, FOLLOW_UP)]),
    // that of November: until the grace of December's began, at midnight
    ("2026-12-24", &[("REVIEW_MISSED", &[""])]),
];

/// January to May 2027: to the end. December's review, which the pause excused, is not told.
const YEAR_TWO: &[Day] = &[
    (
        "2027-01-11",
        &[
            ("PROGRAMME_RESUMED", &["StratPro"]),
            (MISSED, &[SECOND]),
            (ACHIEVED, &[COMPLAINTS]),
            ("PRIORITY_DROPPED", &["Call the silent customers"]),
            (COMMITTED, &[SECOND, "A board every Monday"]),
        ],
    ),
    ("2027-01-12", &[(DONE, &["Take stock"])]),
    ("2027-01-28", &[(HELD, FOLLOW_UP), MET]),
    ("2027-01-29", &[(PASSED, &["Execute"]), (OPENED, &["Optimise"])]),
    (
        "2027-02-18",
        &[
            (HELD, &["Optimisation workshop"]),
            (OFFERED, &["Write down what slowed us", FREE]),
            (ACCEPTED, &["Write down what slowed us", FREE]),
        ],
    ),
    ("2027-02-25", &[(HELD, FOLLOW_UP), MET]),
    ("2027-03-05", &[(DONE, &["Write down what slowed us"])]),
    ("2027-03-20", &[(RAISED, &[FREE])]),
    ("2027-03-26", &[(MISSED, &[SECOND])]),
    ("2027-03-30", &[(OFFERED, &[THREE])]),
    ("2027-04-01", &[(ACHIEVED, &["A board every Monday"])]),
    ("2027-04-06", &[(ACCEPTED, &[THREE]), (COMMITTED, &[RHYTHM])]),
    ("2027-04-07", &[(DONE, &[FREE]), (CLEARED, &[FREE])]),
    ("2027-04-09", &[(DONE, &[THREE])]),
    ("2027-04-12", &[(HELD, FOLLOW_UP), ("REVIEW_LATE", &[""])]),
    ("2027-04-29", &[(HELD, FOLLOW_UP), MET]),
    ("2027-05-11", &[("ROUND_OPENED", &["Third reading"]), ("ROUND_REVEALED", &["Third reading"])]),
    ("2027-05-12", &[(CLEARED, &[""])]),
    ("2027-05-26", &[(ACHIEVED, &[RHYTHM])]),
    (
        "2027-05-27",
        &[(HELD, FOLLOW_UP), MET, (OFFERED, &["Hand over the file"]), (ACCEPTED, &["Hand over the file"])],
    ),
    (
        "2027-05-28",
        &[(PASSED, &["Optimise"]), ("PROGRAMME_COMPLETED", &["StratPro"]), (CANCELLED, &["Follow-up"; 12])],
    ),
];

/// Each priority that was spoken of every Friday: from the first to the last. Only the last word in each slot stands.
const SPOKEN_OF: &[(&str, &str, &str)] = &[
    ("Three markets", "2026-07-03", "2026-09-18"),
    ("One price list", "2026-07-03", "2026-09-25"),
    ("Deliver on time", "2026-07-03", "2026-07-31"),
    ("Two planners", "2026-07-03", "2026-08-07"),
    ("Screens on the floor", "2026-07-17", "2026-09-25"),
    ("Call the silent customers", "2026-08-21", "2026-09-25"),
    ("One price list", "2026-10-09", "2026-11-27"),
    (SECOND, "2026-10-09", "2026-12-11"),
    (COMPLAINTS, "2026-10-09", "2026-12-11"),
    (SECOND, "2027-01-15", "2027-03-19"),
    ("A board every Monday", "2027-01-15", "2027-03-26"),
    (RHYTHM, "2027-04-09", "2027-04-30"),
];

/// The last days of the slots: a fortnight's, which the monthly cadence cuts, then every four weeks, and the last with
/// the programme.
const SLOTS_END: [&str; 13] = [
    "2026-07-05",
    "2026-08-02",
    "2026-08-30",
    "2026-09-27",
    "2026-10-25",
    "2026-11-22",
    "2026-12-20",
    "2027-01-17",
    "2027-02-14",
    "2027-03-14",
    "2027-04-11",
    "2027-05-09",
    "2027-05-30",
];

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// The whole story in lines, sorted: a day's order is that of its hours, which are told elsewhere.
fn expected() -> Vec<String> {
    let mut lines = vec![];
    for (day, things) in [SPRING, SUMMER, AUTUMN, YEAR_TWO].concat() {
        for (kind, titles) in things {
            lines.extend(titles.iter().map(|title| format!("{day} {kind} {title}")));
        }
    }
    for (title, first, last) in SPOKEN_OF {
        let (mut friday, last) = (date(first), date(last));
        while friday <= last {
            let next = friday.checked_add_days(Days::new(7)).expect("a week later");
            if next > last || SLOTS_END.iter().any(|sunday| (friday..next).contains(&date(sunday))) {
                lines.push(format!("{friday} CHECKED_IN {title}"));
            }
            friday = next;
        }
    }
    lines.sort();
    lines
}

/// The client's timeline, page by page, is the story, and latest first.
pub async fn whole(story: &Story<'_>) {
    let document = "query($id: ID!, $after: String) { client(id: $id) { timeline(first: 100, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { kind at title } } } }";
    let (mut lines, mut last, mut after, mut total) = (vec![], None, Value::Null, 0);
    loop {
        let variables = json!({ "id": story.client(), "after": after });
        let told = story.says(Lena, document, variables).await["client"]["timeline"].clone();
        for item in told["nodes"].as_array().expect("items") {
            let text = |name: &str| item[name].as_str().expect("a text").to_owned();
            let at: chrono::DateTime<chrono::Utc> = text("at").parse().expect("an instant");
            assert!(last.is_none_or(|last| at <= last), "latest first: {item}");
            last = Some(at);
            lines.push(format!("{} {} {}", at.date_naive(), text("kind"), text("title")));
        }
        (after, total) =
            (told["pageInfo"]["endCursor"].clone(), told["totalCount"].as_u64().unwrap_or(total));
        if told["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(lines.len() as u64, total);
    lines.sort();
    let expected = expected();
    let without = |these: &[String], those: &[String]| {
        let mut rest = those.to_vec();
        let alone = |line: &&String| match rest.iter().position(|other| other == *line) {
            Some(at) => {
                rest.remove(at);
                false
            }
            None => true,
        };
        these.iter().filter(alone).cloned().collect::<Vec<_>>()
    };
    let (extra, missing) = (without(&lines, &expected), without(&expected, &lines));
    assert!(extra.is_empty() && missing.is_empty(), "not in the story: {extra:#?}\nnot told: {missing:#?}");
}
