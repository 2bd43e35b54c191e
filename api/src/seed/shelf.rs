//! What templates hold besides the stages that programmes run: agendas, sections, questionnaires and resources; and in a grown
//! network a franchise's own template, derived from the network's.

use super::{
    calendar::At,
    sketch::{NetworkRows, NetworkShape, Practice, Sketch},
    source::Source,
};
use crate::features::template::{
    plan::{AgendaPlan, CriterionPlan, StagePlan, StatementPlan, VersionPlan},
    stratpro::STRATPRO,
};
use chrono::Duration;
use entity::{
    Id, agenda_template_item, questionnaire_statement, stage_criterion, stage_criterion::CriterionKind,
    template, template_resource, template_section, template_stage, template_version,
    template_version::TemplateStatus,
};

/// The stream of chances that all of it is drawn from.
const STREAM: u64 = 121;
/// The stream that the IDs of sections are drawn from.
const SECTIONS: u64 = 122;

/// Fills the versions there are. Answers the template that a franchise has derived, if one has.
pub fn add(sketch: &Sketch, practice: &Practice, rows: &mut NetworkRows) -> Option<template::Model> {
    let mut source = Source::new(sketch.seed, STREAM);
    // IDs of their own: what others draw stays as it is
    let mut chances = Source::new(sketch.seed, SECTIONS);
    let plan = VersionPlan::of(&STRATPRO);
    let (versions, stages) = (rows.versions.clone(), rows.stages.clone());
    for stage in &stages {
        let at = versions.iter().find(|version| version.id == stage.template_version_id)?.created_at;
        let planned = plan.stages.iter().find(|planned| planned.key == stage.key)?;
        agenda(&mut source, at, stage, planned, rows);
        sections(&mut chances, at, stage, planned, rows);
    }
    for version in &versions {
        questionnaire(&mut source, version, &plan, rows);
        resources(&mut source, version, &plan, rows);
    }
    (sketch.shape == NetworkShape::Grown)
        .then(|| derived(&mut source, sketch, practice, versions.first(), rows))?
}

/// A franchise that works with family firms says some things its own way.
fn derived(
    source: &mut Source,
    sketch: &Sketch,
    practice: &Practice,
    ancestor: Option<&template_version::Model>,
    rows: &mut NetworkRows,
) -> Option<template::Model> {
    let (ancestor, at) = (ancestor?, sketch.now - Duration::days(34));
    let template = template::Model {
        id: source.id(at),
        network_id: ancestor.network_id,
        franchise_id: Some(practice.franchise),
        name: "StratPro for family firms".into(),
        summary: "StratPro for firms whose owners also lead them: it begins with what the family wants of the firm, \
                  and reviews every week."
            .into(),
        created_at: at,
        version: 1,
    };
    let plan = family(VersionPlan::of(&STRATPRO));
    let version = template_version::Model {
        id: source.id(at),
        franchise_id: template.franchise_id,
        template_id: template.id,
        number: 1,
        ancestor_id: Some(ancestor.id),
        status: TemplateStatus::Published,
        cadence_days: plan.cadence_days,
        created_at: at,
        published_at: Some(at + Duration::days(3)),
        version: 3,
        ..ancestor.clone()
    };
    let mut chances = Source::new(sketch.seed, SECTIONS + 1);
    for (position, stage) in (1..).zip(&plan.stages) {
        let row = template_stage::Model {
            id: source.id(at),
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
        criteria(source, at, &row, stage, rows);
        agenda(source, at, &row, stage, rows);
        sections(&mut chances, at, &row, stage, rows);
        rows.stages.push(row);
    }
    questionnaire(source, &version, &plan, rows);
    resources(source, &version, &plan, rows);
    rows.versions.push(version);
    Some(template)
}

fn family(mut plan: VersionPlan) -> VersionPlan {
    plan.cadence_days = 7;
    let table = StagePlan {
        sections: vec![],
        key: "family-table".into(),
        title: "Family table".into(),
        purpose: "Hear what the owners want of the firm in ten years, before the team speaks about strategy."
            .into(),
        planned_days: 14,
        locked: false,
        criteria: vec![CriterionPlan {
            kind: CriterionKind::Confirmed,
            quantity: 0,
            text: "The owners have said on one page what they expect, and the team has read it.".into(),
        }],
        agenda: vec![
            AgendaPlan {
                title: "Ten years on".into(),
                minutes: 60,
                purpose: "Each owner says what the firm is for, to the family and to those who work there."
                    .into(),
            },
            AgendaPlan {
                title: "Who decides what".into(),
                minutes: 45,
                purpose: "Sort the decisions that belong to the family from those that belong to the team."
                    .into(),
            },
        ],
    };
    plan.stages.insert(0, table);
    plan.questionnaire.push(StatementPlan {
        key: "family-and-firm".into(),
        text: "I know which decisions are the family's and which are ours.".into(),
        low: 1,
        high: 5,
        core: false,
        stage: Some("family-table".into()),
        locked: false,
    });
    plan
}

fn criteria(
    source: &mut Source,
    at: At,
    row: &template_stage::Model,
    stage: &StagePlan,
    rows: &mut NetworkRows,
) {
    for (position, criterion) in (1..).zip(&stage.criteria) {
        rows.criteria.push(stage_criterion::Model {
            id: source.id(at),
            network_id: row.network_id,
            franchise_id: row.franchise_id,
            template_stage_id: row.id,
            position,
            kind: criterion.kind,
            quantity: criterion.quantity,
            text: criterion.text.clone(),
        });
    }
}

fn agenda(
    source: &mut Source,
    at: At,
    row: &template_stage::Model,
    stage: &StagePlan,
    rows: &mut NetworkRows,
) {
    for (position, item) in (1..).zip(&stage.agenda) {
        rows.agendas.push(agenda_template_item::Model {
            id: source.id(at),
            network_id: row.network_id,
            franchise_id: row.franchise_id,
            template_stage_id: row.id,
            position,
            title: item.title.clone(),
            minutes: item.minutes,
            purpose: item.purpose.clone(),
        });
    }
}

fn sections(
    source: &mut Source,
    at: At,
    row: &template_stage::Model,
    stage: &StagePlan,
    rows: &mut NetworkRows,
) {
    for (position, section) in (1..).zip(&stage.sections) {
        rows.sections.push(template_section::Model {
            id: source.id(at),
            network_id: row.network_id,
            franchise_id: row.franchise_id,
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
}

fn questionnaire(
    source: &mut Source,
    version: &template_version::Model,
    plan: &VersionPlan,
    rows: &mut NetworkRows,
) {
    for (position, statement) in (1..).zip(&plan.questionnaire) {
        rows.statements.push(questionnaire_statement::Model {
            id: source.id(version.created_at),
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
        });
    }
}

fn resources(
    source: &mut Source,
    version: &template_version::Model,
    plan: &VersionPlan,
    rows: &mut NetworkRows,
) {
    for (position, resource) in (1..).zip(&plan.resources) {
        let id: Id<template_resource::Entity> = source.id(version.created_at);
        rows.resources.push(template_resource::Model {
            id,
            network_id: version.network_id,
            franchise_id: version.franchise_id,
            template_version_id: version.id,
            position,
            title: resource.title.clone(),
            url: resource.url.clone(),
            kind: resource.kind,
            stage_position: plan.stage_position(resource.stage.as_ref()),
            locked: resource.locked,
        });
    }
}
