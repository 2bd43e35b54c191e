//! Concord: the backend of a consultancy network, behind one GraphQL endpoint.

pub mod kernel;
