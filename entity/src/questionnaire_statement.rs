//! A statement of a template version's alignment questionnaire.

use crate::{Id, Noun, Placement, Scoped, Table, franchise, network, template_version};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "questionnaire_statement")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    /// The franchise whose template it is; none where it is the network's.
    pub franchise_id: Option<Id<franchise::Entity>>,
    pub template_version_id: Id<template_version::Entity>,
    pub position: i32,
    /// What it is called in every version, so that rounds can be compared.
    pub key: String,
    pub text: String,
    pub low: i32,
    pub high: i32,
    pub core: bool,
    /// The stage it belongs to, by its place; none where it is asked throughout.
    pub stage_position: Option<i32>,
    pub locked: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "questionnaire_statement";
}
impl Scoped for Entity {
    const TABLE: Table = Table::QuestionnaireStatement;
    const PLACEMENT: Placement = Placement::Library;
}
