//! A portfolio: which clients it lists, and in which order.

/// Clients that a portfolio lists, among those that the person can access.
pub const LISTED: &str = "{t}.status <> {ClientStatus::Archived}";
/// The order, highest first: the client's risk, as [`risk`](crate::features::pulse::risk) computes it.
pub const ORDER: &str = "{t}.risk";
