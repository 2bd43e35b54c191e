//! Inputs of the template mutations, and their checks, which return plans.

use super::{
    plan::{AgendaPlan, CriterionPlan, ResourcePlan, SectionPlan, StagePlan, StatementPlan, VersionPlan},
    rules,
};
use crate::{
    features::{alignment::rules::MIN_SCALE_SPAN, priority::limits::PriorityLimits},
    inputs,
    kernel::{Check, Code},
    message,
};
use async_graphql::{Enum, ID, InputObject};
use entity::{
    stage_criterion::CriterionKind, strategy_section::SectionForm, template_resource::ResourceKind,
};

/// Initial content of a new template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TemplateBasis {
    /// No stages, 5 priorities per team, 2 per leader, and a review every 14 days.
    Empty,
    /// The StratPro programme: six stages with exit criteria, priority limits and review rhythm.
    Stratpro,
}

/// Input for `templateCreate`.
#[derive(InputObject)]
pub struct TemplateCreateInput {
    /// Name of the template, unique in the network: 1 to 100 characters.
    pub name: String,
    /// Purpose of the template: up to 2,000 characters.
    pub summary: String,
    /// Initial content of the first version.
    pub basis: TemplateBasis,
}

/// Input for `templateDerive`.
#[derive(InputObject)]
pub struct TemplateDeriveInput {
    /// ID of the franchise that will own the template.
    pub franchise_id: ID,
    /// ID of the template version to derive from. It must be published and belong to the network.
    pub template_version_id: ID,
    /// Name of the template, unique in the franchise: 1 to 100 characters.
    pub name: String,
    /// Purpose of the template: up to 2,000 characters. If omitted, it is copied from the network's template.
    pub summary: Option<String>,
}

