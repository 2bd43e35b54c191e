//! Exports, imports and compares versions. Documents and differences are computed from the whole content of a version,
//! in a transaction that only reads.

use super::{
    Template, TemplateVersion, check_name_is_free, content,
    difference::{self, DifferenceKind, PartDifference},
    document, insert_template, insert_version, lock_version, save_draft,
};
use crate::{
    kernel::{
        Caller, Check, Error, Fault, TransactionPart, Write,
        access::Permission,
        mutation::{input, split},
        payload::{PayloadPart, PayloadValue},
        read::shape::typed,
        refused_id,
    },
    mutations, payload, payload_leaves, price,
    scalar::Json,
};
use async_graphql::{Enum, ID, InputObject, Value, registry::Registry};
use entity::{Id, Table, template, template_version};
use futures::future::BoxFuture;
use std::sync::Arc;

/// Input for `templateImport`.
#[derive(InputObject)]
pub struct TemplateImportInput {
    /// JSON document as defined by `templateSchema`, up to 200,000 bytes.
    pub document: String,
    /// Name of the template, unique in the network: 1 to 100 characters. If omitted, the name in the document is used.
    pub name: Option<String>,
}

/// Input for `templateDraftImport`.
#[derive(InputObject)]
pub struct TemplateDraftImportInput {
    /// ID of the template version. It must be a draft.
    pub id: ID,
    /// JSON document as defined by `templateSchema`, up to 200,000 bytes. Its name and summary are ignored.
    pub document: String,
    /// The `version` you last read. Fails with `CONFLICT` if the template version has changed since.
    pub expected_version: Option<i32>,
}

/// The argument of `templateDocument`.
#[derive(InputObject)]
struct DocumentArguments {
    id: ID,
}

/// The arguments of `templateDifferences`.
#[derive(InputObject)]
struct DifferencesArguments {
    id: ID,
    compared_with_id: ID,
}

payload_leaves!(TemplateChangeKind, TemplatePart);

payload! {
    /// A difference between two versions of templates.
    pub struct TemplateChange {
        /// Kind of difference: added, removed or changed.
        pub kind: TemplateChangeKind,
        /// Kind of part that differs.
        pub part: TemplatePart,
        /// Path to the difference, from the outside inwards, such as `["stages", "vision", "title"]`. Items of lists
        /// are named by the key of a stage, section or statement, the text of a criterion, the title of an agenda item or the
        /// address of a resource. The path of an item that moved within its list ends with `position`.
        pub path: Vec<String>,
        /// Earlier value, as in a document. Null if there was none.
        pub before: Option<Json>,
        /// Later value, as in a document. Null if there is none.
        pub after: Option<Json>,
    }
}

/// Kinds of differences between two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TemplateChangeKind {
    /// The part was added.
    Added,
    /// The part was removed.
    Removed,
    /// The part has a different value or position.
    Changed,
}

/// Kinds of parts of a template version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TemplatePart {
    /// Limits on the number of committed priorities.
    Limits,
    /// Number of days between reviews.
    Cadence,
    /// A stage.
    Stage,
    /// An exit criterion of a stage.
    Criterion,
    /// An agenda item of a stage.
    AgendaItem,
    /// A section of the strategy, in a stage.
    Section,
    /// A statement of the questionnaire.
    Statement,
    /// A resource.
    Resource,
}

mutations! {
    TemplateImportMutation: template -> Template of template::Entity {
        /// Creates a template of the network from a document, with a draft as its first version. If the document is not
        /// valid, `errors` lists every fault with its path in the document.
        template_import(TemplateImportInput) -> TemplateImportPayload = import;
    }
}

mutations! {
    TemplateDraftImportMutation: template_version -> TemplateVersion of template_version::Entity {
        /// Replaces all content of a draft with that of a document. Parts locked by head office must stay unchanged.
        template_draft_import(TemplateDraftImportInput) -> TemplateDraftImportPayload = draft_import, on id;
    }
}

/// The type of `templateDocument`.
pub fn document_type(registry: &mut Registry) -> String {
    Option::<String>::schema_type(registry)
}

/// The type of `templateDifferences`.
pub fn differences_type(registry: &mut Registry) -> String {
    Option::<Vec<TemplateChange>>::schema_type(registry)
}

/// Computes `templateDocument`.
pub fn compute_document(
    caller: Arc<Caller>,
    arguments: Value,
) -> BoxFuture<'static, Result<PayloadPart, Fault>> {
    Box::pin(async move {
        let DocumentArguments { id } = input(arguments)?;
        Ok(hide_forbidden(load_document(&caller, &id).await)?.into_part())
    })
}

/// Computes `templateDifferences`.
pub fn compute_differences(
    caller: Arc<Caller>,
    arguments: Value,
) -> BoxFuture<'static, Result<PayloadPart, Fault>> {
    Box::pin(async move {
        let DifferencesArguments { id, compared_with_id } = input(arguments)?;
        Ok(hide_forbidden(load_differences(&caller, &id, &compared_with_id).await)?.into_part())
    })
}

