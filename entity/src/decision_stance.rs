//! A member's stance on a proposed decision: theirs alone until the decision is ratified.

use crate::{
    Erasable, Id, Noun, Placement, Replacement, Scoped, Table, client, closed, decision, member, network,
    person,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// A member's stance on a decision.
    pub enum Stance {
        /// Supports the decision.
        Supports,
        /// Can live with the decision, and will help to carry it out.
        Accepts,
        /// Opposes the decision.
        Opposes,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "decision_stance")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub person_id: Id<person::Entity>,
    pub decision_id: Id<decision::Entity>,
    pub member_id: Id<member::Entity>,
    pub wording: i32,
    pub stance: Stance,
    pub conviction: i32,
    pub comment: String,
    pub taken_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "decision_stance";
}
impl Scoped for Entity {
    const TABLE: Table = Table::DecisionStance;
    const PLACEMENT: Placement = Placement::Own;
    const ERASABLE: Erasable = Erasable::Columns(&[("comment", Replacement::BLANK)]);
}
