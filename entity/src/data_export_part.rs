//! A part of an exported file. Goes with it.

use crate::{Erasable, Id, Noun, Placement, Scoped, Table, client, data_export, network, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "data_export_part")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub data_export_id: Id<data_export::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub network_id: Id<network::Entity>,
    pub client_id: Option<Id<client::Entity>>,
    pub person_id: Id<person::Entity>,
    #[serde(skip)]
    pub text: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "part";
}
impl Scoped for Entity {
    const TABLE: Table = Table::DataExportPart;
    const PLACEMENT: Placement = Placement::Own;
    const ERASABLE: Erasable = Erasable::Rows;
}
