//! Content everywhere: beside the cast's own team a second team of the same client, a client of the same franchise
//! that nobody facilitates, the other franchise's client, and a whole practice in the other network. Each has one of
//! everything. What is written here is history, poured through the system door, so that a scenario has objects of
//! every state without first living through it.

pub mod benchmarks;
mod confidence;
mod deciding;
mod held;
mod measured;
mod meeting;
mod organisation;
mod people;
mod plot;
pub mod rhythm;
mod shelf;
mod walls;
mod work;

pub use confidence::*;
pub use deciding::*;
pub use held::*;
pub use measured::*;
pub use meeting::*;
pub use organisation::*;
pub use people::*;
pub use plot::*;
pub use shelf::*;
pub use walls::*;
pub use work::*;

use crate::kit::{Persona, World};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use concord::kernel::Write;
use entity::{
    Id, data_export, data_export_part, network, programme, stage_criterion, stage_run, template,
    template_stage, template_version, template_version::TemplateStatus,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use std::collections::BTreeMap;

/// All of them.
pub struct Estate {
    pub home: Plot,
    /// Another team of the same client.
    pub sibling: Plot,
    /// A client of the same franchise with no facilitator.
    pub spare: Plot,
    /// The other franchise's.
    pub other: Plot,
    /// The other network's.
    pub abroad: Plot,
    /// What runs at home: a published template version with its stages and their criteria.
    pub model: Model,
}

/// A template version with two stages, each with one criterion that a facilitator confirms.
#[derive(Clone)]
pub struct Model {
    pub template: Id<template::Entity>,
    pub version: Id<template_version::Entity>,
    pub stages: Vec<(Id<template_stage::Entity>, Id<stage_criterion::Entity>)>,
    /// The ids of an agenda item, a statement and a resource.
    pub content: Vec<String>,
}

/// A programme whose first stage is passed and whose second is open.
pub struct Run {
    pub programme: Id<programme::Entity>,
    pub passed: Id<stage_run::Entity>,
    pub open: Id<stage_run::Entity>,
}

impl Estate {
    pub async fn of(world: &World) -> Estate {
        let cast = &world.cast;
        let write = world.app.kernel.system(cast.network).await.expect("the system door");
        let model = template(&write, cast.network, TemplateStatus::Published).await;
        let person = cast.person(Persona::Facilitator).1;
        let start = |client, team, owner, franchise, person| Plot {
            network: cast.network,
            region: cast.region,
            franchise,
            client,
            team,
            owner,
            person,
            ids: BTreeMap::new(),
        };
        let mut home = start(cast.client, cast.team, cast.leader, cast.franchise, person);
        let mut sibling = home.clone();
        sibling.team = team(&write, &home).await;
        sibling.owner = member(&write, &sibling, None).await;
        let mut spare = home.clone();
        spare.client = client(&write, &home).await;
        spare.team = team(&write, &spare).await;
        spare.person = person_of(&write, &spare).await;
        spare.owner = member(&write, &spare, None).await;
        let stranger = cast.person(Persona::Stranger).1;
        let mut other =
            start(cast.other_client, cast.other_team, cast.other_member, cast.other_franchise, stranger);
        for plot in [&mut home, &mut sibling, &mut spare, &mut other] {
            plot.fill(&write, &model).await;
        }
        weeks(&write, cast.network).await;
        touch(&write, cast.network).await;
        write.commit_quietly().await.expect("an estate");
        let abroad = abroad(world, &home).await;
        Estate { home, sibling, spare, other, abroad, model }
    }
}

/// A practice in the other network.
async fn abroad(world: &World, like: &Plot) -> Plot {
    let network = world.cast.abroad;
    let write = world.app.kernel.system(network).await.expect("the system door");
    let model = template(&write, network, TemplateStatus::Published).await;
    let mut plot = Plot { network, person: world.cast.person(Persona::Foreigner).1, ..like.clone() };
    plot.region = region(&write, network).await;
    plot.franchise = franchise(&write, network, plot.region).await;
    plot.client = client(&write, &plot).await;
    plot.team = team(&write, &plot).await;
    plot.person = person_of(&write, &plot).await;
    plot.owner = member(&write, &plot, None).await;
    plot.fill(&write, &model).await;
    weeks(&write, network).await;
    touch(&write, network).await;
    write.commit_quietly().await.expect("an estate abroad");
    plot
}

/// What the plot's person took out.
pub async fn export(write: &Write, plot: &Plot) -> Id<data_export::Entity> {
    let id = write.id();
    let row = data_export::Model {
        id,
        network_id: plot.network,
        client_id: Some(plot.client),
        person_id: plot.person,
        kind: data_export::ExportKind::Client,
        subject_id: plot.client.uuid(),
        rows: 1,
        bytes: 3,
        created_at: write.now(),
        expires_at: write.now() + TimeDelta::days(7),
        made_at: Some(write.now()),
        held: "[]".into(),
        link_hash: None,
        link_until: None,
        version: 1,
    };
    add::<data_export::Entity>(write, row).await;
    let part = data_export_part::Model {
        data_export_id: id,
        position: 0,
        network_id: plot.network,
        client_id: Some(plot.client),
        person_id: plot.person,
        text: "{}\n".into(),
    };
    add::<data_export_part::Entity>(write, part).await;
    id
}

/// A name that nothing else has.
pub fn name(write: &Write, what: &str) -> String {
    let id: Id<()> = write.id();
    format!("{what} {}", id.uuid().simple())
}

/// Days from now.
pub fn day(now: DateTime<Utc>, days: i64) -> NaiveDate {
    (now + TimeDelta::days(days)).date_naive()
}

/// Writes a row as it is.
pub async fn add<E: EntityTrait>(write: &Write, row: E::Model)
where
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: sea_orm::ActiveModelBehavior + Send,
{
    write.pour::<E>(vec![row.into_active_model().reset_all()]).await.expect("a row");
}

/// Says that access in a network changed, as every mutation that changes it does.
pub async fn touch(write: &Write, network: Id<network::Entity>) {
    let row = write.find::<network::Entity>(network).await.expect("a look").expect("the network");
    let epoch = row.access_epoch + 1;
    let mut change = row.into_active_model();
    change.access_epoch = Set(epoch);
    write.set::<network::Entity>(change).await.expect("a change");
}
