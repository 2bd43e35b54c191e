//! The law of sessions.

use crate::kernel::{Code, Refusal};
use chrono::{DateTime, Months, TimeDelta, Utc};
use entity::{
    Id,
    attendance::{self, AttendanceStatus},
    member::{self, MemberStatus},
    programme::{self, ProgrammeStatus},
    session::{self, SessionStatus},
    stage_run,
};
use serde::{Deserialize, Serialize};

/// Members whose attendance one request can record.
pub const ATTENDANCE: usize = 100;
/// How long after its end a session can still be started, before it is missed.
pub const GRACE: TimeDelta = TimeDelta::days(1);

/// What can be done to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Start,
    Attend,
    Close,
    Cancel,
    Miss,
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
        (Scheduled, Step::Miss) => Missed,
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

/// When a session is to start: in the future, and within five years.
pub fn start(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
    let refusal = |message| Err(Refusal::new(Code::Invalid, message).at("input.startsAt"));
    if at <= now {
        return refusal("A session starts in the future.");
    }
    if now.checked_add_months(Months::new(60)).is_none_or(|latest| at > latest) {
        return refusal("A session starts within five years.");
    }
    Ok(at)
}

/// Whether a session can begin now: a day before its time at the earliest.
pub fn near(starts_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Refusal> {
    if now >= starts_at - TimeDelta::days(1) {
        return Ok(());
    }
    let message = "The session starts more than a day from now. Move it first.";
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Whether a session's time is over and nobody started it: a day after it was to end.
pub fn missed(session: &session::Model, now: DateTime<Utc>) -> bool {
    let ends = session.starts_at + TimeDelta::minutes(i64::from(session.minutes));
    session.status == SessionStatus::Scheduled && ends + GRACE <= now
}

/// How many of a team's active members took part in a session, and whether that is enough: at least half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quorum {
    pub present: i32,
    pub active: i32,
    pub reached: bool,
}

/// The quorum of a session as its team is at the moment. Who left the team since does not count.
pub fn quorum(members: &[member::Model], attended: &[attendance::Model]) -> Quorum {
    let active = || members.iter().filter(|member| member.status == MemberStatus::Active);
    let there = |member: &&member::Model| {
        let of = |row: &&attendance::Model| row.member_id == member.id;
        attended.iter().find(of).is_some_and(|row| row.status == AttendanceStatus::Present)
    };
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let (present, active) = (count(active().filter(there).count()), count(active().count()));
    Quorum { present, active, reached: active > 0 && present >= active - present }
}

/// Whether a programme takes another session.
pub fn takes_sessions(status: ProgrammeStatus, path: &str) -> Result<(), Refusal> {
    use ProgrammeStatus::*;
    let message = match status {
        Planned | Active | Paused => return Ok(()),
        Completed => "The programme is completed.",
        Terminated => "The programme is terminated.",
    };
    Err(Refusal::new(Code::WrongState, message).at(path))
}

/// Whether the stage that a session is for belongs to its programme.
pub fn stage_of(stage: Option<&stage_run::Model>, programme: Id<programme::Entity>) -> Result<(), Refusal> {
    match stage {
        Some(stage) if stage.programme_id != programme => {
            Err(Refusal::new(Code::Invalid, "This stage is of another programme.").at("input.stageId"))
        }
        _ => Ok(()),
    }
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
