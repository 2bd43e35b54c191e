//! A time in which a programme was paused: its days count for nothing.

use crate::{Id, Matter, Noun, Placement, Scoped, Table, client, network, programme, team};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "programme_pause")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub programme_id: Id<programme::Entity>,
    pub starts_at: DateTimeUtc,
    /// None while it lasts.
    pub ends_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "programme_pause";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ProgrammePause;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Facts);
}
