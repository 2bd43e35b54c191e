//! Content of a template version: loads it as a plan and saves a plan as rows.

use super::plan::{
    AgendaPlan, CriterionPlan, ResourcePlan, SectionPlan, StagePlan, StatementPlan, VersionPlan,
};
use crate::{
    features::priority::limits::PriorityLimits,
    kernel::{Error, Write},
};
use entity::{
    Id, agenda_template_item, questionnaire_statement, stage_criterion, template_resource, template_section,
    template_stage, template_version,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};

/// Loads the content of a version.
pub async fn load_plan(write: &Write, version: &template_version::Model) -> Result<VersionPlan, Error> {
    let stages = load_stages(write, version).await?;
    let key = |position: Option<i32>| {
        let at = usize::try_from(position? - 1).ok()?;
        stages.get(at).map(|stage| stage.key.clone())
    };
    let questionnaire =
        write.all(select_statements(version.id)).await?.into_iter().map(|row| StatementPlan {
            key: row.key,
            text: row.text,
            low: row.low,
            high: row.high,
            core: row.core,
            stage: key(row.stage_position),
            locked: row.locked,
        });
    let resources = write.all(select_resources(version.id)).await?.into_iter().map(|row| ResourcePlan {
        title: row.title,
        url: row.url,
        kind: row.kind,
        stage: key(row.stage_position),
        locked: row.locked,
    });
    let (questionnaire, resources) = (questionnaire.collect(), resources.collect());
    let limits = PriorityLimits { team: version.priorities_per_team, leader: version.priorities_per_leader };
    Ok(VersionPlan {
        limits,
        limits_locked: version.limits_locked,
        cadence_days: version.cadence_days,
        cadence_locked: version.cadence_locked,
        stages,
        questionnaire,
        resources,
    })
}

async fn load_stages(write: &Write, version: &template_version::Model) -> Result<Vec<StagePlan>, Error> {
    let rows = write.all(select_stages(version.id)).await?;
    let ids: Vec<_> = rows.iter().map(|stage| stage.id).collect();
    let (criteria, agendas) =
        (write.all(select_criteria(&ids)).await?, write.all(select_agendas(&ids)).await?);
    let sections = write.all(select_sections(&ids)).await?;
    let mut stages = Vec::new();
    for stage in rows {
        let criteria = criteria.iter().filter(|row| row.template_stage_id == stage.id);
        let agenda = agendas.iter().filter(|row| row.template_stage_id == stage.id);
        let sections = sections.iter().filter(|row| row.template_stage_id == stage.id);
        stages.push(StagePlan {
            key: stage.key,
            title: stage.title,
            purpose: stage.purpose,
            planned_days: stage.planned_days,
            locked: stage.locked,
            criteria: criteria
                .map(|row| CriterionPlan { kind: row.kind, quantity: row.quantity, text: row.text.clone() })
                .collect(),
            agenda: agenda
                .map(|row| AgendaPlan {
                    title: row.title.clone(),
                    minutes: row.minutes,
                    purpose: row.purpose.clone(),
                })
                .collect(),
            sections: sections
                .map(|row| SectionPlan {
                    key: row.key.clone(),
                    title: row.title.clone(),
                    prompt: row.prompt.clone(),
                    form: row.form,
                    minimum: row.minimum,
                    maximum: row.maximum,
                    needed: row.needed,
                })
                .collect(),
        });
    }
    Ok(stages)
}

/// Saves a plan as the rows of a version. Lists that do not change keep their rows. Returns whether any list changed.
pub async fn save_plan(
    write: &Write,
    version: &template_version::Model,
    before: &VersionPlan,
    plan: &VersionPlan,
) -> Result<bool, Error> {
    let stages = before.stages != plan.stages;
    if stages {
        let rows = write.lock_all(select_stages(version.id)).await?;
        let ids: Vec<_> = rows.iter().map(|stage| stage.id).collect();
        for criterion in write.lock_all(select_criteria(&ids)).await? {
            write.delete::<stage_criterion::Entity>(criterion).await?;
        }
        for item in write.lock_all(select_agendas(&ids)).await? {
            write.delete::<agenda_template_item::Entity>(item).await?;
        }
        for section in write.lock_all(select_sections(&ids)).await? {
            write.delete::<template_section::Entity>(section).await?;
        }
        for stage in rows {
            write.delete::<template_stage::Entity>(stage).await?;
        }
        add_stages(write, version, &plan.stages).await?;
    }
    // these rows refer to stages by position, which may have changed
    if stages || before.questionnaire != plan.questionnaire {
        for statement in write.lock_all(select_statements(version.id)).await? {
            write.delete::<questionnaire_statement::Entity>(statement).await?;
        }
        let rows = plan.questionnaire.iter().zip(1..);
        let rows = rows.map(|(statement, position)| statement_row(write, version, plan, statement, position));
        write.insert_all::<questionnaire_statement::Entity>(rows.collect()).await?;
    }
    if stages || before.resources != plan.resources {
        for resource in write.lock_all(select_resources(version.id)).await? {
            write.delete::<template_resource::Entity>(resource).await?;
        }
        let rows = plan.resources.iter().zip(1..);
        let rows = rows.map(|(resource, position)| resource_row(write, version, plan, resource, position));
        write.insert_all::<template_resource::Entity>(rows.collect()).await?;
    }
    Ok(stages || before.questionnaire != plan.questionnaire || before.resources != plan.resources)
}

