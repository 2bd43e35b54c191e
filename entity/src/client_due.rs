//! How many things of a client fall due at an instant, kept by triggers: what is overdue is a sum up to now.

use crate::{Id, Matter, Noun, Placement, Scoped, Table, client, closed, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// What falls due.
    pub enum DueKind {
        /// Accepted actions by their due instant.
        Action,
        /// Scheduled sessions by their start.
        Session,
        /// Of those actions, the ones of teams whose programme is paused.
        PausedAction,
        /// Of those sessions, the ones of teams whose programme is paused.
        PausedSession,
        /// Open and acknowledged drift signals of teams whose programme is paused, by when they were raised.
        PausedDrift,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "client_due")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Id<client::Entity>,
    pub network_id: Id<network::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: DueKind,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: DateTimeUtc,
    pub items: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "due";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ClientDue;
    const PLACEMENT: Placement = Placement::OfClient(Matter::Facts);
}
