//! Something to read, watch or work with that a template version points to.

use crate::{Id, Noun, Placement, Scoped, Table, closed, franchise, network, template_version};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Kinds of resources.
    pub enum ResourceKind {
        /// Instructions for those who run the programme.
        Guide,
        /// A worksheet for the team to fill in.
        Worksheet,
        /// Slides for a presentation.
        Slides,
        /// A video to watch.
        Video,
        /// An article to read.
        Article,
        /// A tool to calculate or draw with.
        Tool,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "template_resource")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    /// The franchise whose template it is; none where it is the network's.
    pub franchise_id: Option<Id<franchise::Entity>>,
    pub template_version_id: Id<template_version::Entity>,
    pub position: i32,
    pub title: String,
    pub url: String,
    pub kind: ResourceKind,
    /// The stage it belongs to, by its place; none where it serves throughout.
    pub stage_position: Option<i32>,
    pub locked: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "template_resource";
}
impl Scoped for Entity {
    const TABLE: Table = Table::TemplateResource;
    const PLACEMENT: Placement = Placement::Library;
}
