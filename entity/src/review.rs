//! One review that is due by a team's cadence.

use crate::{
    Id, Matter, Noun, Placement, Scoped, Table, client, closed, network, review_cadence, session, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of a review.
    pub enum ReviewStatus {
        /// Not held yet.
        Due,
        /// Held within the grace period.
        Met,
        /// Held after the grace period.
        Late,
        /// Not held before the next review's grace period began.
        Missed,
        /// Not held, because the programme was paused.
        Excused,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "review")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub review_cadence_id: Id<review_cadence::Entity>,
    pub number: i32,
    pub due_on: Date,
    pub due_at: DateTimeUtc,
    pub opens_at: DateTimeUtc,
    pub grace_ends_at: DateTimeUtc,
    pub closes_at: DateTimeUtc,
    pub status: ReviewStatus,
    pub session_id: Option<Id<session::Entity>>,
    pub held_at: Option<DateTimeUtc>,
    pub quorate: Option<bool>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "review";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Review;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Facts);
}
