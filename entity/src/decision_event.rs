//! What happened to a decision, in order: the history behind its status.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, closed, decision, network,
    person, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Kind of event in the life of a decision.
    pub enum DecisionEventKind {
        /// The decision was proposed.
        Proposed,
        /// The decision was ratified and came into force.
        Ratified,
        /// The debate was reopened, with a reason.
        Reopened,
        /// Another decision replaced this one.
        Superseded,
        /// The decision was revoked, with a reason.
        Revoked,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "decision_event")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub decision_id: Id<decision::Entity>,
    pub kind: DecisionEventKind,
    pub person_id: Id<person::Entity>,
    pub reason: Option<String>,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "decision_event";
}
impl Scoped for Entity {
    const TABLE: Table = Table::DecisionEvent;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[("reason", Replacement::Nothing)]);
}
