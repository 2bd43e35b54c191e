//! Rules of private notes.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use entity::{Id, client_note, person};

/// Requires that a note is not archived.
pub fn require_not_archived(note: &client_note::Model) -> Result<(), Refusal> {
    if note.archived_at.is_none() {
        return Ok(());
    }
    Err(Refusal::new(
        Code::WrongState,
        message!(NOTE_ARCHIVED, "The note is archived, and no longer changes. Write a new one."),
    )
    .at("input.id"))
}

/// Requires that a person wrote a note: only the author can change its text.
pub fn require_author(note: &client_note::Model, person: Id<person::Entity>) -> Result<(), Refusal> {
    if note.person_id == person {
        return Ok(());
    }
    Err(Refusal::new(Code::NotOwner, message!(ONLY_AUTHOR, "Only its author changes what a note says."))
        .at("input.text"))
}
