//! Credentials, from text to proof: passwords, signing keys, tokens, and how often they may be tried.
//!
//! [`key`], [`password`], [`buckets`] and [`token`] touch neither a database nor a clock. Time and randomness are arguments, so that
//! every refusal can be a line in a table of cases.

pub mod accept;
pub mod address;
pub mod attempts;
pub mod buckets;
pub mod hashing;
mod joining;
pub mod key;
pub mod link;
mod notice;
pub mod password;
pub mod proof;
pub mod refresh;
pub mod reset;
pub mod ring;
pub mod sign_in;
pub mod token;

use crate::kernel::{Caller, Fault, mutation::Mutation, payload::PayloadPart};
use async_graphql::Value;
use futures::future::BoxFuture;
use sign_in::Doorkeeper;
use std::{net::IpAddr, sync::Arc};
use uuid::Uuid;

/// Who sends a request about their own sign-in.
pub struct Requester {
    /// The caller; nobody before sign-in.
    pub caller: Option<Arc<Caller>>,
    pub credential: Credential,
}

/// With what, and from where, a request came.
#[derive(Clone, Copy, Debug)]
pub struct Credential {
    /// The sign-in behind the token.
    pub sign_in: Option<Uuid>,
    pub remote: IpAddr,
}

/// What a mutation about one's own sign-in does with its input.
pub type Work = fn(Arc<Doorkeeper>, Requester, Value) -> BoxFuture<'static, Result<PayloadPart, Fault>>;

/// All of them.
pub fn mutations() -> Vec<Mutation<Work>> {
    [sign_in::mutations(), reset::mutations(), address::mutations()].into_iter().flatten().collect()
}

/// Declares mutations about one's own sign-in: `sign_in(SignInInput) -> TokenPayload = signed_in;`, whose function takes
/// the doorkeeper, the requester and the input.
macro_rules! own_mutations {
    ($($(#[doc = $doc:literal])* $name:ident($($input:ident)?) -> $payload:ident = $function:ident;)*) => {
        /// The mutations of this file.
        pub(super) fn mutations() -> Vec<$crate::kernel::mutation::Mutation<$crate::identity::Work>> {
            vec![$($crate::kernel::mutation::Mutation {
                name: stringify!($name),
                doc: &[$($doc),*],
                input: $crate::identity::own_mutations!(@input $($input)?),
                payload: <$payload as $crate::kernel::payload::PayloadValue>::schema_type,
                work: |door, requester, _input| Box::pin(async move {
                    let payload: $payload = $function(
                        &door, &requester $(, $crate::kernel::mutation::input::<$input>(_input)?)?
                    ).await?;
                    Ok($crate::kernel::payload::PayloadValue::into_part(payload))
                }),
            }),*]
        }
    };
    (@input) => { None };
    (@input $input:ident) => { Some(<$input as async_graphql::InputType>::create_type_info) };
}
use own_mutations;
