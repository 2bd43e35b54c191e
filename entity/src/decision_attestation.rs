//! A member's word that they have told their people of a decision.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, decision, member, network,
    person, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "decision_attestation")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub decision_id: Id<decision::Entity>,
    pub member_id: Id<member::Entity>,
    pub person_id: Id<person::Entity>,
    pub communicated_on: Date,
    pub audience: String,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "decision_attestation";
}
impl Scoped for Entity {
    const TABLE: Table = Table::DecisionAttestation;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[("audience", Replacement::BLANK)]);
}
