//! An item of a version of a section: a point, a value, a target, or an entry of a SWOT analysis.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, closed, network,
    strategy_version, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Quadrant of a SWOT analysis.
    pub enum SwotQuadrant {
        /// What the organisation does well.
        Strength,
        /// What the organisation does badly.
        Weakness,
        /// What could help from outside.
        Opportunity,
        /// What could harm from outside.
        Threat,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "strategy_item")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub strategy_version_id: Id<strategy_version::Entity>,
    pub position: i32,
    pub text: String,
    pub quadrant: Option<SwotQuadrant>,
    pub welcome: Option<String>,
    pub unwelcome: Option<String>,
    pub figure: Option<String>,
    pub unit: Option<String>,
    pub year: Option<i32>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "strategy_item";
}
impl Scoped for Entity {
    const TABLE: Table = Table::StrategyItem;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[
        ("text", Replacement::ERASED),
        ("welcome", Replacement::Nothing),
        ("unwelcome", Replacement::Nothing),
        ("figure", Replacement::Nothing),
        ("unit", Replacement::Nothing),
    ]);
}
