//! The mechanism of anonymised benchmarks: contributions in, frozen sets and their quartiles out. Pure: no database, no
//! clock, no chance, no floating point; the same input always gives the same bytes.
//!
//! A release is closed in four steps. The [`roster`] takes from the contributions and from what the last releases
//! published only who is where, and from here to the last step no value exists. [`suppress`] decides bottom-up which
//! nodes of the cohort tree are published. [`stabilise`] moves clients up the tree, or out, until no set of people can
//! be singled out by laying this release over the ones before it. Then [`release`] reads the values of each published
//! set and [`quantile`] takes the quartiles.
//!
//! Words: a node's **members** are those counted in it, with those of its published descendants. Its **atom** is its
//! members less those of its published descendants: what subtraction within a release can show. A **class** is those who
//! had the same atoms over the last [`rule::WINDOW`] releases (⊥, none, is an atom too): what subtraction across
//! releases can show.
//!
//! Invariants, for any history of joining, leaving, moving and opting out:
//! - every atom satisfies ρ, and so does every published node, since ρ survives disjoint union;
//! - every class over the window, but the one never counted, satisfies ρΔ;
//! - values never decide what is published;
//! - whoever changes facilitator or path leaves, and is not counted anywhere until the window holds nothing of the place
//!   left: under a lasting name the two places would be one trajectory that nobody shares.
//!
//! [`verify`] holds the first two against the published sets alone, with a reckoning of its own, and whoever stores a
//! release asks it first. [`replay`] runs whole histories from a file exactly so.

pub mod past;
pub mod position;
pub mod pseudonym;
pub mod quantile;
pub mod release;
pub mod replay;
mod roster;
pub mod rule;
mod stabilise;
mod suppress;
mod tally;
mod tree;
pub mod verify;

#[cfg(test)]
mod histories;
#[cfg(test)]
mod replay_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod verify_tests;
#[cfg(test)]
mod worlds;
