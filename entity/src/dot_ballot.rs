//! The dots that a person gave an option of a dot vote: a sealed input, theirs alone.

use crate::{Id, Noun, Placement, Scoped, Table, client, dot_vote, dot_vote_option, network, person, team};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "dot_ballot")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub person_id: Id<person::Entity>,
    pub vote_id: Id<dot_vote::Entity>,
    pub option_id: Id<dot_vote_option::Entity>,
    pub dots: i32,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "dot_ballot";
}
impl Scoped for Entity {
    const TABLE: Table = Table::DotBallot;
    const PLACEMENT: Placement = Placement::Own;
}
