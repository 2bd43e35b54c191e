//! Audit event: who did what to what, when, with the values before and after. Append-only, in hash chains that show
//! any tampering.

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
    /// A change that was made.
    AuditEvent of audit_event {
        /// When the change was made.
        at = instant(At).filter().order(),
        /// The mutation that made the change.
        verb = camel(Verb, register_verbs).filter().order(),
        /// The kind of object that was changed.
        noun = closed_by(Noun, register_nouns).filter().order(),
        /// The object that was changed. Null if you cannot read it, or if it no longer exists.
        subject = subject(Noun, SubjectId),
        /// The id of the object that was changed, whether or not you can read the object.
        subjectId = any_id(Noun, SubjectId).filter(),
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
        /// The id of the person who made the change.
        personId = id::<entity::person::Entity, _>(PersonId).or_null().filter_only(),
        /// About which client.
        client = one::<Client, _>(ClientId).or_null(),
        /// The id of the client it is about, to filter by.
        clientId = id::<entity::client::Entity, _>(ClientId).or_null().filter(),
        /// The franchise that the event is about, for example one that somebody joins. Null if it is about none.
        franchise = one::<Franchise, _>(FranchiseId).or_null(),
        /// The ID of the franchise that the event is about, to filter by.
        franchiseId = id::<entity::franchise::Entity, _>(FranchiseId).or_null().filter(),
    }
}

/// The mutations, and what the system does by itself, as an enum.
fn register_verbs(registry: &mut Registry) -> String {
    let name = "AuditVerb".to_owned();
    let values = verbs().map(|verb| (constant(verb), format!("`{verb}`.")));
    let verbs = enumeration(&name, "What made a change: a mutation, by its name, or the system.", values);
    registry.types.entry(name.clone()).or_insert(verbs);
    name
}

/// The kinds of objects whose changes are audited, as an enum.
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
