//! Which rows. A reach is a set of nodes of the tree, and becomes a condition on any table by the placement of its rows.
//! The planner and the write door add it to every table they touch.

use super::Node;
use entity::{Matter, Placement};
use uuid::Uuid;

/// The nodes that some roles of an actor cover.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reach {
    /// The whole network.
    pub wide: bool,
    /// Franchises the actor belongs to.
    pub franchises: Vec<Uuid>,
    /// Those, and the franchises of the clients below.
    pub practices: Vec<Uuid>,
    /// Clients covered whole.
    pub clients: Vec<Uuid>,
    /// Teams covered by themselves.
    pub teams: Vec<Uuid>,
    /// Clients covered whole, and the clients of those teams.
    pub around: Vec<Uuid>,
}

impl Reach {
    pub fn of(nodes: impl Iterator<Item = Node>) -> Reach {
        let mut reach = Reach::default();
        for node in nodes {
            match node {
                Node::Network => reach.wide = true,
                Node::Franchise(franchise) => {
                    reach.franchises.push(franchise);
                    reach.practices.push(franchise);
                }
                Node::Client { client, franchise } => {
                    reach.practices.push(franchise);
                    reach.clients.push(client);
                    reach.around.push(client);
                }
                Node::Team { team, client, franchise } => {
                    reach.practices.push(franchise);
                    reach.teams.push(team);
                    reach.around.push(client);
                }
            }
        }
        for list in [
            &mut reach.franchises,
            &mut reach.practices,
            &mut reach.clients,
            &mut reach.teams,
            &mut reach.around,
        ] {
            list.sort_unstable();
            list.dedup();
        }
        reach
    }

    /// Whether a client is covered whole.
    pub fn has_client(&self, client: Uuid) -> bool {
        self.wide || self.clients.binary_search(&client).is_ok()
    }
    /// Whether a client is covered whole or by a team.
    pub fn is_around(&self, client: Uuid) -> bool {
        self.wide || self.around.binary_search(&client).is_ok()
    }
    /// Whether the actor belongs to a franchise, or to the whole network.
    pub fn has_franchise(&self, franchise: Uuid) -> bool {
        self.wide || self.franchises.binary_search(&franchise).is_ok()
    }
}

/// The terms of the condition on a table's rows, any of which lets a row through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// The row is of the network.
    Network,
    /// This column names a client covered whole.
    Clients(&'static str),
    /// This column names a client covered whole, which the caller leads now, or works with beside the lead since before
    /// the row was written.
    Facilitated(&'static str),
    /// This column names a team of which the caller is an active member, covered by itself or by its client.
    Participant(&'static str),
    /// This column names a client covered whole or by a team.
    Around(&'static str),
    /// This column names a team covered by itself.
    Teams(&'static str),
    /// This column names a franchise the actor belongs to.
    Franchises(&'static str),
    /// This column names a franchise the actor belongs to or deals with.
    Practices(&'static str),
    /// This column names the caller.
    Me(&'static str),
    /// The row is of the network, and this column, which would name a franchise, names none.
    Shared(&'static str),
    /// The row is of the network, and tells facts and not content.
    Facts,
    /// This column names a client covered whole or by a team, and the row tells facts and not content.
    Known(&'static str),
    /// This column names someone who works for, leads or belongs to something covered.
    People(&'static str),
    /// The row is of the network, and its period's benchmarks are published.
    Published,
    /// This column names a client covered whole or by a team, and the row's period's benchmarks are published.
    PublishedAround(&'static str),
}

/// The terms by which a table's rows are let through, for a caller who may read the table: whether the reach covers
/// the network, and whether it has teams.
pub fn terms(placement: Placement, wide: bool, teams: bool) -> Vec<Term> {
    use Term::*;
    let team_or_client = |client: &'static str, team: &'static str| {
        if teams { vec![Clients(client), Teams(team)] } else { vec![Clients(client)] }
    };
    match placement {
        Placement::Platform | Placement::Sealed | Placement::Outbox => vec![],
        Placement::Network | Placement::Directory | Placement::Schedule => vec![Network],
        Placement::Own => vec![Me("person_id")],
        Placement::Release => vec![Published],
        // content, which nobody reads of the whole network
        Placement::Standing => vec![PublishedAround("client_id")],
        Placement::Found => {
            let facts = if wide { Facts } else { Known("client_id") };
            [team_or_client("client_id", "team_id"), vec![facts]].concat()
        }
        // whatever else one is: only where one facilitates
        Placement::OfClient(Matter::Practice) | Placement::OfTeam(Matter::Practice) => {
            vec![Facilitated("client_id")]
        }
        Placement::OfClient(Matter::Names) | Placement::OfTeam(Matter::Names) => {
            vec![Facilitated("client_id"), Participant("team_id")]
        }
        _ if wide && placement != Placement::Audit => vec![Network],
        Placement::Library => vec![Shared("franchise_id"), Franchises("franchise_id")],
        Placement::Franchise => vec![Practices("id")],
        Placement::Scope => vec![Franchises("scope_id")],
        Placement::Person => vec![Me("id"), People("id")],
        Placement::Roster => vec![Me("person_id"), Around("client_id"), Franchises("franchise_id")],
        Placement::Audit if wide => vec![Facts, Clients("client_id")],
        Placement::Audit => vec![Clients("client_id"), Franchises("franchise_id")],
        Placement::Client => vec![Around("id")],
        Placement::OfClient(_) => vec![Around("client_id")],
        Placement::Team => team_or_client("client_id", "id"),
        Placement::OfTeam(_) => team_or_client("client_id", "team_id"),
    }
}
