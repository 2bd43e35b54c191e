//! Content of a template version without IDs and positions. Versions are loaded, compared and saved as a whole.

use super::stratpro::Blueprint;
use crate::features::priority::limits::PriorityLimits;
use entity::{
    stage_criterion::CriterionKind, strategy_section::SectionForm, template_resource::ResourceKind,
};

/// Content of a version. Franchises that derive from it cannot change the locked parts.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionPlan {
    pub limits: PriorityLimits,
    pub limits_locked: bool,
    pub cadence_days: i32,
    pub cadence_locked: bool,
    pub stages: Vec<StagePlan>,
    pub questionnaire: Vec<StatementPlan>,
    pub resources: Vec<ResourcePlan>,
}

/// A stage.
#[derive(Clone, Debug, PartialEq)]
pub struct StagePlan {
    pub key: String,
    pub title: String,
    pub purpose: String,
    pub planned_days: i32,
    pub locked: bool,
    pub criteria: Vec<CriterionPlan>,
    pub agenda: Vec<AgendaPlan>,
    pub sections: Vec<SectionPlan>,
}

/// An exit criterion.
#[derive(Clone, Debug, PartialEq)]
pub struct CriterionPlan {
    pub kind: CriterionKind,
    pub quantity: i32,
    pub text: String,
}

/// An agenda item.
#[derive(Clone, Debug, PartialEq)]
pub struct AgendaPlan {
    pub title: String,
    pub minutes: i32,
    pub purpose: String,
}

/// A section of the strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct SectionPlan {
    pub key: String,
    pub title: String,
    pub prompt: String,
    pub form: SectionForm,
    /// Bounds of the characters of a text, otherwise of the number of items.
    pub minimum: i32,
    pub maximum: i32,
    /// Whether the stage is passed only with a ratified version.
    pub needed: bool,
}

/// A statement of the questionnaire.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementPlan {
    pub key: String,
    pub text: String,
    pub low: i32,
    pub high: i32,
    pub core: bool,
    /// Key of the stage that the part belongs to, if any.
    pub stage: Option<String>,
    pub locked: bool,
}

/// A resource.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourcePlan {
    pub title: String,
    pub url: String,
    pub kind: ResourceKind,
    /// Key of the stage that the part belongs to, if any.
    pub stage: Option<String>,
    pub locked: bool,
}

/// A part that can belong to a stage.
pub trait StagePart {
    fn stage(&mut self) -> &mut Option<String>;
}

impl StagePart for StatementPlan {
    fn stage(&mut self) -> &mut Option<String> {
        &mut self.stage
    }
}
impl StagePart for ResourcePlan {
    fn stage(&mut self) -> &mut Option<String> {
        &mut self.stage
    }
}

impl Default for VersionPlan {
    /// An empty version with the default limits and a review every 14 days.
    fn default() -> Self {
        VersionPlan {
            limits: PriorityLimits::default(),
            limits_locked: false,
            cadence_days: 14,
            cadence_locked: false,
            stages: vec![],
            questionnaire: vec![],
            resources: vec![],
        }
    }
}

impl VersionPlan {
    /// The plan of a built-in programme. Its statements are answered from 1 to 5, and the core ones are locked.
    pub fn of(blueprint: &Blueprint) -> VersionPlan {
        let stages = blueprint.stages.iter().map(|stage| StagePlan {
            key: stage.key.into(),
            title: stage.title.into(),
            purpose: stage.purpose.into(),
            planned_days: stage.planned_days,
            locked: false,
            criteria: stage
                .criteria
                .iter()
                .map(|criterion| CriterionPlan {
                    kind: criterion.kind,
                    quantity: criterion.quantity,
                    text: criterion.text.into(),
                })
                .collect(),
            agenda: stage
                .agenda
                .iter()
                .map(|item| AgendaPlan {
                    title: item.title.into(),
                    minutes: item.minutes,
                    purpose: item.purpose.into(),
                })
                .collect(),
            sections: stage
                .sections
                .iter()
                .map(|section| SectionPlan {
                    key: section.key.into(),
                    title: section.title.into(),
                    prompt: section.prompt.into(),
                    form: section.form,
                    minimum: section.minimum,
                    maximum: section.maximum,
                    needed: false,
                })
                .collect(),
        });
        let questionnaire = blueprint.questionnaire.iter().map(|statement| StatementPlan {
            key: statement.key.into(),
            text: statement.text.into(),
            low: 1,
            high: 5,
            core: statement.core,
            stage: statement.stage.map(str::to_owned),
            // core statements are the same everywhere, so that alignment can be compared
            locked: statement.core,
        });
        let resources = blueprint.resources.iter().map(|resource| ResourcePlan {
            title: resource.title.into(),
            url: resource.url.into(),
            kind: resource.kind,
            stage: resource.stage.map(str::to_owned),
            locked: false,
        });
        VersionPlan {
            limits: PriorityLimits {
                team: blueprint.priorities_per_team,
                leader: blueprint.priorities_per_leader,
            },
            limits_locked: false,
            cadence_days: blueprint.cadence_days,
            cadence_locked: false,
            stages: stages.collect(),
            questionnaire: questionnaire.collect(),
            resources: resources.collect(),
        }
    }

    /// Returns the position of a stage, counted from 1, by its key.
    pub fn stage_position(&self, key: Option<&String>) -> Option<i32> {
        let at = self.stages.iter().position(|stage| Some(&stage.key) == key)?;
        i32::try_from(at + 1).ok()
    }
}
