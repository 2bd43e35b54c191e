//! A check-in: how a priority or an action stands, in its owner's words, in one slot.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Searchable, Table, action, client, closed,
    member, network, person, priority, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// How the work stands.
    pub enum CheckInStatus {
        /// On track to be finished in time.
        OnTrack,
        /// At risk of missing its date.
        AtRisk,
        /// Expected to miss its date unless something changes.
        OffTrack,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "check_in")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub priority_id: Option<Id<priority::Entity>>,
    pub action_id: Option<Id<action::Entity>>,
    /// The slot's first day, a Monday.
    pub slot_on: Date,
    /// The first check-in of the subject in the slot; its own id where it is that.
    pub first_id: Id<Entity>,
    pub owner_id: Id<member::Entity>,
    pub person_id: Id<person::Entity>,
    pub by_owner: bool,
    pub status: CheckInStatus,
    pub confidence: i32,
    pub comment: String,
    pub at: DateTimeUtc,
    pub replaced_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "check_in";
}
impl Scoped for Entity {
    const TABLE: Table = Table::CheckIn;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const SEARCHABLE: Option<Searchable> = Some(Searchable { title: None, texts: &["comment"] });
    const ERASABLE: Erasable = Erasable::Columns(&[("comment", Replacement::BLANK)]);
}
