//! What a request brings to its plans.

use apollo_compiler::response::JsonMap;
use uuid::Uuid;

/// What a request binds: its variables, and the row a mutation changed.
pub struct Values<'a> {
    pub variables: &'a JsonMap,
    pub subject: Option<Uuid>,
    /// What the request costs, and what is left of the caller's allowance.
    pub spent: RateStatus,
    /// What was prepared before the statements, by key: answers to introspection, and computed values.
    pub prepared: Option<&'a JsonMap>,
}

/// What a request costs, and what is left of the caller's allowance.
#[derive(Clone, Copy, Debug, Default)]
pub struct RateStatus {
    pub cost: u32,
    pub limit: u32,
    pub remaining: u32,
    pub reset_seconds: u32,
}
