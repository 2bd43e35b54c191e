//! The mechanism of anonymised benchmarks: contributions in, frozen sets and their quartiles out. Pure: no database, no
//! clock, no randomness, no floating point. The same input always gives the same bytes.
//!
//! A release is closed in four steps. The [`roster`] takes the places of clients from the contributions and from the
//! releases of the window; no values until the last step. [`suppress`] decides from the bottom to the top which nodes of
//! the cohort tree are published. [`stabilise`] moves clients up the tree, or out, until no comparison of this release
//! with those before it singles out clients. Then [`release`] reads the values of each published set, and [`quantile`]
//! computes the quartiles.
//!
//! Both middle steps choose the repair that costs the fewest clients, among at most [`rule::CANDIDATES`] in a fixed order.
//! The choice depends on places alone. A client that leaves takes companions of its class along for as long as the window
//! lasts, as many from a small class as from a large one. So a cohort that would soon be too small is counted further up
//! early, with its classes whole.
//!
//! Words: a node's **members** are those counted in it, with those of its published descendants. Its **atom** is its
//! members without those of its published descendants: the difference that one release shows. A **class** is the clients
//! with the same atoms in the last [`rule::WINDOW`] releases (⊥, none, is an atom, too): the difference that several
//! releases show.
//!
//! Invariants, for any history of joining, leaving, moving and opting out:
//! - every atom satisfies ρ, and so does every published node, since ρ survives disjoint union;
//! - every class of the window satisfies ρΔ, except the clients that were never counted;
//! - values never influence what is published;
//! - a client that changes its facilitator or path leaves, and is not counted until no release of the window has the
//!   former place: under one pseudonym the two places would be a trajectory that no other client shares.
//!
//! [`verify`] checks the first two on the published sets alone, with a computation of its own. It runs before a release is
//! stored. [`replay`] runs histories from a file in the same way.

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
mod reach;
#[cfg(test)]
mod replay_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod verify_tests;
#[cfg(test)]
mod worlds;
