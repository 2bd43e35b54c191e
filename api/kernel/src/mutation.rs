//! How a mutation is declared. A noun writes a function from caller and input to the id of what it changed, or to a
//! payload of its own; [`mutations!`] makes of it an entry of the one table of mutations, with its documentation. A
//! refusal becomes the payload's `errors`, with the object as it is now where the caller can see it; a fault becomes a
//! GraphQL error.

use super::{
    caller::Caller,
    error::{Error, Fault, Refusal},
    payload::{self, PayloadPart, PayloadValue},
    payload_object::{self, PayloadObject},
    read::Shaped,
};
use async_graphql::{InputType, Value, registry::Registry};
use futures::future::BoxFuture;
use std::sync::Arc;

/// A mutation: what the schema says of it, and its work.
pub struct Mutation<W> {
    /// Its name in Rust: `action_create`.
    pub name: &'static str,
    /// Its description, by lines.
    pub doc: &'static [&'static str],
    /// The type of its input.
    pub input: fn(&mut Registry) -> String,
    /// The type of its payload.
    pub payload: fn(&mut Registry) -> String,
    pub work: W,
}

impl<W> Mutation<W> {
    /// Its name in the schema: `actionCreate`.
    pub fn field(&self) -> String {
        payload::camel_case(self.name)
    }
    /// The same mutation, with its work as another type.
    pub fn map<V>(self, work: impl FnOnce(W) -> V) -> Mutation<V> {
        let Mutation { name, doc, input, payload, work: before } = self;
        Mutation { name, doc, input, payload, work: work(before) }
    }
}

/// What a mutation of somebody who is signed in does with its input.
pub type Work = fn(Arc<Caller>, Value) -> BoxFuture<'static, Result<PayloadPart, Fault>>;

/// A noun's mutations.
pub trait Mutations<W> {
    fn list() -> Vec<Mutation<W>>;
}

/// The input of a mutation. The gate has checked it against the schema.
pub fn input<I: InputType>(value: Value) -> Result<I, Fault> {
    I::parse(Some(value)).map_err(|_| Fault::Internal)
}

/// Splits a mutation's result into what was done and the refusals.
pub fn split<T>(result: Result<T, Error>) -> Result<(Option<T>, Vec<Refusal>), Fault> {
    match result {
        Ok(done) => Ok((Some(done), vec![])),
        Err(Error::Refused(errors)) => Ok((None, errors)),
        Err(Error::Fault(fault)) => Err(fault),
    }
}

/// The payload of a change of one object. `named` is the object that the input names.
pub fn changed<S: Shaped, N>(
    payload: &'static str,
    field: &'static str,
    result: Result<entity::Id<N>, Error>,
    named: Option<entity::Id<N>>,
) -> Result<PayloadPart, Fault> {
    let (done, errors) = split(result)?;
    let object = PayloadObject::<S>::after(done, named).into_part();
    Ok(payload_object::changed(payload, field, object, errors))
}

/// Declares a noun's mutations:
///
/// ```text
/// mutations! {
///     ActionMutation: action -> Action of entity::action::Entity {
///         /// Completes an action.
///         action_complete(ActionCompleteInput) -> ActionCompletePayload = complete, on id;
///         /// Offers an action.
///         action_create(ActionCreateInput) -> ActionCreatePayload = create;
///     }
/// }
/// ```
///
/// `on id` names the input's field that holds the id of the object. Mutations with payloads of their own are declared
/// without an object, and their functions return the payload:
///
/// ```text
/// mutations! {
///     ExportLinkMutation {
///         /// Makes a link.
///         export_link(ExportLinkInput) -> ExportLinkPayload = export_link;
///     }
/// }
/// ```
#[macro_export]
macro_rules! mutations {
    ($mutation:ident: $field:ident -> $shape:ident of $entity:ty {
        $($(#[doc = $doc:literal])* $name:ident($input:ident) -> $payload:ident = $function:ident $(, on $id:ident)?;)*
    }) => {
        $crate::mutations! { @list $mutation $($crate::mutations! {
            @entry [$($doc),*] $name($input) -> |registry| $crate::payload_object::changed_type::<$shape>(
                registry, stringify!($payload), stringify!($field),
            ), (caller; input) => {
                #[allow(unused_mut, unused_assignments, clippy::allow_attributes, reason = "only changes name an object before they run")]
                let mut named: Option<entity::Id<$entity>> = None;
                $(named = entity::Id::parse(&input.$id);)?
                let result = $function(&caller, input).await;
                $crate::mutation::changed::<$shape, _>(stringify!($payload), stringify!($field), result, named)
            }
        },)* }
    };
    ($mutation:ident {
        $($(#[doc = $doc:literal])* $name:ident($input:ident) -> $payload:ident = $function:ident;)*
    }) => {
        $crate::mutations! { @list $mutation $($crate::mutations! {
            @entry [$($doc),*] $name($input) -> <$payload as $crate::payload::PayloadValue>::schema_type,
            (caller; input) => {
                let payload: $payload = $function(&caller, input).await?;
                Ok($crate::payload::PayloadValue::into_part(payload))
            }
        },)* }
    };
    (@list $mutation:ident $($entry:expr,)*) => {
        pub struct $mutation;

        impl $crate::mutation::Mutations<$crate::mutation::Work> for $mutation {
            fn list() -> Vec<$crate::mutation::Mutation<$crate::mutation::Work>> {
                vec![$($entry),*]
            }
        }
    };
    (@entry [$($doc:literal),*] $name:ident($input:ident) -> $payload:expr, ($($who:ident),+; $given:ident) => $body:block) => {
        $crate::mutation::Mutation {
            name: stringify!($name),
            doc: &[$($doc),*],
            input: <$input as async_graphql::InputType>::create_type_info,
            payload: $payload,
            work: |$($who,)+ $given| Box::pin(async move {
                let $given = $crate::mutation::input::<$input>($given)?;
                $body
            }),
        }
    };
}

/// Declares inputs of one form under the names of several mutations, so that each has its own to grow in:
/// `inputs! { /// Which action. [ActionAcceptInput, ActionCompleteInput] { /// The action. pub id: ID } }`.
#[macro_export]
macro_rules! inputs {
    ($(#[doc = $doc:literal])* [$($name:ident),+ $(,)?] $body:tt) => {
        $crate::inputs!(@each [$($name),+] $body { $(#[doc = $doc])* });
    };
    (@each [$($name:ident),+] $body:tt $docs:tt) => {
        $($crate::inputs!(@one $docs $name $body);)+
    };
    (@one { $($docs:tt)* } $name:ident { $($fields:tt)* }) => {
        $($docs)*
        #[derive(async_graphql::InputObject)]
        pub struct $name { $($fields)* }
    };
}
