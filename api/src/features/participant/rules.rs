//! Rules of participants.

use chrono::{DateTime, Utc};
use entity::{
    Id,
    membership::{self, MembershipRole},
    person, team,
};
use uuid::Uuid;

/// Minimum number of countable answers for results without names.
pub const MIN_ANSWERS: usize = 5;

/// Start of a round or session. A login must be older than its start for the answer to count.
#[derive(Clone, Copy, Debug)]
pub struct Cutoff {
    pub at: DateTime<Utc>,
    /// Row created at the start, if there is one. Rows of the same instant are ordered by ID.
    pub row: Option<Uuid>,
}

/// Counts the people whose answers count towards [`MIN_ANSWERS`]: those who had a login in the team before the cutoff.
/// A role at a client is only ever held after accepting an invitation sent by e-mail.
pub fn count_countable(
    answered: impl Iterator<Item = Id<person::Entity>>,
    held: &[membership::Model],
    team: Id<team::Entity>,
    began: Cutoff,
) -> usize {
    answered.filter(|person| is_countable(*person, held, team, began)).count()
}

/// Whether a person's answer counts.
pub fn is_countable(
    person: Id<person::Entity>,
    held: &[membership::Model],
    team: Id<team::Entity>,
    began: Cutoff,
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
