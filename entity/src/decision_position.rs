//! Where a member stood when a decision was ratified, for the team to read.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, decision,
    decision_stance::Stance, member, network, person, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "decision_position")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub decision_id: Id<decision::Entity>,
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
    const PREFIX: &'static str = "decision_position";
}
impl Scoped for Entity {
    const TABLE: Table = Table::DecisionPosition;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[("comment", Replacement::BLANK)]);
}
