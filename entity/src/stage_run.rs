//! A stage of a running programme.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, closed, network, programme,
    team, template_stage,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of a stage in a programme.
    pub enum StageStatus {
        /// Not open: an earlier stage must be passed first.
        Locked,
        /// Open: the team works on the stage.
        Open,
        /// Passed: the exit criteria were met, or overridden with a reason.
        Passed,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "stage_run")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub programme_id: Id<programme::Entity>,
    pub template_stage_id: Id<template_stage::Entity>,
    pub position: i32,
    pub title: String,
    pub purpose: String,
    pub planned_days: i32,
    pub status: StageStatus,
    pub opened_at: Option<DateTimeUtc>,
    pub passed_at: Option<DateTimeUtc>,
    pub override_reason: Option<String>,
    pub times_reopened: i32,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "stage_run";
}
impl Scoped for Entity {
    const TABLE: Table = Table::StageRun;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Facts);
    const FEW: bool = true;
    const FOLDED: &'static [&'static str] = &["title"];
    const CONFIDENTIAL: &'static [&'static str] = &["override_reason"];
    const ERASABLE: Erasable = Erasable::Columns(&[("override_reason", Replacement::Nothing)]);
}
