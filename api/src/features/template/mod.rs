//! Programme template: a named line of versions. A version is written as a draft, published once and then never
//! changed, and retired when no new programme is to start on it.

pub mod rules;
pub mod stratpro;
#[cfg(test)]
mod tests;

use crate::{
    inputs,
    kernel::{
        Caller, Check, Code, Error, Fault, Places, Write, access::Permission, expect_version,
        read::shape::typed,
    },
    mutations, shape,
};
use async_graphql::{Enum, ID, InputObject};
use entity::{
    Id, network, stage_criterion, stage_criterion::CriterionKind, template, template_stage, template_version,
    template_version::TemplateStatus,
};
use rules::{CriterionPlan, StagePlan, Step};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use stratpro::STRATPRO;

shape! {
    /// A programme template.
    Template of template {
        /// Its name, unique in the network.
        name = text(Name).filter().order(),
        /// What it is for.
        summary = text(Summary),
        /// When it was begun.
        createdAt = instant(CreatedAt).filter().order(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// Its versions, newest first.
        versions = list::<TemplateVersion, _>(entity::template_version::Column::TemplateId).by_last(entity::template_version::Column::Number, Ty::Int).about(3),
    }
}

shape! {
    /// A version of a template.
    TemplateVersion of template_version {
        /// 1, 2, 3 …
        number = int(Number).filter().order(),
        /// Whether it is being written, can be run, or could.
        status = closed::<TemplateStatus, _>(Status).filter().order(),
        /// How many committed priorities a team may have in a cycle.
        prioritiesPerTeam = int(PrioritiesPerTeam),
        /// How many committed priorities a leader may own in a cycle.
        prioritiesPerLeader = int(PrioritiesPerLeader),
        /// Days between reviews.
        cadenceDays = int(CadenceDays),
        /// When it was published.
        publishedAt = instant(PublishedAt).or_null(),
        /// When it was retired.
        retiredAt = instant(RetiredAt).or_null(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The template it is a version of.
        template = one::<Template, _>(TemplateId),
        /// Its stages, in order.
        stages = list::<TemplateStage, _>(entity::template_stage::Column::TemplateVersionId).by(entity::template_stage::Column::Position, Ty::Int).about(6),
    }
}

shape! {
    /// A stage as a template version plans it.
    TemplateStage of template_stage {
        /// Its place, from 1.
        position = int(Position),
        /// Its title.
        title = text(Title),
        /// What it is for.
        purpose = text(Purpose),
        /// How many days it is planned to take.
        plannedDays = int(PlannedDays),
        /// What must hold before it is passed, in order.
        criteria = list::<StageCriterion, _>(entity::stage_criterion::Column::TemplateStageId).by(entity::stage_criterion::Column::Position, Ty::Int).about(4),
    }
}

shape! {
    /// What must hold before a stage is passed.
    StageCriterion of stage_criterion {
        /// Its place, from 1.
        position = int(Position),
        /// What it asks for.
        kind = closed::<CriterionKind, _>(Kind),
        /// How many, where it counts; 0 where it does not.
        quantity = int(Quantity),
        /// What it says.
        text = text(Text),
    }
}

/// What a new template begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TemplateBasis {
    /// Nothing: no stages, 5 priorities per team, 2 per leader, a review every 14 days.
    Empty,
    /// StratPro's six stages with their exit criteria, limits and rhythm.
    Stratpro,
}

/// A template to create.
#[derive(InputObject)]
pub struct TemplateCreateInput {
    /// Its name, unique in the network: 1 to 100 characters.
    pub name: String,
    /// What it is for: up to 2,000 characters.
    pub summary: String,
    /// What its first version begins with.
    pub basis: TemplateBasis,
}

/// The template to begin a new version of.
#[derive(InputObject)]
pub struct TemplateDraftInput {
    /// The template.
    pub id: ID,
    /// The template's version this was decided on.
    pub expected_version: Option<i32>,
}

/// All that a draft says, in place of what it said.
#[derive(InputObject)]
pub struct TemplateStagesSetInput {
    /// The template version: a draft.
    pub id: ID,
    /// How many committed priorities a team may have in a cycle: 1 to 20.
    pub priorities_per_team: i32,
    /// How many committed priorities a leader may own in a cycle: 1 to 20.
    pub priorities_per_leader: i32,
    /// Days between reviews: 1 to 366.
    pub cadence_days: i32,
    /// The stages, in order: 1 to 20.
    pub stages: Vec<TemplateStageInput>,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

/// A stage of a draft.
#[derive(InputObject)]
pub struct TemplateStageInput {
    /// Its title: 1 to 100 characters.
    pub title: String,
    /// What it is for: up to 2,000 characters.
    pub purpose: String,
    /// How many days it is planned to take: 1 to 1,000.
    pub planned_days: i32,
    /// What must hold before it is passed, in order: up to 20.
    pub criteria: Vec<StageCriterionInput>,
}

/// An exit criterion of a draft's stage.
#[derive(InputObject)]
pub struct StageCriterionInput {
    /// What it asks for.
    pub kind: CriterionKind,
    /// How many: 1 to 1,000; for `ACTIONS_DONE` 0 to 1,000; for `CONFIRMED` 0 or left out.
    #[graphql(default)]
    pub quantity: i32,
    /// What it says: 1 to 500 characters.
    pub text: String,
}

inputs! {
    /// Which template version, and nothing more.
    [TemplatePublishInput, TemplateRetireInput] {
        /// The template version.
        pub id: ID,
        /// The version this was decided on.
        pub expected_version: Option<i32>,
    }
}

mutations! {
    TemplateMutation: template -> Template of template::Entity {
        /// Creates a template with a first version, a draft.
        template_create(TemplateCreateInput) -> TemplateCreatePayload = create;
    }
}

mutations! {
    TemplateVersionMutation: template_version -> TemplateVersion of template_version::Entity {
        /// Begins a new version of a template: a draft that says what the newest version says. A template has one
        /// draft at a time.
        template_draft(TemplateDraftInput) -> TemplateDraftPayload = draft;
        /// Replaces all that a draft says. A published version never changes.
        template_stages_set(TemplateStagesSetInput) -> TemplateStagesSetPayload = set_stages, on id;
        /// Publishes a draft: fixes it for ever, and programmes can start on it. It needs stages with different
        /// titles, each with an exit criterion.
        template_publish(TemplatePublishInput) -> TemplatePublishPayload = publish, on id;
        /// Retires a published version: no new programme starts on it, and running ones go on.
        template_retire(TemplateRetireInput) -> TemplateRetirePayload = retire, on id;
    }
}

async fn create(caller: &Caller, input: TemplateCreateInput) -> Result<Id<template::Entity>, Error> {
    let (write, network) = caller.write_network(Permission::TemplateCreate).await?;
    let mut check = Check::new();
    let name = check.text("input.name", &input.name, 1..=100);
    let summary = check.text("input.summary", &input.summary, 0..=2000);
    let same = template::Entity::find().filter(template::Column::Name.eq(&name));
    let taken = write.count(same).await? > 0;
    check.refuse_if(taken, Code::Taken, "input.name", "There is a template of this name already.");
    check.done()?;
    let id = write.id();
    let row =
        template::Model { id, network_id: network.id, name, summary, created_at: write.now(), version: 1 };
    write.insert::<template::Entity>(row).await?;
    let (places, cadence_days, stages) = match input.basis {
        TemplateBasis::Empty => (Places::default(), 14, vec![]),
        TemplateBasis::Stratpro => (
            Places { team: STRATPRO.priorities_per_team, leader: STRATPRO.priorities_per_leader },
            STRATPRO.cadence_days,
            rules::stages_of(&STRATPRO),
        ),
    };
    let version = begin(&write, network.id, id, 1, places, cadence_days).await?;
    fill(&write, &version, stages).await?;
    write.commit().await?;
    Ok(id)
}

async fn draft(caller: &Caller, input: TemplateDraftInput) -> Result<Id<template_version::Entity>, Error> {
    let (write, template) =
        caller.write::<template::Entity>(Permission::TemplateDraft, typed(&input.id), "input.id").await?;
    expect_version(template.version, input.expected_version)?;
    let versions = template_version::Entity::find()
        .filter(template_version::Column::TemplateId.eq(template.id))
        .order_by_desc(template_version::Column::Number);
    let versions = write.all(versions).await?;
    let statuses: Vec<TemplateStatus> = versions.iter().map(|version| version.status).collect();
    rules::draftable(&statuses)?;
    let newest = versions.first().ok_or(Fault::Internal)?;
    let places = Places { team: newest.priorities_per_team, leader: newest.priorities_per_leader };
    let stages = said(&write, newest.id).await?;
    let number = newest.number + 1;
    let draft = begin(&write, template.network_id, template.id, number, places, newest.cadence_days).await?;
    fill(&write, &draft, stages).await?;
    write.commit().await?;
    Ok(draft.id)
}

async fn set_stages(
    caller: &Caller,
    input: TemplateStagesSetInput,
) -> Result<Id<template_version::Entity>, Error> {
    let (write, version) = caller
        .write::<template_version::Entity>(Permission::TemplateStagesSet, typed(&input.id), "input.id")
        .await?;
    expect_version(version.version, input.expected_version)?;
    let mut check = Check::new();
    let team = check.number("input.prioritiesPerTeam", input.priorities_per_team, 1..=20);
    let leader = check.number("input.prioritiesPerLeader", input.priorities_per_leader, 1..=20);
    let cadence_days = check.number("input.cadenceDays", input.cadence_days, 1..=366);
    let stages = planned(&mut check, &input.stages);
    check.done()?;
    rules::next(version.status, Step::SetStages)?;
    for stage in stages_of(&write, version.id).await? {
        for criterion in criteria_of(&write, stage.id).await? {
            write.delete::<stage_criterion::Entity>(criterion).await?;
        }
        write.delete::<template_stage::Entity>(stage).await?;
    }
    fill(&write, &version, stages).await?;
    let mut change = version.clone().into_active_model();
    change.priorities_per_team = Set(team);
    change.priorities_per_leader = Set(leader);
    change.cadence_days = Set(cadence_days);
    write.update::<template_version::Entity>(&version, change).await?;
    write.commit().await?;
    Ok(version.id)
}

async fn publish(
    caller: &Caller,
    input: TemplatePublishInput,
) -> Result<Id<template_version::Entity>, Error> {
    let (write, version) = caller
        .write::<template_version::Entity>(Permission::TemplatePublish, typed(&input.id), "input.id")
        .await?;
    expect_version(version.version, input.expected_version)?;
    let status = rules::next(version.status, Step::Publish)?;
    rules::publishable(&said(&write, version.id).await?)?;
    let mut change = version.clone().into_active_model();
    change.status = Set(status);
    change.published_at = Set(Some(write.now()));
    write.update::<template_version::Entity>(&version, change).await?;
    write.commit().await?;
    Ok(version.id)
}

async fn retire(caller: &Caller, input: TemplateRetireInput) -> Result<Id<template_version::Entity>, Error> {
    let (write, version) = caller
        .write::<template_version::Entity>(Permission::TemplateRetire, typed(&input.id), "input.id")
        .await?;
    expect_version(version.version, input.expected_version)?;
    let status = rules::next(version.status, Step::Retire)?;
    let mut change = version.clone().into_active_model();
    change.status = Set(status);
    change.retired_at = Set(Some(write.now()));
    write.update::<template_version::Entity>(&version, change).await?;
    write.commit().await?;
    Ok(version.id)
}

fn planned(check: &mut Check, stages: &[TemplateStageInput]) -> Vec<StagePlan> {
    let wrong = !(1..=rules::STAGES).contains(&stages.len());
    check.refuse_if(wrong, Code::Invalid, "input.stages", "A version has 1 to 20 stages.");
    let mut plans = Vec::new();
    for (at, stage) in stages.iter().enumerate() {
        let path = |field: &str| format!("input.stages.{at}.{field}");
        let wrong = stage.criteria.len() > rules::CRITERIA;
        check.refuse_if(wrong, Code::Invalid, &path("criteria"), "A stage has at most 20 exit criteria.");
        let criteria = stage.criteria.iter().enumerate().map(|(at, criterion)| {
            let path = |field: &str| path(&format!("criteria.{at}.{field}"));
            CriterionPlan {
                kind: criterion.kind,
                quantity: check.number(
                    &path("quantity"),
                    criterion.quantity,
                    rules::quantities(criterion.kind),
                ),
                text: check.text(&path("text"), &criterion.text, 1..=500),
            }
        });
        let criteria = criteria.collect();
        plans.push(StagePlan {
            title: check.text(&path("title"), &stage.title, 1..=100),
            purpose: check.text(&path("purpose"), &stage.purpose, 0..=2000),
            planned_days: check.number(&path("plannedDays"), stage.planned_days, 1..=1000),
            criteria,
        });
    }
    plans
}

async fn begin(
    write: &Write,
    network: Id<network::Entity>,
    template: Id<template::Entity>,
    number: i32,
    places: Places,
    cadence_days: i32,
) -> Result<template_version::Model, Error> {
    let row = template_version::Model {
        id: write.id(),
        network_id: network,
        template_id: template,
        number,
        status: TemplateStatus::Draft,
        priorities_per_team: places.team,
        priorities_per_leader: places.leader,
        cadence_days,
        created_at: write.now(),
        published_at: None,
        retired_at: None,
        version: 1,
    };
    write.insert::<template_version::Entity>(row).await
}

/// Writes the stages of a version that has none.
async fn fill(write: &Write, version: &template_version::Model, stages: Vec<StagePlan>) -> Result<(), Error> {
    for (stage, position) in stages.into_iter().zip(1..) {
        let row = template_stage::Model {
            id: write.id(),
            network_id: version.network_id,
            template_version_id: version.id,
            position,
            title: stage.title,
            purpose: stage.purpose,
            planned_days: stage.planned_days,
        };
        let row = write.insert::<template_stage::Entity>(row).await?;
        for (criterion, position) in stage.criteria.into_iter().zip(1..) {
            let criterion = stage_criterion::Model {
                id: write.id(),
                network_id: version.network_id,
                template_stage_id: row.id,
                position,
                kind: criterion.kind,
                quantity: criterion.quantity,
                text: criterion.text,
            };
            write.insert::<stage_criterion::Entity>(criterion).await?;
        }
    }
    Ok(())
}

/// What a version says, without its ids.
async fn said(write: &Write, version: Id<template_version::Entity>) -> Result<Vec<StagePlan>, Error> {
    let mut plans = Vec::new();
    for stage in stages_of(write, version).await? {
        let criteria = criteria_of(write, stage.id).await?.into_iter().map(|criterion| CriterionPlan {
            kind: criterion.kind,
            quantity: criterion.quantity,
            text: criterion.text,
        });
        plans.push(StagePlan {
            title: stage.title,
            purpose: stage.purpose,
            planned_days: stage.planned_days,
            criteria: criteria.collect(),
        });
    }
    Ok(plans)
}

async fn stages_of(
    write: &Write,
    version: Id<template_version::Entity>,
) -> Result<Vec<template_stage::Model>, Error> {
    let stages = template_stage::Entity::find()
        .filter(template_stage::Column::TemplateVersionId.eq(version))
        .order_by_asc(template_stage::Column::Position);
    write.all(stages).await
}

async fn criteria_of(
    write: &Write,
    stage: Id<template_stage::Entity>,
) -> Result<Vec<stage_criterion::Model>, Error> {
    let criteria = stage_criterion::Entity::find()
        .filter(stage_criterion::Column::TemplateStageId.eq(stage))
        .order_by_asc(stage_criterion::Column::Position);
    write.all(criteria).await
}
