//! What a programme and its stages come to in figures, kept by triggers.

use crate::{
    Id, Matter, Noun, Placement, Scoped, Table, client, network, programme, programme::ProgrammeStatus,
    template_version,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "programme_pulse")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub programme_id: Id<programme::Entity>,
    pub client_id: Id<client::Entity>,
    pub network_id: Id<network::Entity>,
    pub template_version_id: Id<template_version::Entity>,
    pub status: ProgrammeStatus,
    pub started_month: String,
    pub completed_month: String,
    pub stalls_at: Option<DateTimeUtc>,
    pub stages_passed: i32,
    pub seconds_planned: i64,
    pub seconds_taken: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "programme_pulse";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ProgrammePulse;
    const PLACEMENT: Placement = Placement::OfClient(Matter::Facts);
}
