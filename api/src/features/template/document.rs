//! A template version as one JSON document, for export and import. The format is stable: a document that is parsed and
//! rendered again is equal byte by byte. `document.schema.json` describes it.

use super::{
    input::{
        self, TemplateAgendaItemInput, TemplateCriterionInput, TemplateResourceInput, TemplateSectionInput,
        TemplateStageInput, TemplateStagesSetInput, TemplateStatementInput,
    },
    plan::VersionPlan,
};
use crate::{
    kernel::{Check, Code, Error, Message, Refusal},
    message,
};
use entity::{
    stage_criterion::CriterionKind, strategy_section::SectionForm, template_resource::ResourceKind,
};
use sea_orm::Iterable;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// JSON Schema of a document.
pub const DOCUMENT_SCHEMA: &str = include_str!("document.schema.json");
/// Value of the field `format`, which identifies the kind and version of the document.
pub const DOCUMENT_FORMAT: &str = "concord-template/1";
/// Maximum size of a document in bytes.
pub const MAX_BYTES: usize = 200_000;

/// A parsed document.
pub struct TemplateDocument {
    pub name: String,
    pub summary: String,
    pub plan: VersionPlan,
}

/// Renders the document of a version.
pub fn render_document(name: &str, summary: &str, plan: &VersionPlan) -> Option<String> {
    let mut document = json!({ "format": DOCUMENT_FORMAT, "name": name, "summary": summary });
    if let (Value::Object(all), Value::Object(content)) = (&mut document, plan_to_json(plan)) {
        all.extend(content);
    }
    serde_json::to_string_pretty(&document).ok().map(|text| text + "\n")
}

/// Converts the content of a version to JSON.
pub fn plan_to_json(plan: &VersionPlan) -> Value {
    let stages = plan.stages.iter().map(|stage| {
        let criteria = stage.criteria.iter().map(|criterion| {
            json!({ "kind": criterion.kind, "quantity": criterion.quantity, "text": criterion.text })
        });
        let agenda = stage
            .agenda
            .iter()
            .map(|item| json!({ "title": item.title, "minutes": item.minutes, "purpose": item.purpose }));
        let sections = stage.sections.iter().map(|section| {
            json!({
                "key": section.key,
                "title": section.title,
                "prompt": section.prompt,
                "form": section.form,
                "minimum": section.minimum,
                "maximum": section.maximum,
                "needed": section.needed,
            })
        });
        json!({
            "key": stage.key,
            "title": stage.title,
            "purpose": stage.purpose,
            "plannedDays": stage.planned_days,
            "locked": stage.locked,
            "criteria": criteria.collect::<Vec<_>>(),
            "agenda": agenda.collect::<Vec<_>>(),
            "sections": sections.collect::<Vec<_>>(),
        })
    });
    let questionnaire = plan.questionnaire.iter().map(|statement| {
        json!({
            "key": statement.key,
            "text": statement.text,
            "low": statement.low,
            "high": statement.high,
            "core": statement.core,
            "stage": statement.stage,
            "locked": statement.locked,
        })
    });
    let resources = plan.resources.iter().map(|resource| {
        json!({
            "title": resource.title,
            "url": resource.url,
            "kind": resource.kind,
            "stage": resource.stage,
            "locked": resource.locked,
        })
    });
    json!({
        "prioritiesPerTeam": plan.limits.team,
        "prioritiesPerLeader": plan.limits.leader,
        "limitsLocked": plan.limits_locked,
        "cadenceDays": plan.cadence_days,
        "cadenceLocked": plan.cadence_locked,
        "stages": stages.collect::<Vec<_>>(),
        "questionnaire": questionnaire.collect::<Vec<_>>(),
        "resources": resources.collect::<Vec<_>>(),
    })
}

/// Parses a document. The refusals name all faults, each with its path below `path`.
pub fn parse_document(path: &str, text: &str) -> Result<TemplateDocument, Error> {
    let mut check = Check::new();
    let message = message!(
        DOCUMENT_TOO_LARGE,
        "A document has at most {max} bytes, and this one {bytes}.",
        max = MAX_BYTES,
        bytes = text.len()
    );
    check.refuse_if(text.len() > MAX_BYTES, Code::Invalid, path, message);
    check.done()?;
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return Err(Refusal::new(
            Code::Invalid,
            message!(NOT_JSON, "The document must be JSON, as `templateDocument` returns it."),
        )
        .at(path)
        .into());
    };
    let mut check = Check::new();
    let mut reader = DocumentReader { faults: vec![] };
    let (name, summary, given, statements, resources) = reader.document(path, &value);
    let mut plan = input::plan_stages(&mut check, path, &given);
    plan.questionnaire =
        input::plan_questionnaire(&mut check, &format!("{path}.questionnaire"), &statements, &plan.stages);
    plan.resources =
        input::plan_resources(&mut check, &format!("{path}.resources"), &resources, &plan.stages);
    let name = check.line(&format!("{path}.name"), &name, 1..=100);
    let summary = check.text(&format!("{path}.summary"), &summary, 0..=2000);
    // a value of a wrong type is not refused a second time for its replacement
    let mut faults = reader.faults;
    let shapes = faults.len();
    for refusal in check.refusals() {
        if !faults[..shapes].iter().any(|fault| refusal.path.starts_with(&fault.path)) {
            faults.push(refusal);
        }
    }
    if faults.is_empty() { Ok(TemplateDocument { name, summary, plan }) } else { Err(faults.into()) }
}

