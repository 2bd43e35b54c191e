//! Objects in payloads, and the payload of a change of one object.

use crate::{
    error::{Code, Refusal},
    payload::{PayloadPart, PayloadValue, leaf_json, mutation_of, register},
    read::{Shaped, types},
};
use async_graphql::registry::Registry;
use std::marker::PhantomData;
use uuid::Uuid;

/// The object of shape `S` with this key.
///
/// Invariant: the object of a saved change is read, or the request fails and says that the change was saved. A payload
/// is never empty without a reason.
pub struct PayloadObject<S> {
    key: Uuid,
    saved: bool,
    shape: PhantomData<fn() -> S>,
}

impl<S> PayloadObject<S> {
    /// The object of a change that was committed.
    pub fn saved<N>(id: entity::Id<N>) -> Self {
        Self { key: id.uuid(), saved: true, shape: PhantomData }
    }
    /// The object of a change that was refused, as it is; null where the caller cannot access it.
    pub fn refused<N>(id: entity::Id<N>) -> Self {
        Self { key: id.uuid(), saved: false, shape: PhantomData }
    }
    /// The object of a change that ended so: saved, or refused with the object that its input names.
    pub fn after<N>(saved: Option<entity::Id<N>>, named: Option<entity::Id<N>>) -> Option<Self> {
        saved.map(Self::saved).or(named.map(Self::refused))
    }
}

impl<S: Shaped> PayloadValue for PayloadObject<S> {
    fn schema_type(registry: &mut Registry) -> String {
        types::register(registry, S::shape());
        format!("{}!", S::shape().name)
    }
    fn into_part(self) -> PayloadPart {
        PayloadPart::Object { key: self.key, saved: self.saved }
    }
}

impl PayloadPart {
    /// Whether a payload says that its mutation was carried out: it has no `errors`, or ended half-way.
    pub fn is_carried_out(&self) -> bool {
        let Some(PayloadPart::List(errors)) = self.field("errors") else { return false };
        let interrupted = leaf_json(&Code::Interrupted);
        let half_way = |error: &PayloadPart| matches!(error.field("code"), Some(PayloadPart::Leaf(code)) if *code == interrupted);
        errors.is_empty() || errors.iter().any(half_way)
    }
}

/// The payload of a change: the object, and why it was not changed.
pub fn changed(
    payload: &'static str,
    field: &'static str,
    object: PayloadPart,
    errors: Vec<Refusal>,
) -> PayloadPart {
    PayloadPart::Record(payload, vec![(field, object), ("errors", errors.into_part())])
}

/// The type of such a payload.
pub fn changed_type<S: Shaped>(
    registry: &mut Registry,
    payload: &'static str,
    field: &'static str,
) -> String {
    const OBJECT: &[&str] = &[
        "The object's current state, also after a rejected change. Null only if there are `errors`. If the change was",
        "saved but cannot be read back, the request fails with `extensions.committed: true`.",
    ];
    let doc = format!("Result of `{}`.", mutation_of(payload));
    register(registry, payload, &[doc.as_str()], |registry| {
        vec![
            (field, OBJECT, Option::<PayloadObject<S>>::schema_type(registry)),
            (
                "errors",
                &["Reasons the change was rejected. Empty if it was saved."],
                Vec::<Refusal>::schema_type(registry),
            ),
        ]
    })
}
