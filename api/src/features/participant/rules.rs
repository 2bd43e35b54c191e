//! Rules of participants.

use chrono::{DateTime, Utc};
use entity::{
    Id,
    member::{self, MemberStatus},
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

/// The participants among members, in their order.
pub fn participants(
    members: Vec<member::Model>,
    held: &[membership::Model],
    now: DateTime<Utc>,
) -> Vec<member::Model> {
    members.into_iter().filter(|member| is_participant(member, held, now)).collect()
}

/// Whether a member is a participant: active, and either without a login, or leader or sponsor at present.
pub fn is_participant(member: &member::Model, held: &[membership::Model], now: DateTime<Utc>) -> bool {
    let is_present =
        |held: &membership::Model| held.starts_at <= now && held.ends_at.is_none_or(|ends| ends > now);
    let speaks =
        |person| held.iter().any(|held| gives_voice(held, person, member.team_id) && is_present(held));
    member.status == MemberStatus::Active && member.person_id.is_none_or(speaks)
}

/// Whether a membership is one of those by which a person speaks in a team.
fn gives_voice(held: &membership::Model, person: Id<person::Entity>, team: Id<team::Entity>) -> bool {
    held.person_id == person
        && matches!(held.role, MembershipRole::Sponsor | MembershipRole::Leader)
        && held.team_id.is_none_or(|of| of == team)
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
        gives_voice(held, person, team) && before(held) && held.ends_at.is_none_or(|ends| ends > began.at)
    })
}
