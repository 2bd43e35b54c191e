//! What a session is to talk about.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Searchable, Table, client, closed, member,
    network, session, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of an agenda item.
    pub enum AgendaItemStatus {
        /// Not discussed yet.
        Open,
        /// Discussed, with an outcome.
        Done,
        /// Dropped, with a reason.
        Dropped,
        /// Left open when its session ended, and carried over to the team's next session.
        Carried,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "agenda_item")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub session_id: Id<session::Entity>,
    pub owner_id: Option<Id<member::Entity>>,
    /// The item of a later session that goes on with this one.
    pub carried_to_id: Option<Id<Entity>>,
    pub position: i32,
    pub title: String,
    pub minutes: i32,
    pub status: AgendaItemStatus,
    pub outcome: Option<String>,
    pub closed_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "agenda_item";
}
impl Scoped for Entity {
    const TABLE: Table = Table::AgendaItem;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FOLDED: &'static [&'static str] = &["title"];
    const SEARCHABLE: Option<Searchable> = Some(Searchable { title: Some("title"), texts: &["outcome"] });
    const ERASABLE: Erasable =
        Erasable::Columns(&[("title", Replacement::ERASED), ("outcome", Replacement::Nothing)]);
}
