//! The law of reminders.

use crate::kernel::Zone;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use entity::{
    action::{self, ActionStatus},
    session::{self, SessionStatus},
};

/// The hour of the client's day from which e-mails leave.
const FROM: NaiveTime = NaiveTime::from_hms_opt(7, 0, 0).expect("an hour");
/// After how many days an unanswered offer or an overdue action is mentioned once more.
const AGAIN: i64 = 7;
/// Days that an offer may wait before its owner hears of it.
const PATIENCE: i64 = 3;

/// What there is to do, in an e-mail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// The action is overdue by so many days.
    Overdue(i64, String),
    /// The action is due today.
    Today(String),
    /// The session is today, at this time.
    SessionToday(NaiveTime, String),
    /// The action is due tomorrow.
    Tomorrow(String),
    /// The session is tomorrow, at this time.
    Session(NaiveTime, String),
    /// The offer waits for an answer since so many days.
    Waiting(i64, String),
}

/// The client's day, once e-mails may leave on it.
pub fn day(zone: Zone, now: DateTime<Utc>) -> Option<NaiveDate> {
    let local = zone.local(now);
    (local.time() >= FROM).then(|| local.date())
}

/// Whether an action is mentioned on a morning: the day before it is due, on that day, the day after, and each week
/// from then on; an offer, when it has waited three days, and each week from then on. Mornings after `told` that were
/// missed count as well, except those that only announced a date.
pub fn mentions(action: &action::Model, zone: Zone, told: NaiveDate, day: NaiveDate) -> bool {
    // each week has its turn: further back there is nothing that these days do not have
    let from = told.max(day - TimeDelta::days(AGAIN));
    let mut mornings = from.iter_days().skip(1).take_while(|morning| *morning <= day);
    match action.status {
        ActionStatus::Accepted if action.due_on >= day => (action.due_on - day).num_days() <= 1,
        ActionStatus::Accepted => mornings.any(|morning| {
            let late = (morning - action.due_on).num_days();
            late > 0 && (late - 1) % AGAIN == 0
        }),
        ActionStatus::Offered => mornings.any(|morning| {
            let waited = waited(action, zone, morning);
            waited >= PATIENCE && (waited - PATIENCE) % AGAIN == 0
        }),
        _ => false,
    }
}

/// Whether a session is mentioned on a morning: the day before it; on its own day, if the morning before was missed.
pub fn announces(session: &session::Model, zone: Zone, told: NaiveDate, now: DateTime<Utc>) -> bool {
    match of_session(session, zone, now) {
        Some(Line::SessionToday(..)) => told + TimeDelta::days(1) < zone.today(now),
        line => line.is_some(),
    }
}

/// What is true of an action on a day. `None`: there is nothing to do about it by then.
pub fn of_action(action: &action::Model, zone: Zone, day: NaiveDate) -> Option<Line> {
    let title = action.title.clone();
    match action.status {
        ActionStatus::Accepted => match (day - action.due_on).num_days() {
            -1 => Some(Line::Tomorrow(title)),
            0 => Some(Line::Today(title)),
            late if late > 0 => Some(Line::Overdue(late, title)),
            _ => None,
        },
        ActionStatus::Offered => {
            let waited = waited(action, zone, day);
            (waited >= PATIENCE).then_some(Line::Waiting(waited, title))
        }
        _ => None,
    }
}

/// What is true of a session: that it is today or tomorrow, and still to begin.
pub fn of_session(session: &session::Model, zone: Zone, now: DateTime<Utc>) -> Option<Line> {
    if session.status != SessionStatus::Scheduled || session.starts_at <= now {
        return None;
    }
    let starts = zone.local(session.starts_at);
    let today = zone.today(now);
    match starts.date() {
        day if day == today => Some(Line::SessionToday(starts.time(), session.title.clone())),
        day if Some(day) == today.checked_add_days(Days::new(1)) => {
            Some(Line::Session(starts.time(), session.title.clone()))
        }
        _ => None,
    }
}

fn waited(action: &action::Model, zone: Zone, day: NaiveDate) -> i64 {
    (day - zone.today(action.offered_at)).num_days()
}

/// The e-mail's text: a line each, the most pressing first.
pub fn text(client: &str, mut lines: Vec<Line>) -> String {
    lines.sort();
    let mut text = format!("{client}\n\n");
    for line in lines {
        let days = |count: i64| if count == 1 { "1 day".to_owned() } else { format!("{count} days") };
        let line = match line {
            Line::Overdue(late, title) => format!("Overdue since {}: {title}", days(late)),
            Line::Today(title) => format!("Due today: {title}"),
            Line::SessionToday(at, title) => format!("Today at {}: {title}", at.format("%H:%M")),
            Line::Tomorrow(title) => format!("Due tomorrow: {title}"),
            Line::Session(at, title) => format!("Tomorrow at {}: {title}", at.format("%H:%M")),
            Line::Waiting(waited, title) => format!("Waits for your answer since {}: {title}", days(waited)),
        };
        text.push_str(&format!("- {line}\n"));
    }
    text
}