/// Input for `templateDraft`.
#[derive(InputObject)]
pub struct TemplateDraftInput {
    /// ID of the template.
    pub id: ID,
    /// ID of the version to derive the draft from, only for a franchise's template. It must be a published version of
    /// the same network template as before; its locked parts replace those of the draft. If omitted, the draft derives
    /// from the same version as before.
    pub ancestor_id: Option<ID>,
    /// The `version` you last read. Fails with `CONFLICT` if the template has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `templateStagesSet`.
#[derive(InputObject)]
pub struct TemplateStagesSetInput {
    /// ID of the template version. It must be a draft.
    pub id: ID,
    /// Maximum number of committed priorities of a team in a cycle: 1 to 20.
    pub priorities_per_team: i32,
    /// Maximum number of committed priorities that a leader owns in a cycle: 1 to 20.
    pub priorities_per_leader: i32,
    /// `true` if derived templates of franchises must keep both priority limits. Ignored in a franchise's template:
    /// only head office sets locks.
    #[graphql(default)]
    pub limits_locked: bool,
    /// Number of days between reviews: 1 to 366.
    pub cadence_days: i32,
    /// `true` if derived templates of franchises must keep the days between reviews. Ignored in a franchise's template.
    #[graphql(default)]
    pub cadence_locked: bool,
    /// Stages, in order: 1 to 20.
    pub stages: Vec<TemplateStageInput>,
    /// The `version` you last read. Fails with `CONFLICT` if the template version has changed since.
    pub expected_version: Option<i32>,
}

/// A stage to plan in a draft.
#[derive(InputObject)]
pub struct TemplateStageInput {
    /// Title of the stage: 1 to 100 characters.
    pub title: String,
    /// Purpose of the stage: up to 2,000 characters.
    pub purpose: String,
    /// Planned duration in days: 1 to 1,000.
    pub planned_days: i32,
    /// Exit criteria, in order: up to 20. All must be met to pass the stage.
    pub criteria: Vec<TemplateCriterionInput>,
    /// Key of the stage, unique in the version: 1 to 40 lower-case letters, digits and hyphens. Keep the key of an
    /// existing stage; otherwise running programmes cannot find the stage in a later version. If omitted, the key is
    /// made from the title.
    pub key: Option<String>,
    /// `true` if derived templates of franchises must keep the stage, with its criteria and agenda. Ignored in a
    /// franchise's template.
    #[graphql(default)]
    pub locked: bool,
    /// Agenda of the stage's sessions, in order: up to 30 items.
    #[graphql(default)]
    pub agenda: Vec<TemplateAgendaItemInput>,
    /// Sections of the strategy that teams write in the stage, in order: up to 10. If omitted, an existing stage with the
    /// same key keeps its sections.
    pub sections: Option<Vec<TemplateSectionInput>>,
}

/// A section of the strategy to plan in a stage of a draft.
#[derive(InputObject)]
pub struct TemplateSectionInput {
    /// Title of the section: 1 to 100 characters.
    pub title: String,
    /// Key of the section, unique in the version when it is published: 1 to 40 lower-case letters, digits and hyphens.
    /// Keep the key of an existing section; otherwise teams cannot continue it in a later version. If omitted, the key is made from the
    /// title.
    pub key: Option<String>,
    /// Question that the section answers: up to 1,000 characters.
    #[graphql(default)]
    pub prompt: String,
    /// Form of the section.
    pub form: SectionForm,
    /// Minimum number of characters of a `TEXT`, otherwise of items, to propose a version: 0 or more.
    #[graphql(default = 1)]
    pub minimum: i32,
    /// Maximum number of characters of a `TEXT` (1 to 4,000), otherwise of items (1 to 50).
    pub maximum: i32,
    /// `true` if the stage can be passed only when a version of the section is ratified.
    #[graphql(default)]
    pub needed: bool,
}

/// An agenda item to plan in a stage of a draft.
#[derive(InputObject)]
pub struct TemplateAgendaItemInput {
    /// Title of the item: 1 to 200 characters.
    pub title: String,
    /// Planned duration in minutes: 1 to 480.
    pub minutes: i32,
    /// Purpose of the item: up to 1,000 characters.
    #[graphql(default)]
    pub purpose: String,
}

/// An exit criterion to plan in a stage of a draft.
#[derive(InputObject)]
pub struct TemplateCriterionInput {
    /// Kind of criterion, which defines how it is checked.
    pub kind: CriterionKind,
    /// Number required: 1 to 1,000; for `ACTIONS_DONE` 0 to 1,000; for `CONFIRMED` 0 or omitted.
    #[graphql(default)]
    pub quantity: i32,
    /// Text of the criterion: 1 to 500 characters.
    pub text: String,
}

/// Input for `templateQuestionnaireSet`.
#[derive(InputObject)]
pub struct TemplateQuestionnaireSetInput {
    /// ID of the template version. It must be a draft.
    pub id: ID,
    /// Statements, in order: up to 60.
    pub statements: Vec<TemplateStatementInput>,
    /// The `version` you last read. Fails with `CONFLICT` if the template version has changed since.
    pub expected_version: Option<i32>,
}

/// A statement for the questionnaire of a draft.
#[derive(InputObject)]
pub struct TemplateStatementInput {
    /// Text of the statement: 1 to 300 characters.
    pub text: String,
    /// Key of the statement, unique in the version: 1 to 40 lower-case letters, digits and hyphens. Alignment rounds
    /// are compared by this key. If omitted, the key is made from the beginning of the text.
    pub key: Option<String>,
    /// Lowest rating on the scale: 0 to 9.
    #[graphql(default = 1)]
    pub low: i32,
    /// Highest rating on the scale: at least 3 more than `low`, at most 10.
    #[graphql(default = 5)]
    pub high: i32,
    /// `true` if the alignment figures include the statement.
    #[graphql(default)]
    pub core: bool,
    /// Key of the stage of the draft that the statement belongs to. If omitted, it belongs to the whole programme.
    pub stage: Option<String>,
    /// `true` if derived templates of franchises must keep the statement. Ignored in a franchise's template.
    #[graphql(default)]
    pub locked: bool,
}

/// Input for `templateResourcesSet`.
#[derive(InputObject)]
pub struct TemplateResourcesSetInput {
    /// ID of the template version. It must be a draft.
    pub id: ID,
    /// Resources, in order: up to 60.
    pub resources: Vec<TemplateResourceInput>,
    /// The `version` you last read. Fails with `CONFLICT` if the template version has changed since.
    pub expected_version: Option<i32>,
}

/// A resource for a draft.
#[derive(InputObject)]
pub struct TemplateResourceInput {
    /// Title of the resource: 1 to 200 characters.
    pub title: String,
    /// Address of the resource, starting with `https://`: up to 2,000 characters.
    pub url: String,
    /// Kind of resource.
    pub kind: ResourceKind,
    /// Key of the stage of the draft that the resource belongs to. If omitted, it belongs to the whole programme.
    pub stage: Option<String>,
    /// `true` if derived templates of franchises must keep the resource. Ignored in a franchise's template.
    #[graphql(default)]
    pub locked: bool,
}

inputs! {
    /// Identifies the template version to publish or retire.
    [TemplatePublishInput, TemplateRetireInput] {
        /// ID of the template version.
        pub id: ID,
        /// The `version` you last read. Fails with `CONFLICT` if the template version has changed since.
        pub expected_version: Option<i32>,
    }
}

/// Checks the stages, limits and cadence of the input at `path`.
pub(super) fn plan_stages(check: &mut Check, path: &str, input: &TemplateStagesSetInput) -> VersionPlan {
    let team = check.number(&format!("{path}.prioritiesPerTeam"), input.priorities_per_team, 1..=20);
    let leader = check.number(&format!("{path}.prioritiesPerLeader"), input.priorities_per_leader, 1..=20);
    let cadence_days = check.number(&format!("{path}.cadenceDays"), input.cadence_days, 1..=366);
    let wrong = !(1..=rules::MAX_STAGES).contains(&input.stages.len());
    let message = message!(
        STAGES_PER_VERSION,
        "A version has {min} to {max} stages, and this one {count}.",
        min = 1,
        max = rules::MAX_STAGES,
        count = input.stages.len()
    );
    check.refuse_if(wrong, Code::Invalid, &format!("{path}.stages"), message);
    let mut stages: Vec<StagePlan> = Vec::new();
    for (at, stage) in input.stages.iter().enumerate() {
        let path = format!("{path}.stages.{at}");
        let plan = plan_stage(check, &path, stage, at + 1);
        let taken = stages.iter().any(|other| other.key == plan.key);
        check.refuse_if(taken, Code::Invalid, &format!("{path}.key"), rules::same_key_message());
        stages.push(plan);
    }
    VersionPlan {
        limits: PriorityLimits { team, leader },
        limits_locked: input.limits_locked,
        cadence_days,
        cadence_locked: input.cadence_locked,
        stages,
        ..VersionPlan::default()
    }
}

fn plan_stage(check: &mut Check, path: &str, stage: &TemplateStageInput, number: usize) -> StagePlan {
    let at = |field: &str| format!("{path}.{field}");
    let wrong = stage.criteria.len() > rules::MAX_CRITERIA;
    let message = message!(
        CRITERIA_PER_STAGE,
        "A stage has at most {max} exit criteria. Leave some out.",
        max = rules::MAX_CRITERIA
    );
    check.refuse_if(wrong, Code::Invalid, &at("criteria"), message);
    let wrong = stage.agenda.len() > rules::MAX_AGENDA_ITEMS;
    let message = message!(
        AGENDA_ITEMS_PER_STAGE,
        "A stage has at most {max} agenda items. Leave some out.",
        max = rules::MAX_AGENDA_ITEMS
    );
    check.refuse_if(wrong, Code::Invalid, &at("agenda"), message);
    let mut criteria = Vec::new();
    for (number, criterion) in stage.criteria.iter().enumerate() {
        let at = |field: &str| at(&format!("criteria.{number}.{field}"));
        let range = rules::allowed_quantities(criterion.kind);
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
    let sections = stage.sections.as_deref().unwrap_or_default();
    let wrong = sections.len() > rules::MAX_SECTIONS;
    let message = message!(
        SECTIONS_PER_STAGE,
        "A stage has at most {max} sections. Leave some out.",
        max = rules::MAX_SECTIONS
    );
    check.refuse_if(wrong, Code::Invalid, &at("sections"), message);
    let mut section_plans = Vec::new();
    for (place, section) in sections.iter().enumerate() {
        section_plans.push(plan_section(check, &at(&format!("sections.{place}")), section, place + 1));
    }
    let title = check.line(&at("title"), &stage.title, 1..=100);
    StagePlan {
        key: check_key(check, &at("key"), stage.key.as_ref(), &title, &format!("stage-{number}")),
        title,
        purpose: check.text(&at("purpose"), &stage.purpose, 0..=2000),
        planned_days: check.number(&at("plannedDays"), stage.planned_days, 1..=1000),
        locked: stage.locked,
        criteria,
        agenda,
        sections: section_plans,
    }
}

fn plan_section(check: &mut Check, path: &str, section: &TemplateSectionInput, number: usize) -> SectionPlan {
    let at = |field: &str| format!("{path}.{field}");
    let title = check.line(&at("title"), &section.title, 1..=100);
    let maximum = check.number(&at("maximum"), section.maximum, 1..=rules::largest_maximum(section.form));
    SectionPlan {
        key: check_key(check, &at("key"), section.key.as_ref(), &title, &format!("section-{number}")),
        title,
        prompt: check.text(&at("prompt"), &section.prompt, 0..=1000),
        form: section.form,
        minimum: check.number(&at("minimum"), section.minimum, 0..=maximum.max(0)),
        maximum,
        needed: section.needed,
    }
}

/// Checks the questionnaire of the input at `path`.
pub(super) fn plan_questionnaire(
    check: &mut Check,
    path: &str,
    statements: &[TemplateStatementInput],
    stages: &[StagePlan],
) -> Vec<StatementPlan> {
    let wrong = statements.len() > rules::MAX_STATEMENTS;
    let message = message!(
        STATEMENTS_PER_QUESTIONNAIRE,
        "A questionnaire has at most {max} statements. Leave some out.",
        max = rules::MAX_STATEMENTS
    );
    check.refuse_if(wrong, Code::Invalid, path, message);
    let mut plans: Vec<StatementPlan> = Vec::new();
    for (number, statement) in statements.iter().enumerate() {
        let at = |field: &str| format!("{path}.{number}.{field}");
        let text = check.text(&at("text"), &statement.text, 1..=300);
        let other = format!("statement-{}", number + 1);
        let key = check_key(check, &at("key"), statement.key.as_ref(), &text, &other);
        let taken = plans.iter().any(|other| other.key == key);
        check.refuse_if(taken, Code::Invalid, &at("key"), rules::same_key_message());
        let low = check.number(&at("low"), statement.low, 0..=9);
        let high = check.number(&at("high"), statement.high, 1..=10);
        let wrong = high < low + MIN_SCALE_SPAN;
        let message =
            message!(SCALE, "`high` must be at least {steps} more than `low`.", steps = MIN_SCALE_SPAN);
        check.refuse_if(wrong, Code::Invalid, &at("high"), message);
        let stage = check_stage_key(check, &at("stage"), statement.stage.as_ref(), stages);
        let (core, locked) = (statement.core, statement.locked);
        plans.push(StatementPlan { key, text, low, high, core, stage, locked });
    }
    plans
}

/// Checks the resources of the input at `path`.
pub(super) fn plan_resources(
    check: &mut Check,
    path: &str,
    resources: &[TemplateResourceInput],
    stages: &[StagePlan],
) -> Vec<ResourcePlan> {
    let wrong = resources.len() > rules::MAX_RESOURCES;
    let message = message!(
        RESOURCES_PER_VERSION,
        "A version has at most {max} resources. Leave some out.",
        max = rules::MAX_RESOURCES
    );
    check.refuse_if(wrong, Code::Invalid, path, message);
    let mut plans = Vec::new();
    for (number, resource) in resources.iter().enumerate() {
        let at = |field: &str| format!("{path}.{number}.{field}");
        let url = check.line(&at("url"), &resource.url, 1..=2000);
        check.refuse_if(
            !rules::is_https_address(&url),
            Code::Invalid,
            &at("url"),
            message!(NOT_AN_HTTPS_ADDRESS, "`url` must be an https address, with a host and without a user."),
        );
        plans.push(ResourcePlan {
            title: check.line(&at("title"), &resource.title, 1..=200),
            url,
            kind: resource.kind,
            stage: check_stage_key(check, &at("stage"), resource.stage.as_ref(), stages),
            locked: resource.locked,
        });
    }
    plans
}

/// Checks a given key, or derives a key from a text. Returns `other` if the text yields none.
fn check_key(check: &mut Check, path: &str, given: Option<&String>, text: &str, other: &str) -> String {
    let key = match given {
        Some(key) => key.trim().to_owned(),
        None => Some(rules::key_of(text)).filter(|key| !key.is_empty()).unwrap_or_else(|| other.to_owned()),
    };
    let message = message!(
        NOT_A_KEY,
        "A key has {min} to {max} small letters, digits and hyphens, and neither begins nor ends with a hyphen.",
        min = 1,
        max = rules::MAX_KEY,
    );
    check.refuse_if(!rules::is_key(&key), Code::Invalid, path, message);
    key
}

fn check_stage_key(
    check: &mut Check,
    path: &str,
    given: Option<&String>,
    stages: &[StagePlan],
) -> Option<String> {
    let key = given?.trim();
    let unknown = !stages.iter().any(|stage| stage.key == key);
    check.refuse_if(
        unknown,
        Code::Invalid,
        path,
        message!(NO_SUCH_STAGE, "The draft has no stage with this key. Use the key of one of its stages."),
    );
    Some(key.to_owned())
}
