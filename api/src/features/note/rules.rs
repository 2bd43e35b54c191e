//! The law of private notes.

use crate::kernel::{Code, Refusal};
use entity::{Id, client_note, person};

/// Whether a note still changes.
pub fn changeable(note: &client_note::Model) -> Result<(), Refusal> {
    if note.archived_at.is_none() {
        return Ok(());
    }
    Err(Refusal::new(Code::WrongState, "The note is archived.").at("input.id"))
}

/// Whether a person wrote a note, and so changes what it says.
pub fn written_by(note: &client_note::Model, person: Id<person::Entity>) -> Result<(), Refusal> {
    if note.person_id == person {
        return Ok(());
    }
    Err(Refusal::new(Code::NotOwner, "Only its author changes what a note says.").at("input.text"))
}
