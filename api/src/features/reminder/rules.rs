//! The law of reminders.

use crate::kernel::Zone;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use entity::{
    action::{self, ActionStatus},
    session::{self, SessionStatus},
};

/// The hour of the client's day from which letters leave.
const FROM: NaiveTime = NaiveTime::from_hms_opt(7, 0, 0).expect("an hour");
/// After how many days an unanswered offer or an overdue action is told of once more.
const AGAIN: i64 = 7;
/// Days that an offer may wait before its owner hears of it.
const PATIENCE: i64 = 3;

/// What there is to do today, in a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// The action is overdue by so many days.
    Overdue(i64, String),
    /// The action is due today.
    Today(String),
    /// The action is due tomorrow.
    Tomorrow(String),
    /// The session is tomorrow, at this time.
    Session(NaiveTime, String),
    /// The offer waits for an answer since so many days.
    Waiting(i64, String),
}

/// The client's day, once letters may leave on it.
pub fn day(zone: Zone, now: DateTime<Utc>) -> Option<NaiveDate> {
    let local = zone.local(now);
    (local.time() >= FROM).then(|| local.date())
}

/// What the owner of an action is told of it on a day of the client's: the day before it is due, on that day, the day
/// after, and each week from then on; of an offer, when it has waited three days, and each week from then on.
pub fn of_action(action: &action::Model, zone: Zone, day: NaiveDate) -> Option<Line> {
    let title = action.title.clone();
    match action.status {
        ActionStatus::Accepted => match (day - action.due_on).num_days() {
            -1 => Some(Line::Tomorrow(title)),
            0 => Some(Line::Today(title)),
            late if late > 0 && (late - 1) % AGAIN == 0 => Some(Line::Overdue(late, title)),
            _ => None,
        },
        ActionStatus::Offered => {
            let waited = (day - zone.today(action.offered_at)).num_days();
            (waited >= PATIENCE && (waited - PATIENCE) % AGAIN == 0).then_some(Line::Waiting(waited, title))
        }
        _ => None,
    }
}

/// What the members of a team are told of a session: that it is tomorrow.
pub fn of_session(session: &session::Model, zone: Zone, day: NaiveDate) -> Option<Line> {
    let starts = zone.local(session.starts_at);
    let tomorrow = starts.date() == day + TimeDelta::days(1) && session.status == SessionStatus::Scheduled;
    tomorrow.then(|| Line::Session(starts.time(), session.title.clone()))
}

/// The letter's text: a line each, the most pressing first.
pub fn letter(client: &str, mut lines: Vec<Line>) -> String {
    lines.sort();
    let mut text = format!("{client}\n\n");
    for line in lines {
        let days = |count: i64| if count == 1 { "1 day".to_owned() } else { format!("{count} days") };
        let said = match line {
            Line::Overdue(late, title) => format!("Overdue since {}: {title}", days(late)),
            Line::Today(title) => format!("Due today: {title}"),
            Line::Tomorrow(title) => format!("Due tomorrow: {title}"),
            Line::Session(at, title) => format!("Tomorrow at {}: {title}", at.format("%H:%M")),
            Line::Waiting(waited, title) => format!("Waits for your answer since {}: {title}", days(waited)),
        };
        text.push_str(&format!("- {said}\n"));
    }
    text
}
