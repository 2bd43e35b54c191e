//! Concord: the backend of a consultancy network, behind one GraphQL endpoint.

pub mod app;
pub mod bootstrap;
pub mod config;
mod downloads;
pub mod features;
pub mod http;
pub mod identity;
pub mod jobs;
pub mod outbound;
mod pipeline;
pub mod price;
pub mod schema;
pub mod seed;
pub mod telemetry;
pub mod texts;

// The crates below, under one name with what is here: `crate::kernel::Caller`.
pub use ::gate;
pub use ::kernel::{self, inputs, message, mutations, payload, payload_leaves, scalar, shape};

/// Unit tests allocate as the program does.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
