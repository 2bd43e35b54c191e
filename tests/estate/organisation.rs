//! Regions, franchises, clients and teams.

use super::{Plot, add, name};
use concord::kernel::Write;
use entity::{
    Id, client, client::ClientStatus, franchise, franchise::FranchiseStatus, network, region, team,
};

pub async fn region(write: &Write, network: Id<network::Entity>) -> Id<region::Entity> {
    let id: Id<region::Entity> = write.id();
    let code = id.uuid().simple().to_string()[20..].to_owned();
    let row = region::Model {
        id,
        network_id: network,
        code,
        name: name(write, "Region"),
        created_at: write.now(),
        version: 1,
    };
    add::<region::Entity>(write, row).await;
    id
}

pub async fn franchise(
    write: &Write,
    network: Id<network::Entity>,
    region: Id<region::Entity>,
) -> Id<franchise::Entity> {
    let id = write.id();
    let row = franchise::Model {
        id,
        network_id: network,
        region_id: region,
        name: name(write, "Practice"),
        legal_group: "Group".into(),
        status: FranchiseStatus::Active,
        created_at: write.now(),
        version: 1,
    };
    add::<franchise::Entity>(write, row).await;
    id
}

pub async fn client(write: &Write, plot: &Plot) -> Id<client::Entity> {
    let id = write.id();
    let row = client::Model {
        id,
        network_id: plot.network,
        franchise_id: plot.franchise,
        region_id: plot.region,
        name: name(write, "Client"),
        industry: "C".into(),
        size_band: client::SizeBand::Small,
        time_zone: "Europe/London".into(),
        status: ClientStatus::Active,
        created_at: write.now(),
        erased_at: None,
        legal_group: None,
        version: 1,
    };
    add::<client::Entity>(write, row).await;
    id
}

pub async fn team(write: &Write, plot: &Plot) -> Id<team::Entity> {
    let id = write.id();
    let row = team::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        name: name(write, "Team"),
        archived_at: None,
        created_at: write.now(),
        version: 1,
    };
    add::<team::Entity>(write, row).await;
    id
}
