//! An answer kept under the caller's key, so that a repeated request has one effect.

use crate::{Erasable, Id, Noun, Placement, Scoped, Table, network, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub network_id: Id<network::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: Id<person::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub body_hash: String,
    #[serde(skip)]
    pub answer: Option<String>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "idempotency";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Idempotency;
    const PLACEMENT: Placement = Placement::Own;
    const ERASABLE: Erasable = Erasable::Rows;
}
