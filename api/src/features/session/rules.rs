//! Rules of sessions.

use crate::{
    kernel::{Code, Message, Refusal},
    message,
};
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

/// Maximum number of members whose attendance one request can record.
pub const MAX_ATTENDANCE: usize = 100;
/// A session that was not started is missed this long after its end.
pub const MISSED_AFTER: TimeDelta = TimeDelta::days(1);

/// Step that changes a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Start,
    Attend,
    Close,
    Cancel,
    Miss,
}

/// Returns the status after a step, or refuses the step.
pub fn next_status(status: SessionStatus, step: Step) -> Result<SessionStatus, Refusal> {
    use SessionStatus::*;
    let to = match (status, step) {
        (Scheduled, Step::Update) => Scheduled,
        (Scheduled, Step::Start) => InProgress,
        (InProgress, Step::Attend) => InProgress,
        (InProgress, Step::Close) => Held,
        (Scheduled | InProgress, Step::Cancel) => Cancelled,
        (Scheduled, Step::Miss) => Missed,
        _ => return Err(Refusal::new(Code::WrongState, refusal_message(status)).at("input.id")),
    };
    Ok(to)
}

fn refusal_message(status: SessionStatus) -> Message {
    use SessionStatus::*;
    match status {
        Scheduled => message!(SESSION_NOT_STARTED, "The session has not started. Start it first."),
        InProgress => message!(SESSION_IN_PROGRESS, "The session is under way."),
        Held => message!(SESSION_HELD, "The session was held, and its record is closed."),
        Cancelled => message!(SESSION_CANCELLED, "The session is cancelled. Schedule a new one."),
        Missed => message!(SESSION_MISSED, "The session was missed. Schedule a new one."),
    }
}

/// Maximum number of years from now until a session starts.
const MAX_YEARS_AHEAD: u32 = 5;

/// Requires that a start is in the future and within five years.
pub fn require_valid_start(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
    let refusal = |message: Message| Err(Refusal::new(Code::Invalid, message).at("input.startsAt"));
    if at <= now {
        return refusal(message!(START_NOT_IN_FUTURE, "`startsAt` must be in the future."));
    }
    if now.checked_add_months(Months::new(12 * MAX_YEARS_AHEAD)).is_none_or(|latest| at > latest) {
        return refusal(message!(
            TOO_FAR_AHEAD,
            "`{field}` must be within {years} years.",
            field = "startsAt",
            years = MAX_YEARS_AHEAD
        ));
    }
    Ok(at)
}

/// Requires that a session starts within a day.
pub fn require_near_start(starts_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Refusal> {
    if now >= starts_at - TimeDelta::days(1) {
        return Ok(());
    }
    let message = message!(SESSION_TOO_EARLY, "The session starts more than a day from now. Move it first.");
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Whether a session is missed: it was not started by one day after its end.
pub fn is_missed(session: &session::Model, now: DateTime<Utc>) -> bool {
    let ends = session.starts_at + TimeDelta::minutes(i64::from(session.minutes));
    session.status == SessionStatus::Scheduled && ends + MISSED_AFTER <= now
}

/// Numbers of a team's participants and of those who were present, and whether at least half were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quorum {
    pub present: i32,
    pub active: i32,
    pub reached: bool,
}

impl Quorum {
    /// The quorum of these numbers.
    pub fn of(present: i32, active: i32) -> Quorum {
        Quorum { present, active, reached: active > 0 && present >= active - present }
    }
}

/// Counts the quorum with the team's participants as they are now. Whoever left since does not count.
pub fn count_quorum(participants: &[member::Model], attended: &[attendance::Model]) -> Quorum {
    let was_present = |member: &&member::Model| {
        let is_row = |row: &&attendance::Model| row.member_id == member.id;
        attended.iter().find(is_row).is_some_and(|row| row.status == AttendanceStatus::Present)
    };
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let present = count(participants.iter().filter(was_present).count());
    Quorum::of(present, count(participants.len()))
}

/// Requires that a programme can have more sessions: it must be unfinished.
pub fn require_open_programme(status: ProgrammeStatus, path: &str) -> Result<(), Refusal> {
    use ProgrammeStatus::*;
    let message = match status {
        Planned | Active | Paused => return Ok(()),
        Completed => message!(PROGRAMME_COMPLETED, "The programme is completed."),
        Terminated => message!(PROGRAMME_TERMINATED, "The programme is terminated."),
    };
    Err(Refusal::new(Code::WrongState, message).at(path))
}

/// Requires that a session's stage belongs to its programme.
pub fn require_stage_of(
    stage: Option<&stage_run::Model>,
    programme: Option<Id<programme::Entity>>,
) -> Result<(), Refusal> {
    match stage {
        Some(stage) if Some(stage.programme_id) != programme => Err(Refusal::new(
            Code::Invalid,
            message!(
                STAGE_OF_ANOTHER_PROGRAMME,
                "This stage belongs to another programme. Choose a stage of the same programme."
            ),
        )
        .at("input.stageId")),
        _ => Ok(()),
    }
}

/// An entry of the input: a member ID, `None` if it is invalid, and the status.
pub type AttendanceEntry = (Option<Id<member::Entity>>, AttendanceStatus);

/// Requires that each entry names an active member of the team, and no member twice. Returns the entries.
pub fn check_attendance(
    entries: &[AttendanceEntry],
    members: &[member::Model],
) -> Result<Vec<(Id<member::Entity>, AttendanceStatus)>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut refuse =
        |path: &str, message: Message| refusals.push(Refusal::new(Code::Invalid, message).at(path));
    if entries.len() > MAX_ATTENDANCE {
        let message = message!(
            TOO_MANY_MEMBERS,
            "`{field}` must name at most {max} members at once.",
            field = "attendance",
            max = MAX_ATTENDANCE
        );
        refuse("input.attendance", message);
    }
    let mut record = Vec::new();
    for (at, (id, status)) in entries.iter().take(MAX_ATTENDANCE).enumerate() {
        let path = format!("input.attendance.{at}.memberId");
        let member = members
            .iter()
            .filter(|member| member.status == MemberStatus::Active)
            .find(|member| *id == Some(member.id));
        match member {
            None => refuse(&path, message!(NOT_A_MEMBER, "This is no active member of the team. Name one.")),
            Some(member) if record.iter().any(|(other, _)| *other == member.id) => {
                refuse(&path, message!(MEMBER_NAMED_TWICE, "This member is named twice. Leave one out."));
            }
            Some(member) => record.push((member.id, *status)),
        }
    }
    if refusals.is_empty() { Ok(record) } else { Err(refusals) }
}
