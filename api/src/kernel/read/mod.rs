//! Reads are declared. A noun's [`shape`] says which of its fields are columns, which are derived and where its
//! edges lead. From the shapes come the schema's types ([`types`]) and, for a document, a [`plan`]: one statement for
//! every edge asked for, never one per row, with the caller's reach on every table. [`run`] sends the statements in
//! one snapshot, and [`write`] turns the rows into the answer's bytes.
//!
//! A plan depends on the document, on the values that shape it (directives, page sizes, orders, the skeleton of
//! filters) and on which roles the caller holds; never on the rows. It is kept under all of these.

pub mod arg;
mod conditions;
mod nodes;
pub mod page;
pub mod plan;
mod planner;
pub mod run;
pub mod shape;
pub mod sql;
pub mod types;
pub mod write;

pub use plan::{Plan, Plans};
pub use run::{Spent, Values};
pub use shape::{Field, Shape, Shaped, Ty};
pub use sql::Dialect;
pub use write::roots;
