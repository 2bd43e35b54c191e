//! A version of a section: an answer that a team drafts, proposes and ratifies.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Searchable, Table, client, closed, network,
    person, strategy_section, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of a version of a section.
    pub enum StrategyStatus {
        /// Being written.
        Draft,
        /// Proposed. Members take their stances.
        Proposed,
        /// In force. The content never changes.
        Ratified,
        /// Replaced by a later version.
        Superseded,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "strategy_version")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub strategy_section_id: Id<strategy_section::Entity>,
    pub number: i32,
    pub title: String,
    pub text: String,
    pub status: StrategyStatus,
    pub author_id: Id<person::Entity>,
    pub wording: i32,
    pub stances: i32,
    pub read_back: i32,
    pub matching: i32,
    pub differing: i32,
    pub created_at: DateTimeUtc,
    pub proposed_at: Option<DateTimeUtc>,
    pub ratified_at: Option<DateTimeUtc>,
    pub ended_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "strategy_version";
}
impl Scoped for Entity {
    const TABLE: Table = Table::StrategyVersion;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const SEARCHABLE: Option<Searchable> = Some(Searchable { title: Some("title"), texts: &["text"] });
    const ERASABLE: Erasable = Erasable::Columns(&[("text", Replacement::BLANK)]);
}
