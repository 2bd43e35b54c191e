//! Minutes of a held session: the content of its recap, as data and as a page. Pure: the same rows give the same text.

use super::rules::Quorum;
use crate::kernel::{Fault, Zone};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    Id,
    action::{self, ActionStatus},
    agenda_item::{self, AgendaItemStatus, AgendaSource},
    alignment_round::{self, AlignmentDisclosure},
    alignment_statement::{self, ConsensusBand},
    attendance::{self, AttendanceStatus},
    decision::{self, DecisionStatus},
    decision_position,
    decision_stance::Stance,
    dot_vote, dot_vote_option, member,
    obstacle::{self, ObstacleStatus, Severity},
    priority::{self, PriorityStatus},
    session::{self, SessionKind},
};
use serde::{Deserialize, Serialize};
use std::{fmt::Write, iter};

/// Rows from which minutes are made, as they are when the session is closed.
pub struct MinutesRows<'a> {
    /// The closed session.
    pub session: &'a session::Model,
    pub zone: &'a str,
    pub quorum: Quorum,
    pub members: &'a [member::Model],
    pub attendance: &'a [attendance::Model],
    pub agenda: &'a [agenda_item::Model],
    pub decisions: &'a [decision::Model],
    /// Positions on these decisions, which exist once a decision is ratified.
    pub positions: &'a [decision_position::Model],
    /// Obstacles raised or resolved in the session.
    pub obstacles: &'a [obstacle::Model],
    /// Closed dot votes of the session.
    pub votes: &'a [dot_vote::Model],
    pub vote_options: &'a [dot_vote_option::Model],
    /// Revealed rounds of the session. Only those whose figures are published without names are used.
    pub rounds: &'a [alignment_round::Model],
    pub statements: &'a [alignment_statement::Model],
    pub priorities: &'a [priority::Model],
    pub actions: &'a [action::Model],
}

/// Record of a held session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Minutes {
    pub session: SessionMinutes,
    pub summary: String,
    pub quorum: Quorum,
    pub attendance: Vec<AttendanceMinutes>,
    pub agenda: Vec<AgendaMinutes>,
    pub decisions: Vec<DecisionMinutes>,
    #[serde(default)]
    pub obstacles: Vec<ObstacleMinutes>,
    #[serde(default)]
    pub votes: Vec<VoteMinutes>,
    #[serde(default)]
    pub alignment_rounds: Vec<RoundMinutes>,
    pub priorities: Vec<PriorityMinutes>,
    pub actions: Vec<ActionMinutes>,
}

/// The session in the minutes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionMinutes {
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

/// Attendance of a member in the minutes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttendanceMinutes {
    pub member_id: Id<member::Entity>,
    pub name: String,
    pub job_title: String,
    pub status: AttendanceStatus,
}

/// An agenda item in the minutes, with its outcome and how long it was discussed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgendaMinutes {
    pub id: Id<agenda_item::Entity>,
    pub position: i32,
    pub title: String,
    pub minutes: i32,
    #[serde(default)]
    pub extended_minutes: i32,
    #[serde(default)]
    pub discussed_minutes: i32,
    #[serde(default)]
    pub source: Option<AgendaSource>,
    pub owner: Option<String>,
    pub status: AgendaItemStatus,
    pub outcome: Option<String>,
}

/// A decision in the minutes: proposed by the session, or ratified or ended while it was held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DecisionMinutes {
    pub id: Id<decision::Entity>,
    pub title: String,
    pub text: String,
    pub owner: Option<String>,
    pub status: DecisionStatus,
    pub review_on: Option<NaiveDate>,
    /// Null while the decision is proposed: until then, each stance is its member's alone.
    #[serde(default)]
    pub positions: Option<PositionCounts>,
}

/// How many took each stance when a decision was ratified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PositionCounts {
    pub supports: usize,
    pub accepts: usize,
    pub opposes: usize,
}

