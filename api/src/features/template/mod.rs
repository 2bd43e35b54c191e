//! Programme template: a named series of versions. A version is written as a draft and published once; after that it
//! never changes. A retired version cannot be used for new programmes. A version defines the content of a programme:
//! stages with their exit criteria and agendas, an alignment questionnaire, resources, limits and a review cadence.
//!
//! Head office writes the network's templates. A franchise derives its own templates from published versions; only that
//! franchise and head office can see them. The franchise's owner can change the parts that head office has not locked.
//! Each version of a derived template names its ancestor, the version that it derives from. A new draft can move to a
//! later ancestor.

pub mod content;
pub mod difference;
pub mod document;
mod exchange;
mod input;
pub mod plan;
pub mod rules;
pub mod stratpro;
#[cfg(test)]
mod tests;

use super::{client, franchise::Franchise};
use crate::{
    kernel::{
        Caller, Check, Code, Error, Fault, Locked, Write, access::Permission, expect_version, fold::same,
        read::shape::typed,
    },
    message, mutations, shape,
};
use async_graphql::ID;
use entity::{
    Id, franchise, network, stage_criterion::CriterionKind, strategy_section::SectionForm, template,
    template_resource::ResourceKind, template_version, template_version::TemplateStatus,
};
pub use exchange::*;
pub use input::*;
use plan::VersionPlan;
use rules::Step;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use stratpro::STRATPRO;

