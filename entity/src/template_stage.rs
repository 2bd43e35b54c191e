//! A stage as a template version plans it.

use crate::{Id, Noun, Placement, Scoped, Table, franchise, network, template_version};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "template_stage")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    /// The franchise whose template it is; none where it is the network's.
    pub franchise_id: Option<Id<franchise::Entity>>,
    pub template_version_id: Id<template_version::Entity>,
    pub position: i32,
    /// What it is called in every version, so that running programmes find it again.
    pub key: String,
    pub title: String,
    pub purpose: String,
    pub planned_days: i32,
    pub locked: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "template_stage";
}
impl Scoped for Entity {
    const TABLE: Table = Table::TemplateStage;
    const PLACEMENT: Placement = Placement::Library;
}
