//! Something a team considers before it decides; at ratification one is chosen.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, decision, network, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "decision_option")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub decision_id: Id<decision::Entity>,
    pub position: i32,
    pub text: String,
    pub chosen: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "decision_option";
}
impl Scoped for Entity {
    const TABLE: Table = Table::DecisionOption;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[("text", Replacement::ERASED)]);
}
