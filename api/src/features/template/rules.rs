//! The law of templates.

use super::plan::{OfStage, VersionPlan};
use crate::kernel::{Code, Refusal};
use entity::{stage_criterion::CriterionKind, template_version::TemplateStatus};
use std::{collections::BTreeSet, ops::RangeInclusive};

/// Stages that a version may have.
pub const STAGES: usize = 20;
/// Exit criteria that a stage may have.
pub const CRITERIA: usize = 20;
/// Items that a stage's agenda may have.
pub const AGENDA: usize = 30;
/// Statements that a questionnaire may have.
pub const STATEMENTS: usize = 60;
/// Resources that a version may have.
pub const RESOURCES: usize = 60;
/// Versions that a template may have: what keeps the list of them short enough to read whole.
pub const VERSIONS: usize = 100;

/// What can be done to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Change,
    Publish,
    Retire,
}

/// The status a version has after a step, where its status allows the step.
pub fn next(status: TemplateStatus, step: Step) -> Result<TemplateStatus, Refusal> {
    use TemplateStatus::*;
    let to = match (status, step) {
        (Draft, Step::Change) => Draft,
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
        (Published, Step::Change) => "A published version never changes. Begin a new draft.",
        (Published, _) => "The version is published already.",
        (Retired, Step::Change) => "A retired version never changes. Begin a new draft.",
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

/// Whether a version that says this can be published.
pub fn publishable(plan: &VersionPlan) -> Result<(), Vec<Refusal>> {
    let stages = &plan.stages;
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
    if !plan.questionnaire.is_empty() && !plan.questionnaire.iter().any(|statement| statement.core) {
        refuse("No statement of the questionnaire is core: no alignment could be told.".into());
    }
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}

/// What is said of a second part with the same key.
pub const SAME_KEY: &str = "Another one has this key already.";
/// Characters that a key may have.
const KEY: usize = 40;

/// Whether this can be a key: small letters, digits, and hyphens between them.
pub fn is_key(key: &str) -> bool {
    let inner = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    (1..=KEY).contains(&key.len()) && key.chars().all(inner) && !key.starts_with('-') && !key.ends_with('-')
}

/// The key that a text suggests: its first words, as many as fit.
pub fn key_of(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut key = String::new();
    for word in words {
        let word = &word[..word.len().min(KEY)];
        if !key.is_empty() {
            if key.len() + 1 + word.len() > KEY {
                break;
            }
            key.push('-');
        }
        key.push_str(word);
    }
    key
}

/// Whether a resource can be at this address: https, at a host, and nothing of a sign-in in it.
pub fn linkable(url: &str) -> bool {
    let host = url.parse::<hyper::Uri>().ok().filter(|uri| uri.scheme_str() == Some("https"));
    let authority = host.as_ref().and_then(hyper::Uri::authority);
    authority.is_some_and(|authority| !authority.host().is_empty() && !authority.as_str().contains('@'))
}

/// Parts as they are once the version has these stages: what belonged to another belongs to none.
pub fn kept_at<P: OfStage>(mut parts: Vec<P>, keys: &[String]) -> Vec<P> {
    for part in &mut parts {
        let stage = part.stage();
        if stage.as_ref().is_some_and(|key| !keys.contains(key)) {
            *stage = None;
        }
    }
    parts
}
