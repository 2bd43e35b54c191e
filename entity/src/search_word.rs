//! A word of a thing that can be found, in lower case and without accents.

use crate::{Erasable, Id, Noun, Placement, Scoped, Table, client, network, search_entry};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "search_word")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Id<client::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub word: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: Id<search_entry::Entity>,
    pub network_id: Id<network::Entity>,
    pub content: bool,
    /// 1 where the title has it, 0 where only the rest does.
    pub titled: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "word";
}
impl Scoped for Entity {
    const TABLE: Table = Table::SearchWord;
    const PLACEMENT: Placement = Placement::Found;
    const ERASABLE: Erasable = Erasable::Rows;
}
