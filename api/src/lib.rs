//! Concord: the backend of a consultancy network, behind one GraphQL endpoint.

pub mod app;
pub mod config;
mod downloads;
pub mod features;
pub mod founding;
pub mod gate;
pub mod http;
pub mod identity;
pub mod jobs;
pub mod kernel;
pub mod outbound;
mod pipeline;
pub mod scalar;
pub mod schema;
pub mod seed;
pub mod telemetry;
