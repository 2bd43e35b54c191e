//! Viewer: the signed-in person, with their roles, permissions and work.

pub mod portfolio;

use super::{
    client::Client,
    member::Member,
    membership::Membership,
    network::Network,
    notice::{self, Notice},
    person::Person,
    session::Session,
    to_do::ToDo,
    work::{self, WorkItem},
};
use crate::{
    kernel::{
        access::{Actor, Permission},
        read::RateStatus,
    },
    shape,
};
use entity::{member, membership, session, to_do};

/// Sessions that a calendar shows, between two instants.
const CALENDAR: &str = "{t}.status <> {SessionStatus::Cancelled} and ({arg:to} is null or {t}.starts_at < {arg:to}) \
    and ({arg:from} is null or {t}.starts_at >= {arg:from})";

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
        /// What concerns the person and has happened in the last 90 days, latest first by default. Without notices about
        /// clients and teams that they no longer have access to.
        notices = all::<Notice>().only(notice::LISTED).by_last(entity::notice::Column::CreatedAt, Ty::Instant),
        /// Names of the mutations that the person's roles allow, each only at the places where they hold the role.
        permissions = from_request("[String!]!", permissions),
        /// Clients of the person, without archived ones, highest risk first by default: assigned clients for
        /// facilitators, clients of the franchise for its owners, all clients of the network for head office, and their
        /// own client for people at a client.
        portfolio = all::<Client>().only(portfolio::LISTED).by_most(portfolio::ORDER, Ty::Int),
        /// All that waits for the person, without that of archived clients and teams, earliest due date first by default:
        /// actions and priorities that they own, what leaders and sponsors are asked for, and what a client's lead and
        /// co-facilitators have to see to.
        myWork = all::<WorkItem>().only(work::WAITING).by_view("due_on", Ty::Date),
        /// Private to-dos of a facilitator, done ones included, earliest due date first by default. Filter by `doneAt` for
        /// open ones.
        toDos = all::<ToDo>().by(to_do::Column::DueOn, Ty::Date),
        /// Sessions that the person can access, as a calendar: earliest first by default, without cancelled ones.
        sessions = all::<Session>().only(CALENDAR).by(session::Column::StartsAt, Ty::Instant)
            .takes("from", Ty::Instant, "Only sessions that start at this time or later.")
            .takes("to", Ty::Instant, "Only sessions that start before this time."),
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