shape! {
    /// A programme template: the plan of a programme, in numbered versions.
    Template of template {
        /// Name of the template, unique among the templates of the network or of its franchise.
        name = text(Name).filter().order(),
        /// Purpose of the template.
        summary = text(Summary),
        /// Franchise that owns the template. Null if the template belongs to the network.
        franchise = one::<Franchise, _>(FranchiseId).or_null(),
        /// ID of the franchise that owns the template, for filters. Null if the template belongs to the network.
        franchiseId = id::<entity::franchise::Entity, _>(FranchiseId).or_null().filter(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Versions of the template, newest first.
        versions = list::<TemplateVersion, _>(entity::template_version::Column::TemplateId).by_last(entity::template_version::Column::Number, Ty::Int).about(3),
    }
}

shape! {
    /// A version of a template. Published versions never change.
    TemplateVersion of template_version {
        /// Number of the version within its template, from 1.
        number = int(Number).filter().order(),
        /// Status of the version: draft, published or retired.
        status = closed::<TemplateStatus, _>(Status).filter().order(),
        /// Maximum number of committed priorities of a team in a cycle.
        prioritiesPerTeam = int(PrioritiesPerTeam),
        /// Maximum number of committed priorities that a leader owns in a cycle.
        prioritiesPerLeader = int(PrioritiesPerLeader),
        /// `true` if head office has locked both priority limits for franchises.
        limitsLocked = flag(LimitsLocked),
        /// Number of days between reviews.
        cadenceDays = int(CadenceDays),
        /// `true` if head office has locked the days between reviews for franchises.
        cadenceLocked = flag(CadenceLocked),
        /// When the version was published. Null for a draft.
        publishedAt = instant(PublishedAt).or_null(),
        /// When the version was retired. Null if it is not retired.
        retiredAt = instant(RetiredAt).or_null(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Template that the version belongs to.
        template = one::<Template, _>(TemplateId),
        /// Version of the network's template that this version derives from and whose locked parts it keeps. Null if
        /// the template belongs to the network.
        ancestor = one::<TemplateVersion, _>(AncestorId).or_null(),
        /// Versions of franchises' templates that derive from this version, newest first by default.
        descendants = pages::<TemplateVersion, _>(AncestorId).by_last(entity::template_version::Column::CreatedAt, Ty::Instant),
        /// Stages of the version, in order.
        stages = list::<TemplateStage, _>(entity::template_stage::Column::TemplateVersionId).by(entity::template_stage::Column::Position, Ty::Int).about(6),
        /// Statements of the alignment questionnaire, in order.
        questionnaire = list::<TemplateStatement, _>(entity::questionnaire_statement::Column::TemplateVersionId).by(entity::questionnaire_statement::Column::Position, Ty::Int).about(20),
        /// Resources to read, watch or work with, in order.
        resources = list::<TemplateResource, _>(entity::template_resource::Column::TemplateVersionId).by(entity::template_resource::Column::Position, Ty::Int).about(10),
    }
}

shape! {
    /// A stage as planned in a template version.
    TemplateStage of template_stage {
        /// Position of the stage in the version, from 1.
        position = int(Position),
        /// Key that identifies the stage in every version of its template.
        key = text(Key),
        /// Title of the stage.
        title = text(Title),
        /// Purpose of the stage.
        purpose = text(Purpose),
        /// Planned duration in days.
        plannedDays = int(PlannedDays),
        /// `true` if head office has locked the stage for franchises, with its criteria and agenda.
        locked = flag(Locked),
        /// Exit criteria, in order. All must be met to pass the stage.
        criteria = list::<TemplateCriterion, _>(entity::stage_criterion::Column::TemplateStageId).by(entity::stage_criterion::Column::Position, Ty::Int).about(4),
        /// Agenda of the stage's sessions, in order.
        agenda = list::<TemplateAgendaItem, _>(entity::agenda_template_item::Column::TemplateStageId).by(entity::agenda_template_item::Column::Position, Ty::Int).about(5),
        /// Sections of the strategy that teams write in the stage, in order.
        sections = list::<TemplateSection, _>(entity::template_section::Column::TemplateStageId).by(entity::template_section::Column::Position, Ty::Int).about(3),
        /// Version that plans the stage.
        templateVersion = one::<TemplateVersion, _>(TemplateVersionId),
    }
}

shape! {
    /// An item on the planned agenda of a stage's sessions.
    TemplateAgendaItem of agenda_template_item {
        /// Position of the item on the agenda, from 1.
        position = int(Position),
        /// Title of the item.
        title = text(Title),
        /// Planned duration in minutes.
        minutes = int(Minutes),
        /// Purpose of the item.
        purpose = text(Purpose),
        /// Stage whose sessions have the item on their agenda.
        stage = one::<TemplateStage, _>(TemplateStageId),
    }
}

shape! {
    /// A section of a team's strategy, as a stage declares it.
    TemplateSection of template_section {
        /// Position of the section in its stage, from 1.
        position = int(Position),
        /// Key that identifies the section in every version of its template.
        key = text(Key),
        /// Title of the section.
        title = text(Title),
        /// Question that the section answers.
        prompt = text(Prompt),
        /// Form of the section.
        form = closed::<SectionForm, _>(Form),
        /// Minimum number of characters of a `TEXT`, otherwise of items, to propose a version.
        minimum = int(Minimum),
        /// Maximum number of characters of a `TEXT`, otherwise of items.
        maximum = int(Maximum),
        /// `true` if the stage can be passed only when a version of the section is ratified.
        needed = flag(Needed),
        /// Stage that declares the section.
        stage = one::<TemplateStage, _>(TemplateStageId),
    }
}

shape! {
    /// A statement of an alignment questionnaire, which each leader rates on a scale.
    TemplateStatement of questionnaire_statement {
        /// Position of the statement in the questionnaire, from 1.
        position = int(Position),
        /// Key that identifies the statement in every version of its template, so that rounds can be compared.
        key = text(Key),
        /// Text of the statement.
        text = text(Text),
        /// Lowest rating on the scale: no agreement at all.
        low = int(Low),
        /// Highest rating on the scale: full agreement.
        high = int(High),
        /// `true` if the alignment figures include the statement.
        core = flag(Core),
        /// Position of the stage that the statement belongs to. Null if it belongs to the whole programme.
        stagePosition = int(StagePosition).or_null(),
        /// `true` if head office has locked the statement for franchises.
        locked = flag(Locked),
        /// Version that asks for the rating.
        templateVersion = one::<TemplateVersion, _>(TemplateVersionId),
    }
}

shape! {
    /// A resource of a template version: something to read, watch or work with.
    TemplateResource of template_resource {
        /// Position of the resource in the list, from 1.
        position = int(Position),
        /// Title of the resource.
        title = text(Title),
        /// Address of the resource, starting with `https://`.
        url = text(Url),
        /// Kind of resource.
        kind = closed::<ResourceKind, _>(Kind),
        /// Position of the stage that the resource belongs to. Null if it belongs to the whole programme.
        stagePosition = int(StagePosition).or_null(),
        /// `true` if head office has locked the resource for franchises.
        locked = flag(Locked),
        /// Version that lists the resource.
        templateVersion = one::<TemplateVersion, _>(TemplateVersionId),
    }
}

shape! {
    /// An exit criterion, which must be met to pass a stage.
    TemplateCriterion of stage_criterion {
        /// Position of the criterion in its stage, from 1.
        position = int(Position),
        /// Kind of criterion, which defines how it is checked.
        kind = closed::<CriterionKind, _>(Kind),
        /// Number required, such as of sessions held. Always 0 for the kind `CONFIRMED`.
        quantity = int(Quantity),
        /// Text of the criterion.
        text = text(Text),
        /// Stage that is passed when the criterion is met.
        stage = one::<TemplateStage, _>(TemplateStageId),
    }
}

mutations! {
    TemplateMutation: template -> Template of template::Entity {
        /// Creates a template of the network, with a draft as its first version.
        template_create(TemplateCreateInput) -> TemplateCreatePayload = create;
        /// Creates a template of a franchise from a published version of the network's template. The first version is a
        /// draft with the same content and the same locks. Other franchises cannot see the template.
        template_derive(TemplateDeriveInput) -> TemplateDerivePayload = derive;
    }
}

mutations! {
    TemplateVersionMutation: template_version -> TemplateVersion of template_version::Entity {
        /// Creates a draft with the content of the newest version of a template. A template has at most one draft. In a
        /// franchise's template, the draft can derive from another version of the network's template.
        template_draft(TemplateDraftInput) -> TemplateDraftPayload = draft;
        /// Replaces the stages, priority limits and review rhythm of a draft. The questionnaire and the resources stay;
        /// those of a removed stage no longer belong to a stage. Parts locked by head office must stay unchanged.
        template_stages_set(TemplateStagesSetInput) -> TemplateStagesSetPayload = set_stages, on id;
        /// Replaces the alignment questionnaire of a draft. Statements locked by head office must stay unchanged.
        template_questionnaire_set(TemplateQuestionnaireSetInput) -> TemplateQuestionnaireSetPayload = set_questionnaire, on id;
        /// Replaces the resources of a draft. Resources locked by head office must stay unchanged.
        template_resources_set(TemplateResourcesSetInput) -> TemplateResourcesSetPayload = set_resources, on id;
        /// Publishes a draft. From then on it cannot be changed, and programmes can start on it. The draft must have
        /// stages with different titles, each with an exit criterion, and sections with different keys; a questionnaire
        /// must have a core statement.
        template_publish(TemplatePublishInput) -> TemplatePublishPayload = publish, on id;
        /// Retires a published version. New programmes cannot start on it; running programmes continue.
        template_retire(TemplateRetireInput) -> TemplateRetirePayload = retire, on id;
    }
}

async fn create(caller: &Caller, input: TemplateCreateInput) -> Result<Id<template::Entity>, Error> {
    let (write, network) = caller.write_network(Permission::TemplateCreate).await?;
    let mut check = Check::new();
    let name = check.line("input.name", &input.name, 1..=100);
    let summary = check.text("input.summary", &input.summary, 0..=2000);
    check_name_is_free(&write, &mut check, "input.name", &name, None).await?;
    check.done()?;
    let template = insert_template(&write, network.id, None, name, summary).await?;
    let plan = match input.basis {
        TemplateBasis::Empty => VersionPlan::default(),
        TemplateBasis::Stratpro => VersionPlan::of(&STRATPRO),
    };
    insert_version(&write, &template, 1, None, plan).await?;
    write.commit().await?;
    Ok(template.id)
}

async fn derive(caller: &Caller, input: TemplateDeriveInput) -> Result<Id<template::Entity>, Error> {
    let franchise = typed(&input.franchise_id);
    let (write, franchise) =
        caller.write::<franchise::Entity>(Permission::TemplateDerive, franchise, "input.franchiseId").await?;
    let ancestor = typed(&input.template_version_id);
    let ancestor = write.load::<template_version::Entity>(ancestor, "input.templateVersionId").await?;
    let mut check = Check::new();
    let name = check.line("input.name", &input.name, 1..=100);
    let summary = check.text_if("input.summary", input.summary.as_ref(), 0..=2000);
    check_name_is_free(&write, &mut check, "input.name", &name, Some(franchise.id)).await?;
    check.done()?;
    client::rules::require_active_franchise(&franchise)?;
    rules::require_derivable(&ancestor)?;
    let source = write.find::<template::Entity>(ancestor.template_id).await?.ok_or(Fault::Internal)?;
    let summary = summary.unwrap_or(source.summary);
    let template = insert_template(&write, franchise.network_id, Some(franchise.id), name, summary).await?;
    let plan = content::load_plan(&write, &ancestor).await?;
    insert_version(&write, &template, 1, Some(ancestor.id), plan).await?;
    write.commit().await?;
    Ok(template.id)
}

/// Checks that a template's name is free, among the network's or among the franchise's own templates.
async fn check_name_is_free(
    write: &Write,
    check: &mut Check,
    path: &str,
    name: &str,
    franchise: Option<Id<franchise::Entity>>,
) -> Result<(), Error> {
    let same = template::Entity::find().filter(same(template::Column::Name, name));
    let same = match franchise {
        Some(franchise) => same.filter(template::Column::FranchiseId.eq(franchise)),
        None => same.filter(template::Column::FranchiseId.is_null()),
    };
    let Some(other) = write.one(same).await? else { return Ok(()) };
    let in_use = template_version::Entity::find()
        .filter(template_version::Column::TemplateId.eq(other.id))
        .filter(template_version::Column::Status.ne(TemplateStatus::Retired));
    let in_use = write.count(in_use).await? > 0;
    let message = if in_use {
        message!(TEMPLATE_NAME_TAKEN, "A template with this name exists. Choose another name.")
    } else {
        message!(
            TEMPLATE_NAME_KEPT,
            "A retired template has this name. Draft its next version (`templateDraft`), or choose another name."
        )
    };
    check.refuse_if(true, Code::Taken, path, message);
    Ok(())
}

async fn insert_template(
    write: &Write,
    network: Id<network::Entity>,
    franchise: Option<Id<franchise::Entity>>,
    name: String,
    summary: String,
) -> Result<template::Model, Error> {
    let row = template::Model {
        id: write.id(),
        network_id: network,
        franchise_id: franchise,
        name,
        summary,
        created_at: write.now(),
        version: 1,
    };
    Ok(write.insert::<template::Entity>(row).await?.into_inner())
}

async fn draft(caller: &Caller, input: TemplateDraftInput) -> Result<Id<template_version::Entity>, Error> {
    let (write, template) =
        caller.write::<template::Entity>(Permission::TemplateDraft, typed(&input.id), "input.id").await?;
    require_author(&write, template.franchise_id)?;
    expect_version(template.version, input.expected_version)?;
    let versions = template_version::Entity::find()
        .filter(template_version::Column::TemplateId.eq(template.id))
        .order_by_desc(template_version::Column::Number);
    let versions = write.all(versions).await?;
    let statuses: Vec<TemplateStatus> = versions.iter().map(|version| version.status).collect();
    rules::require_draftable(&statuses)?;
    let newest = versions.first().ok_or(Fault::Internal)?;
    let mut plan = content::load_plan(&write, newest).await?;
    let mut ancestor = newest.ancestor_id;
    if let Some(id) = &input.ancestor_id {
        let to = write.load::<template_version::Entity>(typed(id), "input.ancestorId").await?;
        let before = match ancestor {
            Some(before) => write.find::<template_version::Entity>(before).await?,
            None => None,
        };
        rules::require_rebasable(before.as_ref(), &to)?;
        plan = rules::rebase(plan, &content::load_plan(&write, &to).await?);
        ancestor = Some(to.id);
    }
    let draft = insert_version(&write, &template, newest.number + 1, ancestor, plan).await?;
    write.commit().await?;
    Ok(draft.id)
}

/// Locks a version and requires that the caller is its author.
async fn lock_version(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<template_version::Model>), Error> {
    let (write, version) =
        caller.write::<template_version::Entity>(permission, typed(id), "input.id").await?;
    require_author(&write, version.franchise_id)?;
    expect_version(version.version, expected)?;
    Ok((write, version))
}

fn require_author(write: &Write, franchise: Option<Id<franchise::Entity>>) -> Result<(), Error> {
    Ok(rules::require_author(write.actor()?.authors(franchise), franchise.is_some())?)
}

async fn set_stages(
    caller: &Caller,
    input: TemplateStagesSetInput,
) -> Result<Id<template_version::Entity>, Error> {
    let (write, version) =
        lock_version(caller, Permission::TemplateStagesSet, &input.id, input.expected_version).await?;
    let before = content::load_plan(&write, &version).await?;
    let mut check = Check::new();
    let mut plan = input::plan_stages(&mut check, "input", &input);
    check.done()?;
    for (stage, given) in plan.stages.iter_mut().zip(&input.stages) {
        let kept = before.stages.iter().find(|other| other.key == stage.key && given.sections.is_none());
        stage.sections.extend(kept.into_iter().flat_map(|kept| kept.sections.clone()));
    }
    let keys: Vec<String> = plan.stages.iter().map(|stage| stage.key.clone()).collect();
    plan.questionnaire = rules::clear_missing_stages(before.questionnaire.clone(), &keys);
    plan.resources = rules::clear_missing_stages(before.resources.clone(), &keys);
    save_draft(write, version, &before, plan, |list| format!("input.{list}")).await
}

async fn set_questionnaire(
    caller: &Caller,
    input: TemplateQuestionnaireSetInput,
) -> Result<Id<template_version::Entity>, Error> {
    let (write, version) =
        lock_version(caller, Permission::TemplateQuestionnaireSet, &input.id, input.expected_version).await?;
    let before = content::load_plan(&write, &version).await?;
    let mut check = Check::new();
    let questionnaire =
        input::plan_questionnaire(&mut check, "input.statements", &input.statements, &before.stages);
    check.done()?;
    let plan = VersionPlan { questionnaire, ..before.clone() };
    save_draft(write, version, &before, plan, |list| format!("input.{list}")).await
}

async fn set_resources(
    caller: &Caller,
    input: TemplateResourcesSetInput,
) -> Result<Id<template_version::Entity>, Error> {
    let (write, version) =
        lock_version(caller, Permission::TemplateResourcesSet, &input.id, input.expected_version).await?;
    let before = content::load_plan(&write, &version).await?;
    let mut check = Check::new();
    let resources = input::plan_resources(&mut check, "input.resources", &input.resources, &before.stages);
    check.done()?;
    let plan = VersionPlan { resources, ..before.clone() };
    save_draft(write, version, &before, plan, |list| format!("input.{list}")).await
}

/// Saves a plan as the content of a draft, if the draft can change and the ancestor's locks are kept.
async fn save_draft(
    write: Write,
    version: Locked<template_version::Model>,
    before: &VersionPlan,
    mut plan: VersionPlan,
    at: impl Fn(&str) -> String,
) -> Result<Id<template_version::Entity>, Error> {
    rules::next_status(version.status, Step::Change)?;
    if let Some(ancestor) = version.ancestor_id {
        let ancestor = write.find::<template_version::Entity>(ancestor).await?.ok_or(Fault::Internal)?;
        let ancestor = content::load_plan(&write, &ancestor).await?;
        plan = rules::copy_locks(plan, &ancestor);
        rules::require_locks_kept(&ancestor, &plan, at)?;
    }
    let replaced = content::save_plan(&write, &version, before, &plan).await?;
    let mut change = version.clone().into_active_model();
    change.priorities_per_team = Set(plan.limits.team);
    change.priorities_per_leader = Set(plan.limits.leader);
    change.limits_locked = Set(plan.limits_locked);
    change.cadence_days = Set(plan.cadence_days);
    change.cadence_locked = Set(plan.cadence_locked);
    let after = write.update::<template_version::Entity>(&version, change).await?;
    if replaced && after.version == version.version {
        write.touch::<template_version::Entity>(&version).await?;
    }
    write.commit().await?;
    Ok(version.id)
}

async fn publish(
    caller: &Caller,
    input: TemplatePublishInput,
) -> Result<Id<template_version::Entity>, Error> {
    let (write, version) =
        lock_version(caller, Permission::TemplatePublish, &input.id, input.expected_version).await?;
    rules::next_status(version.status, Step::Publish)?;
    rules::require_publishable(&content::load_plan(&write, &version).await?)?;
    publish_version(&write, &version).await?;
    write.commit().await?;
    Ok(version.id)
}

async fn retire(caller: &Caller, input: TemplateRetireInput) -> Result<Id<template_version::Entity>, Error> {
    let (write, version) =
        lock_version(caller, Permission::TemplateRetire, &input.id, input.expected_version).await?;
    let status = rules::next_status(version.status, Step::Retire)?;
    let mut change = version.clone().into_active_model();
    change.status = Set(status);
    change.retired_at = Set(Some(write.now()));
    write.update::<template_version::Entity>(&version, change).await?;
    write.commit().await?;
    Ok(version.id)
}

/// Inserts StratPro as a template of a new network, with its first version published.
pub async fn found(write: &Write, network: Id<network::Entity>) -> Result<(), Error> {
    let (name, summary) = (STRATPRO.name.to_owned(), STRATPRO.summary.to_owned());
    let template = insert_template(write, network, None, name, summary).await?;
    let plan = VersionPlan::of(&STRATPRO);
    rules::require_publishable(&plan)?;
    let version = insert_version(write, &template, 1, None, plan).await?;
    let version = write.lock::<template_version::Entity>(version.id).await?;
    publish_version(write, &version).await
}

async fn publish_version(write: &Write, version: &Locked<template_version::Model>) -> Result<(), Error> {
    let mut change = version.clone().into_active_model();
    change.status = Set(rules::next_status(version.status, Step::Publish)?);
    change.published_at = Set(Some(write.now()));
    write.update::<template_version::Entity>(version, change).await?;
    Ok(())
}

/// Inserts a draft version with the content of a plan.
async fn insert_version(
    write: &Write,
    template: &template::Model,
    number: i32,
    ancestor: Option<Id<template_version::Entity>>,
    plan: VersionPlan,
) -> Result<template_version::Model, Error> {
    let row = template_version::Model {
        id: write.id(),
        network_id: template.network_id,
        franchise_id: template.franchise_id,
        template_id: template.id,
        number,
        ancestor_id: ancestor,
        status: TemplateStatus::Draft,
        priorities_per_team: plan.limits.team,
        priorities_per_leader: plan.limits.leader,
        limits_locked: plan.limits_locked,
        cadence_days: plan.cadence_days,
        cadence_locked: plan.cadence_locked,
        created_at: write.now(),
        published_at: None,
        retired_at: None,
        version: 1,
    };
    let version = write.insert::<template_version::Entity>(row).await?;
    content::save_plan(write, &version, &VersionPlan::default(), &plan).await?;
    Ok(version.into_inner())
}
