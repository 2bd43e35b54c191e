//! Concord as its users and attackers meet it: through the API, on both databases.

mod kit;

mod access;
mod estate;
mod idempotency;
mod inputs;
mod isolation;
mod main_path;
mod sdl;
mod sight;
