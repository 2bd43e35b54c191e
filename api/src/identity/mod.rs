//! Credentials, from text to proof: passwords, signing keys, tokens, and how often they may be tried.
//!
//! Nothing here but [`door`], [`reset`] and [`ring`] touch a database or a clock. Time and randomness are arguments, so that
//! every refusal can be a line in a table of cases.

pub mod door;
pub mod key;
pub mod password;
pub mod reset;
pub mod ring;
pub mod throttle;
pub mod token;
