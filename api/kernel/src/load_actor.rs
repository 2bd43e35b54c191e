//! Who a person is, from the database: their memberships, assignments and visits as an [`Actor`].

use crate::{
    access::{Actor, Grant, Node, Role},
    error::Error,
    write::Write,
};
use chrono::{DateTime, Utc};
use entity::{
    Id, assignment, client, client::ClientStatus, membership, membership::MembershipRole, network,
    owner_opening, person, support_visit,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

/// A person as an actor, read by a transaction of the system. `None` if they cannot sign in.
pub(crate) async fn load_actor(
    door: &Write,
    network: Id<network::Entity>,
    person: Id<person::Entity>,
    now: DateTime<Utc>,
) -> Result<Option<Actor>, Error> {
    // first, so that what changes meanwhile makes this stale
    let epoch = door.epoch().await?;
    let Some(found) = door.find::<person::Entity>(person).await? else { return Ok(None) };
    let Some(identity) = found.identity_id else { return Ok(None) };
    let memberships = door
        .all(
            membership::Entity::find()
                .filter(membership::Column::PersonId.eq(person))
                .filter(membership::Entity::lasting(now)),
        )
        .await?;
    let assignments = door
        .all(
            assignment::Entity::find()
                .filter(assignment::Column::PersonId.eq(person))
                .filter(assignment::Entity::lasting(now)),
        )
        .await?;
    let visits = support_visit::Entity::find()
        .filter(support_visit::Column::PersonId.eq(person))
        .filter(support_visit::Column::EndsAt.gt(now));
    let visits = door.all(visits).await?;
    let shut = owner_opening::Entity::find()
        .filter(owner_opening::Column::PersonId.eq(person))
        .filter(owner_opening::Column::OpensAt.gt(now));
    let shut = door.all(shut).await?;
    let owned = memberships
        .iter()
        .filter(|held| held.role == MembershipRole::FranchiseOwner)
        .filter_map(|held| held.franchise_id);
    let named = memberships
        .iter()
        .filter_map(|held| held.client_id)
        .chain(assignments.iter().map(|part| part.client_id))
        .chain(visits.iter().map(|visit| visit.client_id));
    let clients = door
        .all(
            client::Entity::find().filter(
                Condition::any()
                    .add(client::Column::FranchiseId.is_in(owned))
                    .add(client::Column::Id.is_in(named)),
            ),
        )
        .await?;
    let changes = memberships
        .iter()
        .flat_map(|held| [Some(held.starts_at), held.ends_at])
        .chain(assignments.iter().flat_map(|part| [Some(part.starts_at), part.ends_at]))
        .chain(visits.iter().map(|visit| Some(visit.ends_at)))
        .chain(shut.iter().map(|opening| Some(opening.opens_at)))
        .flatten();
    let good_until = changes.filter(|at| *at > now).min();
    let shut: Vec<_> = shut.iter().map(|opening| opening.client_id).collect();
    let grants = grants(&memberships, &assignments, &clients, &shut, now);
    let lent = visiting(&grants, &visits, &clients);
    let alumni = clients.iter().filter(|client| client.status == ClientStatus::Alumni);
    let alumni = alumni.map(|client| client.id.uuid()).collect();
    let actor = Actor::new(identity, person, network, epoch, good_until, grants, lent);
    Ok(Some(actor.with_alumni(alumni)))
}

fn grants(
    memberships: &[membership::Model],
    assignments: &[assignment::Model],
    clients: &[client::Model],
    shut: &[Id<client::Entity>],
    now: DateTime<Utc>,
) -> Vec<Grant> {
    let mut grants = Vec::new();
    let client = |id: Id<client::Entity>| clients.iter().find(|client| client.id == id);
    let node = |client: &client::Model| Node::Client {
        client: client.id.uuid(),
        franchise: client.franchise_id.uuid(),
    };
    let held = || memberships.iter().filter(|held| held.starts_at <= now);
    for held in held() {
        let role = role(held.role);
        match (held.franchise_id, held.client_id, held.team_id) {
            (None, None, _) => grants.push(Grant { role, node: Node::Network }),
            (Some(franchise), None, _) => {
                grants.push(Grant { role, node: Node::Franchise(franchise.uuid()) });
                if role == Role::FranchiseOwner {
                    let own = clients.iter().filter(|client| client.franchise_id == franchise);
                    // a client that has yet to open to an owner whom head office named
                    let own = own.filter(|client| !shut.contains(&client.id));
                    grants.extend(own.map(|client| Grant { role, node: node(client) }));
                }
            }
            (_, Some(of), None) => grants.extend(client(of).map(|client| Grant { role, node: node(client) })),
            (_, Some(of), Some(team)) => grants.extend(client(of).map(|client| Grant {
                role,
                node: Node::Team {
                    team: team.uuid(),
                    client: client.id.uuid(),
                    franchise: client.franchise_id.uuid(),
                },
            })),
        }
    }
    for part in assignments.iter().filter(|part| part.starts_at <= now) {
        let Some(client) = client(part.client_id) else { continue };
        // an assignment lasts no longer than the facilitator's membership of the client's franchise
        let belongs = held().any(|held| held.franchise_id == Some(client.franchise_id));
        let role = match part.part {
            assignment::AssignmentPart::Observer => Role::Observer,
            assignment::AssignmentPart::Lead | assignment::AssignmentPart::Co => Role::Facilitator,
        };
        grants.extend(belongs.then(|| Grant { role, node: node(client) }));
    }
    grants
}

/// What clients let head office see: as long as a visit lasts, and for who is still of head office.
fn visiting(grants: &[Grant], visits: &[support_visit::Model], clients: &[client::Model]) -> Vec<Grant> {
    if !grants.iter().any(|grant| grant.node == Node::Network) {
        return vec![];
    }
    let visited = clients.iter().filter(|client| visits.iter().any(|visit| visit.client_id == client.id));
    visited
        .map(|client| Grant {
            role: Role::Observer,
            node: Node::Client { client: client.id.uuid(), franchise: client.franchise_id.uuid() },
        })
        .collect()
}

fn role(held: MembershipRole) -> Role {
    match held {
        MembershipRole::HeadOfficeAdmin => Role::HeadOfficeAdmin,
        MembershipRole::HeadOfficeAnalyst => Role::HeadOfficeAnalyst,
        MembershipRole::FranchiseOwner => Role::FranchiseOwner,
        MembershipRole::Facilitator => Role::Facilitator,
        MembershipRole::Sponsor => Role::Sponsor,
        MembershipRole::Leader => Role::Leader,
        MembershipRole::Observer => Role::Observer,
    }
}
