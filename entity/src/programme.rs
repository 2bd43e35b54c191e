//! A team's run of one pinned template version.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, closed, network, team,
    template_version,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of a programme.
    pub enum ProgrammeStatus {
        /// Planned; not started.
        Planned,
        /// Running.
        Active,
        /// Paused for a while; paused days do not count.
        Paused,
        /// Completed, with all stages passed.
        Completed,
        /// Ended early, with a reason.
        Terminated,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "programme")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub template_version_id: Id<template_version::Entity>,
    pub name: String,
    pub status: ProgrammeStatus,
    pub planned_start_on: Date,
    pub started_at: Option<DateTimeUtc>,
    pub paused_at: Option<DateTimeUtc>,
    pub paused_seconds: i64,
    pub ended_at: Option<DateTimeUtc>,
    pub reason: Option<String>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "programme";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Programme;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Facts);
    const FEW: bool = true;
    const FOLDED: &'static [&'static str] = &["name"];
    const CONFIDENTIAL: &'static [&'static str] = &["reason"];
    const ERASABLE: Erasable =
        Erasable::Columns(&[("name", Replacement::ERASED), ("reason", Replacement::Nothing)]);
}
