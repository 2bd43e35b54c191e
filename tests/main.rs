//! Concord as its users and attackers meet it: through the API, on both databases.

mod kit;

mod access;
mod audit;
mod conformance;
mod crash;
mod estate;
mod idempotency;
mod inputs;
mod isolation;
mod jobs;
mod main_path;
mod migrations;
mod queries;
mod review;
mod rls;
mod schema;
mod sdl;
mod search;
mod sight;
mod signing_in;
mod tidy;
