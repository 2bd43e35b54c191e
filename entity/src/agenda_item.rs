//! What a session is to talk about.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Searchable, Table, client, closed, decision,
    drift_signal, member, network, obstacle, priority, session, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of an agenda item.
    pub enum AgendaItemStatus {
        /// Not discussed yet.
        Open,
        /// Discussed, with an outcome.
        Done,
        /// Dropped, with a reason.
        Dropped,
        /// Left open when its session ended, and carried over to the team's next session.
        Carried,
    }
}

closed! {
    /// Where an agenda item comes from.
    pub enum AgendaSource {
        /// A person added it.
        Added,
        /// A standing item of the series that the session belongs to.
        Series,
        /// The template suggests it for sessions of the stage.
        Template,
        /// Continues an item that an earlier session left open.
        Carried,
        /// An open drift signal asks to be discussed.
        DriftSignal,
        /// One of the gravest open obstacles of the team.
        Obstacle,
        /// The review day of a decision has come.
        DecisionReview,
        /// The latest check-in on a priority says that it is off track.
        PriorityOffTrack,
        /// Promoted from the parking lot of a session.
        ParkingLot,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "agenda_item")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub session_id: Id<session::Entity>,
    pub owner_id: Option<Id<member::Entity>>,
    /// The item of a later session that goes on with this one.
    pub carried_to_id: Option<Id<Entity>>,
    pub position: i32,
    pub title: String,
    pub minutes: i32,
    pub status: AgendaItemStatus,
    pub outcome: Option<String>,
    pub closed_at: Option<DateTimeUtc>,
    pub source: AgendaSource,
    pub drift_signal_id: Option<Id<drift_signal::Entity>>,
    pub obstacle_id: Option<Id<obstacle::Entity>>,
    pub decision_id: Option<Id<decision::Entity>>,
    pub priority_id: Option<Id<priority::Entity>>,
    /// Since when the session has been discussing it; only while it is the current item.
    pub discussed_since: Option<DateTimeUtc>,
    /// How long it was discussed before that, in seconds.
    pub discussed_seconds: i32,
    /// By how many minutes its planned duration was extended.
    pub extended_minutes: i32,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "agenda_item";
}
impl Scoped for Entity {
    const TABLE: Table = Table::AgendaItem;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FOLDED: &'static [&'static str] = &["title"];
    const SEARCHABLE: Option<Searchable> = Some(Searchable { title: Some("title"), texts: &["outcome"] });
    const ERASABLE: Erasable =
        Erasable::Columns(&[("title", Replacement::ERASED), ("outcome", Replacement::Nothing)]);
}
