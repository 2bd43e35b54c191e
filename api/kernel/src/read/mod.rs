//! Reads are declared. A noun's [`shape`] says which of its fields are columns, which are derived and where its
//! edges lead. From the shapes come the schema's types ([`types`]) and, for a document, a [`plan`]: one statement for
//! every edge asked for, never one per row, with the caller's reach on every table. [`run`] sends the statements in
//! one snapshot, and [`answer`] turns the rows into the answer's bytes.
//!
//! A plan depends on the document, on the values that shape it (directives, page sizes, orders, the skeleton of
//! filters) and on which roles the caller holds; never on the rows. [`plans`] keeps it under all of these.

mod allowed;
pub mod answer;
pub mod arg;
mod basis;
mod clients;
mod conditions;
mod declare;
mod nodes;
pub mod page;
pub mod plan;
mod planner;
mod plans;
mod price;
pub mod rows;
pub mod run;
pub mod shape;
mod shapes;
pub mod sql;
pub mod types;

pub use crate::db::Dialect;
pub use answer::roots;
pub use basis::{RateStatus, Values};
pub use plan::Plan;
pub use plans::Plans;
pub use shape::{Field, Shape, Shaped, Ty};
