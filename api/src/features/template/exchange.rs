//! Versions carried out and in as documents, and compared. What is carried out or compared is only read; it is told in a
//! payload, because it is worked out from all that a version says.

use super::{
    Template, TemplateVersion, at, begin, changed, content,
    difference::{self, Difference, How},
    document, found, free,
};
use crate::{
    kernel::{Caller, Check, Error, Fault, Refusal, access::Permission, mutation::split, read::shape::typed},
    mutations, payload, payload_leaves,
    scalar::Json,
};
use async_graphql::{Enum, ID, InputObject};
use entity::{Id, template, template_version};

/// A template to make from a document.
#[derive(InputObject)]
pub struct TemplateImportInput {
    /// The document: JSON as `templateSchema` describes it, of up to 200,000 bytes.
    pub document: String,
    /// The template's name, unique in the network: 1 to 100 characters. Left out: the document's.
    pub name: Option<String>,
}

/// A draft, and the document that is to stand in its place.
#[derive(InputObject)]
pub struct TemplateDraftImportInput {
    /// The template version: a draft.
    pub id: ID,
    /// The document: JSON as `templateSchema` describes it, of up to 200,000 bytes. Its name and summary are left aside.
    pub document: String,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

/// The version to write as a document.
#[derive(InputObject)]
pub struct TemplateExportInput {
    /// The template version.
    pub id: ID,
}

/// The versions to compare.
#[derive(InputObject)]
pub struct TemplateCompareInput {
    /// The template version that is looked at.
    pub id: ID,
    /// The one that it is compared with: of the same template or of another.
    pub with_id: ID,
}

payload! {
    /// What the mutation of this name answers.
    pub struct TemplateExportPayload {
        /// The document: JSON, the same to the byte for versions that say the same. Null where there are errors.
        pub document: Option<String>,
        /// Why there is none.
        pub errors: Vec<Refusal>,
    }
}

payload! {
    /// What the mutation of this name answers.
    pub struct TemplateComparePayload {
        /// What differs, in the order of the parts; empty where both say the same. Null where there are errors.
        pub changes: Option<Vec<TemplateChange>>,
        /// Why they could not be compared.
        pub errors: Vec<Refusal>,
    }
}

payload_leaves!(TemplateChangeKind, TemplatePart);

payload! {
    /// Something that differs between two versions.
    pub struct TemplateChange {
        /// How it differs.
        pub kind: TemplateChangeKind,
        /// What it is a part of.
        pub part: TemplatePart,
        /// Where it is: the field, the key of the stage or statement, what the criterion says, the agenda item's title, the
        /// resource's address, and so on inwards. `position` at the end: the part has another place among the others.
        pub path: Vec<String>,
        /// What stood there, as in a document; null for what was added.
        pub before: Option<Json>,
        /// What stands there now, as in a document; null for what was removed.
        pub after: Option<Json>,
    }
}

/// How a part differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TemplateChangeKind {
    /// It was not there before.
    Added,
    /// It is there no more.
    Removed,
    /// It says something else.
    Changed,
}

/// A part of a template version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TemplatePart {
    /// How many priorities there may be.
    Limits,
    /// The rhythm of reviews.
    Cadence,
    /// A stage.
    Stage,
    /// An exit criterion of a stage.
    Criterion,
    /// An item of a stage's agenda.
    AgendaItem,
    /// A statement of the questionnaire.
    Statement,
    /// A resource.
    Resource,
}

mutations! {
    TemplateImportMutation: template -> Template of template::Entity {
        /// Makes a template of the network from a document, with a first version, a draft. The refusal names every fault
        /// of the document at its place.
        template_import(TemplateImportInput) -> TemplateImportPayload = import;
    }
}

mutations! {
    TemplateDraftImportMutation: template_version -> TemplateVersion of template_version::Entity {
        /// Replaces all that a draft says by what a document says. What head office has locked must stay as it is.
        template_draft_import(TemplateDraftImportInput) -> TemplateDraftImportPayload = draft_import, on id;
    }
}

mutations! {
    TemplateReadMutation {
        /// Writes a version as one JSON document, to be kept or carried elsewhere. Changes nothing.
        template_export(TemplateExportInput) -> TemplateExportPayload = template_export;
        /// Tells what differs between two versions, part by part. Changes nothing.
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
