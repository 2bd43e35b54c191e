//! The first steps in an empty database: creates a network with its audit chains and its first head-office admin, who
//! creates everything else. The network has StratPro published and a classification of clients from its beginning.

use crate::{
    features::{classification, template},
    identity::password,
    kernel::{Code, Error, Kernel, LANES, Refusal, RequestInfo, Write, Zone, address, zones},
};
use entity::{Id, audit_lane, identity, membership, membership::MembershipRole, network, person, zone_data};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::sync::Arc;

/// The sign-ins of the demo network: e-mail address and role.
pub const DEMO_SIGN_INS: &[(&str, &str)] = &[
    ("admin@demo.concord.example", "head-office admin"),
    ("analyst@demo.concord.example", "head-office analyst"),
    ("owner@demo.concord.example", "franchise owner"),
    ("facilitator@demo.concord.example", "facilitator with a portfolio"),
    ("sponsor@demo.concord.example", "sponsor of one of her clients"),
    ("leader@demo.concord.example", "leader in that client's team"),
    ("observer@demo.concord.example", "observer of that team"),
];

/// Whether the database has no sign-ins yet.
pub async fn has_no_sign_ins(kernel: &Arc<Kernel>) -> Result<bool, String> {
    let count = async {
        let write = kernel.identity(None).await?;
        let count = write.count(identity::Entity::find()).await?;
        write.roll_back().await?;
        Ok::<_, Error>(count)
    };
    count.await.map(|count| count == 0).map_err(|_| "the database cannot be read; the log says why".into())
}

/// Whether the database has networks.
pub async fn has_networks(kernel: &Arc<Kernel>) -> Result<bool, String> {
    let count = async {
        let write = kernel.identity(None).await?;
        let count = write.count(network::Entity::find()).await?;
        write.roll_back().await?;
        Ok::<_, Error>(count)
    };
    count.await.map(|count| count > 0).map_err(|_| "the database cannot be read; the log says why".into())
}

/// Creates a network with its first admin.
pub async fn create_network(
    kernel: &Arc<Kernel>,
    name: &str,
    time_zone: &str,
    admin: &str,
    email: &str,
    password: &str,
) -> Result<Id<network::Entity>, String> {
    let email = address::canonical(email).map_err(|message| format!("email: {message}"))?;
    let Some(time_zone) = Zone::find(time_zone).map(Zone::name) else {
        return Err(format!("time-zone: {time_zone} is no IANA time zone"));
    };
    if name.trim().is_empty() || admin.trim().is_empty() {
        return Err("name, network: must not be empty".into());
    }
    password::check(password, &email, admin)
        .map_err(|refusal| format!("password: {}", refusal.message().text()))?;
    let hash = password::hash(password, &mut kernel.seams.rng())
        .map_err(|_| "the password cannot be hashed".to_owned())?;
    insert_network(kernel, name.trim(), time_zone, admin.trim(), email, hash).await.map_err(|error| {
        match error {
            Error::Refused(refusals) => {
                refusals.first().map_or_else(String::new, |refusal| refusal.message.clone())
            }
            Error::Fault(_) => "the network could not be founded; the log says why".into(),
        }
    })
}

async fn insert_network(
    kernel: &Arc<Kernel>,
    name: &str,
    time_zone: &str,
    admin: &str,
    email: String,
    hash: String,
) -> Result<Id<network::Entity>, Error> {
    let id: Id<network::Entity> = kernel.seams.id();
    let mut write = kernel.identity(Some(id)).await?.with_verb("networkFound", &RequestInfo::default());
    let identity = insert_identity(&write, &email, hash).await?;
    write.as_system().await?;
    insert_rows_of_network(&write, id, name, time_zone).await?;
    insert_admin(&write, id, identity, admin, email).await?;
    // What a network needs before its first client. Its thresholds of drift and risk and its benchmark policy come with its
    // row.
    let entries = classification::founding::new_entries(id, write.now(), || write.id());
    write.insert_all::<entity::classification::Entity>(entries).await?;
    template::found(&write, id).await?;
    write.commit().await?;
    Ok(id)
}

/// Adds the sign-in of the first admin. Its address must be new.
async fn insert_identity(write: &Write, email: &str, hash: String) -> Result<Id<identity::Entity>, Error> {
    let known = write.one(identity::Entity::find().filter(identity::Column::Email.eq(email))).await?;
    if known.is_some() {
        let message = "Somebody signs in with this address already. Choose another for this network's admin.";
        return Err(Refusal::new(Code::Taken, message).into());
    }
    let identity = identity::Model {
        id: write.id(),
        email: email.into(),
        password_hash: hash,
        password_changed_at: write.now(),
        created_at: write.now(),
        version: 1,
    };
    Ok(write.insert::<identity::Entity>(identity).await?.id)
}

/// Adds the network itself, its audit chains, and the version of the time zones that its days are computed with.
async fn insert_rows_of_network(
    write: &Write,
    id: Id<network::Entity>,
    name: &str,
    time_zone: &str,
) -> Result<(), Error> {
    let now = write.now();
    let network = network::Model {
        id,
        name: name.into(),
        time_zone: time_zone.into(),
        session_gap_days: 42,
        facilitators_override: true,
        locale: network::Locale::English,
        access_epoch: 1,
        created_at: now,
        version: 1,
    };
    write.insert_unaudited::<network::Entity>(vec![network.into_active_model().reset_all()]).await?;
    let lanes = (0..LANES).map(|lane| {
        audit_lane::Model { network_id: id, lane, sequence: 0, hash: String::new() }
            .into_active_model()
            .reset_all()
    });
    write.insert_unaudited::<audit_lane::Entity>(lanes.collect()).await?;
    if let Some(version) = zones::data().version.clone() {
        let row = zone_data::Model { network_id: id, version, computed_at: now };
        write.add_once::<zone_data::Entity>(row).await?;
    }
    Ok(())
}

/// Adds the person who signs in as the network's first admin.
async fn insert_admin(
    write: &Write,
    network: Id<network::Entity>,
    identity: Id<identity::Entity>,
    name: &str,
    email: String,
) -> Result<(), Error> {
    let now = write.now();
    let person = person::Model {
        id: write.id(),
        network_id: network,
        identity_id: Some(identity),
        name: name.into(),
        email,
        created_at: now,
        erased_at: None,
        version: 1,
    };
    let person = write.insert::<person::Entity>(person).await?;
    let held = membership::Model {
        id: write.id(),
        network_id: network,
        person_id: person.id,
        role: MembershipRole::HeadOfficeAdmin,
        franchise_id: None,
        client_id: None,
        team_id: None,
        starts_at: now,
        ends_at: None,
        created_at: now,
        version: 1,
    };
    write.insert::<membership::Entity>(held).await?;
    Ok(())
}
