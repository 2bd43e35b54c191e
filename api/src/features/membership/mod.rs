//! Membership: a dated role of a person in a network, franchise, client or team. It begins when the person accepts an
//! invitation. `membershipEnd` ends it, and the access it gave.
//!
//! Invariant: head office always has an admin. Invariant: a lead cannot leave the franchise before their clients have another
//! lead.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    assignment::rules as assignments, client::Client, franchise::Franchise, member::Member, person::Person,
    team::Team,
};
use crate::{
    kernel::{Caller, Error, Locked, Write, access::Permission, expect_version, read::shape::typed},
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    assignment::{self, AssignmentPart},
    client, franchise,
    membership::{self, Entity, MembershipRole},
    network, owner_opening,
};
use rules::MembershipDependents;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

/// SQL for the member that is the membership's person: in its team, or in a team of its client. Active members come first.
const MEMBER: &str = "(select m.id from member m where m.person_id = {t}.person_id and m.client_id = {t}.client_id \
    and m.team_id = coalesce({t}.team_id, m.team_id) order by m.removed_at is not null, m.created_at desc, m.id limit 1)";

shape! {
    /// A role of a person in the network, a franchise, a client or a team, with a start and an optional end.
    Membership of membership {
        /// Role of the person.
        role = closed::<MembershipRole, _>(Role).filter().order(),
        /// Time the role starts.
        startsAt = instant(StartsAt).filter().order(),
        /// Time the role ends or ended. Null if no end is set.
        endsAt = instant(EndsAt).or_null().filter(),
        /// Whether the role is in effect now: started, and not ended.
        active = derived(Ty::Flag, "({t}.starts_at <= {now} and ({t}.ends_at is null or {t}.ends_at > {now}))").filter(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Person who has the role. Null if you have no access to them.
        person = one::<Person, _>(PersonId).or_null(),
        /// Franchise of an owner or facilitator. Null for other roles.
        franchise = one::<Franchise, _>(FranchiseId).or_null(),
        /// Client of a sponsor, leader or observer. Null for other roles.
        client = one::<Client, _>(ClientId).or_null(),
        /// Team of a leader or observer. Null for other roles.
        team = one::<Team, _>(TeamId).or_null(),
        /// Member as whom the person signs in with this membership. Null for people who are not members of a team of the
        /// client, and if you have no access to the member.
        member = one_found::<Member>(MEMBER),
    }
}

/// Input for `membershipEnd`.
#[derive(InputObject)]
pub struct MembershipEndInput {
    /// ID of the membership.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the membership has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    MembershipMutation: membership -> Membership of Entity {
        /// Ends a membership now, with its access and all e-mails about it, including queued ones. Sponsors can end
        /// memberships at their client, but not their own. A person who leaves a franchise loses the assignments to its
        /// clients. Fails with `WRONG_STATE` if the person still leads one of these clients, or is the last head-office
        /// admin.
        membership_end(MembershipEndInput) -> MembershipEndPayload = end, on id;
    }
}

async fn end(caller: &Caller, input: MembershipEndInput) -> Result<Id<Entity>, Error> {
    let (write, held) =
        caller.write::<Entity>(Permission::MembershipEnd, typed(&input.id), "input.id").await?;
    expect_version(held.version, input.expected_version)?;
    if let Some(franchise) = held.franchise_id.filter(|_| held.person_id != caller.actor().person) {
        let waits = owner_opening::Entity::find()
            .filter(owner_opening::Column::PersonId.eq(write.person()?))
            .filter(owner_opening::Column::FranchiseId.eq(franchise))
            .filter(owner_opening::Column::OpensAt.gt(write.now()));
        rules::require_all_clients_open(write.count(waits).await?)?;
    }
    let only_admin =
        held.role == MembershipRole::HeadOfficeAdmin && count_equivalent(&write, &held).await? == 0;
    let assigned = match held.franchise_id {
        Some(franchise) if count_equivalent(&write, &held).await? == 0 => {
            lock_assignments(&write, &held, franchise).await?
        }
        _ => vec![],
    };
    rules::require_other_manager(&held, write.actor()?)?;
    let led = assigned.iter().filter(|part| part.part == AssignmentPart::Lead).count();
    rules::require_endable(&held, MembershipDependents { led: led as i64, only_admin }, write.now())?;
    for part in assigned {
        let mut change = part.clone().into_active_model();
        change.ends_at = Set(Some(assignments::end_of(&part, write.now())));
        write.update::<assignment::Entity>(&part, change).await?;
    }
    let mut change = held.clone().into_active_model();
    change.ends_at = Set(Some(write.now()));
    write.update::<Entity>(&held, change).await?;
    write.commit().await?;
    Ok(held.id)
}

/// Counts other memberships with the same function: of another head-office admin, or the person's second role in the
/// franchise.
async fn count_equivalent(write: &Write, held: &membership::Model) -> Result<i64, Error> {
    let others = Entity::find().filter(membership::Column::Id.ne(held.id));
    let others = match held.franchise_id {
        Some(franchise) => others
            .filter(membership::Column::PersonId.eq(held.person_id))
            .filter(membership::Column::FranchiseId.eq(franchise)),
        None => {
            // Serialises admins who end each other's memberships at the same time.
            write.lock::<network::Entity>(held.network_id).await?;
            others.filter(membership::Column::Role.eq(MembershipRole::HeadOfficeAdmin))
        }
    };
    let others = write.all(others).await?;
    Ok(others.iter().filter(|other| assignments::is_in_force(other, write.now())).count() as i64)
}

/// Loads and locks the person's assignments to clients of a franchise.
async fn lock_assignments(
    write: &Write,
    held: &membership::Model,
    franchise: Id<franchise::Entity>,
) -> Result<Vec<Locked<assignment::Model>>, Error> {
    let parts = assignment::Entity::find()
        .filter(assignment::Column::PersonId.eq(held.person_id))
        .filter(assignment::Entity::lasting(write.now()));
    let parts = write.lock_all(parts).await?;
    let clients = client::Entity::find()
        .filter(client::Column::Id.is_in(parts.iter().map(|part| part.client_id)))
        .filter(client::Column::FranchiseId.eq(franchise));
    let clients: Vec<_> = write.all(clients).await?.into_iter().map(|client| client.id).collect();
    Ok(parts.into_iter().filter(|part| clients.contains(&part.client_id)).collect())
}