/// Converts the values of a document to mutation inputs, and collects values of wrong types.
struct DocumentReader {
    faults: Vec<Refusal>,
}

/// Fields of an object, or `None` if the value is not an object.
type ObjectFields<'v> = Option<&'v Map<String, Value>>;

impl DocumentReader {
    fn document(
        &mut self,
        path: &str,
        value: &Value,
    ) -> (String, String, TemplateStagesSetInput, Vec<TemplateStatementInput>, Vec<TemplateResourceInput>)
    {
        let known = [
            "format",
            "name",
            "summary",
            "prioritiesPerTeam",
            "prioritiesPerLeader",
            "limitsLocked",
            "cadenceDays",
            "cadenceLocked",
            "stages",
            "questionnaire",
            "resources",
        ];
        let all = self.fields(path, value, &known);
        let format = self.text(path, all, "format", None);
        if !format.is_empty() && format != DOCUMENT_FORMAT {
            self.wrong(
                &format!("{path}.format"),
                message!(WRONG_FORMAT, "`format` must be “{allowed}”.", allowed = DOCUMENT_FORMAT),
            );
        }
        let stages = self.each(path, all, "stages", Self::stage);
        let given = TemplateStagesSetInput {
            id: "".into(),
            priorities_per_team: self.number(path, all, "prioritiesPerTeam", None),
            priorities_per_leader: self.number(path, all, "prioritiesPerLeader", None),
            limits_locked: self.flag(path, all, "limitsLocked"),
            cadence_days: self.number(path, all, "cadenceDays", None),
            cadence_locked: self.flag(path, all, "cadenceLocked"),
            stages,
            expected_version: None,
        };
        let statements = self.each(path, all, "questionnaire", Self::statement);
        let resources = self.each(path, all, "resources", Self::resource);
        let (name, summary) = (self.text(path, all, "name", None), self.text(path, all, "summary", Some("")));
        (name, summary, given, statements, resources)
    }

    fn stage(&mut self, path: &str, value: &Value) -> TemplateStageInput {
        let known = ["key", "title", "purpose", "plannedDays", "locked", "criteria", "agenda", "sections"];
        let all = self.fields(path, value, &known);
        TemplateStageInput {
            title: self.text(path, all, "title", None),
            purpose: self.text(path, all, "purpose", Some("")),
            planned_days: self.number(path, all, "plannedDays", None),
            criteria: self.each(path, all, "criteria", Self::criterion),
            key: self.text_if(path, all, "key"),
            locked: self.flag(path, all, "locked"),
            agenda: self.each(path, all, "agenda", Self::item),
            sections: Some(self.each(path, all, "sections", Self::section)),
        }
    }

    fn criterion(&mut self, path: &str, value: &Value) -> TemplateCriterionInput {
        let all = self.fields(path, value, &["kind", "quantity", "text"]);
        TemplateCriterionInput {
            kind: self.one_of(path, all, "kind", CriterionKind::ActionsDone),
            quantity: self.number(path, all, "quantity", Some(0)),
            text: self.text(path, all, "text", None),
        }
    }

    fn item(&mut self, path: &str, value: &Value) -> TemplateAgendaItemInput {
        let all = self.fields(path, value, &["title", "minutes", "purpose"]);
        TemplateAgendaItemInput {
            title: self.text(path, all, "title", None),
            minutes: self.number(path, all, "minutes", None),
            purpose: self.text(path, all, "purpose", Some("")),
        }
    }

    fn section(&mut self, path: &str, value: &Value) -> TemplateSectionInput {
        let known = ["key", "title", "prompt", "form", "minimum", "maximum", "needed"];
        let all = self.fields(path, value, &known);
        TemplateSectionInput {
            key: self.text_if(path, all, "key"),
            title: self.text(path, all, "title", None),
            prompt: self.text(path, all, "prompt", Some("")),
            form: self.one_of(path, all, "form", SectionForm::Text),
            minimum: self.number(path, all, "minimum", Some(1)),
            maximum: self.number(path, all, "maximum", None),
            needed: self.flag(path, all, "needed"),
        }
    }

    fn statement(&mut self, path: &str, value: &Value) -> TemplateStatementInput {
        let all = self.fields(path, value, &["key", "text", "low", "high", "core", "stage", "locked"]);
        TemplateStatementInput {
            text: self.text(path, all, "text", None),
            key: self.text_if(path, all, "key"),
            low: self.number(path, all, "low", Some(1)),
            high: self.number(path, all, "high", Some(5)),
            core: self.flag(path, all, "core"),
            stage: self.text_if(path, all, "stage"),
            locked: self.flag(path, all, "locked"),
        }
    }

