//! How a mutation answers. A slice writes a function from caller and input to the id of what it changed; these
//! macros make of it the field, the payload and the documentation. A refusal becomes the payload's `errors`, with the
//! object as it is now where the caller can see it; a fault becomes a GraphQL error.

use super::{
    caller::Caller,
    error::{Error, Fault, Refusal},
    read::Live,
};
use async_graphql::Context;
use std::sync::Arc;

/// Who asks.
pub fn caller(context: &Context<'_>) -> Result<Arc<Caller>, Fault> {
    let live = context.data::<Live>().map_err(|_| Fault::Internal)?;
    live.caller.clone().ok_or(Fault::Unauthenticated)
}

/// Splits a mutation's result into the object and the refusals.
pub fn split<T>(result: Result<T, Error>) -> Result<(Option<T>, Vec<Refusal>), Fault> {
    match result {
        Ok(done) => Ok((Some(done), vec![])),
        Err(Error::Refused(errors)) => Ok((None, errors)),
        Err(Error::Fault(fault)) => Err(fault),
    }
}

/// Declares a payload of one object: `payload! { ActionCompletePayload { action: Action } }`.
#[macro_export]
macro_rules! payload {
    ($payload:ident { $field:ident: $shape:ident }) => {
        /// What the mutation of this name answers.
        #[derive(async_graphql::SimpleObject)]
        pub struct $payload {
            /// The object as it is now. Null only together with `errors`. If the change was saved and its result cannot be
            /// read, the request fails with `extensions.committed: true`.
            pub $field: Option<$crate::kernel::read::Planned<$shape>>,
            /// Why nothing was changed; empty when it was.
            pub errors: Vec<$crate::kernel::Refusal>,
        }
    };
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
/// `on id` names the input's field that holds the id of the object.
#[macro_export]
macro_rules! mutations {
    ($mutation:ident: $field:ident -> $shape:ident of $entity:ty {
        $($(#[doc = $doc:literal])* $name:ident($input:ident) -> $payload:ident = $function:ident $(, on $id:ident)?;)*
    }) => {
        $($crate::payload! { $payload { $field: $shape } })*

        #[derive(Default)]
        pub struct $mutation;

        #[async_graphql::Object]
        impl $mutation {
            $(
                $(#[doc = $doc])*
                async fn $name(
                    &self,
                    context: &async_graphql::Context<'_>,
                    input: $input,
                ) -> async_graphql::Result<$payload> {
                    let caller = $crate::kernel::mutation::caller(context)?;
                    #[allow(unused_mut, unused_assignments, clippy::allow_attributes, reason = "only changes name an object before they run")]
                    let mut known: Option<entity::Id<$entity>> = None;
                    $(known = entity::Id::parse(&input.$id);)?
                    let (done, errors) = $crate::kernel::mutation::split($function(&caller, input).await)?;
                    let $field = $crate::kernel::read::Planned::after(done, known);
                    Ok($payload { $field, errors })
                }
            )*
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
