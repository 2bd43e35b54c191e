//! Credentials: passwords, signing keys, tokens, sign-in, and limits of attempts.
//!
//! [`key`], [`password`], [`buckets`] and [`token`] touch neither a database nor a clock. Time and randomness are arguments, so that
//! every refusal can be a line in a table of cases.

pub mod accept;
pub mod address;
pub mod attempts;
pub mod buckets;
mod ed25519;
pub mod hashing;
mod joining;
pub mod key;
pub mod link;
mod notice;
pub mod password;
mod people;
pub mod proof;
pub mod refresh;
pub mod reset;
pub mod ring;
pub mod service;
pub mod sign_in;
pub mod token;

use crate::kernel::{Caller, Fault, mutation::Mutation, payload::PayloadPart};
use async_graphql::Value;
use futures::future::BoxFuture;
use service::SignInService;
use std::{net::IpAddr, sync::Arc};
use uuid::Uuid;

/// The sender of a request about their own sign-in.
pub struct Requester {
    /// The caller. None before sign-in.
    pub caller: Option<Arc<Caller>>,
    pub credential: Credential,
}

/// The sign-in and the address of a request.
#[derive(Clone, Copy, Debug)]
pub struct Credential {
    /// The sign-in behind the token.
    pub sign_in: Option<Uuid>,
    pub remote: IpAddr,
}

/// The function of a mutation about one's own sign-in.
pub type OwnWork = fn(Arc<SignInService>, Requester, Value) -> BoxFuture<'static, Result<PayloadPart, Fault>>;

/// All mutations about one's own sign-in.
pub fn mutations() -> Vec<Mutation<OwnWork>> {
    [sign_in::mutations(), reset::mutations(), address::mutations()].into_iter().flatten().collect()
}

/// Declares mutations about one's own sign-in: `sign_in(SignInInput) -> SignInPayload of Tokens = signed_in;`, whose
/// function takes the sign-in service, the requester and the input. Several payloads may have one form.
macro_rules! own_mutations {
    ($($(#[doc = $doc:literal])* $name:ident($input:ident) -> $payload:ident of $form:ident = $function:ident;)*) => {
        /// The mutations of this file.
        pub(super) fn mutations() -> Vec<$crate::kernel::mutation::Mutation<$crate::identity::OwnWork>> {
            vec![$($crate::mutations! {
                @entry [$($doc),*] $name($input)
                    -> |registry| $crate::kernel::payload::named_type::<$form>(registry, stringify!($payload)),
                (service, requester; input) => {
                    let form: $form = $function(&service, &requester, input).await?;
                    Ok($crate::kernel::payload::named(stringify!($payload), form))
                }
            }),*]
        }
    };
}
use own_mutations;
