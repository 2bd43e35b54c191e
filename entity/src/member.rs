//! A member of a team, with or without a login.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Searchable, Table, client, closed, network,
    person, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Whether a member belongs to a team or has left.
    pub enum MemberStatus {
        /// Belongs to the team and can own work.
        Active,
        /// Has left the team. Any open work went to a successor.
        Removed,
    }
}

/// The name of every member who was erased.
pub const FORMER: &str = "Former member";

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub person_id: Option<Id<person::Entity>>,
    pub name: String,
    pub job_title: String,
    pub email: Option<String>,
    pub status: MemberStatus,
    pub created_at: DateTimeUtc,
    pub removed_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "member";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Member;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FEW: bool = true;
    const FOLDED: &'static [&'static str] = &["name", "job_title", "email"];
    const SEARCHABLE: Option<Searchable> =
        Some(Searchable { title: Some("name"), texts: &["job_title", "email"] });
    const ERASABLE: Erasable = Erasable::Columns(&[
        ("name", Replacement::Text(FORMER)),
        ("job_title", Replacement::BLANK),
        ("email", Replacement::Nothing),
    ]);
}
