//! An exit criterion of a planned stage.

use crate::{Id, Noun, Placement, Scoped, Table, closed, franchise, network, template_stage};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Kinds of exit criteria. Each kind defines when the criterion is met.
    pub enum CriterionKind {
        /// Met when a facilitator confirms the text of the criterion in their own words.
        Confirmed,
        /// Met when at least `quantity` sessions of the programme that started since the stage first opened were held.
        /// Reviews without a quorum do not count.
        SessionsHeld,
        /// Met when at least `quantity` priorities of the stage are committed or achieved.
        PrioritiesCommitted,
        /// Met when the owners of at least `quantity` actions of the team have accepted them. Actions count that were
        /// offered since the programme started.
        ActionsAccepted,
        /// Met when at least `quantity` actions of the team are done and none is overdue by more than 14 days. Actions
        /// count that were offered since the programme started.
        ActionsDone,
        /// Met when at least `quantity` decisions of the stage are ratified and in force.
        DecisionsRatified,
        /// Met when at least `quantity` alignment rounds of the team were revealed since the stage first opened. Re-votes do
        /// not count.
        RoundsRevealed,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "stage_criterion")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    /// The franchise whose template it is; none where it is the network's.
    pub franchise_id: Option<Id<franchise::Entity>>,
    pub template_stage_id: Id<template_stage::Entity>,
    pub position: i32,
    pub kind: CriterionKind,
    pub quantity: i32,
    pub text: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "stage_criterion";
}
impl Scoped for Entity {
    const TABLE: Table = Table::StageCriterion;
    const PLACEMENT: Placement = Placement::Library;
}
