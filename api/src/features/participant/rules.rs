//! The law of participants.

use chrono::{DateTime, Utc};
use entity::{
    Id,
    membership::{self, MembershipRole},
    person, team,
};
use uuid::Uuid;

/// Answers of participants from which results are told without names.
pub const FEWEST: usize = 5;

/// When something to take part in began.
#[derive(Clone, Copy, Debug)]
pub struct Beginning {
    pub at: DateTime<Utc>,
    /// The row made then, if one was: rows of one instant are ordered by their ids.
    pub row: Option<Uuid>,
}

/// How many of the people who answered count towards [`FEWEST`]: those with a login in the team that they had before it
/// began. A role at a client is only ever held by accepting the invitation that came by e-mail.
pub fn counting(
    answered: impl Iterator<Item = Id<person::Entity>>,
    held: &[membership::Model],
    team: Id<team::Entity>,
    began: Beginning,
) -> usize {
    answered.filter(|person| counts(*person, held, team, began)).count()
}

/// Whether a person's answer counts.
pub fn counts(
    person: Id<person::Entity>,
    held: &[membership::Model],
    team: Id<team::Entity>,
    began: Beginning,
) -> bool {
    let before = |held: &membership::Model| {
        held.created_at < began.at
            || held.created_at == began.at && began.row.is_none_or(|row| held.id.uuid() < row)
    };
    held.iter().any(|held| {
        held.person_id == person
            && matches!(held.role, MembershipRole::Sponsor | MembershipRole::Leader)
            && held.team_id.is_none_or(|of| of == team)
            && before(held)
            && held.ends_at.is_none_or(|ends| ends > began.at)
    })
}
