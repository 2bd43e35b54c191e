//! Rules of reminders.

use crate::{kernel::Zone, texts};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use entity::{
    action::{self, ActionStatus},
    network::Locale,
    session::{self, SessionStatus},
};

/// Local time from which reminders are sent.
const SEND_FROM: NaiveTime = NaiveTime::from_hms_opt(7, 0, 0).expect("an hour");
/// Days between two mentions of an unanswered offer or an overdue action.
const REPEAT_DAYS: i64 = 7;
/// Days that an offer waits before it is mentioned.
const OFFER_DAYS: i64 = 3;

/// A line of a reminder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReminderLine {
    /// The action is overdue by this number of days.
    Overdue(i64, String),
    /// The action is due today.
    Today(String),
    /// The session is today at this time.
    SessionToday(NaiveTime, String),
    /// The action is due tomorrow.
    Tomorrow(String),
    /// The session is tomorrow at this time.
    Session(NaiveTime, String),
    /// The offer has waited this number of days for an answer.
    Waiting(i64, String),
}

/// Returns the client's date once reminders can be sent on that day.
pub fn reminder_day(zone: Zone, now: DateTime<Utc>) -> Option<NaiveDate> {
    let local = zone.local(now);
    (local.time() >= SEND_FROM).then(|| local.date())
}

/// Whether an action is mentioned on a morning. An accepted action is mentioned on the day before it is due, on that
/// day, on the day after, and weekly from then on. An offer is mentioned after three days and weekly from then on.
/// Missed mornings after `last_day` count too, except for dates that have passed.
pub fn is_action_mentioned(action: &action::Model, zone: Zone, last_day: NaiveDate, day: NaiveDate) -> bool {
    // seven days are enough, because mentions repeat weekly
    let from = last_day.max(day - TimeDelta::days(REPEAT_DAYS));
    let mut mornings = from.iter_days().skip(1).take_while(|morning| *morning <= day);
    match action.status {
        ActionStatus::Accepted if action.due_on >= day => (action.due_on - day).num_days() <= 1,
        ActionStatus::Accepted => mornings.any(|morning| {
            let late = (morning - action.due_on).num_days();
            late > 0 && (late - 1) % REPEAT_DAYS == 0
        }),
        ActionStatus::Offered => mornings.any(|morning| {
            let waited = days_waited(action, zone, morning);
            waited >= OFFER_DAYS && (waited - OFFER_DAYS) % REPEAT_DAYS == 0
        }),
        _ => false,
    }
}

/// Whether a session is mentioned on a morning: on the day before it, or on its own day if the morning before was
/// missed.
pub fn is_session_mentioned(
    session: &session::Model,
    zone: Zone,
    last_day: NaiveDate,
    now: DateTime<Utc>,
) -> bool {
    match session_line(session, zone, now) {
        Some(ReminderLine::SessionToday(..)) => last_day + TimeDelta::days(1) < zone.today(now),
        line => line.is_some(),
    }
}

/// Returns the line of an action on a day. `None` if nothing is due by then.
pub fn action_line(action: &action::Model, zone: Zone, day: NaiveDate) -> Option<ReminderLine> {
    let title = action.title.clone();
    match action.status {
        ActionStatus::Accepted => match (day - action.due_on).num_days() {
            -1 => Some(ReminderLine::Tomorrow(title)),
            0 => Some(ReminderLine::Today(title)),
            late if late > 0 => Some(ReminderLine::Overdue(late, title)),
            _ => None,
        },
        ActionStatus::Offered => {
            let waited = days_waited(action, zone, day);
            (waited >= OFFER_DAYS).then_some(ReminderLine::Waiting(waited, title))
        }
        _ => None,
    }
}

/// Returns the line of a session that is today or tomorrow and has not started.
pub fn session_line(session: &session::Model, zone: Zone, now: DateTime<Utc>) -> Option<ReminderLine> {
    if session.status != SessionStatus::Scheduled || session.starts_at <= now {
        return None;
    }
    let starts = zone.local(session.starts_at);
    let today = zone.today(now);
    match starts.date() {
        day if day == today => Some(ReminderLine::SessionToday(starts.time(), session.title.clone())),
        day if Some(day) == today.checked_add_days(Days::new(1)) => {
            Some(ReminderLine::Session(starts.time(), session.title.clone()))
        }
        _ => None,
    }
}

fn days_waited(action: &action::Model, zone: Zone, day: NaiveDate) -> i64 {
    (day - zone.today(action.offered_at)).num_days()
}

/// Renders the text of a reminder, the most urgent line first.
pub fn render_text(client: &str, mut lines: Vec<ReminderLine>, locale: Locale) -> String {
    lines.sort();
    let mut text = format!("{client}\n\n");
    for line in lines {
        let days = |count: i64| texts::count(locale, "days", count);
        let time = |at: NaiveTime| at.format("%H:%M").to_string();
        let (key, name, value, title) = match line {
            ReminderLine::Overdue(late, title) => ("reminder.overdue", "days", days(late), title),
            ReminderLine::Today(title) => ("reminder.today", "days", String::new(), title),
            ReminderLine::SessionToday(at, title) => ("reminder.session_today", "time", time(at), title),
            ReminderLine::Tomorrow(title) => ("reminder.tomorrow", "days", String::new(), title),
            ReminderLine::Session(at, title) => ("reminder.session_tomorrow", "time", time(at), title),
            ReminderLine::Waiting(waited, title) => ("reminder.waiting", "days", days(waited), title),
        };
        text.push_str(&format!("- {}\n", texts::fill(locale, key, &[(name, &value), ("title", &title)])));
    }
    text
}
