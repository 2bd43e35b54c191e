//! What somebody took out of the network in one file: all that they may read of a client or of a person.

use crate::{Erasable, Id, Noun, Placement, Scoped, Table, client, closed, network, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// What an export is about.
    pub enum ExportKind {
        /// The export is about a client.
        Client,
        /// The export is about a person.
        Person,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "data_export")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Option<Id<client::Entity>>,
    /// Whose file it is.
    pub person_id: Id<person::Entity>,
    pub kind: ExportKind,
    pub subject_id: Uuid,
    pub rows: i32,
    pub bytes: i32,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    /// When it was complete; null while it is being made.
    pub made_at: Option<DateTimeUtc>,
    /// A JSON list of the roles, each at its node, by which its rows were read. The file is for a maker who still
    /// holds all of them.
    pub held: String,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "export";
}
impl Scoped for Entity {
    const TABLE: Table = Table::DataExport;
    const PLACEMENT: Placement = Placement::Own;
    const ERASABLE: Erasable = Erasable::Rows;
}
