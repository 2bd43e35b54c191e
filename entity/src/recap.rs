//! What is kept of a session that was held, as it was when the session was closed.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Searchable, Table, client, network, session,
    team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "recap")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub session_id: Id<session::Entity>,
    /// JSON, as text: what is frozen keeps its spelling.
    pub minutes: String,
    pub markdown: String,
    pub created_at: DateTimeUtc,
    /// How often names of people who were erased were taken out of it.
    pub redactions: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "recap";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Recap;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const SEARCHABLE: Option<Searchable> = Some(Searchable { title: None, texts: &["markdown"] });
    const ERASABLE: Erasable =
        Erasable::Columns(&[("minutes", Replacement::Text("{}")), ("markdown", Replacement::ERASED)]);
}
