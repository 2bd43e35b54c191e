//! A statement that a round asks about and, once the round is revealed, what came of it.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, alignment_round, client, closed,
    network, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// How far a team agrees on a statement, by Tastle and Wierman's consensus, a number from 0 to 1.
    pub enum ConsensusBand {
        /// Consensus of at least 0.75.
        High,
        /// Consensus of at least 0.5 and below 0.75.
        Mixed,
        /// Consensus below 0.5.
        Low,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "alignment_statement")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub round_id: Id<alignment_round::Entity>,
    pub position: i32,
    /// What it is called in every round, so that rounds can be compared: the questionnaire's key, or its own.
    pub key: String,
    pub text: String,
    pub low: i32,
    pub high: i32,
    pub core: bool,
    pub mean: Option<String>,
    pub band: Option<ConsensusBand>,
    pub mean_before: Option<String>,
    pub band_before: Option<ConsensusBand>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "alignment_statement";
}
impl Scoped for Entity {
    const TABLE: Table = Table::AlignmentStatement;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable =
        Erasable::Columns(&[("key", Replacement::BLANK), ("text", Replacement::ERASED)]);
}
