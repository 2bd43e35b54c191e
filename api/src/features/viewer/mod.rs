//! Viewer: the signed-in person, with their roles, permissions and work.

mod portfolio;

use super::{
    client::Client, member::Member, membership::Membership, network::Network, person::Person, work::WorkItem,
};
use crate::{
    kernel::{
        access::{Actor, Permission},
        read::RateStatus,
    },
    shape,
};
use entity::{member, membership};

shape! {
    /// The signed-in person.
    virtual Viewer as "Viewer" {
        /// The signed-in person's own record.
        person = mine::<Person>(Mine::Person),
        /// The network that the person is signed in to.
        network = mine::<Network>(Mine::Network),
        /// Memberships of the person in the network, earliest start first by default.
        memberships = all::<Membership>().only("{t}.person_id = {me}").by(membership::Column::StartsAt, Ty::Instant),
        /// Members of teams that the person is, without those who left, sorted by name by default.
        members = all::<Member>().only("{t}.person_id = {me} and {t}.status = {MemberStatus::Active}").by(member::Column::Name, Ty::Text),
        /// Names of the mutations that the person's roles allow, each only at the places where they hold the role.
        permissions = from_request("[String!]!", permissions),
        /// Clients of the person, without archived ones, highest risk first by default: assigned clients for
        /// facilitators, clients of the franchise for its owners, all clients of the network for head office, and their
        /// own client for people at a client.
        portfolio = all::<Client>().only(portfolio::LISTED).by_most(portfolio::ORDER, Ty::Int),
        /// Open actions and priorities that the person owns, without those of archived clients and teams, earliest due
        /// date first by default.
        myWork = all::<WorkItem>().only("{t}.owner_id in (select m.id from member m join team g on g.id = m.team_id and g.archived_at is null \
            join client c on c.id = m.client_id and c.status <> {ClientStatus::Archived} where m.person_id = {me} and m.status = {MemberStatus::Active})").by_view("due_on", Ty::Date),
    }
}

fn permissions(actor: &Actor, _: &RateStatus) -> String {
    let names: Vec<&str> = Permission::MUTATIONS
        .iter()
        .filter(|permission| actor.may(**permission))
        .map(|permission| permission.field())
        .collect();
    serde_json::json!(names).to_string()
}