/// An obstacle in the minutes: raised or resolved in the session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObstacleMinutes {
    pub id: Id<obstacle::Entity>,
    pub title: String,
    pub severity: Severity,
    pub status: ObstacleStatus,
    /// Whether it was raised in the session, and not resolved only.
    pub raised: bool,
}

/// A dot vote of the session, with its results in the order of the dots.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VoteMinutes {
    pub id: Id<dot_vote::Entity>,
    pub title: String,
    pub voted: i32,
    pub members: i32,
    pub options: Vec<OptionMinutes>,
}

/// An option of a dot vote, with the dots it got.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OptionMinutes {
    pub title: String,
    pub dots: i32,
}

/// An alignment round of the session, with the figures that it published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoundMinutes {
    pub id: Id<alignment_round::Entity>,
    pub title: String,
    pub answered: i32,
    pub members: i32,
    pub statements: Vec<StatementMinutes>,
}

/// A statement of a round, with its published figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatementMinutes {
    pub text: String,
    pub mean: String,
    pub consensus: ConsensusBand,
}

/// A priority in the minutes: created, committed or given actions in the session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriorityMinutes {
    pub id: Id<priority::Entity>,
    pub title: String,
    pub owner: Option<String>,
    pub status: PriorityStatus,
    pub due_on: NaiveDate,
}

/// An action that was created in the session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionMinutes {
    pub id: Id<action::Entity>,
    pub title: String,
    pub owner: Option<String>,
    pub status: ActionStatus,
    pub due_on: NaiveDate,
    pub priority_id: Option<Id<priority::Entity>>,
}

