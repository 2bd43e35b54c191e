//! What a network to make is like, and the parts of it that are drawn before its clients.

use super::{
    calendar::At,
    story::{Line, Outlook},
    vocabulary::{industries::Industry, places::Region},
};
use crate::kernel::Zone;
use entity::{
    Id, agenda_template_item, client, client::SizeBand, franchise, membership, person,
    questionnaire_statement, region, stage_criterion, stage_criterion::CriterionKind, team,
    template_resource, template_section, template_stage, template_version,
};

/// What kind of network to make.
#[derive(Clone)]
pub struct Sketch {
    pub name: String,
    pub seed: u64,
    pub now: At,
    pub months: u32,
    pub franchises: u32,
    pub facilitators: u32,
    pub clients: u32,
    pub shape: NetworkShape,
}

/// How much each client has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkShape {
    /// As much as its time with the network brings.
    Grown,
    /// The same for all: 8 members, 5 priorities, 60 actions, 12 sessions.
    Even,
}

/// A franchise and who works in it.
pub struct Practice {
    pub franchise: Id<franchise::Entity>,
    pub region: Id<region::Entity>,
    pub place: &'static Region,
    pub facilitators: Vec<Id<person::Entity>>,
}

/// A stage of the template.
pub struct PlannedStage {
    pub id: Id<template_stage::Entity>,
    pub criteria: Vec<(Id<stage_criterion::Entity>, CriterionKind, i32)>,
}

/// A client to come.
pub struct Card {
    pub client: Id<client::Entity>,
    pub team: Id<team::Entity>,
    pub name: String,
    pub industry: &'static Industry,
    pub size: SizeBand,
    pub zone: Zone,
    pub practice: usize,
    pub lead: Id<person::Entity>,
    pub outlook: Outlook,
    pub line: Option<Line>,
    pub created_at: At,
    /// The client in whose team people of the demo sit.
    pub stage_door: bool,
}

/// The rows of a network without its clients.
#[derive(Default)]
pub struct NetworkRows {
    pub regions: Vec<region::Model>,
    pub versions: Vec<template_version::Model>,
    pub stages: Vec<template_stage::Model>,
    pub criteria: Vec<stage_criterion::Model>,
    pub agendas: Vec<agenda_template_item::Model>,
    pub statements: Vec<questionnaire_statement::Model>,
    pub resources: Vec<template_resource::Model>,
    pub sections: Vec<template_section::Model>,
    pub franchises: Vec<franchise::Model>,
    pub people: Vec<person::Model>,
    pub memberships: Vec<membership::Model>,
}
