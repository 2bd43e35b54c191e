//! The signed-in person, with all that their memberships and assignments give. Kept in memory and checked against
//! the network's access epoch in the snapshot of every request, so that a change of access counts at once.

use super::{Permission, Reach, Role, Roles, Scope};
use chrono::{DateTime, Utc};
use entity::{Id, client, franchise, identity, network, person};
use parking_lot::Mutex;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, OnceLock},
};
use uuid::Uuid;

/// Who asks.
pub struct Actor {
    pub identity: Id<identity::Entity>,
    pub person: Id<person::Entity>,
    pub network: Id<network::Entity>,
    /// The network's access epoch when this was read. A later one makes it stale.
    pub epoch: i64,
    /// When the next membership or assignment begins or ends; from then on this is stale too.
    pub good_until: Option<DateTime<Utc>>,
    /// The roles held by memberships and assignments, and after them those that support visits lend.
    pub grants: Vec<Grant>,
    /// How many of the grants support visits lend.
    visiting: usize,
    /// Clients of the grants that are alumni: their work is read and does not change.
    alumni: Vec<Uuid>,
    reaches: Mutex<HashMap<Roles, Arc<Reach>>>,
    scope: OnceLock<Scope>,
}

/// A role at a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    pub role: Role,
    pub node: Node,
}

/// A node of the tree that a role can be held at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node {
    Network,
    /// The franchise itself; its clients come as grants of their own.
    Franchise(Uuid),
    Client {
        client: Uuid,
        franchise: Uuid,
    },
    Team {
        team: Uuid,
        client: Uuid,
        franchise: Uuid,
    },
}

impl Grant {
    /// Its role and its node, in text that can be kept.
    fn key(&self) -> String {
        let node = match self.node {
            Node::Network => Uuid::nil(),
            Node::Franchise(id) | Node::Client { client: id, .. } | Node::Team { team: id, .. } => id,
        };
        format!("{} {node}", self.role.name())
    }
}

impl Actor {
    pub fn new(
        identity: Id<identity::Entity>,
        person: Id<person::Entity>,
        network: Id<network::Entity>,
        epoch: i64,
        good_until: Option<DateTime<Utc>>,
        mut grants: Vec<Grant>,
        visits: Vec<Grant>,
    ) -> Self {
        let visiting = visits.len();
        grants.extend(visits);
        Actor {
            identity,
            person,
            network,
            epoch,
            good_until,
            grants,
            visiting,
            alumni: Vec::new(),
            reaches: Mutex::default(),
            scope: OnceLock::new(),
        }
    }

    /// The same person, for whom these clients are alumni.
    pub fn with_alumni(self, alumni: Vec<Uuid>) -> Self {
        Actor { alumni, ..self }
    }

    /// Somebody who is not signed in: without any role.
    pub fn nobody() -> Self {
        let nil = Uuid::nil();
        Actor::new(Id::new(nil), Id::new(nil), Id::new(nil), 0, None, vec![], vec![])
    }

    /// The same person without what support visits lend: what they show is read there and not taken away.
    pub fn without_visits(&self) -> Actor {
        let own = self.own().to_vec();
        Actor::new(self.identity, self.person, self.network, self.epoch, self.good_until, own, vec![])
    }

    fn own(&self) -> &[Grant] {
        &self.grants[..self.grants.len() - self.visiting]
    }

    /// The roles, each at its node, by which this person reads rows of these clients, but for support visits.
    pub fn held_at(&self, clients: &BTreeSet<Uuid>) -> Vec<String> {
        let covers = |grant: &&Grant| match grant.node {
            Node::Network => true,
            Node::Franchise(_) => false,
            Node::Client { client, .. } | Node::Team { client, .. } => clients.contains(&client),
        };
        self.own().iter().filter(covers).map(Grant::key).collect()
    }

    /// Whether this person holds all of these, as [`Actor::held_at`] names them.
    pub fn still_holds(&self, held: &[String]) -> bool {
        let own: BTreeSet<String> = self.own().iter().map(Grant::key).collect();
        held.iter().all(|key| own.contains(key))
    }

    /// Every role held anywhere.
    pub fn roles(&self) -> Roles {
        self.grants.iter().fold(Roles::NONE, |roles, grant| roles.with(grant.role.bit()))
    }

    /// Whether the permission is held anywhere.
    pub fn may(&self, permission: Permission) -> bool {
        !self.roles().both(permission.roles()).is_empty()
    }

    /// The rows on which the permission is held.
    pub fn reach(&self, permission: Permission) -> Arc<Reach> {
        self.reach_as(permission.roles())
    }

    /// The rows that a mutation of this permission may act on: [`Actor::reach`] without the work of clients that are alumni.
    pub fn working_reach(&self, permission: Permission) -> Arc<Reach> {
        if self.is_kept_from_alumni(permission) {
            self.working_reach_as(permission.roles())
        } else {
            self.reach(permission)
        }
    }

