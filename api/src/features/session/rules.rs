//! The law of sessions.

use crate::kernel::{Code, Refusal};
use chrono::{DateTime, DurationRound, Months, TimeDelta, Utc};
use entity::{
    Id,
    attendance::AttendanceStatus,
    member::{self, MemberStatus},
    programme::ProgrammeStatus,
    session::SessionStatus,
};

/// Members whose attendance one request can record.
pub const ATTENDANCE: usize = 100;

/// What can be done to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Start,
    Attend,
    Close,
    Cancel,
}

/// The status a session has after a step, where its status allows the step.
pub fn next(status: SessionStatus, step: Step) -> Result<SessionStatus, Refusal> {
    use SessionStatus::*;
    let to = match (status, step) {
        (Scheduled, Step::Update) => Scheduled,
        (Scheduled, Step::Start) => InProgress,
        (InProgress, Step::Attend) => InProgress,
        (InProgress, Step::Close) => Held,
        (Scheduled | InProgress, Step::Cancel) => Cancelled,
        _ => return Err(Refusal::new(Code::WrongState, why_not(status)).at("input.id")),
    };
    Ok(to)
}

fn why_not(status: SessionStatus) -> &'static str {
    use SessionStatus::*;
    match status {
        Scheduled => "The session has not started. Start it first.",
        InProgress => "The session is under way.",
        Held => "The session was held, and its record is closed.",
        Cancelled => "The session is cancelled.",
        Missed => "The session was missed.",
    }
}

/// When a session is to start: in the future, and within five years. To the millisecond, as every instant.
pub fn start(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
    let refusal = |message| Err(Refusal::new(Code::Invalid, message).at("input.startsAt"));
    if at <= now {
        return refusal("A session starts in the future.");
    }
    if now.checked_add_months(Months::new(60)).is_none_or(|latest| at > latest) {
        return refusal("A session starts within five years.");
    }
    Ok(at.duration_trunc(TimeDelta::milliseconds(1)).unwrap_or(at))
}

/// Whether a session can begin now: a day before its time at the earliest.
pub fn near(starts_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Refusal> {
    if now >= starts_at - TimeDelta::days(1) {
        return Ok(());
    }
    let message = "The session starts more than a day from now. Move it first.";
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Whether a programme takes another session.
pub fn takes_sessions(status: ProgrammeStatus) -> Result<(), Refusal> {
    use ProgrammeStatus::*;
    let message = match status {
        Planned | Active | Paused => return Ok(()),
        Completed => "The programme is completed.",
        Terminated => "The programme is terminated.",
    };
    Err(Refusal::new(Code::WrongState, message).at("input.programmeId"))
}

/// What is said of members' attendance, as it was sent: an id, or what is none, and whether.
pub type Said = (Option<Id<member::Entity>>, AttendanceStatus);

/// The attendance of a team's members: each active, and named once.
pub fn attendance(
    said: &[Said],
    members: &[member::Model],
) -> Result<Vec<(Id<member::Entity>, AttendanceStatus)>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut refuse = |path: &str, message: &str| refusals.push(Refusal::new(Code::Invalid, message).at(path));
    if said.len() > ATTENDANCE {
        refuse("input.attendance", "At most 100 members at once.");
    }
    let mut record = Vec::new();
    for (at, (id, status)) in said.iter().take(ATTENDANCE).enumerate() {
        let path = format!("input.attendance.{at}.memberId");
        let member = members
            .iter()
            .filter(|member| member.status == MemberStatus::Active)
            .find(|member| *id == Some(member.id));
        match member {
            None => refuse(&path, "This is no active member of the team."),
            Some(member) if record.iter().any(|(other, _)| *other == member.id) => {
                refuse(&path, "This member is named twice.");
            }
            Some(member) => record.push((member.id, *status)),
        }
    }
    if refusals.is_empty() { Ok(record) } else { Err(refusals) }
}
