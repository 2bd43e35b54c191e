//! Benchmarks: how a client stands among others like it, without anyone learning anything about anyone.
//!
//! What may be told is decided in [`mechanism`] when a period closes; what was told stays.

pub mod mechanism;