impl Minutes {
    /// Makes minutes from rows. Each list has its own order, independent of the database.
    pub fn of(rows: &MinutesRows<'_>) -> Minutes {
        let session = rows.session;
        let name = |id: Id<member::Entity>| {
            rows.members.iter().find(|member| member.id == id).map(|member| member.name.clone())
        };
        let mut attendance: Vec<AttendanceMinutes> =
            rows.attendance.iter().map(|row| attendance_minutes(row, rows)).collect();
        attendance.sort_by(|one, other| (&one.name, one.member_id).cmp(&(&other.name, other.member_id)));
        let mut agenda: Vec<&agenda_item::Model> = rows.agenda.iter().collect();
        agenda.sort_by_key(|item| (item.position, item.id));
        let mut decisions: Vec<&decision::Model> = rows.decisions.iter().collect();
        decisions.sort_by_key(|decision| (decision.proposed_at, decision.id));
        let mut obstacles: Vec<&obstacle::Model> = rows.obstacles.iter().collect();
        obstacles.sort_by_key(|obstacle| (obstacle.raised_at, obstacle.id));
        let mut votes: Vec<&dot_vote::Model> = rows.votes.iter().collect();
        votes.sort_by_key(|vote| (vote.created_at, vote.id));
        let published =
            |round: &&alignment_round::Model| round.disclosure == Some(AlignmentDisclosure::Anonymous);
        let mut rounds: Vec<&alignment_round::Model> = rows.rounds.iter().filter(published).collect();
        rounds.sort_by_key(|round| (round.opened_at, round.id));
        let mut priorities: Vec<&priority::Model> = rows.priorities.iter().collect();
        priorities.sort_by_key(|priority| (priority.rank, priority.id));
        let mut actions: Vec<&action::Model> = rows.actions.iter().collect();
        actions.sort_by_key(|action| (action.due_on, action.id));
        Minutes {
            session: SessionMinutes {
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
            agenda: agenda.into_iter().map(|row| agenda_minutes(row, row.owner_id.and_then(name))).collect(),
            decisions: decisions
                .into_iter()
                .map(|row| decision_minutes(row, row.owner_id.and_then(name), rows.positions))
                .collect(),
            obstacles: obstacles.into_iter().map(|row| obstacle_minutes(row, session)).collect(),
            votes: votes.into_iter().map(|row| vote_minutes(row, rows.vote_options)).collect(),
            alignment_rounds: rounds.into_iter().map(|row| round_minutes(row, rows.statements)).collect(),
            priorities: priorities.into_iter().map(|row| priority_minutes(row, name(row.owner_id))).collect(),
            actions: actions.into_iter().map(|row| action_minutes(row, name(row.owner_id))).collect(),
        }
    }

    /// Returns the minutes without the present names of these members and the names that they had in the session.
    pub fn without_names(mut self, members: &[Id<member::Entity>], names: &[String]) -> Minutes {
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

    /// Renders the page as Markdown. Characters of names and texts that Markdown or HTML would interpret are escaped.
    pub fn markdown(&self) -> Result<String, Fault> {
        let mut page = String::new();
        self.write_head(&mut page, Zone::named(&self.session.time_zone)?).unwrap_or_default();
        push_section(&mut page, "Summary", iter::once(escape_lines(&self.summary)));
        push_section(&mut page, "Attendance", self.attendance.iter().map(attendance_line));
        push_section(&mut page, "Agenda", self.agenda.iter().map(agenda_line));
        push_section(&mut page, "Decisions", self.decisions.iter().map(decision_line));
        push_section(&mut page, "Obstacles", self.obstacles.iter().map(obstacle_line));
        push_section(&mut page, "Votes", self.votes.iter().map(vote_lines));
        push_section(&mut page, "Alignment", self.alignment_rounds.iter().map(round_lines));
        push_section(&mut page, "Priorities", self.priorities.iter().map(priority_line));
        push_section(&mut page, "Actions", self.actions.iter().map(action_line));
        Ok(page)
    }

    fn write_head(&self, page: &mut String, zone: Zone) -> std::fmt::Result {
        let session = &self.session;
        let starts = zone.local(session.starts_at);
        let ends = zone.local(session.starts_at + TimeDelta::minutes(i64::from(session.minutes)));
        writeln!(page, "# {}\n", escape_line(&session.title))?;
        let day = starts.format("%A, %-d %B %Y, %H:%M");
        write!(page, "{day} to {} ({})", ends.format("%H:%M"), session.time_zone)?;
        if !session.place.is_empty() {
            write!(page, ", {}", escape_line(&session.place))?;
        }
        let (began, ended) = (zone.local(session.started_at), zone.local(session.closed_at));
        let day = if began.date() == ended.date() { "%H:%M" } else { "%-d %B %Y, %H:%M" };
        write!(page, "\n\nHeld from {} to {}.", began.format("%H:%M"), ended.format(day))?;
        let quorum = if self.quorum.reached { "quorum reached" } else { "quorum not reached" };
        writeln!(
            page,
            "\n\n{} of {} participants present: {quorum}.",
            self.quorum.present, self.quorum.active
        )
    }
}

fn attendance_minutes(row: &attendance::Model, rows: &MinutesRows<'_>) -> AttendanceMinutes {
    let member = rows.members.iter().find(|member| member.id == row.member_id);
    AttendanceMinutes {
        member_id: row.member_id,
        name: member.map(|member| member.name.clone()).unwrap_or_default(),
        job_title: member.map(|member| member.job_title.clone()).unwrap_or_default(),
        status: row.status,
    }
}

fn agenda_minutes(row: &agenda_item::Model, owner: Option<String>) -> AgendaMinutes {
    AgendaMinutes {
        id: row.id,
        position: row.position,
        title: row.title.clone(),
        minutes: row.minutes,
        extended_minutes: row.extended_minutes,
        discussed_minutes: (row.discussed_seconds + 59) / 60,
        source: Some(row.source),
        owner,
        status: row.status,
        outcome: row.outcome.clone(),
    }
}

fn decision_minutes(
    row: &decision::Model,
    owner: Option<String>,
    positions: &[decision_position::Model],
) -> DecisionMinutes {
    let count =
        |stance| positions.iter().filter(|one| one.decision_id == row.id && one.stance == stance).count();
    let positions = PositionCounts {
        supports: count(Stance::Supports),
        accepts: count(Stance::Accepts),
        opposes: count(Stance::Opposes),
    };
    DecisionMinutes {
        id: row.id,
        title: row.title.clone(),
        text: row.text.clone(),
        owner,
        status: row.status,
        review_on: row.review_on,
        positions: row.ratified_at.map(|_| positions),
    }
}

fn obstacle_minutes(row: &obstacle::Model, session: &session::Model) -> ObstacleMinutes {
    let began = session.started_at.unwrap_or(session.starts_at);
    ObstacleMinutes {
        id: row.id,
        title: row.title.clone(),
        severity: row.severity,
        status: row.status,
        raised: row.session_id == Some(session.id) || row.raised_at >= began,
    }
}

fn vote_minutes(row: &dot_vote::Model, options: &[dot_vote_option::Model]) -> VoteMinutes {
    let mut own: Vec<(i32, &dot_vote_option::Model)> = options
        .iter()
        .filter(|option| option.vote_id == row.id)
        .filter_map(|option| Some((option.dots?, option)))
        .collect();
    own.sort_by_key(|(dots, option)| (-dots, option.position));
    let options =
        own.into_iter().map(|(dots, option)| OptionMinutes { title: option.title.clone(), dots }).collect();
    VoteMinutes { id: row.id, title: row.title.clone(), voted: row.voted, members: row.members, options }
}

fn round_minutes(row: &alignment_round::Model, statements: &[alignment_statement::Model]) -> RoundMinutes {
    let mut own: Vec<&alignment_statement::Model> =
        statements.iter().filter(|statement| statement.round_id == row.id).collect();
    own.sort_by_key(|statement| (statement.position, statement.id));
    let figures = |statement: &alignment_statement::Model| {
        let (mean, consensus) = (statement.mean.clone()?, statement.band?);
        Some(StatementMinutes { text: statement.text.clone(), mean, consensus })
    };
    RoundMinutes {
        id: row.id,
        title: row.title.clone(),
        answered: row.answered,
        members: row.members,
        statements: own.into_iter().filter_map(figures).collect(),
    }
}

fn priority_minutes(row: &priority::Model, owner: Option<String>) -> PriorityMinutes {
    PriorityMinutes { id: row.id, title: row.title.clone(), owner, status: row.status, due_on: row.due_on }
}

fn action_minutes(row: &action::Model, owner: Option<String>) -> ActionMinutes {
    ActionMinutes {
        id: row.id,
        title: row.title.clone(),
        owner,
        status: row.status,
        due_on: row.due_on,
        priority_id: row.priority_id,
    }
}

/// Adds a heading and its lines, unless there are none.
fn push_section(page: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    if !lines.is_empty() {
        page.push_str(&format!("\n## {title}\n\n{}\n", lines.join("\n")));
    }
}

fn attendance_line(attended: &AttendanceMinutes) -> String {
    let status = match attended.status {
        AttendanceStatus::Present => "present",
        AttendanceStatus::Absent => "absent",
        AttendanceStatus::Excused => "excused",
    };
    let title = if attended.job_title.is_empty() {
        String::new()
    } else {
        format!(", {}", escape_line(&attended.job_title))
    };
    format!("- {}{title}: {status}", escape_line(&attended.name))
}

fn agenda_line(item: &AgendaMinutes) -> String {
    let status = match item.status {
        AgendaItemStatus::Open => "open",
        AgendaItemStatus::Done => "done",
        AgendaItemStatus::Dropped => "dropped",
        AgendaItemStatus::Carried => "carried to the next session",
    };
    let outcome = item.outcome.as_deref().map(|outcome| format!("\n   {}", escape_indented(outcome, "   ")));
    let real = if item.discussed_minutes > 0 {
        format!(", discussed for {} min", item.discussed_minutes)
    } else {
        String::new()
    };
    format!(
        "{}. {} ({} min{real}{}): {status}{}",
        item.position,
        escape_line(&item.title),
        item.minutes + item.extended_minutes,
        owner_suffix(item.owner.as_deref()),
        outcome.unwrap_or_default()
    )
}

fn decision_line(decision: &DecisionMinutes) -> String {
    let status = match decision.status {
        DecisionStatus::Proposed => "proposed",
        DecisionStatus::Ratified => "ratified",
        DecisionStatus::Superseded => "superseded",
        DecisionStatus::Revoked => "revoked",
    };
    let owner = owner_suffix(decision.owner.as_deref());
    let review = decision.review_on.map(|day| format!(", to be looked at again on {}", format_day(day)));
    let positions = decision.positions.map(|count| {
        let PositionCounts { supports, accepts, opposes } = count;
        format!("; {supports} support it, {accepts} accept it, {opposes} oppose it")
    });
    let (review, positions) = (review.unwrap_or_default(), positions.unwrap_or_default());
    let text = escape_indented(&decision.text, "  ");
    format!("- {} ({status}{owner}{review}{positions})\\\n  {text}", escape_line(&decision.title))
}

fn obstacle_line(obstacle: &ObstacleMinutes) -> String {
    let status = match obstacle.status {
        ObstacleStatus::Raised => "open",
        ObstacleStatus::Prioritised => "prioritised",
        ObstacleStatus::Resolved => "resolved",
        ObstacleStatus::Parked => "parked",
        ObstacleStatus::Escalated => "escalated",
    };
    let raised = if obstacle.raised { "raised here, " } else { "" };
    format!("- {} ({raised}{status})", escape_line(&obstacle.title))
}

fn vote_lines(vote: &VoteMinutes) -> String {
    let mut lines = format!("- {} ({} of {} voted)", escape_line(&vote.title), vote.voted, vote.members);
    for option in &vote.options {
        lines.push_str(&format!("\n  - {}: {}", escape_line(&option.title), option.dots));
    }
    lines
}

fn round_lines(round: &RoundMinutes) -> String {
    let mut lines =
        format!("- {} ({} of {} answered)", escape_line(&round.title), round.answered, round.members);
    for statement in &round.statements {
        let consensus = match statement.consensus {
            ConsensusBand::High => "high",
            ConsensusBand::Mixed => "mixed",
            ConsensusBand::Low => "low",
        };
        let text = escape_line(&statement.text);
        lines.push_str(&format!("\n  - {text}: {}, {consensus} consensus", statement.mean));
    }
    lines
}

fn priority_line(priority: &PriorityMinutes) -> String {
    let status = match priority.status {
        PriorityStatus::Proposed => "proposed",
        PriorityStatus::Committed => "committed",
        PriorityStatus::Achieved => "achieved",
        PriorityStatus::Missed => "missed",
        PriorityStatus::Dropped => "dropped",
    };
    let owner = owner_suffix(priority.owner.as_deref());
    format!("- {} ({status}{owner}, by {})", escape_line(&priority.title), format_day(priority.due_on))
}

fn action_line(action: &ActionMinutes) -> String {
    let status = match action.status {
        ActionStatus::Offered => "offered",
        ActionStatus::Accepted => "accepted",
        ActionStatus::Declined => "declined",
        ActionStatus::Done => "done",
        ActionStatus::Cancelled => "cancelled",
    };
    let owner = owner_suffix(action.owner.as_deref());
    format!("- {} ({status}{owner}, due {})", escape_line(&action.title), format_day(action.due_on))
}

fn owner_suffix(owner: Option<&str>) -> String {
    owner.map(|owner| format!(", {}", escape_line(owner))).unwrap_or_default()
}

fn format_day(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// Escapes a text and puts it on one line.
fn escape_line(text: &str) -> String {
    escape(&text.replace('\n', " "))
}

/// Escapes a text and keeps its line breaks.
fn escape_lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\\\n")
}

fn escape_indented(text: &str, by: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join(&format!("\\\n{by}"))
}

fn escape(text: &str) -> String {
    let text = text.trim_start();
    let mut out = String::with_capacity(text.len());
    // these characters open a heading, a list or a quotation only at the start of a line
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
