//! The law of templates.

use super::stratpro::Blueprint;
use crate::kernel::{Code, Refusal};
use entity::{stage_criterion::CriterionKind, template_version::TemplateStatus};
use std::{collections::BTreeSet, ops::RangeInclusive};

/// Stages that a version may have.
pub const STAGES: usize = 20;
/// Exit criteria that a stage may have.
pub const CRITERIA: usize = 20;
/// Versions that a template may have: what keeps the list of them short enough to read whole.
pub const VERSIONS: usize = 100;

/// What can be done to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    SetStages,
    Publish,
    Retire,
}

/// A stage before it is written down.
#[derive(Clone, Debug, PartialEq)]
pub struct StagePlan {
    pub title: String,
    pub purpose: String,
    pub planned_days: i32,
    pub criteria: Vec<CriterionPlan>,
}

/// An exit criterion before it is written down.
#[derive(Clone, Debug, PartialEq)]
pub struct CriterionPlan {
    pub kind: CriterionKind,
    pub quantity: i32,
    pub text: String,
}

/// The status a version has after a step, where its status allows the step.
pub fn next(status: TemplateStatus, step: Step) -> Result<TemplateStatus, Refusal> {
    use TemplateStatus::*;
    let to = match (status, step) {
        (Draft, Step::SetStages) => Draft,
        (Draft, Step::Publish) => Published,
        (Published, Step::Retire) => Retired,
        _ => return Err(Refusal::new(Code::WrongState, why_not(status, step)).at("input.id")),
    };
    Ok(to)
}

fn why_not(status: TemplateStatus, step: Step) -> &'static str {
    use TemplateStatus::*;
    match (status, step) {
        (Draft, _) => "The version is a draft: no programme can start on it, so there is nothing to retire.",
        (Published, Step::SetStages) => "A published version never changes. Begin a new draft.",
        (Published, _) => "The version is published already.",
        (Retired, Step::SetStages) => "A retired version never changes. Begin a new draft.",
        (Retired, Step::Publish) => "The version is retired. Begin a new draft.",
        (Retired, Step::Retire) => "The version is retired already.",
    }
}

/// Whether a template can get another draft, given the statuses of its versions.
pub fn draftable(versions: &[TemplateStatus]) -> Result<(), Refusal> {
    if versions.contains(&TemplateStatus::Draft) {
        let message = "The template has a draft already. Publish that one first, or change it.";
        return Err(Refusal::new(Code::WrongState, message).at("input.id"));
    }
    if versions.len() < VERSIONS {
        return Ok(());
    }
    let message = format!("A template holds at most {VERSIONS} versions. Create a new template.");
    Err(Refusal::new(Code::LimitReached, message).at("input.id"))
}

/// How many a criterion of this kind can ask for.
pub fn quantities(kind: CriterionKind) -> RangeInclusive<i32> {
    use CriterionKind::*;
    match kind {
        Confirmed => 0..=0,
        SessionsHeld | PrioritiesCommitted | ActionsAccepted | DecisionsRatified => 1..=1000,
        // none: that nothing is left open is enough
        ActionsDone => 0..=1000,
    }
}

/// Whether a version with these stages can be published.
pub fn publishable(stages: &[StagePlan]) -> Result<(), Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut refuse = |message: String| refusals.push(Refusal::new(Code::WrongState, message).at("input.id"));
    if stages.is_empty() {
        refuse("The version has no stages yet.".into());
    }
    let mut titles = BTreeSet::new();
    for stage in stages {
        if !titles.insert(stage.title.to_lowercase()) {
            refuse(format!("Two stages are titled “{}”.", stage.title));
        }
        if stage.criteria.is_empty() {
            refuse(format!("The stage “{}” has no exit criteria.", stage.title));
        }
    }
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}

/// The stages of a built-in programme.
pub fn stages_of(blueprint: &Blueprint) -> Vec<StagePlan> {
    let stages = blueprint.stages.iter().map(|stage| StagePlan {
        title: stage.title.into(),
        purpose: stage.purpose.into(),
        planned_days: stage.planned_days,
        criteria: stage
            .criteria
            .iter()
            .map(|criterion| CriterionPlan {
                kind: criterion.kind,
                quantity: criterion.quantity,
                text: criterion.text.into(),
            })
            .collect(),
    });
    stages.collect()
}
