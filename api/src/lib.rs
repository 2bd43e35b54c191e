//! Concord: the backend of a consultancy network, behind one GraphQL endpoint.

pub mod features;
pub mod kernel;
pub mod seed;
