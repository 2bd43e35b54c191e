//! Rules of teams.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use chrono::{DateTime, Utc};
use entity::team;

/// Requires that a team can be archived, given the number of its unfinished programmes.
pub fn require_archivable(team: &team::Model, unfinished: i64) -> Result<(), Refusal> {
    let message = match (team.archived_at, unfinished) {
        (Some(_), _) => message!(TEAM_ARCHIVED_ALREADY, "The team is archived already."),
        (None, 0) => return Ok(()),
        (None, _) => message!(
            TEAM_PROGRAMME_RUNS,
            "A programme of the team still runs. Complete or terminate it first."
        ),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that a team is archived, and returns since when.
pub fn require_archived(team: &team::Model) -> Result<DateTime<Utc>, Refusal> {
    team.archived_at.ok_or_else(|| {
        let message = message!(TEAM_NOT_ARCHIVED, "The team is not archived.");
        Refusal::new(Code::WrongState, message).at("input.id")
    })
}
