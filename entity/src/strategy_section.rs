//! A section of a team's strategy: what the template asks for, and whether an answer is in force.

use crate::{Id, Matter, Noun, Placement, Scoped, Table, client, closed, network, stage_run, team};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Form of a section of a strategy.
    pub enum SectionForm {
        /// A text.
        Text,
        /// A list of points.
        Points,
        /// Values, each with behaviour that is welcome and behaviour that is not.
        Values,
        /// Targets, each with a figure and a year.
        Targets,
        /// Strengths, weaknesses, opportunities and threats.
        Swot,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "strategy_section")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub stage_run_id: Option<Id<stage_run::Entity>>,
    pub position: i32,
    pub key: String,
    pub title: String,
    pub prompt: String,
    pub form: SectionForm,
    pub minimum: i32,
    pub maximum: i32,
    pub needed: bool,
    pub shared: bool,
    pub versions: i32,
    pub ratified_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "strategy_section";
}
impl Scoped for Entity {
    const TABLE: Table = Table::StrategySection;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FEW: bool = true;
}
