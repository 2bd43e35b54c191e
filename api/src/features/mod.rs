//! The nouns of the domain, one folder each: `mod.rs` describes the noun and declares its shape and mutations, `rules.rs`
//! has its rules as pure functions, `keeping.rs` what other nouns and background jobs do with it, and `tests.rs` the
//! cases of the rules.
//!
//! Invariant: a noun uses the shapes, rules and keeping of other nouns, and never their mutations.

pub mod action;
pub mod agenda_item;
pub mod alignment;
pub mod assignment;
pub mod audit;
pub mod benchmark;
pub mod check_in;
pub mod client;
pub mod comment;
pub mod conflict;
pub mod cycle;
pub mod dashboard;
pub mod decision;
pub mod drift;
pub mod export;
pub mod franchise;
pub mod import;
pub mod invitation;
pub mod measurable;
pub mod member;
pub mod membership;
pub mod metric;
pub mod milestone;
pub mod network;
pub mod note;
pub mod obstacle;
pub mod owner_opening;
pub mod participant;
pub mod person;
pub mod priority;
pub mod programme;
pub mod pulse;
pub mod read_back;
pub mod region;
pub mod reminder;
pub mod review;
pub mod search;
pub mod session;
pub mod session_rating;
pub mod session_series;
pub mod stage;
pub mod support;
pub mod team;
pub mod template;
pub mod timeline;
pub mod transfer;
pub mod viewer;
pub mod work;
