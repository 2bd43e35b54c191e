//! An exit criterion of a planned stage.

use crate::{Hang, Id, Noun, Scoped, Table, closed, franchise, network, template_stage};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// What an exit criterion asks for.
    pub enum CriterionKind {
        /// The facilitator confirms the text in her own words.
        Confirmed,
        /// At least `quantity` sessions of the programme that started since the stage was first opened were held.
        SessionsHeld,
        /// At least `quantity` priorities of the stage are committed or achieved.
        PrioritiesCommitted,
        /// At least `quantity` actions of the stage's priorities were accepted by their owners.
        ActionsAccepted,
        /// Every action of the stage's priorities is done, declined or cancelled, and at least `quantity` are done.
        ActionsDone,
        /// At least `quantity` decisions of the stage are ratified and in force.
        DecisionsRatified,
        /// At least `quantity` alignment rounds of the team were revealed since the stage was first opened.
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
    const HANG: Hang = Hang::Library;
}
