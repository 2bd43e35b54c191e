//! Concord as its users and attackers meet it: through the API, on both databases.

mod kit;

mod conformance;
mod idempotency;
mod main_path;
mod queries;
mod rls;
mod schema;
mod signing_in;
