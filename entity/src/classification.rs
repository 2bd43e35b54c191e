//! An entry of a network's own classification of clients: an industry or a size band.

use crate::{Id, Noun, Placement, Scoped, Table, closed, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// What an entry of the classification describes.
    pub enum ClassificationKind {
        /// A client's industry.
        Industry,
        /// A client's size by headcount.
        SizeBand,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "classification")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub kind: ClassificationKind,
    pub key: String,
    pub label: String,
    pub position: i32,
    pub created_at: DateTimeUtc,
    pub retired_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "classification";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Classification;
    const PLACEMENT: Placement = Placement::Directory;
    const FOLDED: &'static [&'static str] = &["key", "label"];
}
