//! What a write changed of the figures of its network and franchise, until a job folds it into them.

use crate::{Id, Noun, Placement, Scoped, Table, client, franchise, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "tally_delta")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub network_id: Id<network::Entity>,
    pub franchise_id: Id<franchise::Entity>,
    pub measure: String,
    pub subject_id: Uuid,
    pub place: i32,
    pub key: String,
    pub at: DateTimeUtc,
    pub items: i64,
    pub open: i64,
    pub done: i64,
    pub due: i64,
    /// Whose work it is, where it is an action's: it changes the load of who runs that client's programmes.
    pub whose_id: Option<Id<client::Entity>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "tally_delta";
}
impl Scoped for Entity {
    const TABLE: Table = Table::TallyDelta;
    const PLACEMENT: Placement = Placement::Directory;
}
