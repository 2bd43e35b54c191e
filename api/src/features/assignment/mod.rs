//! Assignment: a facilitator's dated part in a client's programme. A client has exactly one lead at a time.

use super::{client::Client, person::Person};
use crate::shape;
use entity::assignment::AssignmentPart;

shape! {
    /// A facilitator's part in a client's programme.
    Assignment of assignment {
        /// Which part.
        part = closed::<AssignmentPart, _>(Part).filter().order(),
        /// From when.
        startsAt = instant(StartsAt).filter().order(),
        /// Until when, where it has ended.
        endsAt = instant(EndsAt).or_null().filter(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The facilitator.
        person = one::<Person, _>(PersonId).or_null(),
        /// The client.
        client = one::<Client, _>(ClientId),
    }
}
