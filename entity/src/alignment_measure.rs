//! The exact figures of rounds that were revealed before all that crosses rounds was computed from published figures, in
//! ten-thousandths. No new ones are kept, and nobody reads them: with so few respondents they would tell each one's rating.
//! So they are placed like what is a person's own.

use crate::{Id, Noun, Placement, Scoped, Table, alignment_round, client, network, person, team};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "alignment_measure")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub person_id: Id<person::Entity>,
    pub round_id: Id<alignment_round::Entity>,
    pub respondents: i32,
    pub members: i32,
    pub level: i32,
    pub agreement: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "alignment_measure";
}
impl Scoped for Entity {
    const TABLE: Table = Table::AlignmentMeasure;
    const PLACEMENT: Placement = Placement::Own;
}
