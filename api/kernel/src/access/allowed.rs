//! What a caller may do with a row now: the mutations on it, each with what the noun's rules say of the row. The policy
//! says the rest.

use super::Permission;
use sea_orm::{ActiveEnum, Iterable};

/// A mutation on a row of a team, and when it is allowed to those who hold its permission there.
pub struct Allowed {
    pub permission: Permission,
    /// Snippets about the row (`read::shape`), all of which must hold.
    pub conditions: Vec<String>,
}

impl Allowed {
    /// A mutation that the permission alone decides, so far.
    pub fn by(permission: Permission) -> Allowed {
        Allowed { permission, conditions: vec![] }
    }
    /// Only in the statuses that a rule accepts.
    pub fn in_status<S: ActiveEnum<Value = String> + Iterable>(self, accepts: impl Fn(S) -> bool) -> Allowed {
        let accepted = S::iter().filter_map(|status| {
            let value = status.to_value();
            accepts(status).then(|| format!("'{value}'"))
        });
        let accepted = accepted.collect::<Vec<_>>().join(", ");
        self.only(format!("{{t}}.status in ({accepted})"))
    }
    /// Only where this condition holds.
    pub fn only(mut self, condition: impl Into<String>) -> Allowed {
        self.conditions.push(condition.into());
        self
    }
}