/// Returns the result, or `None` if the object does not exist or the caller has no access.
fn hide_forbidden<T>(read: Result<T, Error>) -> Result<Option<T>, Fault> {
    match read {
        Err(Error::Fault(Fault::Forbidden)) => Ok(None),
        read => Ok(split(read)?.0),
    }
}

async fn import(caller: &Caller, input: TemplateImportInput) -> Result<Id<template::Entity>, Error> {
    caller.spend(price::document_import_price(input.document.len()));
    // parsed before anything is locked, so that other writers do not wait
    caller.require(Permission::TemplateImport)?;
    let mut document = document::parse_document("input.document", &input.document)?;
    let (write, network) = caller.write_network(Permission::TemplateImport).await?;
    let mut check = Check::new();
    let mut path = "input.document.name";
    if let Some(name) = &input.name {
        path = "input.name";
        document.name = check.line(path, name, 1..=100);
    }
    check_name_is_free(&write, &mut check, path, &document.name, None).await?;
    check.done()?;
    let template = insert_template(&write, network.id, None, document.name, document.summary).await?;
    insert_version(&write, &template, 1, None, document.plan).await?;
    write.commit().await?;
    Ok(template.id)
}

async fn draft_import(
    caller: &Caller,
    input: TemplateDraftImportInput,
) -> Result<Id<template_version::Entity>, Error> {
    caller.spend(price::document_import_price(input.document.len()));
    caller.require(Permission::TemplateDraftImport)?;
    let document = document::parse_document("input.document", &input.document)?;
    let (write, version) =
        lock_version(caller, Permission::TemplateDraftImport, &input.id, input.expected_version).await?;
    let before = content::load_plan(&write, &version).await?;
    let list = |list: &str| {
        let list = if list == "statements" { "questionnaire" } else { list };
        format!("input.document.{list}")
    };
    save_draft(write, version, &before, document.plan, list).await
}

/// Opens a transaction that only reads, and loads a version.
async fn open_version(caller: &Caller, id: &ID) -> Result<(Write, template_version::Model), Error> {
    let permission = Permission::Read(Table::TemplateVersion);
    caller.write_part::<template_version::Entity>(TransactionPart::Look, permission, typed(id), "id").await
}

async fn load_document(caller: &Caller, id: &ID) -> Result<String, Error> {
    let (look, version) = open_version(caller, id).await?;
    let template = look.find::<template::Entity>(version.template_id).await?.ok_or(Fault::Internal)?;
    let plan = content::load_plan(&look, &version).await?;
    look.roll_back().await?;
    Ok(document::render_document(&template.name, &template.summary, &plan).ok_or(Fault::Internal)?)
}

async fn load_differences(
    caller: &Caller,
    id: &ID,
    compared_with: &ID,
) -> Result<Vec<TemplateChange>, Error> {
    let (look, after) = open_version(caller, id).await?;
    let path = "comparedWithId";
    let before = typed(compared_with).ok_or_else(|| refused_id(path))?;
    let before = look.find::<template_version::Entity>(before).await?.ok_or_else(|| refused_id(path))?;
    let (before, after) =
        (content::load_plan(&look, &before).await?, content::load_plan(&look, &after).await?);
    look.roll_back().await?;
    Ok(to_changes(difference::compare_plans(&before, &after)))
}

/// Converts differences to the type of the schema.
pub fn to_changes(differences: Vec<PartDifference>) -> Vec<TemplateChange> {
    let given = |value| Some(Json(value)).filter(|value| !value.0.is_null());
    let to_change = |one: PartDifference| TemplateChange {
        kind: match one.kind {
            DifferenceKind::Added => TemplateChangeKind::Added,
            DifferenceKind::Removed => TemplateChangeKind::Removed,
            DifferenceKind::Changed => TemplateChangeKind::Changed,
        },
        part: part_of(&one.path),
        path: one.path,
        before: given(one.before),
        after: given(one.after),
    };
    differences.into_iter().map(to_change).collect()
}

fn part_of(path: &[String]) -> TemplatePart {
    let step = |at: usize| path.get(at).map_or("", String::as_str);
    match (step(0), step(2)) {
        ("stages", "criteria") => TemplatePart::Criterion,
        ("stages", "agenda") => TemplatePart::AgendaItem,
        ("stages", "sections") => TemplatePart::Section,
        ("stages", _) => TemplatePart::Stage,
        ("questionnaire", _) => TemplatePart::Statement,
        ("resources", _) => TemplatePart::Resource,
        ("cadenceDays" | "cadenceLocked", _) => TemplatePart::Cadence,
        _ => TemplatePart::Limits,
    }
}
