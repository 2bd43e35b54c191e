//! Concord as its users and attackers meet it: through the API, on both databases.

mod kit;

mod audit;
mod conformance;
mod crash;
mod idempotency;
mod main_path;
mod migrations;
mod queries;
mod rls;
mod schema;
mod signing_in;
mod tidy;
