//! Concord as its users and attackers meet it: through the API, on both databases.

mod kit;

mod access;
mod alignment;
mod audit;
mod check_ins;
mod conformance;
mod crash;
mod cycles;
mod decision;
mod estate;
mod export;
mod idempotency;
mod import;
mod inputs;
mod inviting;
mod isolation;
mod jobs;
mod main_path;
mod migrations;
mod milestones;
mod obstacle;
mod queries;
mod ratings;
mod rls;
mod schema;
mod sdl;
mod search;
mod series;
mod sessions;
mod sight;
mod signing_in;
mod templates;
mod tidy;
