//! What a measurable stood at in a period. A correction is another row, and the one before stays.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, closed, measurable, network,
    person, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// How good a value of a measurable is, by the measurable's bounds.
    pub enum MeasurableColour {
        /// Within the green bound.
        Green,
        /// Between the green and the amber bound.
        Amber,
        /// Beyond both bounds.
        Red,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "measurable_value")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub measurable_id: Id<measurable::Entity>,
    /// The period's first day.
    pub period_on: Date,
    /// The first value of the period; its own id where it is that.
    pub first_id: Id<Entity>,
    pub person_id: Id<person::Entity>,
    pub value: String,
    pub note: String,
    /// By the bounds in force when it was recorded. None if it was recorded before there were bounds.
    pub colour: Option<MeasurableColour>,
    /// Recorded after the period's end and its grace.
    pub late: bool,
    pub at: DateTimeUtc,
    pub replaced_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "measurable_value";
}
impl Scoped for Entity {
    const TABLE: Table = Table::MeasurableValue;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[("note", Replacement::BLANK)]);
}
