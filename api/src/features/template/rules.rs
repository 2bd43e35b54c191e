//! Rules of templates.

use super::plan::{ResourcePlan, StagePart, StagePlan, StatementPlan, VersionPlan};
use crate::{
    kernel::{Code, Message, Refusal},
    message,
};
use entity::{
    stage_criterion::CriterionKind,
    strategy_section::SectionForm,
    template_version::{self, TemplateStatus},
};
use std::{collections::BTreeSet, ops::RangeInclusive};

/// Maximum number of stages of a version.
pub const MAX_STAGES: usize = 20;
/// Maximum number of exit criteria of a stage.
pub const MAX_CRITERIA: usize = 20;
/// Maximum number of agenda items of a stage.
pub const MAX_AGENDA_ITEMS: usize = 30;
/// Maximum number of sections of a stage.
pub const MAX_SECTIONS: usize = 10;
/// Maximum number of statements of a questionnaire.
pub const MAX_STATEMENTS: usize = 60;
/// Maximum number of resources of a version.
pub const MAX_RESOURCES: usize = 60;
/// Maximum number of versions of a template. The list stays short enough to be read whole.
pub const MAX_VERSIONS: usize = 100;

/// Step that changes a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Change,
    Publish,
    Retire,
}

/// Returns the status after a step, or refuses the step.
pub fn next_status(status: TemplateStatus, step: Step) -> Result<TemplateStatus, Refusal> {
    use TemplateStatus::*;
    let to = match (status, step) {
        (Draft, Step::Change) => Draft,
        (Draft, Step::Publish) => Published,
        (Published, Step::Retire) => Retired,
        _ => return Err(Refusal::new(Code::WrongState, refusal_message(status, step)).at("input.id")),
    };
    Ok(to)
}

fn refusal_message(status: TemplateStatus, step: Step) -> Message {
    use TemplateStatus::*;
    match (status, step) {
        (Draft, _) => message!(
            DRAFT_NOT_RETIRED,
            "The version is a draft: no programme can start on it, so there is nothing to retire."
        ),
        (Published, Step::Change) => {
            message!(VERSION_PUBLISHED, "A published version never changes. Begin a new draft.")
        }
        (Published, _) => message!(VERSION_PUBLISHED_ALREADY, "The version is published already."),
        (Retired, Step::Change) => {
            message!(VERSION_RETIRED, "A retired version never changes. Begin a new draft.")
        }
        (Retired, Step::Publish) => {
            message!(VERSION_IS_RETIRED, "The version is retired. Begin a new draft.")
        }
        (Retired, Step::Retire) => message!(VERSION_RETIRED_ALREADY, "The version is retired already."),
    }
}

