//! Participant: a member who may speak for the team. Every quorum, response rate and "of n" counts participants, and
//! observers and guests count for nothing.
//!
//! A participant is an active member with a login and the role leader or sponsor, or an active member without a login,
//! for whom the facilitator records. [`rules::is_participant`] owns this definition, [`PARTICIPANT`] says it in SQL, and
//! [`load_participants`] finds a team's participants for everyone who counts.
//!
//! Results without names are shown if at least five of the participants who answered had their login before the round
//! or the session began. Otherwise, someone could create logins afterwards and work out the fifth answer. This does not
//! stop someone who creates members and their logins in advance; the fields' descriptions say so.

pub mod rules;
#[cfg(test)]
mod tests;

use crate::kernel::{Error, Write};
use entity::{
    Id, client,
    member::{self, MemberStatus},
    membership, team,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// [`rules::is_participant`] in SQL, of the member at `{t}`.
pub const PARTICIPANT: &str = "({t}.status = {MemberStatus::Active} and ({t}.person_id is null or exists (
    select 1 from membership h where h.client_id = {t}.client_id and h.person_id = {t}.person_id
        and h.role in ({MembershipRole::Sponsor}, {MembershipRole::Leader})
        and (h.team_id is null or h.team_id = {t}.team_id)
        and h.starts_at <= {now} and (h.ends_at is null or h.ends_at > {now}))))";

/// Loads the participants of a team.
pub async fn load_participants(
    write: &Write,
    client: Id<client::Entity>,
    team: Id<team::Entity>,
) -> Result<Vec<member::Model>, Error> {
    let members = member::Entity::find()
        .filter(member::Column::TeamId.eq(team))
        .filter(member::Column::Status.eq(MemberStatus::Active));
    let members = write.all(members).await?;
    Ok(rules::participants(members, &load_memberships(write, client).await?, write.now()))
}

/// Loads the current and former memberships of a client, which the rules read.
pub async fn load_memberships(
    write: &Write,
    client: Id<client::Entity>,
) -> Result<Vec<membership::Model>, Error> {
    write.all(membership::Entity::find().filter(membership::Column::ClientId.eq(client))).await
}
