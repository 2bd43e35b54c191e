//! A transfer of a client to another franchise, from its proposal to its end.

use crate::{
    Erasable, Id, Noun, Placement, Replacement, Scoped, Table, client, closed, franchise, network, person,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// The status of a transfer to another franchise.
    pub enum TransferStatus {
        /// The transfer waits for a sponsor's answer, or for the day on which it takes effect.
        Pending,
        /// The transfer took effect. The client belongs to the other franchise.
        Done,
        /// A sponsor of the client refused the transfer.
        Refused,
        /// An owner of either franchise, or head office, withdrew the transfer.
        Withdrawn,
        /// The transfer could not take effect on its day, because its conditions no longer held.
        Failed,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "client_transfer")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    /// The franchise that it leaves.
    pub from_id: Id<franchise::Entity>,
    /// The franchise that it goes to.
    pub franchise_id: Id<franchise::Entity>,
    /// Who leads its programme from then on.
    pub person_id: Id<person::Entity>,
    pub reason: Option<String>,
    pub status: TransferStatus,
    pub proposed_by: Id<person::Entity>,
    pub proposed_at: DateTimeUtc,
    /// E-mails that must be handed over before its seven days begin.
    pub untold: i32,
    /// When it takes effect unless it ends before; null until the e-mails are handed over.
    pub takes_effect_at: Option<DateTimeUtc>,
    pub ended_by: Option<Id<person::Entity>>,
    pub ended_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "client_transfer";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ClientTransfer;
    const PLACEMENT: Placement = Placement::Roster;
    const CONFIDENTIAL: &'static [&'static str] = &["reason"];
    const ERASABLE: Erasable = Erasable::Columns(&[("reason", Replacement::Nothing)]);
}
