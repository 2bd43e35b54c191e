//! A measurable: a figure by which a team, or the outcome of one of its priorities, is seen, and where it is to go.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, closed, member, network,
    priority, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Direction in which a measurable should move.
    pub enum MeasurableDirection {
        /// The figure should rise.
        Up,
        /// The figure should fall.
        Down,
        /// The figure should stay level.
        Hold,
    }
}

closed! {
    /// How often a measurable's value is recorded.
    pub enum MeasurablePeriod {
        /// Once a week. Weeks begin on Monday.
        Week,
        /// Once a calendar month.
        Month,
        /// Once a calendar quarter.
        Quarter,
    }
}

closed! {
    /// How the values of several periods become one total.
    pub enum MeasurableTotal {
        /// Sum of the values.
        Sum,
        /// Value of the latest period that has one.
        Last,
        /// Mean of the values.
        Mean,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "measurable")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    /// None if the measurable is the team's own.
    pub priority_id: Option<Id<priority::Entity>>,
    /// None if nobody was named: a priority's owner then answers for it.
    pub owner_id: Option<Id<member::Entity>>,
    pub name: String,
    pub unit: String,
    pub direction: MeasurableDirection,
    pub period: MeasurablePeriod,
    /// Decimals are kept as they are shown, so that neither database rounds them.
    pub baseline: String,
    pub target: String,
    /// The bound of green, in the direction of the target; for a figure to hold, a distance from the target.
    pub green_bound: Option<String>,
    pub amber_bound: Option<String>,
    pub total: MeasurableTotal,
    /// The way from baseline to target that the latest value has gone, in per cent.
    pub progress: i32,
    pub removed_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "measurable";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Measurable;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FOLDED: &'static [&'static str] = &["name"];
    const ERASABLE: Erasable =
        Erasable::Columns(&[("name", Replacement::ERASED), ("unit", Replacement::BLANK)]);
}
