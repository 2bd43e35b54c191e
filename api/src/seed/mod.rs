//! Synthetic networks: [`demo`] makes a realistic one, and [`seed`] many of an even size for measurements.
//!
//! Everything is derived from a seed and the instant of the run, IDs included, and each client from the seed and its number
//! alone, so clients can be made in any order, a few hundred at a time. System transactions insert the rows; the database's
//! triggers update pulses as for all writes. The history has no audit events: the audit chains begin with the first
//! change through the API.

mod agendas;
mod batch;
mod benchmarks;
mod calendar;
mod cast;
mod check_ins;
mod client;
mod confidence;
mod decisions;
mod demo;
mod details;
mod directory;
mod drifting;
mod lives;
mod making;
mod names;
mod notices;
mod obstacles;
mod people;
mod phrases;
mod preparing;
mod programme;
mod ratings;
mod reviews;
mod rounds;
mod scorecards;
mod seats;
mod sessions;
mod shelf;
mod sketch;
mod source;
mod story;
mod strategies;
#[cfg(test)]
mod tests;
mod trace;
mod transfer;
pub mod vocabulary;
mod work;
mod years;

pub use demo::demo;

use crate::{
    features::{check_in::rules::needed_weeks, pulse::keeping},
    kernel::{Error, Fault, Kernel, Zone, read::Dialect},
};
use batch::{Batch, insert_rows};
use calendar::At;
use cast::Login;
use chrono::Duration;
use directory::Directory;
use entity::{Id, identity, membership::MembershipRole, network};
use futures::{StreamExt, TryStreamExt, stream};
use names::Taken;
use sketch::{NetworkShape, Sketch};
use source::Source;
use std::{collections::BTreeMap, sync::Arc};

/// The password of every seeded sign-in.
pub const PASSWORD: &str = "concord-demo";

/// What to seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub networks: u32,
    /// Facilitators in each network.
    pub facilitators: u32,
    pub clients_per_facilitator: u32,
    /// How far back the programmes reach.
    pub months: u32,
    pub seed: u64,
}

/// A seeded person who can sign in with [`PASSWORD`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    pub email: String,
    pub role: MembershipRole,
    pub name: String,
    pub network: Id<network::Entity>,
}

/// What was seeded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The networks, with their names.
    pub networks: Vec<(Id<network::Entity>, String)>,
    pub sign_ins: Vec<SignIn>,
    pub franchises: u64,
    pub facilitators: u64,
    pub clients: u64,
    pub priorities: u64,
    pub actions: u64,
    pub sessions: u64,
}

/// Clients made in one transaction.
const CHUNK: usize = 100;

/// Seeds networks of an even size: each client has 8 members, 6 stages, 5 priorities, 60 actions and 12 sessions.
/// `tick` is called with the number of clients made so far, and their total.
pub async fn seed(
    kernel: &Arc<Kernel>,
    plan: &Plan,
    hash: &(dyn Fn(&str) -> String + Sync),
    tick: &(dyn Fn(u64, u64) + Sync),
) -> Result<Summary, Error> {
    let hashed = hash(PASSWORD);
    let now = kernel.seams.now();
    let mut summary = Summary::default();
    let mut networks = Vec::new();
    let mut names = Taken::new();
    for number in 1..=plan.networks {
        let sketch = even_sketch(plan, number, now, &mut names);
        let logins = role_sign_ins(&sketch, number);
        networks.push(Arc::new(create_network(kernel, sketch, logins, &hashed, &mut summary).await?));
    }
    add_clients(kernel, &networks, tick, &mut summary).await?;
    for network in &networks {
        keeping::catch_up(kernel, network.network).await?;
    }
    Ok(summary)
}

fn even_sketch(plan: &Plan, number: u32, now: At, names: &mut Taken) -> Sketch {
    const NAMES: &[&str] = &[
        "Keel & Compass Partners",
        "Northbridge Strategy Network",
        "Helmsman Leadership Partners",
        "Clearpath Alliance",
        "Fieldstone Strategy Partners",
        "Lodestar Practice Network",
        "Bluewater Strategy Network",
        "Whetstone Partners",
    ];
    let seed = plan.seed.wrapping_mul(1_000_003).wrapping_add(u64::from(number));
    let mut source = Source::new(seed, 0);
    let name = match NAMES.get(number as usize - 1) {
        Some(name) => (*name).to_owned(),
        None => names::franchise(&mut source, &vocabulary::places::REGIONS[0], names),
    };
    Sketch {
        name,
        seed,
        now,
        months: plan.months.max(2),
        franchises: (plan.facilitators / 4).max(3),
        facilitators: plan.facilitators.max(1),
        clients: plan.facilitators.max(1) * plan.clients_per_facilitator,
        shape: NetworkShape::Even,
    }
}