    /// The rows that these roles reach, without the work of clients that are alumni.
    pub fn working_reach_as(&self, roles: Roles) -> Arc<Reach> {
        if self.alumni.is_empty() {
            return self.reach_as(roles);
        }
        let works = |grant: &&Grant| match grant.node {
            Node::Network | Node::Franchise(_) => true,
            Node::Client { client, .. } | Node::Team { client, .. } => !self.alumni.contains(&client),
        };
        let working = self.grants.iter().filter(|grant| roles.has(grant.role)).filter(works);
        Arc::new(Reach::of(working.map(|grant| grant.node)))
    }

    /// Whether there are clients at which the permission rests because they are alumni.
    pub fn is_kept_from_alumni(&self, permission: Permission) -> bool {
        !self.alumni.is_empty() && !permission.is_for_alumni()
    }

    /// The rows that these roles reach.
    pub fn reach_as(&self, roles: Roles) -> Arc<Reach> {
        let roles = roles.both(self.roles());
        let mut reaches = self.reaches.lock();
        let reach = reaches.entry(roles).or_insert_with(|| {
            Arc::new(Reach::of(
                self.grants.iter().filter(|grant| roles.has(grant.role)).map(|grant| grant.node),
            ))
        });
        reach.clone()
    }

    /// The roles that content may be reached by.
    pub const CONTENT: Roles = Permission::Read(entity::Table::Action).roles();

    /// Whether the actor works with a client: may read its content.
    pub fn is_inside(&self, client: Uuid) -> bool {
        self.reach_as(Self::CONTENT).is_around(client)
    }

    /// The roles that a practice's own notes may be reached by.
    pub const PRACTICE: Roles = Permission::Read(entity::Table::ClientNote).roles();

    /// This actor's reach as transaction settings.
    pub fn scope(&self) -> &Scope {
        self.scope.get_or_init(|| Scope::of(self))
    }

    /// What decides the form of this actor's statements: two actors alike in this share plans.
    pub fn form(&self) -> u32 {
        let teams = self.grants.iter().any(|grant| matches!(grant.node, Node::Team { .. }));
        u32::from(self.roles().0) | u32::from(teams) << 8
    }

    /// Who shapes the work at a client.
    pub const SHAPERS: Roles = Permission::PriorityCommit.roles();

    /// Whether the actor shapes the work at this client: runs its programme, or is its sponsor.
    pub fn shapes(&self, client: Id<client::Entity>) -> bool {
        self.reach_as(Self::SHAPERS).has_client(client.uuid())
    }

    /// Whether the actor owns the franchise that this client is with.
    pub fn oversees(&self, client: Id<client::Entity>) -> bool {
        self.reach_as(Role::FranchiseOwner.bit()).has_client(client.uuid())
    }

    /// Whether the actor writes the templates of this franchise; of the network itself, where none is named.
    pub fn authors(&self, franchise: Option<Id<franchise::Entity>>) -> bool {
        match franchise {
            Some(franchise) => self.reach_as(Role::FranchiseOwner.bit()).has_franchise(franchise.uuid()),
            None => self.reach_as(Role::HeadOfficeAdmin.bit()).wide,
        }
    }

    /// Who runs the programme of a client.
    pub const RUNNERS: Roles = Permission::SessionSchedule.roles();

    /// Whether the actor runs this client's programme.
    pub fn runs(&self, client: Id<client::Entity>) -> bool {
        self.reach_as(Self::RUNNERS).has_client(client.uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_of_alumni_is_out_of_a_mutations_reach() {
        let uuid = |number: u128| Uuid::from_u128(number);
        let client = |number: u128| Node::Client { client: uuid(number), franchise: uuid(9) };
        let team = |number: u128, client: u128| Node::Team {
            team: uuid(number),
            client: uuid(client),
            franchise: uuid(9),
        };
        let held = |role, node| Grant { role, node };
        let grants = vec![
            held(Role::FranchiseOwner, Node::Franchise(uuid(9))),
            held(Role::FranchiseOwner, client(1)),
            held(Role::FranchiseOwner, client(2)),
            held(Role::Leader, team(11, 1)),
            held(Role::Leader, team(12, 2)),
        ];
        let nil = Uuid::nil();
        let actor = Actor::new(Id::new(nil), Id::new(nil), Id::new(nil), 0, None, grants, vec![]);
        let (work, facts) = (Permission::ActionCreate, Permission::ClientUpdate);
        assert_eq!(actor.working_reach(work), actor.reach(work), "nobody is alumni");
        let actor = actor.with_alumni(vec![uuid(2)]);
        let reach = actor.working_reach(work);
        assert_eq!((&reach.clients, &reach.teams), (&vec![uuid(1)], &vec![uuid(11)]));
        assert!(reach.has_franchise(uuid(9)), "the franchise is no client");
        assert!(actor.is_kept_from_alumni(work));
        assert!(actor.working_reach(facts).has_client(uuid(2)), "its facts can still change");
        assert!(actor.reach(work).has_client(uuid(2)), "and rules see all that is read");
    }
}
