//! The law of templates.

use super::plan::{OfStage, ResourcePlan, StagePlan, StatementPlan, VersionPlan};
use crate::kernel::{Code, Refusal};
use entity::{
    stage_criterion::CriterionKind,
    template_version::{self, TemplateStatus},
};
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
        SessionsHeld | PrioritiesCommitted | ActionsAccepted | DecisionsRatified | RoundsRevealed => 1..=1000,
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

/// Whether the caller writes this template: head office the network's, a franchise's owner the franchise's.
pub fn authored(writes: bool, of_franchise: bool) -> Result<(), Refusal> {
    let message = match (writes, of_franchise) {
        (true, _) => return Ok(()),
        (false, true) => "The owner of the franchise writes this template.",
        (false, false) => "Head office writes this template. Derive one of your own from it.",
    };
    Err(Refusal::new(Code::NotOwner, message).at("input.id"))
}

/// Whether a franchise can derive a template from a version.
pub fn derivable(version: &template_version::Model) -> Result<(), Refusal> {
    let message = match (version.franchise_id, version.status) {
        (None, TemplateStatus::Published) => return Ok(()),
        (Some(_), _) => "This is a franchise's template. Derive from the network's.",
        (None, TemplateStatus::Draft) => "The version is a draft, which may still change.",
        (None, TemplateStatus::Retired) => "The version is retired. Take a later one.",
    };
    Err(Refusal::new(Code::WrongState, message).at("input.templateVersionId"))
}

/// Whether the draft of a template can derive from another version than the one before did.
pub fn rebasable(
    before: Option<&template_version::Model>,
    to: &template_version::Model,
) -> Result<(), Refusal> {
    let message = match before {
        None => "Only a franchise's template derives from another.",
        Some(before) if before.template_id != to.template_id => "This is a version of another template.",
        Some(_) if to.status != TemplateStatus::Published => "The version to derive from must be published.",
        Some(_) => return Ok(()),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.ancestorId"))
}

/// A part that head office can lock.
trait Lockable: Clone + PartialEq {
    fn key(&self) -> &str;
    /// Whether both say the same. That a stage is gone changes nothing of what belonged to it.
    fn says_as(&self, other: &Self) -> bool;
    fn named(&self) -> String;
    fn locked(&mut self) -> &mut bool;
    fn is_locked(&self) -> bool;
}

macro_rules! lockable {
    ($($part:ident: $key:ident, $what:literal, $name:ident $(, but $loose:ident)?;)*) => {
        $(impl Lockable for $part {
            fn key(&self) -> &str {
                &self.$key
            }
            fn says_as(&self, other: &Self) -> bool {
                *self == $part { $($loose: self.$loose.clone(),)? ..other.clone() }
            }
            fn named(&self) -> String {
                format!(concat!("The ", $what, " “{}”"), self.$name)
            }
            fn locked(&mut self) -> &mut bool {
                &mut self.locked
            }
            fn is_locked(&self) -> bool {
                self.locked
            }
        })*
    };
}

lockable! {
    StagePlan: key, "stage", title;
    StatementPlan: key, "statement", text, but stage;
    ResourcePlan: url, "resource", title, but stage;
}

/// A plan with the locks that its ancestor has, and no others: head office alone locks.
pub fn locked_as(mut plan: VersionPlan, ancestor: &VersionPlan) -> VersionPlan {
    fn take<P: Lockable>(parts: &mut [P], ancestors: &[P]) {
        for part in parts {
            *part.locked() = ancestors.iter().any(|other| other.is_locked() && other.key() == part.key());
        }
    }
    plan.limits_locked = ancestor.limits_locked;
    plan.cadence_locked = ancestor.cadence_locked;
    take(&mut plan.stages, &ancestor.stages);
    take(&mut plan.questionnaire, &ancestor.questionnaire);
    take(&mut plan.resources, &ancestor.resources);
    plan
}

/// Whether a plan leaves what its ancestor locks as it is, and the locked ones of a list in their order. The refusal
/// names each part that it does not, `at` the path of its list.
pub fn locks_kept(
    ancestor: &VersionPlan,
    plan: &VersionPlan,
    at: impl Fn(&str) -> String,
) -> Result<(), Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut refuse = |what: String, list: &str| {
        let message = format!("{what} is locked by head office, and must stay as it is.");
        refusals.push(Refusal::new(Code::Locked, message).at(&at(list)));
    };
    fn lost<P: Lockable>(ancestors: &[P], parts: &[P]) -> Vec<String> {
        let locked = ancestors.iter().filter(|part| part.is_locked());
        let mut from = 0;
        let mut lost = Vec::new();
        for part in locked {
            match parts.iter().position(|other| other.says_as(part)) {
                Some(place) if place >= from => from = place,
                _ => lost.push(part.named()),
            }
        }
        lost
    }
    if ancestor.limits_locked && ancestor.places != plan.places {
        refuse("The limit of priorities".into(), "prioritiesPerTeam");
    }
    if ancestor.cadence_locked && ancestor.cadence_days != plan.cadence_days {
        refuse("The days between reviews".into(), "cadenceDays");
    }
    lost(&ancestor.stages, &plan.stages).into_iter().for_each(|what| refuse(what, "stages"));
    lost(&ancestor.questionnaire, &plan.questionnaire)
        .into_iter()
        .for_each(|what| refuse(what, "statements"));
    lost(&ancestor.resources, &plan.resources).into_iter().for_each(|what| refuse(what, "resources"));
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}

/// A plan as it is once it derives from this version: its locked parts take their places, the rest stays.
pub fn rebased(mut plan: VersionPlan, ancestor: &VersionPlan) -> VersionPlan {
    fn merge<P: Lockable>(own: Vec<P>, ancestors: &[P]) -> Vec<P> {
        let locked = |part: &P| ancestors.iter().any(|other| other.is_locked() && other.key() == part.key());
        let mut parts: Vec<P> = own.into_iter().filter(|part| !locked(part)).collect();
        // each at its own place, so that they keep their order
        for (place, part) in ancestors.iter().enumerate().filter(|(_, part)| part.is_locked()) {
            parts.insert(place.min(parts.len()), part.clone());
        }
        parts
    }
    if ancestor.limits_locked {
        plan.places = ancestor.places;
    }
    if ancestor.cadence_locked {
        plan.cadence_days = ancestor.cadence_days;
    }
    plan.stages = merge(plan.stages, &ancestor.stages);
    let keys: Vec<String> = plan.stages.iter().map(|stage| stage.key.clone()).collect();
    plan.questionnaire = kept_at(merge(plan.questionnaire, &ancestor.questionnaire), &keys);
    plan.resources = kept_at(merge(plan.resources, &ancestor.resources), &keys);
    locked_as(plan, ancestor)
}
