//! What is given to the mutations of templates, and what it plans once it is checked.

use super::{
    plan::{AgendaPlan, CriterionPlan, ResourcePlan, StagePlan, StatementPlan, VersionPlan},
    rules,
};
use crate::{
    features::alignment::rules::NARROWEST,
    inputs,
    kernel::{Check, Code, Places},
};
use async_graphql::{Enum, ID, InputObject};
use entity::{stage_criterion::CriterionKind, template_resource::ResourceKind};

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

/// A template of a franchise's own to derive.
#[derive(InputObject)]
pub struct TemplateDeriveInput {
    /// The franchise whose template it will be.
    pub franchise_id: ID,
    /// The version to derive from: published, of a template of the network.
    pub template_version_id: ID,
    /// Its name, unique in the franchise: 1 to 100 characters.
    pub name: String,
    /// What it is for: up to 2,000 characters. Left out: what the template derived from is for.
    pub summary: Option<String>,
}

/// The template to begin a new version of.
#[derive(InputObject)]
pub struct TemplateDraftInput {
    /// The template.
    pub id: ID,
    /// For a franchise's template, the version that the draft derives from: a published one of the template that the
    /// franchise's was derived from. Its locked parts take their places in the draft. Left out: the one before.
    pub ancestor_id: Option<ID>,
    /// The template's version this was decided on.
    pub expected_version: Option<i32>,
}

/// A draft's stages, limits and rhythm, in place of what it said.
#[derive(InputObject)]
pub struct TemplateStagesSetInput {
    /// The template version: a draft.
    pub id: ID,
    /// How many committed priorities a team may have in a cycle: 1 to 20.
    pub priorities_per_team: i32,
    /// How many committed priorities a leader may own in a cycle: 1 to 20.
    pub priorities_per_leader: i32,
    /// Whether franchises that derive from the version must leave these two as they are. In a franchise's template, locks
    /// are head office's and stay, here as everywhere, whatever is given.
    #[graphql(default)]
    pub limits_locked: bool,
    /// Days between reviews: 1 to 366.
    pub cadence_days: i32,
    /// Whether franchises that derive from the version must leave this as it is.
    #[graphql(default)]
    pub cadence_locked: bool,
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
    /// What it is called in every version: 1 to 40 small letters, digits and hyphens, no two the same. Give back the key
    /// that the stage has, or running programmes will not find it again. Left out: its title, spelt like this.
    pub key: Option<String>,
    /// Whether franchises that derive from the version must leave the stage as it is, with criteria and agenda.
    #[graphql(default)]
    pub locked: bool,
    /// What its sessions go through, in order: up to 30 items.
    #[graphql(default)]
    pub agenda: Vec<AgendaTemplateItemInput>,
}

