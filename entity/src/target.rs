//! A target: what a team wants to have reached by the end of a year.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, network, team, team_year,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "target")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub year_id: Id<team_year::Entity>,
    pub text: String,
    /// A decimal as it is shown, so that neither database rounds it.
    pub figure: Option<String>,
    pub unit: String,
    pub removed_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "target";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Target;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FOLDED: &'static [&'static str] = &["text"];
    const ERASABLE: Erasable =
        Erasable::Columns(&[("text", Replacement::ERASED), ("unit", Replacement::BLANK)]);
}
