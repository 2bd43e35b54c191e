//! What lets people in and moves clients: openings and transfers.

use super::{Plot, add, client, facilitator, franchise, person_of};
use chrono::TimeDelta;
use concord::kernel::Write;
use entity::{
    Id,
    client_transfer::{self, TransferStatus},
    membership,
    membership::MembershipRole,
    owner_opening, person,
};

/// When the plot's client opens to someone: in a week.
pub async fn opening(write: &Write, plot: &Plot) -> Id<owner_opening::Entity> {
    let id = write.id();
    let row = owner_opening::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        franchise_id: plot.franchise,
        person_id: person_of(write, plot).await,
        name: "Ines".into(),
        email: "ines@example.org".into(),
        opens_at: write.now() + TimeDelta::days(7),
        agreed_by: None,
        agreed_at: None,
        created_at: write.now(),
        version: 1,
    };
    add::<owner_opening::Entity>(write, row).await;
    id
}

/// A transfer of the plot's client to a franchise of its own.
pub async fn transfer(write: &Write, plot: &Plot, status: TransferStatus) -> Id<client_transfer::Entity> {
    let to = Plot { franchise: franchise(write, plot.network, plot.region).await, ..plot.clone() };
    let id = write.id();
    let row = client_transfer::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        from_id: plot.franchise,
        franchise_id: to.franchise,
        person_id: facilitator(write, &to).await.0,
        reason: Some("Nearer".into()),
        status,
        proposed_by: plot.person,
        proposed_at: write.now(),
        untold: 1,
        takes_effect_at: None,
        ended_by: None,
        ended_at: (status != TransferStatus::Pending).then_some(write.now()),
        version: 1,
    };
    add::<client_transfer::Entity>(write, row).await;
    id
}

/// Another client of the plot's franchise, which someone sponsors.
pub async fn sponsored(write: &Write, plot: &Plot, sponsor: Id<person::Entity>) -> Plot {
    let there = Plot { client: client(write, plot).await, ..plot.clone() };
    let held = membership::Model {
        id: write.id(),
        network_id: plot.network,
        person_id: sponsor,
        role: MembershipRole::Sponsor,
        franchise_id: None,
        client_id: Some(there.client),
        team_id: None,
        starts_at: write.now(),
        ends_at: None,
        created_at: write.now(),
        version: 1,
    };
    add::<membership::Entity>(write, held).await;
    there
}
