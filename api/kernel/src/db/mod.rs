//! The connections, which nothing outside the kernel holds. Writes go through SeaORM; planned reads through
//! tokio-postgres, which pipelines, or through SQLite's own pool.
//!
//! Invariant: on PostgreSQL, time limits are settings of each transaction and not of a session, so that a pooler in
//! transaction mode may stand in between. With [`Pools::pooler`], no statement is prepared under a name either.

mod address;
mod backup;
mod connect;
mod dialect;
mod large_work;
mod reading;
mod transaction;

pub use address::Address;
pub(crate) use connect::Access;
pub use connect::{Db, Pools, Session};
pub(crate) use dialect::statement;
pub use dialect::{Dialect, Template};
pub use reading::{ReadPool, Reading, Reads, STATEMENTS};
pub(crate) use transaction::Transaction;
pub use transaction::statements_written;
