//! Batches: mutations of up to 100 items in one transaction, with refusals that name the index of each refused item.
//!
//! Invariant: if any item is refused, no item is saved.

use crate::{
    kernel::{Code, Error, Fault, Refusal, payload_object::PayloadObject},
    message,
};
use entity::Id;

/// Number of items that a batch can have.
const ITEMS: std::ops::RangeInclusive<usize> = 1..=100;

/// Requires that a batch has neither too few nor too many items.
pub fn check_size(items: usize) -> Result<(), Refusal> {
    if ITEMS.contains(&items) {
        return Ok(());
    }
    let message = message!(
        ITEMS_PER_BATCH,
        "`items` must have {min} to {max} items, and has {count}.",
        min = ITEMS.start(),
        max = ITEMS.end(),
        count = items
    );
    Err(Refusal::new(Code::Invalid, message).at("input.items"))
}

/// The refusals of an error. A fault ends the batch.
pub fn refusals_of(error: Error) -> Result<Vec<Refusal>, Fault> {
    match error {
        Error::Refused(refusals) => Ok(refusals),
        Error::Fault(fault) => Err(fault),
    }
}

/// The refusals of an item that was checked like an input of its own: their paths move from `input` to the item.
pub fn item_refusals(error: Error, at: usize) -> Result<Vec<Refusal>, Fault> {
    part_refusals(error, &format!("input.items.{at}"))
}

/// The refusals of a part of an input that was checked like an input of its own: their paths move from `input` to the part.
pub fn part_refusals(error: Error, part: &str) -> Result<Vec<Refusal>, Fault> {
    let move_to_part = |mut refusal: Refusal| {
        refusal.path.splice(..1.min(refusal.path.len()), part.split('.').map(str::to_owned));
        refusal
    };
    Ok(refusals_of(error)?.into_iter().map(move_to_part).collect())
}

/// Refuses the batch if any item was refused.
pub fn refuse_if_any(faults: Vec<Refusal>) -> Result<(), Error> {
    if faults.is_empty() { Ok(()) } else { Err(Error::Refused(faults)) }
}

/// The saved objects of a payload. None if the batch was refused.
pub fn saved_objects<S, E>(done: Option<Vec<Id<E>>>) -> Vec<PayloadObject<S>> {
    done.unwrap_or_default().into_iter().map(PayloadObject::saved).collect()
}