/// An item of a draft stage's agenda.
#[derive(InputObject)]
pub struct AgendaTemplateItemInput {
    /// What it is about: 1 to 200 characters.
    pub title: String,
    /// How many minutes it is given: 1 to 480.
    pub minutes: i32,
    /// What it is for: up to 1,000 characters.
    #[graphql(default)]
    pub purpose: String,
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

/// A draft's alignment questionnaire, in place of the one it had.
#[derive(InputObject)]
pub struct TemplateQuestionnaireSetInput {
    /// The template version: a draft.
    pub id: ID,
    /// The statements, in order: up to 60.
    pub statements: Vec<QuestionnaireStatementInput>,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

/// A statement of a draft's questionnaire.
#[derive(InputObject)]
pub struct QuestionnaireStatementInput {
    /// What it says: 1 to 300 characters.
    pub text: String,
    /// What it is called in every version: 1 to 40 small letters, digits and hyphens, no two the same. Rounds compare
    /// statements by it. Left out: the beginning of its text, spelt like this.
    pub key: Option<String>,
    /// The least that can be answered: 0 to 9.
    #[graphql(default = 1)]
    pub low: i32,
    /// The most that can be answered: at least 3 more than `low`, at most 10.
    #[graphql(default = 5)]
    pub high: i32,
    /// Whether the alignment figures count it.
    #[graphql(default)]
    pub core: bool,
    /// The key of the draft's stage that it belongs to. Left out: it is asked throughout.
    pub stage: Option<String>,
    /// Whether franchises that derive from the version must ask it as it is.
    #[graphql(default)]
    pub locked: bool,
}

/// A draft's resources, in place of those it had.
#[derive(InputObject)]
pub struct TemplateResourcesSetInput {
    /// The template version: a draft.
    pub id: ID,
    /// The resources, in order: up to 60.
    pub resources: Vec<TemplateResourceInput>,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

/// A resource of a draft.
#[derive(InputObject)]
pub struct TemplateResourceInput {
    /// Its title: 1 to 200 characters.
    pub title: String,
    /// Where it is: an https address of up to 2,000 characters.
    pub url: String,
    /// What it is.
    pub kind: ResourceKind,
    /// The key of the draft's stage that it belongs to. Left out: it serves throughout.
    pub stage: Option<String>,
    /// Whether franchises that derive from the version must keep it as it is.
    #[graphql(default)]
    pub locked: bool,
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

/// Stages, limits and rhythm as an input at `path` gives them.
pub(super) fn staged(check: &mut Check, path: &str, input: &TemplateStagesSetInput) -> VersionPlan {
    let team = check.number(&format!("{path}.prioritiesPerTeam"), input.priorities_per_team, 1..=20);
    let leader = check.number(&format!("{path}.prioritiesPerLeader"), input.priorities_per_leader, 1..=20);
    let cadence_days = check.number(&format!("{path}.cadenceDays"), input.cadence_days, 1..=366);
    let wrong = !(1..=rules::STAGES).contains(&input.stages.len());
    check.refuse_if(wrong, Code::Invalid, &format!("{path}.stages"), "A version has 1 to 20 stages.");
    let mut stages: Vec<StagePlan> = Vec::new();
    for (at, stage) in input.stages.iter().enumerate() {
        let path = format!("{path}.stages.{at}");
        let plan = stage_of(check, &path, stage, at + 1);
        let taken = stages.iter().any(|other| other.key == plan.key);
        check.refuse_if(taken, Code::Invalid, &format!("{path}.key"), rules::SAME_KEY);
        stages.push(plan);
    }
    VersionPlan {
        places: Places { team, leader },
        limits_locked: input.limits_locked,
        cadence_days,
        cadence_locked: input.cadence_locked,
        stages,
        ..VersionPlan::default()
    }
}

fn stage_of(check: &mut Check, path: &str, stage: &TemplateStageInput, number: usize) -> StagePlan {
    let at = |field: &str| format!("{path}.{field}");
    let wrong = stage.criteria.len() > rules::CRITERIA;
    check.refuse_if(wrong, Code::Invalid, &at("criteria"), "A stage has at most 20 exit criteria.");
    let wrong = stage.agenda.len() > rules::AGENDA;
    check.refuse_if(wrong, Code::Invalid, &at("agenda"), "A stage has at most 30 agenda items.");
    let mut criteria = Vec::new();
    for (number, criterion) in stage.criteria.iter().enumerate() {
        let at = |field: &str| at(&format!("criteria.{number}.{field}"));
        let range = rules::quantities(criterion.kind);
        let quantity = check.number(&at("quantity"), criterion.quantity, range);
        let text = check.text(&at("text"), &criterion.text, 1..=500);
        criteria.push(CriterionPlan { kind: criterion.kind, quantity, text });
    }
    let mut agenda = Vec::new();
    for (number, item) in stage.agenda.iter().enumerate() {
        let at = |field: &str| at(&format!("agenda.{number}.{field}"));
        let title = check.line(&at("title"), &item.title, 1..=200);
        let minutes = check.number(&at("minutes"), item.minutes, 1..=480);
        let purpose = check.text(&at("purpose"), &item.purpose, 0..=1000);
        agenda.push(AgendaPlan { title, minutes, purpose });
    }
    let title = check.line(&at("title"), &stage.title, 1..=100);
    StagePlan {
        key: key(check, &at("key"), stage.key.as_ref(), &title, &format!("stage-{number}")),
        title,
        purpose: check.text(&at("purpose"), &stage.purpose, 0..=2000),
        planned_days: check.number(&at("plannedDays"), stage.planned_days, 1..=1000),
        locked: stage.locked,
        criteria,
        agenda,
    }
}

/// A questionnaire as an input at `path` gives it.
pub(super) fn asked(
    check: &mut Check,
    path: &str,
    statements: &[QuestionnaireStatementInput],
    stages: &[StagePlan],
) -> Vec<StatementPlan> {
    let wrong = statements.len() > rules::STATEMENTS;
    check.refuse_if(wrong, Code::Invalid, path, "A questionnaire has at most 60 statements.");
    let mut plans: Vec<StatementPlan> = Vec::new();
    for (number, statement) in statements.iter().enumerate() {
        let at = |field: &str| format!("{path}.{number}.{field}");
        let text = check.text(&at("text"), &statement.text, 1..=300);
        let other = format!("statement-{}", number + 1);
        let key = key(check, &at("key"), statement.key.as_ref(), &text, &other);
        let taken = plans.iter().any(|other| other.key == key);
        check.refuse_if(taken, Code::Invalid, &at("key"), rules::SAME_KEY);
        let low = check.number(&at("low"), statement.low, 0..=9);
        let high = check.number(&at("high"), statement.high, 1..=10);
        let wrong = high < low + NARROWEST;
        check.refuse_if(wrong, Code::Invalid, &at("high"), "A scale has four steps or more.");
        let stage = stage_named(check, &at("stage"), statement.stage.as_ref(), stages);
        let (core, locked) = (statement.core, statement.locked);
        plans.push(StatementPlan { key, text, low, high, core, stage, locked });
    }
    plans
}

/// Resources as an input at `path` gives them.
pub(super) fn listed(
    check: &mut Check,
    path: &str,
    resources: &[TemplateResourceInput],
    stages: &[StagePlan],
) -> Vec<ResourcePlan> {
    let wrong = resources.len() > rules::RESOURCES;
    check.refuse_if(wrong, Code::Invalid, path, "A version has at most 60 resources.");
    let mut plans = Vec::new();
    for (number, resource) in resources.iter().enumerate() {
        let at = |field: &str| format!("{path}.{number}.{field}");
        let url = check.line(&at("url"), &resource.url, 1..=2000);
        check.refuse_if(!rules::linkable(&url), Code::Invalid, &at("url"), "This is no https address.");
        plans.push(ResourcePlan {
            title: check.line(&at("title"), &resource.title, 1..=200),
            url,
            kind: resource.kind,
            stage: stage_named(check, &at("stage"), resource.stage.as_ref(), stages),
            locked: resource.locked,
        });
    }
    plans
}

/// The key given, or the one that a text suggests; `other` where it suggests none.
fn key(check: &mut Check, path: &str, given: Option<&String>, text: &str, other: &str) -> String {
    let key = match given {
        Some(key) => key.trim().to_owned(),
        None => Some(rules::key_of(text)).filter(|key| !key.is_empty()).unwrap_or_else(|| other.to_owned()),
    };
    let message = "A key has 1 to 40 small letters, digits and hyphens.";
    check.refuse_if(!rules::is_key(&key), Code::Invalid, path, message);
    key
}

fn stage_named(
    check: &mut Check,
    path: &str,
    given: Option<&String>,
    stages: &[StagePlan],
) -> Option<String> {
    let key = given?.trim();
    let unknown = !stages.iter().any(|stage| stage.key == key);
    check.refuse_if(unknown, Code::Invalid, path, "The draft has no stage of this key.");
    Some(key.to_owned())
}
