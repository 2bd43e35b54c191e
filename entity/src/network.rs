//! A network: a franchise brand with a head office, and its policies.

use crate::{Id, Noun, Placement, Scoped, Table, closed};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// A language of e-mails.
    pub enum Locale {
        /// English.
        English,
        /// German.
        German,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "network")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub name: String,
    pub time_zone: String,
    pub session_gap_days: i32,
    pub facilitators_override: bool,
    pub locale: Locale,
    pub access_epoch: i64,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "network";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Network;
    const PLACEMENT: Placement = Placement::Network;
}
