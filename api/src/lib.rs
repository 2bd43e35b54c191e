//! Concord: the backend of a consultancy network, behind one GraphQL endpoint.

pub mod config;
pub mod gate;
pub mod http;
pub mod identity;
pub mod kernel;
pub mod telemetry;
