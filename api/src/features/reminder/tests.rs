use super::rules::{
    ReminderLine, action_line, is_action_mentioned, is_session_mentioned, reminder_day, render_text,
    session_line,
};
use crate::kernel::Zone;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use entity::{
    Id,
    action::{self, ActionStatus},
    network::Locale,
    session::{self, SessionKind, SessionStatus},
};
use uuid::Uuid;

const LONDON: &str = "Europe/London";
const SINGAPORE: &str = "Asia/Singapore";
const LOS_ANGELES: &str = "America/Los_Angeles";

fn place(zone: &str) -> Zone {
    Zone::find(zone).expect("a zone")
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

#[test]
fn reminders_are_sent_from_seven_in_the_clients_morning() {
    let cases: [(&str, &str, Option<&str>); 7] = [
        (LONDON, "2026-01-15T06:59:59Z", None),
        (LONDON, "2026-01-15T07:00:00Z", Some("2026-01-15")),
        (LONDON, "2026-07-15T06:00:00Z", Some("2026-07-15")),
        (LONDON, "2026-01-15T23:59:59Z", Some("2026-01-15")),
        (SINGAPORE, "2026-01-14T23:00:00Z", Some("2026-01-15")),
        (LOS_ANGELES, "2026-01-15T14:59:59Z", None),
        (LOS_ANGELES, "2026-01-16T07:59:59Z", Some("2026-01-15")),
    ];
    for (zone, now, expected) in cases {
        assert_eq!(reminder_day(place(zone), instant(now)), expected.map(date), "{zone} {now}");
    }
}

#[test]
fn actions_are_mentioned_on_the_right_days() {
    let title = || "Call".to_owned();
    for (status, today, expected) in [
        (ActionStatus::Accepted, "2026-03-18", None),
        (ActionStatus::Accepted, "2026-03-19", Some(ReminderLine::Tomorrow(title()))),
        (ActionStatus::Accepted, "2026-03-20", Some(ReminderLine::Today(title()))),
        (ActionStatus::Accepted, "2026-03-21", Some(ReminderLine::Overdue(1, title()))),
        (ActionStatus::Accepted, "2026-03-22", None),
        (ActionStatus::Accepted, "2026-03-28", Some(ReminderLine::Overdue(8, title()))),
        (ActionStatus::Offered, "2026-03-04", None),
        (ActionStatus::Offered, "2026-03-05", Some(ReminderLine::Waiting(3, title()))),
        (ActionStatus::Offered, "2026-03-06", None),
        (ActionStatus::Offered, "2026-03-12", Some(ReminderLine::Waiting(10, title()))),
        (ActionStatus::Done, "2026-03-20", None),
        (ActionStatus::Declined, "2026-03-20", None),
        (ActionStatus::Cancelled, "2026-03-20", None),
    ] {
        let (action, today) = (action(status), date(today));
        let yesterday = today.pred_opt().expect("a day");
        let line = action_line(&action, place(LONDON), today)
            .filter(|_| is_action_mentioned(&action, place(LONDON), yesterday, today));
        assert_eq!(line, expected, "{status:?} {today}");
    }
}

#[test]
fn a_missed_morning_is_made_up_for_once() {
    for (status, last_day, today, expected) in [
        // the first day overdue was the 21st, and the next mention is on the 28th
        (ActionStatus::Accepted, "2026-03-20", "2026-03-23", true),
        (ActionStatus::Accepted, "2026-03-21", "2026-03-23", false),
        (ActionStatus::Accepted, "2026-03-23", "2026-03-27", false),
        (ActionStatus::Accepted, "2026-03-27", "2026-03-30", true),
        (ActionStatus::Accepted, "2026-01-01", "2026-06-30", true),
        // the offer waited three days on the 5th, and ten on the 12th
        (ActionStatus::Offered, "2026-03-04", "2026-03-06", true),
        (ActionStatus::Offered, "2026-03-05", "2026-03-11", false),
        (ActionStatus::Offered, "2026-03-02", "2026-03-04", false),
        (ActionStatus::Done, "2026-03-01", "2026-03-30", false),
    ] {
        let mentioned = is_action_mentioned(&action(status), place(LONDON), date(last_day), date(today));
        assert_eq!(mentioned, expected, "{status:?} {last_day} {today}");
    }
}

#[test]
fn a_session_is_mentioned_on_the_day_before_it_in_the_clients_zone() {
    let nine = NaiveTime::from_hms_opt(9, 30, 0).expect("a time");
    let now = instant("2026-03-10T08:00:00Z");
    let tomorrow = || Some(ReminderLine::Session(nine, "Review".into()));
    for (zone, starts_at, status, expected) in [
        (LONDON, "2026-03-11T09:30:00Z", SessionStatus::Scheduled, tomorrow()),
        (SINGAPORE, "2026-03-11T01:30:00Z", SessionStatus::Scheduled, tomorrow()),
        (LONDON, "2026-03-11T09:30:00Z", SessionStatus::Cancelled, None),
        (LONDON, "2026-03-10T07:30:00Z", SessionStatus::Scheduled, None),
        (
            LONDON,
            "2026-03-10T09:30:00Z",
            SessionStatus::Scheduled,
            Some(ReminderLine::SessionToday(nine, "Review".into())),
        ),
        (SINGAPORE, "2026-03-11T16:30:00Z", SessionStatus::Scheduled, None),
        (LONDON, "2026-03-12T00:30:00Z", SessionStatus::Scheduled, None),
    ] {
        let line = session_line(&session(starts_at, status), place(zone), now);
        assert_eq!(line, expected, "{zone} {starts_at} {status:?}");
    }
    // a session today is mentioned only if yesterday's morning was missed
    let today = session("2026-03-10T09:30:00Z", SessionStatus::Scheduled);
    for (last_day, expected) in [("2026-03-09", false), ("2026-03-08", true)] {
        assert_eq!(is_session_mentioned(&today, place(LONDON), date(last_day), now), expected, "{last_day}");
    }
}

#[test]
fn the_most_urgent_line_comes_first() {
    let lines = vec![
        ReminderLine::Waiting(3, "Hire".into()),
        ReminderLine::Tomorrow("Write".into()),
        ReminderLine::Overdue(1, "Call".into()),
        ReminderLine::Overdue(8, "Ask".into()),
        ReminderLine::Today("Send".into()),
    ];
    assert_eq!(
        render_text("Iyer Brewing", lines, Locale::English),
        "Iyer Brewing\n\n- Overdue since 1 day: Call\n- Overdue since 8 days: Ask\n- Due today: Send\n\
         - Due tomorrow: Write\n- Waits for your answer since 3 days: Hire\n"
    );
}

fn of<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn action(status: ActionStatus) -> action::Model {
    action::Model {
        id: of(1),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        priority_id: None,
        session_id: None,
        decision_id: None,
        obstacle_id: None,
        owner_id: of(2),
        title: "Call".into(),
        detail: String::new(),
        status,
        due_on: date("2026-03-20"),
        due_at: instant("2026-03-21T00:00:00Z"),
        baseline_on: None,
        baseline_at: None,
        moves: 0,
        offered_at: instant("2026-03-02T09:00:00Z"),
        accepted_at: None,
        closed_at: None,
        first_offered_at: instant("2026-03-02T09:00:00Z"),
        first_accepted_at: None,
        cancelled_by_id: None,
        reason: None,
        version: 1,
    }
}

fn session(starts_at: &str, status: SessionStatus) -> session::Model {
    session::Model {
        id: of(9),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        programme_id: None,
        stage_run_id: None,
        series_id: None,
        occurs_on: None,
        moved_by_hand: false,
        called_off: false,
        rating_until: None,
        rating_closed_at: None,
        rating_halves: None,
        rating_band: None,
        kind: SessionKind::Review,
        title: "Review".into(),
        place: String::new(),
        starts_at: instant(starts_at),
        minutes: 60,
        status,
        started_at: None,
        members_present: None,
        members_active: None,
        summary: None,
        closed_at: None,
        reason: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}
