//! The minutes of a session that was held: what its recap keeps, as data and as a page to read. Pure, so that the
//! same rows give the same text.

use super::rules::Quorum;
use crate::kernel::{Fault, Zone};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    Id,
    action::{self, ActionStatus},
    agenda_item::{self, AgendaItemStatus},
    attendance::{self, AttendanceStatus},
    decision::{self, DecisionStatus},
    member,
    priority::{self, PriorityStatus},
    session::{self, SessionKind},
};
use serde::{Deserialize, Serialize};
use std::{fmt::Write, iter};

/// The rows that minutes are made of, as they are when the session is closed.
pub struct Rows<'a> {
    /// The session, closed.
    pub session: &'a session::Model,
    pub zone: &'a str,
    pub quorum: Quorum,
    pub members: &'a [member::Model],
    pub attendance: &'a [attendance::Model],
    pub agenda: &'a [agenda_item::Model],
    pub decisions: &'a [decision::Model],
    pub priorities: &'a [priority::Model],
    pub actions: &'a [action::Model],
}

/// What was kept of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Minutes {
    pub session: Held,
    pub summary: String,
    pub quorum: Quorum,
    pub attendance: Vec<Attended>,
    pub agenda: Vec<Item>,
    pub decisions: Vec<Decided>,
    pub priorities: Vec<Ranked>,
    pub actions: Vec<Promised>,
}

/// The session itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    pub id: Id<session::Entity>,
    pub title: String,
    pub kind: SessionKind,
    pub place: String,
    pub time_zone: String,
    pub starts_at: DateTime<Utc>,
    pub started_at: DateTime<Utc>,
    pub closed_at: DateTime<Utc>,
    pub minutes: i32,
}

/// Whether a member took part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attended {
    pub member_id: Id<member::Entity>,
    pub name: String,
    pub job_title: String,
    pub status: AttendanceStatus,
}

/// An item of the agenda, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    pub id: Id<agenda_item::Entity>,
    pub position: i32,
    pub title: String,
    pub minutes: i32,
    pub owner: Option<String>,
    pub status: AgendaItemStatus,
    pub outcome: Option<String>,
}

/// A decision that the session proposed, or that was ratified or ended while it was held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    pub id: Id<decision::Entity>,
    pub title: String,
    pub text: String,
    pub owner: Option<String>,
    pub status: DecisionStatus,
    pub review_on: Option<NaiveDate>,
}

/// A priority that the session made, committed, or gave actions to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ranked {
    pub id: Id<priority::Entity>,
    pub title: String,
    pub owner: Option<String>,
    pub status: PriorityStatus,
    pub due_on: NaiveDate,
}

/// An action that came out of the session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Promised {
    pub id: Id<action::Entity>,
    pub title: String,
    pub owner: Option<String>,
    pub status: ActionStatus,
    pub due_on: NaiveDate,
    pub priority_id: Option<Id<priority::Entity>>,
}

impl Minutes {
    /// The minutes of what these rows say, each list in an order of its own and not the database's.
    pub fn of(rows: &Rows<'_>) -> Minutes {
        let session = rows.session;
        let name = |id: Id<member::Entity>| {
            rows.members.iter().find(|member| member.id == id).map(|member| member.name.clone())
        };
        let mut attendance: Vec<Attended> = rows.attendance.iter().map(|row| attended(row, rows)).collect();
        attendance.sort_by(|one, other| (&one.name, one.member_id).cmp(&(&other.name, other.member_id)));
        let mut agenda: Vec<&agenda_item::Model> = rows.agenda.iter().collect();
        agenda.sort_by_key(|item| (item.position, item.id));
        let mut decisions: Vec<&decision::Model> = rows.decisions.iter().collect();
        decisions.sort_by_key(|decision| (decision.proposed_at, decision.id));
        let mut priorities: Vec<&priority::Model> = rows.priorities.iter().collect();
        priorities.sort_by_key(|priority| (priority.rank, priority.id));
        let mut actions: Vec<&action::Model> = rows.actions.iter().collect();
        actions.sort_by_key(|action| (action.due_on, action.id));
        Minutes {
            session: Held {
                id: session.id,
                title: session.title.clone(),
                kind: session.kind,
                place: session.place.clone(),
                time_zone: rows.zone.to_owned(),
                starts_at: session.starts_at,
                started_at: session.started_at.unwrap_or(session.starts_at),
                closed_at: session.closed_at.unwrap_or(session.starts_at),
                minutes: session.minutes,
            },
            summary: session.summary.clone().unwrap_or_default(),
            quorum: rows.quorum,
            attendance,
            agenda: agenda.into_iter().map(|row| item(row, row.owner_id.and_then(name))).collect(),
            decisions: decisions.into_iter().map(|row| decided(row, row.owner_id.and_then(name))).collect(),
            priorities: priorities.into_iter().map(|row| ranked(row, name(row.owner_id))).collect(),
            actions: actions.into_iter().map(|row| promised(row, name(row.owner_id))).collect(),
        }
    }