async fn add_stages(
    write: &Write,
    version: &template_version::Model,
    stages: &[StagePlan],
) -> Result<(), Error> {
    let (mut rows, mut criteria, mut agendas, mut sections) = (vec![], vec![], vec![], vec![]);
    for (stage, position) in stages.iter().zip(1..) {
        let row = template_stage::Model {
            id: write.id(),
            network_id: version.network_id,
            franchise_id: version.franchise_id,
            template_version_id: version.id,
            position,
            key: stage.key.clone(),
            title: stage.title.clone(),
            purpose: stage.purpose.clone(),
            planned_days: stage.planned_days,
            locked: stage.locked,
        };
        for (criterion, position) in stage.criteria.iter().zip(1..) {
            criteria.push(stage_criterion::Model {
                id: write.id(),
                network_id: version.network_id,
                franchise_id: version.franchise_id,
                template_stage_id: row.id,
                position,
                kind: criterion.kind,
                quantity: criterion.quantity,
                text: criterion.text.clone(),
            });
        }
        for (item, position) in stage.agenda.iter().zip(1..) {
            agendas.push(agenda_template_item::Model {
                id: write.id(),
                network_id: version.network_id,
                franchise_id: version.franchise_id,
                template_stage_id: row.id,
                position,
                title: item.title.clone(),
                minutes: item.minutes,
                purpose: item.purpose.clone(),
            });
        }
        for (section, position) in stage.sections.iter().zip(1..) {
            sections.push(template_section::Model {
                id: write.id(),
                network_id: version.network_id,
                franchise_id: version.franchise_id,
                template_stage_id: row.id,
                position,
                key: section.key.clone(),
                title: section.title.clone(),
                prompt: section.prompt.clone(),
                form: section.form,
                minimum: section.minimum,
                maximum: section.maximum,
                needed: section.needed,
            });
        }
        rows.push(row);
    }
    write.insert_all::<template_stage::Entity>(rows).await?;
    write.insert_all::<stage_criterion::Entity>(criteria).await?;
    write.insert_all::<agenda_template_item::Entity>(agendas).await?;
    write.insert_all::<template_section::Entity>(sections).await
}

fn statement_row(
    write: &Write,
    version: &template_version::Model,
    plan: &VersionPlan,
    statement: &StatementPlan,
    position: i32,
) -> questionnaire_statement::Model {
    questionnaire_statement::Model {
        id: write.id(),
        network_id: version.network_id,
        franchise_id: version.franchise_id,
        template_version_id: version.id,
        position,
        key: statement.key.clone(),
        text: statement.text.clone(),
        low: statement.low,
        high: statement.high,
        core: statement.core,
        stage_position: plan.stage_position(statement.stage.as_ref()),
        locked: statement.locked,
    }
}

fn resource_row(
    write: &Write,
    version: &template_version::Model,
    plan: &VersionPlan,
    resource: &ResourcePlan,
    position: i32,
) -> template_resource::Model {
    template_resource::Model {
        id: write.id(),
        network_id: version.network_id,
        franchise_id: version.franchise_id,
        template_version_id: version.id,
        position,
        title: resource.title.clone(),
        url: resource.url.clone(),
        kind: resource.kind,
        stage_position: plan.stage_position(resource.stage.as_ref()),
        locked: resource.locked,
    }
}

fn select_stages(version: Id<template_version::Entity>) -> Select<template_stage::Entity> {
    template_stage::Entity::find()
        .filter(template_stage::Column::TemplateVersionId.eq(version))
        .order_by_asc(template_stage::Column::Position)
}

/// Selects the criteria of stages, in the order of each stage.
fn select_criteria(stages: &[Id<template_stage::Entity>]) -> Select<stage_criterion::Entity> {
    stage_criterion::Entity::find()
        .filter(stage_criterion::Column::TemplateStageId.is_in(stages.iter().copied()))
        .order_by_asc(stage_criterion::Column::Position)
}

/// Selects the agendas of stages, in the order of each stage.
fn select_agendas(stages: &[Id<template_stage::Entity>]) -> Select<agenda_template_item::Entity> {
    agenda_template_item::Entity::find()
        .filter(agenda_template_item::Column::TemplateStageId.is_in(stages.iter().copied()))
        .order_by_asc(agenda_template_item::Column::Position)
}

/// Selects the sections of stages, in the order of each stage.
fn select_sections(stages: &[Id<template_stage::Entity>]) -> Select<template_section::Entity> {
    template_section::Entity::find()
        .filter(template_section::Column::TemplateStageId.is_in(stages.iter().copied()))
        .order_by_asc(template_section::Column::Position)
}

fn select_statements(version: Id<template_version::Entity>) -> Select<questionnaire_statement::Entity> {
    questionnaire_statement::Entity::find()
        .filter(questionnaire_statement::Column::TemplateVersionId.eq(version))
        .order_by_asc(questionnaire_statement::Column::Position)
}

fn select_resources(version: Id<template_version::Entity>) -> Select<template_resource::Entity> {
    template_resource::Entity::find()
        .filter(template_resource::Column::TemplateVersionId.eq(version))
        .order_by_asc(template_resource::Column::Position)
}