/// Requires that a template can have another draft, given the statuses of its versions.
pub fn require_draftable(versions: &[TemplateStatus]) -> Result<(), Refusal> {
    if versions.contains(&TemplateStatus::Draft) {
        let message =
            message!(DRAFT_EXISTS, "The template has a draft already. Publish that one first, or change it.");
        return Err(Refusal::new(Code::WrongState, message).at("input.id"));
    }
    if versions.len() < MAX_VERSIONS {
        return Ok(());
    }
    let message = message!(
        VERSIONS_PER_TEMPLATE,
        "A template has at most {max} versions. Create a new template.",
        max = MAX_VERSIONS,
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.id"))
}

/// Returns the allowed quantities of a criterion kind.
pub fn allowed_quantities(kind: CriterionKind) -> RangeInclusive<i32> {
    use CriterionKind::*;
    match kind {
        Confirmed => 0..=0,
        SessionsHeld | PrioritiesCommitted | ActionsAccepted | DecisionsRatified | RoundsRevealed => 1..=1000,
        // zero is allowed: no open action is enough
        ActionsDone => 0..=1000,
    }
}

/// Returns the largest number of characters of a text, otherwise of items, that a section can allow.
pub fn largest_maximum(form: SectionForm) -> i32 {
    if form == SectionForm::Text { 4_000 } else { 50 }
}

/// Requires that a version with this content can be published.
pub fn require_publishable(plan: &VersionPlan) -> Result<(), Vec<Refusal>> {
    let stages = &plan.stages;
    let mut refusals = Vec::new();
    let mut refuse = |message: Message| refusals.push(Refusal::new(Code::WrongState, message).at("input.id"));
    if stages.is_empty() {
        refuse(message!(NO_STAGES, "The version has no stages yet. Set them first."));
    }
    let mut keys = BTreeSet::new();
    for section in stages.iter().flat_map(|stage| &stage.sections) {
        if !keys.insert(&section.key) {
            refuse(message!(
                SAME_SECTION_KEY,
                "Two sections have the key “{key}”. Change one of the keys.",
                key = section.key,
            ));
        }
    }
    let mut titles = BTreeSet::new();
    for stage in stages {
        if !titles.insert(stage.title.to_lowercase()) {
            refuse(message!(
                SAME_STAGE_TITLE,
                "Two stages have the title “{stage}”. Change one of the titles.",
                stage = stage.title,
            ));
        }
        if stage.criteria.is_empty() {
            refuse(message!(
                NO_CRITERIA,
                "The stage “{stage}” has no exit criteria. Add one first.",
                stage = stage.title,
            ));
        }
    }
    if !plan.questionnaire.is_empty() && !plan.questionnaire.iter().any(|statement| statement.core) {
        refuse(message!(
            NO_CORE_STATEMENT,
            "No statement of the questionnaire is core, so alignment could not be measured. Make one core first."
        ));
    }
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}

/// Message for a second part with the same key.
pub fn same_key_message() -> Message {
    message!(SAME_KEY, "Another one has this key already. Choose another key.")
}
/// Maximum number of characters of a key.
pub const MAX_KEY: usize = 40;

/// Whether a text is a valid key: small letters, digits, and hyphens between them.
pub fn is_key(key: &str) -> bool {
    let inner = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    (1..=MAX_KEY).contains(&key.len())
        && key.chars().all(inner)
        && !key.starts_with('-')
        && !key.ends_with('-')
}

/// Derives a key from a text: its first words, as many as fit.
pub fn key_of(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut key = String::new();
    for word in words {
        let word = &word[..word.len().min(MAX_KEY)];
        if !key.is_empty() {
            if key.len() + 1 + word.len() > MAX_KEY {
                break;
            }
            key.push('-');
        }
        key.push_str(word);
    }
    key
}

/// Whether an address is valid for a resource: https, with a host and without a user.
pub fn is_https_address(url: &str) -> bool {
    let host = url.parse::<hyper::Uri>().ok().filter(|uri| uri.scheme_str() == Some("https"));
    let authority = host.as_ref().and_then(hyper::Uri::authority);
    authority.is_some_and(|authority| !authority.host().is_empty() && !authority.as_str().contains('@'))
}

/// Removes the links to stages that the version does not have.
pub fn clear_missing_stages<P: StagePart>(mut parts: Vec<P>, keys: &[String]) -> Vec<P> {
    for part in &mut parts {
        let stage = part.stage();
        if stage.as_ref().is_some_and(|key| !keys.contains(key)) {
            *stage = None;
        }
    }
    parts
}

/// Requires that the caller is the author of a template: head office for the network's, the owner for a franchise's.
pub fn require_author(writes: bool, of_franchise: bool) -> Result<(), Refusal> {
    let message = match (writes, of_franchise) {
        (true, _) => return Ok(()),
        (false, true) => {
            message!(TEMPLATE_OF_FRANCHISE_OWNER, "The owner of the franchise writes this template.")
        }
        (false, false) => message!(
            TEMPLATE_OF_HEAD_OFFICE,
            "Head office writes this template. Derive one of your own from it."
        ),
    };
    Err(Refusal::new(Code::NotOwner, message).at("input.id"))
}

/// Requires that a franchise can derive a template from a version.
pub fn require_derivable(version: &template_version::Model) -> Result<(), Refusal> {
    let message = match (version.franchise_id, version.status) {
        (None, TemplateStatus::Published) => return Ok(()),
        (Some(_), _) => {
            message!(TEMPLATE_OF_FRANCHISE, "This is a franchise's template. Derive from the network's.")
        }
        (None, TemplateStatus::Draft) => {
            message!(VERSION_IS_DRAFT, "The version is a draft. Choose a published one.")
        }
        (None, TemplateStatus::Retired) => {
            message!(VERSION_IS_RETIRED, "The version is retired. Take a later one.")
        }
    };
    Err(Refusal::new(Code::WrongState, message).at("input.templateVersionId"))
}

/// Requires that a template's draft can derive from another ancestor than the version before.
pub fn require_rebasable(
    before: Option<&template_version::Model>,
    to: &template_version::Model,
) -> Result<(), Refusal> {
    let message = match before {
        None => message!(
            TEMPLATE_NOT_DERIVED,
            "Only a franchise's template derives from another. This template has no version to derive from."
        ),
        Some(before) if before.template_id != to.template_id => {
            message!(
                VERSION_OF_ANOTHER_TEMPLATE,
                "This version belongs to another template. Choose one of the same template."
            )
        }
        Some(_) if to.status != TemplateStatus::Published => {
            message!(
                VERSION_NOT_PUBLISHED,
                "The version to derive from must be published. Choose a published one."
            )
        }
        Some(_) => return Ok(()),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.ancestorId"))
}

/// A part that head office can lock.
trait Lockable: Clone + PartialEq {
    fn key(&self) -> &str;
    /// Whether both parts have the same content. A removed link to a stage does not count.
    fn has_content_of(&self, other: &Self) -> bool;
    fn describe(&self) -> String;
    fn locked(&mut self) -> &mut bool;
    fn is_locked(&self) -> bool;
}

macro_rules! lockable {
    ($($part:ident: $key:ident, $what:literal, $name:ident $(, but $loose:ident)?;)*) => {
        $(impl Lockable for $part {
            fn key(&self) -> &str {
                &self.$key
            }
            fn has_content_of(&self, other: &Self) -> bool {
                *self == $part { $($loose: self.$loose.clone(),)? ..other.clone() }
            }
            fn describe(&self) -> String {
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

/// Returns a plan with exactly the locks of its ancestor, because only head office locks parts.
pub fn copy_locks(mut plan: VersionPlan, ancestor: &VersionPlan) -> VersionPlan {
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

/// Requires that a plan keeps the parts that its ancestor locks, in their order. The refusals name each changed part,
/// with the path that `at` gives its list.
pub fn require_locks_kept(
    ancestor: &VersionPlan,
    plan: &VersionPlan,
    at: impl Fn(&str) -> String,
) -> Result<(), Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut refuse = |what: String, list: &str| {
        let message =
            message!(LOCKED_PART, "{part} is locked by head office, and must stay as it is.", part = what);
        refusals.push(Refusal::new(Code::Locked, message).at(&at(list)));
    };
    fn lost<P: Lockable>(ancestors: &[P], parts: &[P]) -> Vec<String> {
        let locked = ancestors.iter().filter(|part| part.is_locked());
        let mut from = 0;
        let mut lost = Vec::new();
        for part in locked {
            match parts.iter().position(|other| other.has_content_of(part)) {
                Some(place) if place >= from => from = place,
                _ => lost.push(part.describe()),
            }
        }
        lost
    }
    if ancestor.limits_locked && ancestor.limits != plan.limits {
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

/// Returns a plan that derives from a new ancestor: locked parts are taken from the ancestor, and all other parts stay.
pub fn rebase(mut plan: VersionPlan, ancestor: &VersionPlan) -> VersionPlan {
    fn merge<P: Lockable>(own: Vec<P>, ancestors: &[P]) -> Vec<P> {
        let locked = |part: &P| ancestors.iter().any(|other| other.is_locked() && other.key() == part.key());
        let mut parts: Vec<P> = own.into_iter().filter(|part| !locked(part)).collect();
        // each at its own position, to keep the order
        for (place, part) in ancestors.iter().enumerate().filter(|(_, part)| part.is_locked()) {
            parts.insert(place.min(parts.len()), part.clone());
        }
        parts
    }
    if ancestor.limits_locked {
        plan.limits = ancestor.limits;
    }
    if ancestor.cadence_locked {
        plan.cadence_days = ancestor.cadence_days;
    }
    plan.stages = merge(plan.stages, &ancestor.stages);
    let keys: Vec<String> = plan.stages.iter().map(|stage| stage.key.clone()).collect();
    plan.questionnaire = clear_missing_stages(merge(plan.questionnaire, &ancestor.questionnaire), &keys);
    plan.resources = clear_missing_stages(merge(plan.resources, &ancestor.resources), &keys);
    copy_locks(plan, ancestor)
}
