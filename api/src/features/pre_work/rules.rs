//! Rules of pre-work.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use entity::{Id, member, person, pre_work_prompt, session::SessionStatus};

/// Maximum number of prompts of a session. More are not answered with care.
pub const PER_SESSION: usize = 10;

/// Requires that a session is scheduled, so that it can still be prepared. A refusal names `path`.
pub fn require_scheduled(status: SessionStatus, path: &str) -> Result<(), Refusal> {
    if status == SessionStatus::Scheduled {
        return Ok(());
    }
    let message =
        message!(NOT_SCHEDULED, "Pre-work is for sessions that are scheduled. Choose another session.");
    Err(Refusal::new(Code::WrongState, message).at(path))
}

/// Requires that a prompt still takes answers: nothing is unsealed, and its session is scheduled.
pub fn require_sealed(prompt: &pre_work_prompt::Model, status: SessionStatus) -> Result<(), Refusal> {
    if prompt.unsealed_at.is_none() {
        return require_scheduled(status, "input.id");
    }
    let message = message!(PRE_WORK_UNSEALED, "The session has started. Its pre-work never changes.");
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that nobody has answered a prompt, whose text then still may change.
pub fn require_unanswered(answered: i32) -> Result<(), Refusal> {
    if answered == 0 {
        return Ok(());
    }
    let message = message!(PROMPT_ANSWERED, "The prompt has answers, so its text stays. Add another prompt.");
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that a session has room for another prompt.
pub fn require_room(there: usize) -> Result<(), Refusal> {
    if there < PER_SESSION {
        return Ok(());
    }
    let message = message!(PROMPTS_PER_SESSION, "A session has at most {max} prompts.", max = PER_SESSION);
    Err(Refusal::new(Code::LimitReached, message).at("input.sessionId"))
}

/// Requires that a person answers for themselves: they are a participant of the team. Returns their member.
pub fn require_respondent(
    person: Id<person::Entity>,
    participants: &[member::Model],
) -> Result<Id<member::Entity>, Refusal> {
    let own = participants.iter().find(|member| member.person_id == Some(person));
    let message = message!(ONLY_MEMBERS_PREPARE, "Only active members of the team answer its pre-work.");
    own.map(|member| member.id).ok_or_else(|| Refusal::new(Code::NotOwner, message).at("input.id"))
}
