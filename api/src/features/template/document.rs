//! A template version as one JSON document, to be carried elsewhere and back. Written, it always looks the same, so that
//! what is written, read and written again is the same to the byte. `document.schema.json` describes it.

use super::{
    input::{
        self, AgendaTemplateItemInput, QuestionnaireStatementInput, StageCriterionInput,
        TemplateResourceInput, TemplateStageInput, TemplateStagesSetInput,
    },
    plan::VersionPlan,
};
use crate::kernel::{Check, Code, Error, Refusal};
use entity::{stage_criterion::CriterionKind, template_resource::ResourceKind};
use sea_orm::Iterable;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The JSON Schema of a document.
pub const SCHEMA: &str = include_str!("document.schema.json");
/// What a document says first: that it is one, and of which form.
pub const FORMAT: &str = "concord-template/1";
/// Bytes that a document may have.
pub const SIZE: usize = 200_000;

/// A document that was read.
pub struct Document {
    pub name: String,
    pub summary: String,
    pub plan: VersionPlan,
}

/// The document of a version.
pub fn written(name: &str, summary: &str, plan: &VersionPlan) -> Option<String> {
    let mut document = json!({ "format": FORMAT, "name": name, "summary": summary });
    if let (Value::Object(all), Value::Object(said)) = (&mut document, value(plan)) {
        all.extend(said);
    }
    serde_json::to_string_pretty(&document).ok().map(|text| text + "\n")
}

