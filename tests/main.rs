//! Concord as its users and attackers meet it: through the API, on both databases.

mod kit;

mod access;
mod alignment;
mod audit;
mod check_ins;
mod conformance;
mod crash;
mod decision;
mod drift;
mod estate;
mod idempotency;
mod inputs;
mod inviting;
mod isolation;
mod jobs;
mod main_path;
mod migrations;
mod queries;
mod review;
mod rhythm;
mod rls;
mod schema;
mod sdl;
mod search;
mod sessions;
mod sight;
mod signing_in;
mod templates;
mod tidy;
