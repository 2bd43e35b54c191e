//! The law of teams.

use crate::kernel::{Code, Refusal};
use entity::team;

/// Whether a team with so many programmes that are planned, running or paused can be archived.
pub fn archivable(team: &team::Model, running: i64) -> Result<(), Refusal> {
    let message = match (team.archived_at, running) {
        (Some(_), _) => "The team is archived already.",
        (None, 0) => return Ok(()),
        (None, _) => "A programme of the team still runs. Complete or terminate it first.",
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}
