//! A member's restatement of a version as those see it who run the programme. It has the id of the member's own row.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client,
    decision_restatement::ReadBackStatus, member, network, person, strategy_version, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "strategy_read_back")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub strategy_version_id: Id<strategy_version::Entity>,
    pub member_id: Id<member::Entity>,
    // not for the audit, which has more readers than this table
    #[serde(skip_serializing)]
    pub text: String,
    pub status: ReadBackStatus,
    #[serde(skip_serializing)]
    pub note: String,
    pub judged_by_id: Option<Id<person::Entity>>,
    pub written_at: DateTimeUtc,
    pub judged_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "strategy_read_back";
}
impl Scoped for Entity {
    const TABLE: Table = Table::StrategyReadBack;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable =
        Erasable::Columns(&[("text", Replacement::BLANK), ("note", Replacement::BLANK)]);
}
