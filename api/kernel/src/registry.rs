//! Entries of async-graphql's registry, which has a field for everything that a server can say of a type.

use async_graphql::{
    indexmap::IndexMap,
    registry::{Deprecation, MetaField, MetaInputValue, MetaType},
};

/// A description without the blanks that doc comments leave around lines.
pub(crate) fn description(doc: &str) -> Option<String> {
    let lines: Vec<&str> = doc.lines().map(str::trim).collect();
    (!doc.is_empty()).then(|| lines.join("\n"))
}

/// A field of an object type.
pub fn field(name: &str, doc: &str, ty: &str) -> MetaField {
    MetaField {
        name: name.into(),
        description: description(doc),
        args: IndexMap::new(),
        ty: ty.into(),
        deprecation: Deprecation::NoDeprecated,
        cache_control: Default::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: vec![],
        override_from: None,
        compute_complexity: None,
        directive_invocations: vec![],
        requires_scopes: vec![],
    }
}

/// An argument, or a field of an input type.
pub fn arg(name: &str, doc: &str, ty: &str) -> MetaInputValue {
    MetaInputValue {
        name: name.into(),
        description: description(doc),
        ty: ty.into(),
        deprecation: Deprecation::NoDeprecated,
        default_value: None,
        visible: None,
        inaccessible: false,
        tags: vec![],
        is_secret: false,
        directive_invocations: vec![],
    }
}

pub fn object(name: &str, doc: &str, fields: IndexMap<String, MetaField>) -> MetaType {
    MetaType::Object {
        name: name.into(),
        description: description(doc),
        fields,
        cache_control: Default::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        keys: None,
        visible: None,
        inaccessible: false,
        interface_object: false,
        tags: vec![],
        is_subscription: false,
        rust_typename: None,
        directive_invocations: vec![],
        requires_scopes: vec![],
    }
}
