//! The law of people.

use crate::kernel::{Code, Refusal, refused_id};

/// Whether the caller may take out what there is of a person: of themselves, or of anybody as a head-office admin.
pub fn exportable(own: bool, admin: bool, seen: bool) -> Result<(), Refusal> {
    match (own || admin, seen) {
        (true, _) => Ok(()),
        (false, true) => {
            let message = "People take out what there is of themselves; for others, head office does.";
            Err(Refusal::new(Code::NotOwner, message).at("input.id"))
        }
        (false, false) => Err(refused_id("input.id")),
    }
}

/// Whether the caller may name a person: themselves, or anybody as a head-office admin. Whom the caller cannot see
/// is as if they were not there.
pub fn nameable(own: bool, admin: bool, seen: bool) -> Result<(), Refusal> {
    match (own || admin, seen) {
        (true, _) => Ok(()),
        (false, true) => {
            let message = "People change their own names; for others, head office does.";
            Err(Refusal::new(Code::NotOwner, message).at("input.id"))
        }
        (false, false) => Err(refused_id("input.id")),
    }
}
