//! What a member has read back of a ratified version of a section: their own words, and theirs alone.

use crate::{
    Erasable, Id, Noun, Placement, Replacement, Scoped, Table, client, decision_restatement::ReadBackStatus,
    member, network, person, strategy_version,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "strategy_restatement")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub person_id: Id<person::Entity>,
    pub strategy_version_id: Id<strategy_version::Entity>,
    pub member_id: Id<member::Entity>,
    pub text: String,
    pub status: ReadBackStatus,
    pub note: String,
    pub written_at: DateTimeUtc,
    pub judged_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "strategy_restatement";
}
impl Scoped for Entity {
    const TABLE: Table = Table::StrategyRestatement;
    const PLACEMENT: Placement = Placement::Own;
    const ERASABLE: Erasable =
        Erasable::Columns(&[("text", Replacement::BLANK), ("note", Replacement::BLANK)]);
}
