//! How many drift signals of a client wait for an answer, by cause, kept by triggers: facts that head office may see,
//! without what drifts.

use crate::{Id, Matter, Noun, Placement, Scoped, Table, client, drift_signal::DriftCause, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "client_drift")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Id<client::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub cause: DriftCause,
    pub network_id: Id<network::Entity>,
    pub items: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "client_drift";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ClientDrift;
    const PLACEMENT: Placement = Placement::OfClient(Matter::Facts);
}
