//! Viewer: the signed-in person: what they are, what they may, and what awaits them.

use super::{client::Client, membership::Membership, network::Network, person::Person, work::WorkItem};
use crate::{
    kernel::{
        access::{Actor, Permission},
        read::Spent,
    },
    shape,
};
use entity::membership;

shape! {
    /// The signed-in person.
    virtual Viewer as "Viewer" {
        /// Who it is.
        person = mine::<Person>(Mine::Person),
        /// The network they act in.
        network = mine::<Network>(Mine::Network),
        /// What they are in it, and where.
        memberships = all::<Membership>().only("{t}.person_id = {me}").by(membership::Column::StartsAt, Ty::Instant),
        /// The mutations that their roles include, each at the places where they hold the role.
        permissions = said("[String!]!", permissions),
        /// Their clients, by default those that need attention most first. For facilitators, those assigned; for
        /// franchise owners, the franchise's; for head office, the network's; for client people, their own. Archived ones are left out.
        portfolio = all::<Client>().only("{t}.status <> 'archived'").by_most(super::pulse::RISK, Ty::Int),
        /// Open actions and priorities that they own, soonest first; not those of archived clients and teams.
        myWork = all::<WorkItem>().only("{t}.owner_id in (select m.id from member m join team g on g.id = m.team_id and g.archived_at is null \
            join client c on c.id = m.client_id and c.status <> 'archived' where m.person_id = {me} and m.status = 'active')").by_view("due_on", Ty::Date),
    }
}

fn permissions(actor: &Actor, _: &Spent) -> String {
    let names: Vec<&str> = Permission::MUTATIONS
        .iter()
        .filter(|permission| actor.may(**permission))
        .map(|permission| permission.field())
        .collect();
    serde_json::json!(names).to_string()
}
