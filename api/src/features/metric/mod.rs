//! Metrics: how well a client's teams execute, in twelve figures that anyone can check.
//!
//! A metric is computed for a client as of a day, over a window of days that ends with it in the client's own time
//! zone, and comes with its numerator, its denominator and the version of its definition; where there is too little to
//! measure it has no value, and says why. What the team does to its own list changes a metric only as the definition
//! says: due dates are those first promised, what was cancelled or whose client was archived still counts, and only
//! what was withdrawn within two days of its making is left out.
//!
//! Quarters are *frozen* when they have been over for a while: every client's values are kept as they were, and what is
//! changed afterwards never changes them. A client's own values are read by those who work with it, and never by head
//! office.

pub mod definition;
pub mod rules;
#[cfg(test)]
mod tests;
