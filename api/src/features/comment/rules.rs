//! The law of comments.

use crate::kernel::{Code, Refusal};
use entity::{Id, action, action_comment, person};

/// Whether a comment can be changed by this person: their own, and not withdrawn.
pub fn own(comment: &action_comment::Model, person: Id<person::Entity>) -> Result<(), Refusal> {
    if comment.person_id != person {
        return Err(Refusal::new(Code::NotOwner, "Only who wrote it can do this.").at("input.id"));
    }
    if comment.withdrawn_at.is_some() {
        return Err(Refusal::new(Code::WrongState, "The comment was withdrawn.").at("input.id"));
    }
    Ok(())
}

/// The comment that an answer hangs on: answers are flat, so an answer to an answer answers the first.
pub fn thread(
    answered: &action_comment::Model,
    action: Id<action::Entity>,
) -> Result<Id<action_comment::Entity>, Refusal> {
    if answered.action_id == action {
        return Ok(answered.answers_id.unwrap_or(answered.id));
    }
    Err(Refusal::new(Code::Invalid, "This comment is on another action.").at("input.answersId"))
}
