//! Rules of comments.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use entity::{Id, action, action_comment, person};

/// Requires that a person can change a comment: they are its author, and it is not withdrawn.
pub fn require_author(comment: &action_comment::Model, person: Id<person::Entity>) -> Result<(), Refusal> {
    if comment.person_id != person {
        return Err(Refusal::new(Code::NotOwner, message!(ONLY_WRITER, "Only its author can do this."))
            .at("input.id"));
    }
    if comment.withdrawn_at.is_some() {
        return Err(Refusal::new(
            Code::WrongState,
            message!(COMMENT_WITHDRAWN, "The comment was withdrawn. Write a new one."),
        )
        .at("input.id"));
    }
    Ok(())
}

/// The comment that a reply belongs to. Replies have one level, so a reply to a reply belongs to the first comment.
pub fn thread_start(
    answered: &action_comment::Model,
    action: Id<action::Entity>,
) -> Result<Id<action_comment::Entity>, Refusal> {
    if answered.action_id == action {
        return Ok(answered.answers_id.unwrap_or(answered.id));
    }
    Err(Refusal::new(
        Code::Invalid,
        message!(
            COMMENT_OF_ANOTHER_ACTION,
            "This comment is on another action. Answer a comment on the same action."
        ),
    )
    .at("input.replyToId"))
}
