//! Rules of seats: their tree, their number, and what can be done with a removed one.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use entity::{
    Id,
    seat::{self, Entity},
};
use std::borrow::Borrow;

/// Maximum number of seats of a team. The chart stays small enough to be read whole.
pub const PER_TEAM: usize = 60;

/// Requires that a team has room for one more seat.
pub fn require_room(others: usize) -> Result<(), Refusal> {
    if others < PER_TEAM {
        return Ok(());
    }
    let message = message!(
        SEATS_PER_TEAM,
        "A team has at most {max} seats. Remove one first, or put its duties into another one.",
        max = PER_TEAM,
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.teamId"))
}

/// Requires that a seat was not removed. A refusal names `path`.
pub fn require_in_place(seat: &seat::Model, path: &str) -> Result<(), Refusal> {
    if seat.removed_at.is_none() {
        return Ok(());
    }
    let message = message!(SEAT_REMOVED, "The seat was removed. Choose another one, or create a new one.");
    Err(Refusal::new(Code::WrongState, message).at(path))
}

/// Requires that a seat does not come to lie below itself if `parent` becomes the seat above it.
pub fn require_tree<R: Borrow<seat::Model>>(
    seats: &[R],
    seat: Id<Entity>,
    parent: Id<Entity>,
) -> Result<(), Refusal> {
    let above = |id: Id<Entity>| seats.iter().map(Borrow::borrow).find(|other| other.id == id)?.parent_id;
    let mut next = Some(parent);
    // as many steps as there are seats lead to the top of any tree
    for _ in 0..=seats.len() {
        match next {
            None => return Ok(()),
            Some(at) if at == seat => break,
            Some(at) => next = above(at),
        }
    }
    let message = message!(
        SEAT_BELOW_ITSELF,
        "A seat cannot lie below itself. Choose a seat that is not below this one."
    );
    Err(Refusal::new(Code::Invalid, message).at("input.parentId"))
}
