//! Members, people, and what lets them in.

use super::{Plot, add, name};
use chrono::TimeDelta;
use concord::kernel::Write;
use entity::{
    Id, assignment, assignment::AssignmentPart, invitation, member, member::MemberStatus, membership,
    membership::MembershipRole, person,
};

pub async fn member(write: &Write, plot: &Plot, who: Option<Id<person::Entity>>) -> Id<member::Entity> {
    let id = write.id();
    let row = member::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        person_id: who,
        name: name(write, "Member"),
        job_title: "Director".into(),
        email: None,
        status: MemberStatus::Active,
        created_at: write.now(),
        removed_at: None,
        version: 1,
    };
    add::<member::Entity>(write, row).await;
    id
}

pub(super) async fn someone(write: &Write, plot: &Plot) -> Id<person::Entity> {
    let id: Id<person::Entity> = write.id();
    let row = person::Model {
        id,
        network_id: plot.network,
        identity_id: None,
        name: name(write, "Person"),
        email: format!("{}@example.com", id.uuid().simple()),
        created_at: write.now(),
        erased_at: None,
        version: 1,
    };
    add::<person::Entity>(write, row).await;
    id
}

/// A facilitator of the franchise.
pub async fn person_of(write: &Write, plot: &Plot) -> Id<person::Entity> {
    facilitator(write, plot).await.0
}

/// A facilitator of the franchise, and the membership that makes them one.
pub async fn facilitator(write: &Write, plot: &Plot) -> (Id<person::Entity>, Id<membership::Entity>) {
    let person = someone(write, plot).await;
    let held = hold(plot, write, person, MembershipRole::Facilitator);
    let id = held.id;
    add::<membership::Entity>(write, membership::Model { franchise_id: Some(plot.franchise), ..held }).await;
    (person, id)
}

/// An observer's membership of the team.
pub(super) async fn observer(write: &Write, plot: &Plot) -> Id<membership::Entity> {
    let held = hold(plot, write, someone(write, plot).await, MembershipRole::Observer);
    let id = held.id;
    let held = membership::Model { client_id: Some(plot.client), team_id: Some(plot.team), ..held };
    add::<membership::Entity>(write, held).await;
    id
}

pub(super) fn hold(
    plot: &Plot,
    write: &Write,
    person: Id<person::Entity>,
    role: MembershipRole,
) -> membership::Model {
    membership::Model {
        id: write.id(),
        network_id: plot.network,
        person_id: person,
        role,
        franchise_id: None,
        client_id: None,
        team_id: None,
        starts_at: write.now(),
        ends_at: None,
        created_at: write.now(),
        version: 1,
    }
}

/// A part of someone new in the client's programme.
pub async fn assignment(write: &Write, plot: &Plot) -> Id<assignment::Entity> {
    let id = write.id();
    let row = assignment::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        person_id: person_of(write, plot).await,
        part: AssignmentPart::Co,
        starts_at: write.now(),
        ends_at: None,
        version: 1,
    };
    add::<assignment::Entity>(write, row).await;
    id
}

/// An invitation to observe the team.
pub async fn invitation(write: &Write, plot: &Plot) -> Id<invitation::Entity> {
    let id: Id<invitation::Entity> = write.id();
    let row = invitation::Model {
        id,
        network_id: plot.network,
        email: format!("{}@example.com", id.uuid().simple()),
        name: name(write, "Guest"),
        role: MembershipRole::Observer,
        franchise_id: None,
        client_id: Some(plot.client),
        team_id: Some(plot.team),
        member_id: Some(plot.owner),
        person_id: someone(write, plot).await,
        token_hash: id.uuid().simple().to_string(),
        created_at: write.now(),
        expires_at: write.now() + TimeDelta::days(7),
        opens_later: false,
        accepted_at: None,
        revoked_at: None,
        delivery_failed_at: None,
        version: 1,
    };
    add::<invitation::Entity>(write, row).await;
    id
}
