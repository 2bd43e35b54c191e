//! Audit event: who did what to what, when, with the values before and after. Append-only, in hash chains that show
//! any tampering.

use super::{client::Client, person::Person};
use crate::shape;

shape! {
    /// Something that was done.
    AuditEvent of audit_event {
        /// When.
        at = instant(At).filter().order(),
        /// By which mutation.
        verb = text(Verb).filter().order(),
        /// To what kind of thing.
        noun = text(Noun).filter().order(),
        /// What changed, as it was before; null when it was made, and when it was erased.
        before = json(Before).or_null(),
        /// What changed, as it was afterwards; null when it was deleted, and when it was erased.
        after = json(After).or_null(),
        /// Whether its values were erased with the person or the client they told of. That something was done stays.
        erased = derived(Ty::Flag, "({t}.digest is not null and {t}.salt is null)"),
        /// The request that did it.
        requestId = text(RequestId).filter(),
        /// Which of the network's chains it is in.
        lane = int(Lane),
        /// SHA-256 over the event and the hash before it in its chain, in hexadecimal.
        hash = text(Hash),
        /// Who did it; null where the system did, or someone whom you do not see.
        person = one::<Person, _>(PersonId).or_null(),
        /// About which client.
        client = one::<Client, _>(ClientId).or_null(),
        /// The id of the client it is about, to filter by.
        clientId = id::<entity::client::Entity, _>(ClientId).or_null().filter(),
    }
}