/// One sign-in in each role, with the network's number in its address.
fn role_sign_ins(sketch: &Sketch, number: u32) -> Vec<(MembershipRole, String, String)> {
    let (mut source, mut taken) = (Source::new(sketch.seed, 2), Taken::new());
    cast::ROLES
        .iter()
        .map(|(role, word)| {
            let name = names::person(&mut source, "Europe/London", &mut taken);
            (*role, name, format!("{word}.{number}@seed.concord.example"))
        })
        .collect()
}

/// Inserts a network with the people who can sign in to it, without its clients.
async fn create_network(
    kernel: &Arc<Kernel>,
    sketch: Sketch,
    people: Vec<(MembershipRole, String, String)>,
    hashed: &str,
    summary: &mut Summary,
) -> Result<Directory, Error> {
    let mut source = Source::new(sketch.seed, 3);
    let born = sketch.now - Duration::days(i64::from(sketch.months) * 31 + 60);
    let id = source.id(born);
    let mut identities = Vec::new();
    let mut logins = Vec::new();
    for (role, name, email) in people {
        summary.sign_ins.push(SignIn { email: email.clone(), role, name: name.clone(), network: id });
        let identity = identity::Model {
            id: source.id(born),
            email: email.clone(),
            password_hash: hashed.to_owned(),
            password_changed_at: born,
            created_at: born,
            version: 1,
        };
        logins.push(Login { role, name, email, identity: identity.id });
        identities.push(identity);
    }
    let door = kernel.identity(Some(id)).await?;
    insert_rows(&door, identities).await?;
    door.commit().await?;
    let write = kernel.system(id).await?;
    let directory = Directory::create(&write, id, sketch, &logins).await?;
    write.commit().await?;
    summary.networks.push((id, directory.sketch.name.clone()));
    summary.franchises += u64::from(directory.sketch.franchises);
    summary.facilitators += u64::from(directory.sketch.facilitators);
    Ok(directory)
}

/// Adds the weeks in which a network's clients check in.
async fn add_weeks(kernel: &Arc<Kernel>, directory: &Directory) -> Result<(), Error> {
    let mut zones = BTreeMap::new();
    for card in &directory.cards {
        let since = zones.entry(card.zone.name()).or_insert(card.created_at);
        *since = card.created_at.min(*since);
    }
    let write = kernel.system(directory.network).await?;
    for (zone, since) in zones {
        insert_rows(&write, needed_weeks(directory.network, Zone::named(zone)?, since, directory.sketch.now))
            .await?;
    }
    write.commit().await
}

/// Makes the clients of networks in chunks. On PostgreSQL, chunks of several networks run at once.
async fn add_clients(
    kernel: &Arc<Kernel>,
    networks: &[Arc<Directory>],
    tick: &(dyn Fn(u64, u64) + Sync),
    summary: &mut Summary,
) -> Result<(), Error> {
    let total: u64 = networks.iter().map(|network| network.cards.len() as u64).sum();
    let longest = networks.iter().map(|network| network.cards.len()).max().unwrap_or(0);
    let chunks = (0..longest)
        .step_by(CHUNK)
        .flat_map(|from| networks.iter().map(move |network| (network.clone(), from)));
    let at_once = if kernel.dialect() == Dialect::Postgres { 3 } else { 1 };
    let mut written = stream::iter(chunks.filter(|(network, from)| *from < network.cards.len()))
        .map(|(network, from)| {
            let kernel = kernel.clone();
            async move {
                let task = tokio::spawn(async move { add_chunk(&kernel, &network, from).await });
                task.await.map_err(|_| Error::from(Fault::Internal))?
            }
        })
        .buffer_unordered(at_once);
    while let Some(part) = written.try_next().await? {
        summary.clients += part.clients;
        summary.priorities += part.priorities;
        summary.actions += part.actions;
        summary.sessions += part.sessions;
        tick(summary.clients, total);
    }
    Ok(())
}

async fn add_chunk(kernel: &Arc<Kernel>, directory: &Directory, from: usize) -> Result<Summary, Error> {
    let to = (from + CHUNK).min(directory.cards.len());
    let mut batch = Batch::default();
    for at in from..to {
        client::add(directory, at, &mut batch);
    }
    let part = Summary {
        clients: batch.clients.len() as u64,
        priorities: batch.priorities.len() as u64,
        actions: batch.actions.len() as u64,
        sessions: batch.sessions.len() as u64,
        ..Summary::default()
    };
    let write = kernel.system(directory.network).await?;
    batch.insert(&write).await?;
    write.commit().await?;
    Ok(part)
}
