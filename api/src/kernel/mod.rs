//! What must be the same for every noun: who may, the two doors to data, and how a read and a write travel.
//!
//! A read goes document → plan → statements → answer ([`read`]). A write goes [`Caller::write`] → rules →
//! [`Write`] → commit, with its audit and outbox rows. There is no other way to a connection. What a write changes it
//! has read under a lock: [`Locked`].

pub mod access;
pub mod address;
pub mod audit;
mod caller;
mod chains;
pub mod check;
mod commit;
pub mod data_folder;
pub mod db;
mod elevated;
mod email;
mod email_limits;
mod erase;
pub mod error;
pub mod fold;
mod idempotency;
pub mod inner;
mod locked;
pub mod mutation;
mod parts;
pub mod payload;
pub mod price;
pub mod read;
mod readiness;
mod reckon;
mod room;
mod rows;
mod save;
pub mod seal;
pub mod seams;
pub mod search;
mod snapshot;
mod stepwise;
mod tally;
mod transaction;
mod words;
pub mod zones;

pub use audit::{LANES, verbs, verify_chain};
pub use caller::{Asking, Caller, Kernel, Settings};
pub use chains::{Chain, Heads};
pub use check::{Check, Taken, expect_version};
pub use elevated::Places;
pub use email::{EMAIL_TRIED, Email, Letter};
pub use erase::no_address;
pub use error::{Code, Error, Fault, Refusal};
pub use idempotency::{Kept, LONGEST_KEY};
pub use locked::{LockForChange, Locked};
pub use parts::Part;
pub use save::{Write, refused_id};
pub use snapshot::Snapshot;
pub use stepwise::Stepwise;
pub use transaction::statements_written;
pub use zones::{Zone, days_of_zones, end_of_day, today};
