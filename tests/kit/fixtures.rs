//! Content everywhere: beside the cast's own team a second team of the same client, a client of the same franchise
//! without a facilitator, the other franchise's client, and a whole practice in the other network. Each has one of
//! everything. The rows are inserted by a system transaction, so that a scenario has objects in every state without
//! reaching these states first.

pub mod benchmarks;
mod confidence;
mod deciding;
mod fixture;
mod held;
mod informed;
mod measured;
mod meeting;
mod organisation;
mod people;
pub mod rhythm;
mod sealed;
mod shelf;
mod strategy;
mod walls;
mod work;

pub use confidence::*;
pub use deciding::*;
pub use fixture::*;
pub use held::*;
pub use informed::*;
pub use measured::*;
pub use meeting::*;
pub use organisation::*;
pub use people::*;
pub use sealed::*;
pub use shelf::*;
pub use strategy::*;
pub use walls::*;
pub use work::*;

use crate::kit::{Persona, World};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use concord::kernel::Write;
use entity::{
    Id, Scoped, data_export, data_export_part, network, programme, stage_criterion, stage_run, template,
    template_stage, template_version, template_version::TemplateStatus,
};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel,
    Iterable, PrimaryKeyToColumn, QueryFilter,
};
use std::collections::BTreeMap;

/// All fixtures.
pub struct Fixtures {
    pub home: TeamFixtures,
    /// Another team of the same client.
    pub sibling: TeamFixtures,
    /// A client of the same franchise with no facilitator.
    pub spare: TeamFixtures,
    /// The other franchise's.
    pub other: TeamFixtures,
    /// The other network's.
    pub abroad: TeamFixtures,
    /// What runs at home: a published template version with its stages and their criteria.
    pub model: Model,
}

/// A template version with two stages, each with one criterion that a facilitator confirms.
#[derive(Clone)]
pub struct Model {
    pub template: Id<template::Entity>,
    pub version: Id<template_version::Entity>,
    pub stages: Vec<(Id<template_stage::Entity>, Id<stage_criterion::Entity>)>,
    /// The ids of an agenda item, a statement, a resource and a section.
    pub content: Vec<String>,
}

/// A programme whose first stage is passed and whose second is open.
pub struct Run {
    pub programme: Id<programme::Entity>,
    pub passed: Id<stage_run::Entity>,
    pub open: Id<stage_run::Entity>,
}

impl Fixtures {
    pub async fn of(world: &World) -> Fixtures {
        let cast = &world.cast;
        let write = world.app.kernel.system(cast.network).await.expect("a system transaction");
        let model = template(&write, cast.network, TemplateStatus::Published).await;
        let person = cast.person(Persona::Facilitator).1;
        let start = |client, team, owner, franchise, person| TeamFixtures {
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
        for fixture in [&mut home, &mut sibling, &mut spare, &mut other] {
            fixture.fill(&write, &model).await;
        }
        weeks(&write, cast.network).await;
        touch(&write, cast.network).await;
        write.commit_quietly().await.expect("the fixtures");
        let abroad = abroad(world, &home).await;
        Fixtures { home, sibling, spare, other, abroad, model }
    }
}

/// A practice in the other network.
async fn abroad(world: &World, like: &TeamFixtures) -> TeamFixtures {
    let network = world.cast.abroad;
    let write = world.app.kernel.system(network).await.expect("a system transaction");
    let model = template(&write, network, TemplateStatus::Published).await;
    let mut fixture =
        TeamFixtures { network, person: world.cast.person(Persona::Foreigner).1, ..like.clone() };
    fixture.region = region(&write, network).await;
    fixture.franchise = franchise(&write, network, fixture.region).await;
    fixture.client = client(&write, &fixture).await;
    fixture.team = team(&write, &fixture).await;
    fixture.person = person_of(&write, &fixture).await;
    fixture.owner = member(&write, &fixture, None).await;
    fixture.fill(&write, &model).await;
    weeks(&write, network).await;
    touch(&write, network).await;
    write.commit_quietly().await.expect("the fixtures abroad");
    fixture
}

/// An export by the fixture's person.
pub async fn export(write: &Write, fixture: &TeamFixtures) -> Id<data_export::Entity> {
    let id = write.id();
    let row = data_export::Model {
        id,
        network_id: fixture.network,
        client_id: Some(fixture.client),
        person_id: fixture.person,
        kind: data_export::ExportKind::Client,
        subject_id: fixture.client.uuid(),
        rows: 1,
        bytes: 3,
        created_at: write.now(),
        expires_at: write.now() + TimeDelta::days(7),
        made_at: Some(write.now()),
        held: "[]".into(),
        version: 1,
    };
    add::<data_export::Entity>(write, row).await;
    let part = data_export_part::Model {
        data_export_id: id,
        position: 0,
        network_id: fixture.network,
        client_id: Some(fixture.client),
        person_id: fixture.person,
        text: "{}\n".into(),
    };
    add::<data_export_part::Entity>(write, part).await;
    id
}

/// A unique name.
pub fn name(write: &Write, what: &str) -> String {
    let id: Id<()> = write.id();
    format!("{what} {}", id.uuid().simple())
}

/// Days from now.
pub fn day(now: DateTime<Utc>, days: i64) -> NaiveDate {
    (now + TimeDelta::days(days)).date_naive()
}

/// Inserts a row.
pub async fn add<E: EntityTrait>(write: &Write, row: E::Model)
where
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelBehavior + Send,
{
    write.insert_unaudited::<E>(vec![row.into_active_model().reset_all()]).await.expect("a row");
}

/// Changes the row that a change names, without the rules.
pub async fn set<E: Scoped>(write: &Write, change: E::ActiveModel)
where
    E::Model: Sync,
    E::ActiveModel: ActiveModelBehavior + Send,
{
    let mut named = E::find();
    for key in E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column) {
        named = named.filter(key.eq(change.get(key).into_value().expect("a key")));
    }
    let row = write.lock_one(named).await.expect("a look").expect("the row");
    write.set::<E>(&row, change).await.expect("a change");
}

/// Increases the access epoch of a network, as every mutation that changes access does.
pub async fn touch(write: &Write, network: Id<network::Entity>) {
    let row = write.find::<network::Entity>(network).await.expect("a look").expect("the network");
    let epoch = row.access_epoch + 1;
    let mut change = row.into_active_model();
    change.access_epoch = Set(epoch);
    set::<network::Entity>(write, change).await;
}
