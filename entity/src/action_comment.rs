//! A comment on an action. One that is withdrawn keeps its words for the audit alone.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Searchable, Table, action, client, network,
    person, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "action_comment")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub action_id: Id<action::Entity>,
    pub answers_id: Option<Id<Entity>>,
    pub person_id: Id<person::Entity>,
    /// None once it is withdrawn.
    pub text: Option<String>,
    pub at: DateTimeUtc,
    pub edited_at: Option<DateTimeUtc>,
    pub withdrawn_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "action_comment";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ActionComment;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const SEARCHABLE: Option<Searchable> = Some(Searchable { title: None, texts: &["text"] });
    const ERASABLE: Erasable = Erasable::Columns(&[("text", Replacement::Nothing)]);
}
