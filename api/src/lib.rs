//! Concord: the backend of a consultancy network, behind one GraphQL endpoint.

pub mod gate;
pub mod kernel;
