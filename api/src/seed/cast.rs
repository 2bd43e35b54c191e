//! The people who can sign in to a seeded network: one in each role.

use super::{
    calendar::At,
    sketch::{Card, Practice},
    source::Source,
};
use entity::{
    Id, client, franchise, identity, membership,
    membership::MembershipRole::{self, *},
    network, person, team,
};

/// Someone who can sign in.
pub struct Login {
    pub role: MembershipRole,
    pub name: String,
    pub email: String,
    pub identity: Id<identity::Entity>,
}

/// The people behind the sign-ins.
pub struct Cast(pub Vec<(MembershipRole, Id<person::Entity>, String, String)>);

/// The roles of a cast, as their addresses name them.
pub const ROLES: [(MembershipRole, &str); 7] = [
    (HeadOfficeAdmin, "admin"),
    (HeadOfficeAnalyst, "analyst"),
    (FranchiseOwner, "owner"),
    (Facilitator, "facilitator"),
    (Sponsor, "sponsor"),
    (Leader, "leader"),
    (Observer, "observer"),
];

impl Cast {
    /// The franchise of the cast: the one in Yorkshire.
    pub const HOME: usize = 2;

    /// The person in a role.
    pub fn of(&self, role: MembershipRole) -> Option<Id<person::Entity>> {
        self.0.iter().find(|(held, ..)| *held == role).map(|(_, person, ..)| *person)
    }
    /// The person in a role, with name and address.
    pub fn named(&self, role: MembershipRole) -> Option<(Id<person::Entity>, &str, &str)> {
        let found = self.0.iter().find(|(held, ..)| *held == role);
        found.map(|(_, person, name, email)| (*person, name.as_str(), email.as_str()))
    }
}

/// Adds the people of the cast.
pub fn people(
    source: &mut Source,
    network: Id<network::Entity>,
    born: At,
    logins: &[Login],
    rows: &mut Vec<person::Model>,
) -> Cast {
    let mut cast = Vec::new();
    for login in logins {
        let id = source.id(born);
        cast.push((login.role, id, login.name.clone(), login.email.clone()));
        rows.push(person::Model {
            id,
            network_id: network,
            identity_id: Some(login.identity),
            name: login.name.clone(),
            email: login.email.clone(),
            created_at: born,
            erased_at: None,
            version: 1,
        });
    }
    Cast(cast)
}

/// Adds the memberships of the cast: at head office, the home franchise, or the first client and its team.
pub fn memberships(
    source: &mut Source,
    network: Id<network::Entity>,
    born: At,
    cast: &Cast,
    practices: &[Practice],
    cards: &[Card],
    rows: &mut Vec<membership::Model>,
) {
    let franchise = practices.get(Cast::HOME).map(|practice| practice.franchise);
    let client = cards.first().map(|card| card.client);
    let team = cards.first().map(|card| card.team);
    for (role, person, ..) in &cast.0 {
        let place = match role {
            HeadOfficeAdmin | HeadOfficeAnalyst => (None, None, None),
            FranchiseOwner | Facilitator => (franchise, None, None),
            Sponsor => (None, client, None),
            Leader | Observer => (None, client, team),
        };
        let since = match role {
            Sponsor | Leader | Observer => cards.first().map_or(born, |card| card.created_at),
            _ => born,
        };
        rows.push(membership(source, network, *person, *role, place, since));
    }
}

type Place = (Option<Id<franchise::Entity>>, Option<Id<client::Entity>>, Option<Id<team::Entity>>);

/// A role of a person at a place.
pub fn membership(
    source: &mut Source,
    network: Id<network::Entity>,
    person: Id<person::Entity>,
    role: MembershipRole,
    (franchise_id, client_id, team_id): Place,
    at: At,
) -> membership::Model {
    membership::Model {
        id: source.id(at),
        network_id: network,
        person_id: person,
        role,
        franchise_id,
        client_id,
        team_id,
        starts_at: at,
        ends_at: None,
        created_at: at,
        version: 1,
    }
}
