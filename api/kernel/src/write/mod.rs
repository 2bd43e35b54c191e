//! The ways to change data. `door` begins a transaction and finds rows within the caller's reach, `rows` changes
//! them, `elevated` holds all that reaches further, and `commit` ends the transaction with its audit events
//! (`audit_trail`), its search entries (`search_index`), its notices (`notices`) and its e-mails (`outbox`).

mod audit_chains;
mod audit_trail;
mod commit;
mod door;
mod elevated;
mod email_limits;
mod erase;
pub mod fold;
mod idempotency;
mod locked;
mod notices;
mod outbox;
mod parts;
mod rows;
mod search_index;
mod snapshot;
mod stepwise;
mod system_query;

pub use audit_chains::Chain;
pub use door::{Row, TransactionPart, Write, refused_id};
pub use erase::no_address;
pub use idempotency::{EarlierRequest, LONGEST_KEY};
pub use locked::{LockForChange, Locked};
pub use notices::Notice;
pub use snapshot::Snapshot;
pub use stepwise::Stepwise;
