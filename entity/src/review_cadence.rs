//! How often a team reviews its work, from which day on, and at what time there.

use crate::{Id, Matter, Noun, Placement, Scoped, Table, client, closed, network, team};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Unit of the interval between reviews.
    pub enum CadenceUnit {
        /// Calendar days.
        Day,
        /// Weeks. Reviews fall on the same weekday.
        Week,
        /// Months. Reviews fall on the same day of the month, or on its last day in shorter months.
        Month,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "review_cadence")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub unit: CadenceUnit,
    pub every: i32,
    pub anchor_on: Date,
    /// `HH:MM`, where the client is.
    pub local_time: String,
    /// The number of the next review to be made.
    pub next_number: i32,
    /// When too few lie ahead, and the next one is made.
    pub top_up_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "review_cadence";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ReviewCadence;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Facts);
}
