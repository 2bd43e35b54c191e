//! Concord as its users and attackers meet it: through the API, on both databases.

mod kit;

mod idempotency;
mod main_path;
mod rls;
mod schema;
