//! Where a member stood when a version of a section was ratified, for the team to read.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, decision_stance::Stance,
    member, network, person, strategy_version, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "strategy_position")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub strategy_version_id: Id<strategy_version::Entity>,
    pub member_id: Id<member::Entity>,
    pub stance: Stance,
    pub conviction: i32,
    pub comment: String,
    pub taken_at: DateTimeUtc,
    pub recorded_by_id: Option<Id<person::Entity>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "strategy_position";
}
impl Scoped for Entity {
    const TABLE: Table = Table::StrategyPosition;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[("comment", Replacement::BLANK)]);
}
