//! A thing that can be found by its words, and where it is. Follows from the thing itself, and has its id.

use crate::{Erasable, Id, Noun, Placement, Scoped, Table, client, closed, network, team};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Type of object found by a search.
    pub enum SearchKind {
        /// A client, searched by name.
        Client,
        /// A priority, searched by title and outcome.
        Priority,
        /// An action, searched by title and detail.
        Action,
        /// A session, searched by title, place and summary.
        Session,
        /// A decision, searched by title, text and rationale.
        Decision,
        /// An obstacle, searched by title and detail.
        Obstacle,
        /// A team member, searched by name, job title and e-mail address.
        Member,
        /// A check-in, searched by comment.
        CheckIn,
        /// A comment on an action, searched by text.
        ActionComment,
        /// An agenda item, searched by title and outcome.
        AgendaItem,
        /// A recap of a session, searched by text.
        Recap,
        /// A version of a section of a strategy, searched by title and text.
        StrategyVersion,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "search_entry")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Option<Id<team::Entity>>,
    pub content: bool,
    pub kind: SearchKind,
    pub title: String,
    pub snippet: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "hit";
}
impl Scoped for Entity {
    const TABLE: Table = Table::SearchEntry;
    const PLACEMENT: Placement = Placement::Found;
    const ERASABLE: Erasable = Erasable::Rows;
}
