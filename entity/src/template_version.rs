//! A version of a template. A published one never changes.

use crate::{Id, Noun, Placement, Scoped, Table, closed, franchise, network, template};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of a template version.
    pub enum TemplateStatus {
        /// Draft: the version can be changed, and programmes cannot use it.
        Draft,
        /// Published: the version cannot be changed, and programmes can start on it.
        Published,
        /// Retired: new programmes cannot start on the version; running programmes continue.
        Retired,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "template_version")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    /// The franchise whose template it is; none where it is the network's.
    pub franchise_id: Option<Id<franchise::Entity>>,
    pub template_id: Id<template::Entity>,
    pub number: i32,
    /// The network's version that it derives from, whose locked parts it keeps.
    pub ancestor_id: Option<Id<Entity>>,
    pub status: TemplateStatus,
    pub priorities_per_team: i32,
    pub priorities_per_leader: i32,
    pub cadence_days: i32,
    pub limits_locked: bool,
    pub cadence_locked: bool,
    pub created_at: DateTimeUtc,
    pub published_at: Option<DateTimeUtc>,
    pub retired_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "template_version";
}
impl Scoped for Entity {
    const TABLE: Table = Table::TemplateVersion;
    const PLACEMENT: Placement = Placement::Library;
}
