//! An answer to a question of a revealed round, without its author, in an order that tells nothing.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Scoped, Table, alignment_question, alignment_round, client,
    network, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "alignment_text")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub round_id: Id<alignment_round::Entity>,
    pub question_id: Id<alignment_question::Entity>,
    pub position: i32,
    pub text: String,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "alignment_text";
}
impl Scoped for Entity {
    const TABLE: Table = Table::AlignmentText;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Names);
    const ERASABLE: Erasable = Erasable::Rows;
}
