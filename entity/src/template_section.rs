//! A section of a team's strategy, as a stage of a template version declares it.

use crate::{
    Id, Noun, Placement, Scoped, Table, franchise, network, strategy_section::SectionForm, template_stage,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "template_section")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub franchise_id: Option<Id<franchise::Entity>>,
    pub template_stage_id: Id<template_stage::Entity>,
    pub position: i32,
    pub key: String,
    pub title: String,
    pub prompt: String,
    pub form: SectionForm,
    pub minimum: i32,
    pub maximum: i32,
    pub needed: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "template_section";
}
impl Scoped for Entity {
    const TABLE: Table = Table::TemplateSection;
    const PLACEMENT: Placement = Placement::Library;
}
