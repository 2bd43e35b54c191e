//! Concord: one GraphQL API for franchise networks.

pub mod config;
pub mod http;
pub mod identity;
pub mod telemetry;
