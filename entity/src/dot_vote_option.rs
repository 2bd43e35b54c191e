//! What a dot vote is about: an obstacle, a priority or an option of a decision, and the dots it got.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, decision_option, dot_vote,
    network, obstacle, priority, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "dot_vote_option")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub vote_id: Id<dot_vote::Entity>,
    pub position: i32,
    pub title: String,
    pub obstacle_id: Option<Id<obstacle::Entity>>,
    pub priority_id: Option<Id<priority::Entity>>,
    pub decision_option_id: Option<Id<decision_option::Entity>>,
    pub dots: Option<i32>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "dot_vote_option";
}
impl Scoped for Entity {
    const TABLE: Table = Table::DotVoteOption;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[("title", Replacement::ERASED)]);
}