    /// The same minutes without the names of these members, by which they are called now or were in the session.
    pub fn without(mut self, members: &[Id<member::Entity>], names: &[String]) -> Minutes {
        let mut names = names.to_vec();
        for attended in self.attendance.iter_mut().filter(|row| members.contains(&row.member_id)) {
            names.push(std::mem::replace(&mut attended.name, member::FORMER.into()));
            attended.job_title.clear();
        }
        let owners = self.agenda.iter_mut().map(|item| &mut item.owner);
        let owners = owners.chain(self.decisions.iter_mut().map(|decision| &mut decision.owner));
        let owners = owners.chain(self.priorities.iter_mut().map(|priority| &mut priority.owner));
        let owners = owners.chain(self.actions.iter_mut().map(|action| &mut action.owner));
        for owner in owners.flatten().filter(|owner| names.contains(owner)) {
            *owner = member::FORMER.into();
        }
        self
    }

    /// The page to read, in Markdown. Names and texts stand as they were written: what Markdown or HTML would take
    /// for its own is escaped.
    pub fn markdown(&self) -> Result<String, Fault> {
        let mut page = String::new();
        self.head(&mut page, Zone::named(&self.session.time_zone)?).unwrap_or_default();
        section(&mut page, "Summary", iter::once(lines(&self.summary)));
        section(&mut page, "Attendance", self.attendance.iter().map(attendance_line));
        section(&mut page, "Agenda", self.agenda.iter().map(agenda_line));
        section(&mut page, "Decisions", self.decisions.iter().map(decision_line));
        section(&mut page, "Priorities", self.priorities.iter().map(priority_line));
        section(&mut page, "Actions", self.actions.iter().map(action_line));
        Ok(page)
    }

    fn head(&self, page: &mut String, zone: Zone) -> std::fmt::Result {
        let session = &self.session;
        let starts = zone.local(session.starts_at);
        let ends = zone.local(session.starts_at + TimeDelta::minutes(i64::from(session.minutes)));
        writeln!(page, "# {}\n", plain(&session.title))?;
        let day = starts.format("%A, %-d %B %Y, %H:%M");
        write!(page, "{day} to {} ({})", ends.format("%H:%M"), session.time_zone)?;
        if !session.place.is_empty() {
            write!(page, ", {}", plain(&session.place))?;
        }
        let quorum = if self.quorum.reached { "quorum reached" } else { "quorum not reached" };
        writeln!(page, "\n\n{} of {} members present: {quorum}.", self.quorum.present, self.quorum.active)
    }
}

fn attended(row: &attendance::Model, rows: &Rows<'_>) -> Attended {
    let member = rows.members.iter().find(|member| member.id == row.member_id);
    Attended {
        member_id: row.member_id,
        name: member.map(|member| member.name.clone()).unwrap_or_default(),
        job_title: member.map(|member| member.job_title.clone()).unwrap_or_default(),
        status: row.status,
    }
}

fn item(row: &agenda_item::Model, owner: Option<String>) -> Item {
    Item {
        id: row.id,
        position: row.position,
        title: row.title.clone(),
        minutes: row.minutes,
        owner,
        status: row.status,
        outcome: row.outcome.clone(),
    }
}

fn decided(row: &decision::Model, owner: Option<String>) -> Decided {
    Decided {
        id: row.id,
        title: row.title.clone(),
        text: row.text.clone(),
        owner,
        status: row.status,
        review_on: row.review_on,
    }
}

