//! A named rating in a revealed round whose every respondent consented to be named. The statement's exact result is kept
//! with each rating, because whoever reads it could work the ratings out.

use crate::{
    Id, Matter, Noun, Placement, Scoped, Table, alignment_round,
    alignment_statement::{self, ConsensusBand},
    client, member, network, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "alignment_voice")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub round_id: Id<alignment_round::Entity>,
    pub statement_id: Id<alignment_statement::Entity>,
    pub member_id: Id<member::Entity>,
    pub rating: i32,
    pub mean: Option<String>,
    pub band: Option<ConsensusBand>,
    pub consensus_percent: Option<i32>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "alignment_voice";
}
impl Scoped for Entity {
    const TABLE: Table = Table::AlignmentVoice;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Names);
}
