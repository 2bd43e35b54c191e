//! A section in force that a team shares with the other teams of its client: a copy of its words, which follows them.

use crate::{Erasable, Id, Matter, Noun, Placement, Scoped, Table, client, network, strategy_section, team};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "strategy_shared")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub from_team_id: Id<team::Entity>,
    pub strategy_section_id: Id<strategy_section::Entity>,
    pub team_name: String,
    pub title: String,
    pub text: String,
    pub number: i32,
    pub ratified_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "strategy_shared";
}
impl Scoped for Entity {
    const TABLE: Table = Table::StrategyShared;
    const PLACEMENT: Placement = Placement::OfClient(Matter::Content);
    const ERASABLE: Erasable = Erasable::Rows;
}
