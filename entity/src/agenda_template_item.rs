//! An item of the agenda that a planned stage suggests for its sessions.

use crate::{Id, Noun, Placement, Scoped, Table, franchise, network, template_stage};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "agenda_template_item")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    /// The franchise whose template it is; none where it is the network's.
    pub franchise_id: Option<Id<franchise::Entity>>,
    pub template_stage_id: Id<template_stage::Entity>,
    pub position: i32,
    pub title: String,
    pub minutes: i32,
    pub purpose: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "agenda_template_item";
}
impl Scoped for Entity {
    const TABLE: Table = Table::AgendaTemplateItem;
    const PLACEMENT: Placement = Placement::Library;
}
