//! Everything the schema has, tried by everybody: a new mutation or table is covered without being named.

pub mod access;
mod allowed;
mod isolation;
mod lifecycles;
pub mod mutation_inputs;
mod rls;
mod visibility;