/// What a version says, as a value.
pub fn value(plan: &VersionPlan) -> Value {
    let stages = plan.stages.iter().map(|stage| {
        let criteria = stage.criteria.iter().map(|criterion| {
            json!({ "kind": criterion.kind, "quantity": criterion.quantity, "text": criterion.text })
        });
        let agenda = stage
            .agenda
            .iter()
            .map(|item| json!({ "title": item.title, "minutes": item.minutes, "purpose": item.purpose }));
        json!({
            "key": stage.key,
            "title": stage.title,
            "purpose": stage.purpose,
            "plannedDays": stage.planned_days,
            "locked": stage.locked,
            "criteria": criteria.collect::<Vec<_>>(),
            "agenda": agenda.collect::<Vec<_>>(),
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
        "prioritiesPerTeam": plan.places.team,
        "prioritiesPerLeader": plan.places.leader,
        "limitsLocked": plan.limits_locked,
        "cadenceDays": plan.cadence_days,
        "cadenceLocked": plan.cadence_locked,
        "stages": stages.collect::<Vec<_>>(),
        "questionnaire": questionnaire.collect::<Vec<_>>(),
        "resources": resources.collect::<Vec<_>>(),
    })
}

/// Reads a document, or names all that is wrong with it, each below `path` at its place in the document.
pub fn read(path: &str, text: &str) -> Result<Document, Error> {
    let mut check = Check::new();
    check.refuse_if(text.len() > SIZE, Code::Invalid, path, "A document has at most 200,000 bytes.");
    check.done()?;
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return Err(Refusal::new(Code::Invalid, "This is no JSON.").at(path).into());
    };
    let mut check = Check::new();
    let mut reader = Reader { faults: vec![] };
    let (name, summary, given, statements, resources) = reader.document(path, &value);
    let mut plan = input::staged(&mut check, path, &given);
    plan.questionnaire =
        input::asked(&mut check, &format!("{path}.questionnaire"), &statements, &plan.stages);
    plan.resources = input::listed(&mut check, &format!("{path}.resources"), &resources, &plan.stages);
    let name = check.line(&format!("{path}.name"), &name, 1..=100);
    let summary = check.text(&format!("{path}.summary"), &summary, 0..=2000);
    // what has another type than it must have is not told again for the value it was read as
    let mut faults = reader.faults;
    let shapes = faults.len();
    for refusal in check.refusals() {
        if !faults[..shapes].iter().any(|fault| refusal.path.starts_with(&fault.path)) {
            faults.push(refusal);
        }
    }
    if faults.is_empty() { Ok(Document { name, summary, plan }) } else { Err(faults.into()) }
}

/// Turns a document's values into what mutations are given, and names what has another type.
struct Reader {
    faults: Vec<Refusal>,
}

/// The fields of an object, where it is one.
type Fields<'v> = Option<&'v Map<String, Value>>;

impl Reader {
    fn document(
        &mut self,
        path: &str,
        value: &Value,
    ) -> (String, String, TemplateStagesSetInput, Vec<QuestionnaireStatementInput>, Vec<TemplateResourceInput>)
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
        if !format.is_empty() && format != FORMAT {
            self.wrong(&format!("{path}.format"), "This must be “concord-template/1”.");
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
        let known = ["key", "title", "purpose", "plannedDays", "locked", "criteria", "agenda"];
        let all = self.fields(path, value, &known);
        TemplateStageInput {
            title: self.text(path, all, "title", None),
            purpose: self.text(path, all, "purpose", Some("")),
            planned_days: self.number(path, all, "plannedDays", None),
            criteria: self.each(path, all, "criteria", Self::criterion),
            key: self.text_if(path, all, "key"),
            locked: self.flag(path, all, "locked"),
            agenda: self.each(path, all, "agenda", Self::item),
        }
    }

    fn criterion(&mut self, path: &str, value: &Value) -> StageCriterionInput {
        let all = self.fields(path, value, &["kind", "quantity", "text"]);
        StageCriterionInput {
            kind: self.one_of(path, all, "kind", CriterionKind::ActionsDone),
            quantity: self.number(path, all, "quantity", Some(0)),
            text: self.text(path, all, "text", None),
        }
    }

    fn item(&mut self, path: &str, value: &Value) -> AgendaTemplateItemInput {
        let all = self.fields(path, value, &["title", "minutes", "purpose"]);
        AgendaTemplateItemInput {
            title: self.text(path, all, "title", None),
            minutes: self.number(path, all, "minutes", None),
            purpose: self.text(path, all, "purpose", Some("")),
        }
    }

    fn statement(&mut self, path: &str, value: &Value) -> QuestionnaireStatementInput {
        let all = self.fields(path, value, &["key", "text", "low", "high", "core", "stage", "locked"]);
        QuestionnaireStatementInput {
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

    /// The fields of an object; those that it must not have are named.
    fn fields<'v>(&mut self, path: &str, value: &'v Value, known: &[&str]) -> Fields<'v> {
        let Some(all) = value.as_object() else {
            self.wrong(path, "This must be an object.");
            return None;
        };
        for name in all.keys().filter(|name| !known.contains(&name.as_str())) {
            self.wrong(&format!("{path}.{name}"), "There is no such field.");
        }
        Some(all)
    }

    /// Each item of a list, read. A list that is left out is empty.
    fn each<T>(
        &mut self,
        path: &str,
        all: Fields<'_>,
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
                self.wrong(&path, "This must be a list.");
                vec![]
            }
        }
    }

    fn text(&mut self, path: &str, all: Fields<'_>, name: &str, missing: Option<&str>) -> String {
        let value = all.and_then(|all| all.get(name));
        match (value, missing) {
            (Some(Value::String(text)), _) => text.clone(),
            (None, Some(missing)) => missing.to_owned(),
            (value, _) => {
                let message = if value.is_some() { "This must be text." } else { MISSING };
                self.wrong(&format!("{path}.{name}"), message);
                String::new()
            }
        }
    }

    /// A text that may be null or left out.
    fn text_if(&mut self, path: &str, all: Fields<'_>, name: &str) -> Option<String> {
        all.and_then(|all| all.get(name)).filter(|value| !value.is_null())?;
        Some(self.text(path, all, name, None))
    }

    fn number(&mut self, path: &str, all: Fields<'_>, name: &str, missing: Option<i32>) -> i32 {
        let value = all.and_then(|all| all.get(name));
        let number = value.and_then(Value::as_i64).and_then(|number| i32::try_from(number).ok());
        match (value, number, missing) {
            (_, Some(number), _) => number,
            (None, _, Some(missing)) => missing,
            (value, ..) => {
                let message = if value.is_some() { "This must be a whole number." } else { MISSING };
                self.wrong(&format!("{path}.{name}"), message);
                0
            }
        }
    }

    /// A flag; left out, it is not set.
    fn flag(&mut self, path: &str, all: Fields<'_>, name: &str) -> bool {
        match all.and_then(|all| all.get(name)) {
            None => false,
            Some(Value::Bool(on)) => *on,
            Some(_) => {
                self.wrong(&format!("{path}.{name}"), "This must be true or false.");
                false
            }
        }
    }

    fn one_of<T: Iterable + Serialize>(&mut self, path: &str, all: Fields<'_>, name: &str, other: T) -> T {
        let spelt = |item: &T| serde_json::to_value(item).unwrap_or_default();
        let value = all.and_then(|all| all.get(name));
        if let Some(found) = T::iter().find(|item| Some(&spelt(item)) == value) {
            return found;
        }
        let known: Vec<String> =
            T::iter().filter_map(|item| spelt(&item).as_str().map(str::to_owned)).collect();
        self.wrong(&format!("{path}.{name}"), &format!("This must be one of {}.", known.join(", ")));
        other
    }

    /// Names a fault; below one that is named already there is nothing to tell.
    fn wrong(&mut self, path: &str, message: &str) {
        let refusal = Refusal::new(Code::Invalid, message).at(path);
        if !self.faults.iter().any(|fault| refusal.path.starts_with(&fault.path)) {
            self.faults.push(refusal);
        }
    }
}

const MISSING: &str = "This is missing.";
