//! What a person answered to a question of a round: a sealed input, theirs alone. Empty where they took it back.

use crate::{
    Erasable, Id, Noun, Placement, Replacement, Scoped, Table, alignment_question, alignment_round, client,
    network, person, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "alignment_text_input")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub person_id: Id<person::Entity>,
    pub round_id: Id<alignment_round::Entity>,
    pub question_id: Id<alignment_question::Entity>,
    pub text: String,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "alignment_text_input";
}
impl Scoped for Entity {
    const TABLE: Table = Table::AlignmentTextInput;
    const PLACEMENT: Placement = Placement::Own;
    const ERASABLE: Erasable = Erasable::Columns(&[("text", Replacement::BLANK)]);
}
