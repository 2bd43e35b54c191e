//! The words that networks are made of. All of it is invented; what resembles the real is meant to be believable.

pub mod agendas;
pub mod alignment;
pub mod check_ins;
pub mod companies;
pub mod decisions;
pub mod details;
pub mod drifting;
pub mod foundations;
pub mod industries;
pub mod notes;
pub mod obstacles;
pub mod people;
pub mod places;
pub mod priorities;
pub mod reasons;
pub mod sessions;
pub mod strategies;
pub mod targets;
