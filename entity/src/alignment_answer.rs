//! A person's rating of a statement. Their own: nobody else reads it.

use crate::{
    Id, Noun, Placement, Scoped, Table, alignment_response, alignment_round, alignment_statement, client,
    network, person, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "alignment_answer")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub person_id: Id<person::Entity>,
    pub round_id: Id<alignment_round::Entity>,
    pub response_id: Id<alignment_response::Entity>,
    pub statement_id: Id<alignment_statement::Entity>,
    pub rating: i32,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "alignment_answer";
}
impl Scoped for Entity {
    const TABLE: Table = Table::AlignmentAnswer;
    const PLACEMENT: Placement = Placement::Own;
}
