//! Audit event: a change, with its person, its object, its time and the values before and after.
//!
//! Invariant: events are only appended. Hash chains reveal a changed or removed event.

use super::{client::Client, franchise::Franchise, person::Person};
use crate::{
    kernel::{
        audit::{nouns, verbs},
        read::{page::constant, types::enumeration},
    },
    shape,
};
use async_graphql::registry::Registry;

shape! {
    /// An entry of the audit log: one change to one object.
    AuditEvent of audit_event {
        /// Time of the change.
        createdAt = instant(At).filter().order(),
        /// Mutation or system process that made the change.
        verb = camel(Verb, register_verbs).filter().order(),
        /// Kind of object that was changed.
        noun = closed_by(Noun, register_nouns).filter().order(),
        /// Object that was changed. Null if you cannot read the object, or if it no longer exists.
        subject = subject(Noun, SubjectId),
        /// ID of the object that was changed, whether or not you can read the object.
        subjectId = any_id(Noun, SubjectId).filter(),
        /// Changed values before the change. Null if the object was created, or if the values were erased.
        before = json(Before).or_null(),
        /// Changed values after the change. Null if the object was deleted, or if the values were erased.
        after = json(After).or_null(),
        /// `true` if the values were erased together with the person or client they were about. The event itself
        /// remains.
        erased = derived(Ty::Flag, "({t}.digest is not null and {t}.salt is null)"),
        /// ID of the request that made the change.
        requestId = text(RequestId).filter(),
        /// Number of the hash chain that contains the event. A network has several chains.
        lane = int(Lane),
        /// SHA-256 hash of the event and of the previous hash in its chain, in hexadecimal.
        hash = text(Hash),
        /// Person who made the change. Null if the system made it, or if you have no access to this person.
        person = one::<Person, _>(PersonId).or_null(),
        /// ID of the person who made the change.
        personId = id::<entity::person::Entity, _>(PersonId).or_null().filter_only(),
        /// Client that the event is about. Null if it is not about a client.
        client = one::<Client, _>(ClientId).or_null(),
        /// ID of the client that the event is about, for filtering. Null if it is not about a client.
        clientId = id::<entity::client::Entity, _>(ClientId).or_null().filter(),
        /// Franchise that the event is about, for example one that someone joins. Null if it is not about a franchise.
        franchise = one::<Franchise, _>(FranchiseId).or_null(),
        /// ID of the franchise that the event is about, for filtering. Null if it is not about a franchise.
        franchiseId = id::<entity::franchise::Entity, _>(FranchiseId).or_null().filter(),
    }
}

/// Registers the enum of mutations and system processes.
fn register_verbs(registry: &mut Registry) -> String {
    let name = "AuditVerb".to_owned();
    let values = verbs().map(|verb| (constant(verb), format!("`{verb}`.")));
    let verbs = enumeration(&name, "The mutation or system process that made a change.", values);
    registry.types.entry(name.clone()).or_insert(verbs);
    name
}

/// Registers the enum of kinds of audited objects.
fn register_nouns(registry: &mut Registry) -> String {
    let name = "AuditNoun".to_owned();
    let values = nouns().map(|table| {
        let words = table.name().replace('_', " ");
        let article = if words.starts_with(['a', 'e', 'i', 'o']) { "An" } else { "A" };
        (table.prefix().to_ascii_uppercase(), format!("{article} {words}."))
    });
    let nouns = enumeration(&name, "The kind of object that was changed.", values);
    registry.types.entry(name.clone()).or_insert(nouns);
    name
}
