//! Versions carried out and in as documents, and compared. What is carried out or compared is only read; it is told in a
//! payload, because it is worked out from all that a version says.

use super::{
    Template, TemplateVersion, at, begin, changed, content,
    difference::{self, Difference, How},
    document, found, free,
};
use crate::{
    kernel::{
        Caller, Check, Error, Fault, Refusal, access::Permission, mutation::split, price, read::shape::typed,
    },
    mutations, payload, payload_leaves,
    scalar::Json,
};
use async_graphql::{Enum, ID, InputObject};
use entity::{Id, template, template_version};

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

/// Input for `templateExport`.
#[derive(InputObject)]
pub struct TemplateExportInput {
    /// ID of the template version to export.
    pub id: ID,
}

/// Input for `templateCompare`.
#[derive(InputObject)]
pub struct TemplateCompareInput {
    /// ID of the template version to compare. Its values are returned as `after`.
    pub id: ID,
    /// ID of the version to compare it with, of the same or another template. Its values are returned as `before`.
    pub with_id: ID,
}

payload! {
    /// Result of `templateExport`.
    pub struct TemplateExportPayload {
        /// The document as JSON text, identical for versions with the same content. Null if there are errors.
        pub document: Option<String>,
        /// Reasons the export failed. Empty if it succeeded.
        pub errors: Vec<Refusal>,
    }
}

payload! {
    /// Result of `templateCompare`.
    pub struct TemplateComparePayload {
        /// Differences, in the order of the parts. Empty if the versions have equal content. Null if there are errors.
        pub changes: Option<Vec<TemplateChange>>,
        /// Reasons the comparison failed. Empty if it succeeded.
        pub errors: Vec<Refusal>,
    }
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
        /// are named by the key of a stage or statement, the text of a criterion, the title of an agenda item or the
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

mutations! {
    TemplateReadMutation {
        /// Returns a version as a JSON document, to keep or to import elsewhere. Changes nothing.
        template_export(TemplateExportInput) -> TemplateExportPayload = template_export;
        /// Returns the differences between two versions, part by part. Changes nothing.
        template_compare(TemplateCompareInput) -> TemplateComparePayload = template_compare;
    }
}

async fn template_export(
    caller: &Caller,
    input: TemplateExportInput,
) -> Result<TemplateExportPayload, Fault> {
    let (document, errors) = split(export(caller, input).await)?;
    Ok(TemplateExportPayload { document, errors })
}

async fn template_compare(
    caller: &Caller,
    input: TemplateCompareInput,
) -> Result<TemplateComparePayload, Fault> {
    let (changes, errors) = split(compare(caller, input).await)?;
    Ok(TemplateComparePayload { changes, errors })
}

async fn import(caller: &Caller, input: TemplateImportInput) -> Result<Id<template::Entity>, Error> {
    caller.spend(price::imported_document(input.document.len()));
    // read before anything is locked: other writers do not wait for that
    caller.require(Permission::TemplateImport)?;
    let mut document = document::read("input.document", &input.document)?;
    let (write, network) = caller.write_network(Permission::TemplateImport).await?;
    let mut check = Check::new();
    let mut path = "input.document.name";
    if let Some(name) = &input.name {
        path = "input.name";
        document.name = check.line(path, name, 1..=100);
    }
    free(&write, &mut check, path, &document.name, None).await?;
    check.done()?;
    let template = found(&write, network.id, None, document.name, document.summary).await?;
    begin(&write, &template, 1, None, document.plan).await?;
    write.commit().await?;
    Ok(template.id)
}

async fn draft_import(
    caller: &Caller,
    input: TemplateDraftImportInput,
) -> Result<Id<template_version::Entity>, Error> {
    caller.spend(price::imported_document(input.document.len()));
    caller.require(Permission::TemplateDraftImport)?;
    let document = document::read("input.document", &input.document)?;
    let (write, version) =
        at(caller, Permission::TemplateDraftImport, &input.id, input.expected_version).await?;
    let before = content::said(&write, &version).await?;
    let list = |list: &str| {
        let list = if list == "statements" { "questionnaire" } else { list };
        format!("input.document.{list}")
    };
    changed(write, version, &before, document.plan, list).await
}

async fn export(caller: &Caller, input: TemplateExportInput) -> Result<String, Error> {
    let id = typed(&input.id);
    let (write, version) =
        caller.write::<template_version::Entity>(Permission::TemplateExport, id, "input.id").await?;
    let template = write.find::<template::Entity>(version.template_id).await?.ok_or(Fault::Internal)?;
    let plan = content::said(&write, &version).await?;
    write.leave().await?;
    Ok(document::written(&template.name, &template.summary, &plan).ok_or(Fault::Internal)?)
}

async fn compare(caller: &Caller, input: TemplateCompareInput) -> Result<Vec<TemplateChange>, Error> {
    let id = typed(&input.id);
    let (write, after) =
        caller.write::<template_version::Entity>(Permission::TemplateCompare, id, "input.id").await?;
    let before = write.load::<template_version::Entity>(typed(&input.with_id), "input.withId").await?;
    let (before, after) = (content::said(&write, &before).await?, content::said(&write, &after).await?);
    write.leave().await?;
    Ok(told(difference::between(&before, &after)))
}

/// Differences as they are told.
pub fn told(differences: Vec<Difference>) -> Vec<TemplateChange> {
    let given = |value| Some(Json(value)).filter(|value| !value.0.is_null());
    let tell = |one: Difference| TemplateChange {
        kind: match one.how {
            How::Added => TemplateChangeKind::Added,
            How::Removed => TemplateChangeKind::Removed,
            How::Changed => TemplateChangeKind::Changed,
        },
        part: part(&one.path),
        path: one.path,
        before: given(one.before),
        after: given(one.after),
    };
    differences.into_iter().map(tell).collect()
}

fn part(path: &[String]) -> TemplatePart {
    let step = |at: usize| path.get(at).map_or("", String::as_str);
    match (step(0), step(2)) {
        ("stages", "criteria") => TemplatePart::Criterion,
        ("stages", "agenda") => TemplatePart::AgendaItem,
        ("stages", _) => TemplatePart::Stage,
        ("questionnaire", _) => TemplatePart::Statement,
        ("resources", _) => TemplatePart::Resource,
        ("cadenceDays" | "cadenceLocked", _) => TemplatePart::Cadence,
        _ => TemplatePart::Limits,
    }
}
