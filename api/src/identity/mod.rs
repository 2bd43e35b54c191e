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
