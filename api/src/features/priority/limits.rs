//! Limits on the committed priorities of a team and of one owner in a cycle, as set by the template of the team's
//! programme.

use crate::{
    features::programme::finding::find_unfinished,
    kernel::{Error, Fault, Write},
};
use entity::{Id, team, template_version};
use futures::future::BoxFuture;

/// Maximum numbers of committed priorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriorityLimits {
    /// Maximum for a team in one cycle.
    pub team: i32,
    /// Maximum for one owner in one cycle.
    pub leader: i32,
}

impl Default for PriorityLimits {
    /// The limits of a team without a programme.
    fn default() -> Self {
        PriorityLimits { team: 5, leader: 2 }
    }
}

/// Loads the limits of a team. Sponsors can commit priorities but cannot read templates, so this function returns only
/// these two numbers of the version.
pub fn load_limits(write: &Write, team: Id<team::Entity>) -> BoxFuture<'_, Result<PriorityLimits, Error>> {
    Box::pin(async move {
        let Some(programme) = find_unfinished(write, team).await? else {
            return Ok(PriorityLimits::default());
        };
        let version = write.library_row::<template_version::Entity>(programme.template_version_id).await?;
        let version = version.ok_or(Fault::Internal)?;
        Ok(PriorityLimits { team: version.priorities_per_team, leader: version.priorities_per_leader })
    })
}
