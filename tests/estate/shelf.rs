//! Templates, and programmes run by them.

use super::{Model, Plot, Run, add, day, name};

use chrono::{DateTime, Utc};
use concord::kernel::Write;
use entity::{
    Id, agenda_template_item, franchise, network, programme, programme::ProgrammeStatus, programme_pause,
    questionnaire_statement, stage_check, stage_criterion, stage_run, stage_run::StageStatus, template,
    template_resource, template_stage, template_version, template_version::TemplateStatus,
};

/// A template of the network, of one version.
pub async fn template(write: &Write, network: Id<network::Entity>, status: TemplateStatus) -> Model {
    shelve(write, network, None, None, status).await
}

/// A franchise's own template of one version, derived from another one.
pub async fn derived(write: &Write, plot: &Plot, from: &Model, status: TemplateStatus) -> Model {
    shelve(write, plot.network, Some(plot.franchise), Some(from.version), status).await
}

async fn shelve(
    write: &Write,
    network_id: Id<network::Entity>,
    franchise_id: Option<Id<franchise::Entity>>,
    ancestor_id: Option<Id<template_version::Entity>>,
    status: TemplateStatus,
) -> Model {
    let template = write.id();
    let named = template::Model {
        id: template,
        network_id,
        franchise_id,
        name: name(write, "Template"),
        summary: "What works".into(),
        created_at: write.now(),
        version: 1,
    };
    add::<template::Entity>(write, named).await;
    version(write, network_id, template, 1, (franchise_id, ancestor_id), status).await
}

/// A version of a template: the network's, or one of a franchise that derives from another version.
pub async fn version(
    write: &Write,
    network_id: Id<network::Entity>,
    template: Id<template::Entity>,
    number: i32,
    (franchise_id, ancestor_id): (Option<Id<franchise::Entity>>, Option<Id<template_version::Entity>>),
    status: TemplateStatus,
) -> Model {
    let (now, draft) = (write.now(), status == TemplateStatus::Draft);
    let mut model = Model { template, version: write.id(), stages: vec![], content: vec![] };
    let version = template_version::Model {
        id: model.version,
        network_id,
        franchise_id,
        template_id: template,
        number,
        ancestor_id,
        status,
        priorities_per_team: 5,
        priorities_per_leader: 2,
        limits_locked: false,
        cadence_days: 14,
        cadence_locked: false,
        created_at: now,
        published_at: (!draft).then_some(now),
        retired_at: None,
        version: 1,
    };
    add::<template_version::Entity>(write, version).await;
    for position in 1..=2 {
        let (stage, criterion) = (write.id(), write.id());
        let planned = template_stage::Model {
            id: stage,
            network_id,
            franchise_id,
            template_version_id: model.version,
            position,
            key: format!("stage-{position}"),
            title: format!("Stage {position}"),
            purpose: "To agree".into(),
            planned_days: 30,
            locked: false,
        };
        add::<template_stage::Entity>(write, planned).await;
        let asked = stage_criterion::Model {
            id: criterion,
            network_id,
            franchise_id,
            template_stage_id: stage,
            position: 1,
            kind: stage_criterion::CriterionKind::Confirmed,
            quantity: 0,
            text: "The team agrees".into(),
        };
        add::<stage_criterion::Entity>(write, asked).await;
        model.stages.push((stage, criterion));
    }
    equip(write, network_id, franchise_id, &mut model).await;
    model
}

/// Gives a template version what it holds besides stages.
async fn equip(
    write: &Write,
    network_id: Id<network::Entity>,
    franchise_id: Option<Id<franchise::Entity>>,
    model: &mut Model,
) {
    let item = agenda_template_item::Model {
        id: write.id(),
        network_id,
        franchise_id,
        template_stage_id: model.stages[0].0,
        position: 1,
        title: "Each leader's reading".into(),
        minutes: 45,
        purpose: "To hear everybody".into(),
    };
    let statement = questionnaire_statement::Model {
        id: write.id(),
        network_id,
        franchise_id,
        template_version_id: model.version,
        position: 1,
        key: "same-reading".into(),
        text: "We read our strategy in the same way".into(),
        low: 1,
        high: 5,
        core: true,
        stage_position: Some(1),
        locked: false,
    };
    let resource = template_resource::Model {
        id: write.id(),
        network_id,
        franchise_id,
        template_version_id: model.version,
        position: 1,
        title: "The one page".into(),
        url: "https://example.com/one-page".into(),
        kind: template_resource::ResourceKind::Worksheet,
        stage_position: None,
        locked: false,
    };
    model.content = vec![item.id.to_string(), statement.id.to_string(), resource.id.to_string()];
    add::<agenda_template_item::Entity>(write, item).await;
    add::<questionnaire_statement::Entity>(write, statement).await;
    add::<template_resource::Entity>(write, resource).await;
}

/// A programme of the team in a state, its first stage passed and its second open; completed stages all the way for
/// one that is only to be completed are the caller's to pass.
pub async fn programme(write: &Write, plot: &Plot, model: &Model, status: ProgrammeStatus) -> Run {
    let begun = status != ProgrammeStatus::Planned;
    let run = Run { programme: write.id(), passed: write.id(), open: write.id() };
    let row = programme::Model {
        id: run.programme,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        template_version_id: model.version,
        name: name(write, "Programme"),
        status,
        planned_start_on: day(write.now(), 0),
        started_at: begun.then_some(write.now()),
        paused_at: (status == ProgrammeStatus::Paused).then_some(write.now()),
        paused_seconds: 0,
        ended_at: None,
        reason: (status == ProgrammeStatus::Paused).then(|| "Summer".to_owned()),
        created_at: write.now(),
        version: 1,
    };
    add::<programme::Entity>(write, row).await;
    if status == ProgrammeStatus::Paused {
        pause(write, plot, run.programme, None).await;
    }
    for (position, id) in [(1, run.passed), (2, run.open)] {
        let state = match (begun, position) {
            (false, _) => StageStatus::Locked,
            (true, 1) => StageStatus::Passed,
            (true, _) => StageStatus::Open,
        };
        let row = stage_run::Model {
            id,
            network_id: plot.network,
            client_id: plot.client,
            team_id: plot.team,
            programme_id: run.programme,
            template_stage_id: model.stages[position - 1].0,
            position: position as i32,
            title: format!("Stage {position}"),
            purpose: "To agree".into(),
            planned_days: 30,
            status: state,
            opened_at: begun.then_some(write.now()),
            passed_at: (state == StageStatus::Passed).then_some(write.now()),
            override_reason: None,
            times_reopened: 0,
            version: 1,
        };
        add::<stage_run::Entity>(write, row).await;
    }
    run
}

/// A pause of a programme that began now, and lasts or has ended.
pub async fn pause(
    write: &Write,
    plot: &Plot,
    programme: Id<programme::Entity>,
    ends_at: Option<DateTime<Utc>>,
) -> Id<programme_pause::Entity> {
    let id = write.id();
    let row = programme_pause::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        programme_id: programme,
        starts_at: write.now(),
        ends_at,
    };
    add::<programme_pause::Entity>(write, row).await;
    id
}

/// A facilitator's word on a criterion.
pub fn check(
    plot: &Plot,
    write: &Write,
    stage: Id<stage_run::Entity>,
    criterion: Id<stage_criterion::Entity>,
) -> stage_check::Model {
    stage_check::Model {
        id: write.id(),
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        stage_run_id: stage,
        stage_criterion_id: criterion,
        person_id: plot.person,
        note: "Signed by all".into(),
        confirmed_at: write.now(),
    }
}
