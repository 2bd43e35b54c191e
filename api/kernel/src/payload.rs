//! Results of mutations: what a payload holds, as types of the schema and as parts that the pipeline writes.
//!
//! A payload is plain values, lists, records, and objects that have a shape. Objects are named by their key here, and read
//! by the same plans as queries when the answer is written.

use crate::scalar::{DateTime, Json};
use async_graphql::{
    ID, InputType,
    indexmap::IndexMap,
    registry::{MetaType, Registry},
};
use uuid::Uuid;

/// A part of a payload.
pub enum PayloadPart {
    Null,
    /// A scalar or an enum's value, as JSON.
    Leaf(serde_json::Value),
    List(Vec<PayloadPart>),
    /// A record: its type, and its fields by their names in Rust.
    Record(&'static str, Vec<(&'static str, PayloadPart)>),
    /// An object with a shape: its key, and whether it is the object of a change that was committed.
    Object {
        key: Uuid,
        saved: bool,
    },
}

impl PayloadPart {
    pub(crate) fn field(&self, name: &str) -> Option<&PayloadPart> {
        let PayloadPart::Record(_, fields) = self else { return None };
        fields.iter().find(|(field, _)| *field == name).map(|(_, part)| part)
    }
}

/// What a payload can hold.
pub trait PayloadValue: Sized {
    /// Its type in the schema, such as `[String!]!`. Puts what the type needs into the registry.
    fn schema_type(registry: &mut Registry) -> String;
    fn into_part(self) -> PayloadPart;
}

impl<T: PayloadValue> PayloadValue for Option<T> {
    fn schema_type(registry: &mut Registry) -> String {
        T::schema_type(registry).trim_end_matches('!').to_owned()
    }
    fn into_part(self) -> PayloadPart {
        self.map_or(PayloadPart::Null, T::into_part)
    }
}

impl<T: PayloadValue> PayloadValue for Vec<T> {
    fn schema_type(registry: &mut Registry) -> String {
        format!("[{}]!", T::schema_type(registry))
    }
    fn into_part(self) -> PayloadPart {
        PayloadPart::List(self.into_iter().map(T::into_part).collect())
    }
}

/// A scalar or an enum of the schema, as a part of a payload.
pub fn leaf<T: InputType>(value: &T) -> PayloadPart {
    PayloadPart::Leaf(leaf_json(value))
}

pub(crate) fn leaf_json<T: InputType>(value: &T) -> serde_json::Value {
    value.to_value().into_json().unwrap_or_default()
}

/// A scalar or an enum of another crate, in a payload.
pub struct Leaf<T>(pub T);

impl<T: InputType> PayloadValue for Leaf<T> {
    fn schema_type(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }
    fn into_part(self) -> PayloadPart {
        leaf(&self.0)
    }
}

/// Lets scalars and enums of the crate that declares them stand in payloads; for others there is [`Leaf`].
#[macro_export]
macro_rules! payload_leaves {
    ($($ty:ty),+ $(,)?) => {
        $(impl $crate::payload::PayloadValue for $ty {
            fn schema_type(registry: &mut async_graphql::registry::Registry) -> String {
                <$ty as async_graphql::InputType>::create_type_info(registry)
            }
            fn into_part(self) -> $crate::payload::PayloadPart {
                $crate::payload::leaf(&self)
            }
        })+
    };
}

payload_leaves!(bool, i32, String, ID, DateTime, Json);

/// Declares a record of a payload, or a payload: `payload! { /// Result of … pub struct ExportLinkPayload { … } }`. A name
/// after `as` is the name in the schema.
#[macro_export]
macro_rules! payload {
    ($(#[doc = $doc:literal])* $(#[derive($($derive:ident),+)])? pub struct $name:ident $(as $known:literal)? {
        $($(#[doc = $field_doc:literal])* pub $field:ident: $ty:ty,)*
    }) => {
        $(#[doc = $doc])*
        $(#[derive($($derive),+)])?
        pub struct $name {
            $($(#[doc = $field_doc])* pub $field: $ty,)*
        }

        impl $crate::payload::PayloadValue for $name {
            fn schema_type(registry: &mut async_graphql::registry::Registry) -> String {
                let name = $crate::payload!(@name $name $($known)?);
                $crate::payload::register(registry, name, &[$($doc),*], |registry| vec![
                    $((stringify!($field), &[$($field_doc),*], <$ty as $crate::payload::PayloadValue>::schema_type(registry)),)*
                ])
            }
            fn into_part(self) -> $crate::payload::PayloadPart {
                let name = $crate::payload!(@name $name $($known)?);
                $crate::payload::PayloadPart::Record(name, vec![
                    $((stringify!($field), $crate::payload::PayloadValue::into_part(self.$field)),)*
                ])
            }
        }
    };
    (@name $name:ident) => { stringify!($name) };
    (@name $name:ident $known:literal) => { $known };
}

/// A field of a record for the schema: its name in Rust, its description by lines, its type.
pub type RecordField = (&'static str, &'static [&'static str], String);

/// Puts a record into the registry. Returns its type.
pub fn register(
    registry: &mut Registry,
    name: &'static str,
    doc: &[&str],
    fields: impl FnOnce(&mut Registry) -> Vec<RecordField>,
) -> String {
    if !registry.types.contains_key(name) {
        let fields = fields(registry).into_iter().map(|(field, doc, ty)| {
            let field = camel_case(field);
            (field.clone(), crate::registry::field(&field, &description(doc), &ty))
        });
        let fields: IndexMap<_, _> = fields.collect();
        registry.types.insert(name.to_owned(), crate::registry::object(name, &description(doc), fields));
    }
    format!("{name}!")
}

/// The description that the lines of a doc comment make.
pub fn description(lines: &[&str]) -> String {
    lines.join("\n")
}

/// `expires_in` as `expiresIn`.
pub fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// `actionAccept`, of the payload `ActionAcceptPayload`.
pub(crate) fn mutation_of(payload: &str) -> String {
    let mut letters = payload.strip_suffix("Payload").unwrap_or(payload).chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// The type of a payload of form `T`, under a name of its own.
pub fn named_type<T: PayloadValue>(registry: &mut Registry, payload: &'static str) -> String {
    let form = T::schema_type(registry);
    if let Some(MetaType::Object { fields, .. }) = registry.types.remove(form.trim_end_matches('!')) {
        let doc = format!("Result of `{}`.", mutation_of(payload));
        registry.types.insert(payload.to_owned(), crate::registry::object(payload, &doc, fields));
    }
    format!("{payload}!")
}

/// Such a payload.
pub fn named<T: PayloadValue>(payload: &'static str, form: T) -> PayloadPart {
    match form.into_part() {
        PayloadPart::Record(_, fields) => PayloadPart::Record(payload, fields),
        part => part,
    }
}
