//! A member's stance on a proposed version of a section: theirs alone until the version is ratified.

use crate::{
    Erasable, Id, Noun, Placement, Replacement, Scoped, Table, client, decision_stance::Stance, member,
    network, person, strategy_version,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "strategy_stance")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub person_id: Id<person::Entity>,
    pub strategy_version_id: Id<strategy_version::Entity>,
    pub member_id: Id<member::Entity>,
    pub wording: i32,
    pub stance: Stance,
    pub conviction: i32,
    pub comment: String,
    pub taken_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "strategy_stance";
}
impl Scoped for Entity {
    const TABLE: Table = Table::StrategyStance;
    const PLACEMENT: Placement = Placement::Own;
    const ERASABLE: Erasable = Erasable::Columns(&[("comment", Replacement::BLANK)]);
}
