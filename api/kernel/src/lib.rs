//! What is the same for every noun: permissions, the two ways to data, and how a read and a write run.
//!
//! A read goes document → plan → statements → answer ([`read`]). A write goes [`Caller::write`] → rules → [`Write`] → commit,
//! with its audit events and its rows in the outbox ([`write`]).
//!
//! Invariant: there is no other way to a connection: the crate hands none out.
//! Invariant: a write changes only rows that it has read under a lock ([`Locked`]).
//! Invariant: the crate knows no noun's rules. What it needs to know of a table is declared on the entity.

pub mod access;
pub mod address;
pub mod audit;
pub mod bounds;
mod caller;
pub mod check;
pub mod confidential;
pub mod data_folder;
pub mod db;
mod email;
pub mod error;
mod kernel;
mod load_actor;
pub mod mutation;
pub mod payload;
pub mod payload_object;
pub mod read;
mod readiness;
pub mod registry;
pub mod scalar;
pub mod seal;
pub mod seams;
mod search;
mod stamps;
mod version;
mod words;
pub mod write;
pub mod zones;

pub use audit::{Heads, LANES, verbs, verify_chain};
pub use caller::Caller;
pub use check::{Check, Taken};
pub use db::statements_written;
pub use email::{EMAIL_TRIED, Email, EmailContent};
pub use error::{Code, Error, Fault, Message, Refusal};
pub use kernel::{Kernel, Program, RequestInfo, Settings};
pub use version::expect_version;
pub use write::{
    Chain, EarlierRequest, LONGEST_KEY, LockForChange, Locked, Notice, Row, Snapshot, Stepwise,
    TransactionPart, Write, fold, no_address, refused_id,
};
pub use zones::{Zone, days_of_zones, end_of_day, today};