    fn resource(&mut self, path: &str, value: &Value) -> TemplateResourceInput {
        let all = self.fields(path, value, &["title", "url", "kind", "stage", "locked"]);
        TemplateResourceInput {
            title: self.text(path, all, "title", None),
            url: self.text(path, all, "url", None),
            kind: self.one_of(path, all, "kind", ResourceKind::Guide),
            stage: self.text_if(path, all, "stage"),
            locked: self.flag(path, all, "locked"),
        }
    }

    /// Returns the fields of an object and refuses unknown fields.
    fn fields<'v>(&mut self, path: &str, value: &'v Value, known: &[&str]) -> ObjectFields<'v> {
        let Some(all) = value.as_object() else {
            self.wrong(path, message!(NOT_AN_OBJECT, "This must be an object."));
            return None;
        };
        for name in all.keys().filter(|name| !known.contains(&name.as_str())) {
            self.wrong(&format!("{path}.{name}"), message!(NO_SUCH_FIELD, "There is no such field."));
        }
        Some(all)
    }

    /// Reads each item of a list. A missing list is empty.
    fn each<T>(
        &mut self,
        path: &str,
        all: ObjectFields<'_>,
        name: &str,
        read: fn(&mut Self, &str, &Value) -> T,
    ) -> Vec<T> {
        let path = format!("{path}.{name}");
        match all.and_then(|all| all.get(name)) {
            None => vec![],
            Some(Value::Array(items)) => {
                let items = items.iter().enumerate();
                items.map(|(at, item)| read(self, &format!("{path}.{at}"), item)).collect()
            }
            Some(_) => {
                self.wrong(&path, message!(NOT_A_LIST, "This must be a list."));
                vec![]
            }
        }
    }

    fn text(&mut self, path: &str, all: ObjectFields<'_>, name: &str, missing: Option<&str>) -> String {
        let value = all.and_then(|all| all.get(name));
        match (value, missing) {
            (Some(Value::String(text)), _) => text.clone(),
            (None, Some(missing)) => missing.to_owned(),
            (value, _) => {
                let message = if value.is_some() {
                    message!(NOT_A_TEXT, "This must be text.")
                } else {
                    missing_message()
                };
                self.wrong(&format!("{path}.{name}"), message);
                String::new()
            }
        }
    }

    /// Reads a text that can be null or missing.
    fn text_if(&mut self, path: &str, all: ObjectFields<'_>, name: &str) -> Option<String> {
        all.and_then(|all| all.get(name)).filter(|value| !value.is_null())?;
        Some(self.text(path, all, name, None))
    }

    fn number(&mut self, path: &str, all: ObjectFields<'_>, name: &str, missing: Option<i32>) -> i32 {
        let value = all.and_then(|all| all.get(name));
        let number = value.and_then(Value::as_i64).and_then(|number| i32::try_from(number).ok());
        match (value, number, missing) {
            (_, Some(number), _) => number,
            (None, _, Some(missing)) => missing,
            (value, ..) => {
                let message = if value.is_some() {
                    message!(NOT_A_NUMBER, "This must be a whole number.")
                } else {
                    missing_message()
                };
                self.wrong(&format!("{path}.{name}"), message);
                0
            }
        }
    }

    /// Reads a flag. A missing flag is not set.
    fn flag(&mut self, path: &str, all: ObjectFields<'_>, name: &str) -> bool {
        match all.and_then(|all| all.get(name)) {
            None => false,
            Some(Value::Bool(on)) => *on,
            Some(_) => {
                self.wrong(&format!("{path}.{name}"), message!(NOT_A_FLAG, "This must be true or false."));
                false
            }
        }
    }

    fn one_of<T: Iterable + Serialize>(
        &mut self,
        path: &str,
        all: ObjectFields<'_>,
        name: &str,
        other: T,
    ) -> T {
        let spelt = |item: &T| serde_json::to_value(item).unwrap_or_default();
        let value = all.and_then(|all| all.get(name));
        if let Some(found) = T::iter().find(|item| Some(&spelt(item)) == value) {
            return found;
        }
        let known: Vec<String> =
            T::iter().filter_map(|item| spelt(&item).as_str().map(str::to_owned)).collect();
        let message = message!(
            NOT_ALLOWED,
            "`{field}` must be one of {allowed}.",
            field = name,
            allowed = known.join(", "),
        );
        self.wrong(&format!("{path}.{name}"), message);
        other
    }

    /// Adds a fault, unless a parent of the value is refused already.
    fn wrong(&mut self, path: &str, message: Message) {
        let refusal = Refusal::new(Code::Invalid, message).at(path);
        if !self.faults.iter().any(|fault| refusal.path.starts_with(&fault.path)) {
            self.faults.push(refusal);
        }
    }
}

/// Message for a missing field.
fn missing_message() -> Message {
    message!(MISSING, "This is missing. Add it.")
}