fn ranked(row: &priority::Model, owner: Option<String>) -> Ranked {
    Ranked { id: row.id, title: row.title.clone(), owner, status: row.status, due_on: row.due_on }
}

fn promised(row: &action::Model, owner: Option<String>) -> Promised {
    Promised {
        id: row.id,
        title: row.title.clone(),
        owner,
        status: row.status,
        due_on: row.due_on,
        priority_id: row.priority_id,
    }
}

/// A heading and what is under it; neither where there is nothing.
fn section(page: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    if !lines.is_empty() {
        page.push_str(&format!("\n## {title}\n\n{}\n", lines.join("\n")));
    }
}

fn attendance_line(attended: &Attended) -> String {
    let status = match attended.status {
        AttendanceStatus::Present => "present",
        AttendanceStatus::Absent => "absent",
        AttendanceStatus::Excused => "excused",
    };
    let title = if attended.job_title.is_empty() {
        String::new()
    } else {
        format!(", {}", plain(&attended.job_title))
    };
    format!("- {}{title}: {status}", plain(&attended.name))
}

fn agenda_line(item: &Item) -> String {
    let status = match item.status {
        AgendaItemStatus::Open => "open",
        AgendaItemStatus::Done => "done",
        AgendaItemStatus::Dropped => "dropped",
        AgendaItemStatus::Carried => "carried to the next session",
    };
    let outcome = item.outcome.as_deref().map(|outcome| format!("\n   {}", indented(outcome, "   ")));
    format!(
        "{}. {} ({} min{}): {status}{}",
        item.position,
        plain(&item.title),
        item.minutes,
        led_by(item.owner.as_deref()),
        outcome.unwrap_or_default()
    )
}

fn decision_line(decision: &Decided) -> String {
    let status = match decision.status {
        DecisionStatus::Proposed => "proposed",
        DecisionStatus::Ratified => "ratified",
        DecisionStatus::Superseded => "superseded",
        DecisionStatus::Revoked => "revoked",
    };
    let owner = led_by(decision.owner.as_deref());
    let review = decision.review_on.map(|day| format!(", to be looked at again on {}", long(day)));
    let text = indented(&decision.text, "  ");
    format!("- {} ({status}{owner}{})\\\n  {text}", plain(&decision.title), review.unwrap_or_default())
}

fn priority_line(priority: &Ranked) -> String {
    let status = match priority.status {
        PriorityStatus::Proposed => "proposed",
        PriorityStatus::Committed => "committed",
        PriorityStatus::Achieved => "achieved",
        PriorityStatus::Missed => "missed",
        PriorityStatus::Dropped => "dropped",
    };
    let owner = led_by(priority.owner.as_deref());
    format!("- {} ({status}{owner}, by {})", plain(&priority.title), long(priority.due_on))
}

fn action_line(action: &Promised) -> String {
    let status = match action.status {
        ActionStatus::Offered => "offered",
        ActionStatus::Accepted => "accepted",
        ActionStatus::Declined => "declined",
        ActionStatus::Done => "done",
        ActionStatus::Cancelled => "cancelled",
    };
    let owner = led_by(action.owner.as_deref());
    format!("- {} ({status}{owner}, due {})", plain(&action.title), long(action.due_on))
}

fn led_by(owner: Option<&str>) -> String {
    owner.map(|owner| format!(", {}", plain(owner))).unwrap_or_default()
}

fn long(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// Text on one line.
fn plain(text: &str) -> String {
    escaped(&text.replace('\n', " "))
}

/// Text whose lines stay lines.
fn lines(text: &str) -> String {
    text.lines().map(escaped).collect::<Vec<_>>().join("\\\n")
}

fn indented(text: &str, by: &str) -> String {
    text.lines().map(escaped).collect::<Vec<_>>().join(&format!("\\\n{by}"))
}

fn escaped(text: &str) -> String {
    let text = text.trim_start();
    let mut out = String::with_capacity(text.len());
    // what would open a heading, a list or a quotation does so only at the start of a line
    let number = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let listed = number.len() < text.len() && number.starts_with(['.', ')']);
    for (at, letter) in text.char_indices() {
        let opens = at == 0 && matches!(letter, '#' | '-' | '+' | '=' | '~');
        let dots = listed && at == text.len() - number.len();
        if opens || dots || matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
