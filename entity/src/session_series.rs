//! Sessions of a team that come again and again.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, closed, network, programme,
    session::SessionKind, stage_run, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of a series of sessions.
    pub enum SeriesStatus {
        /// Sessions are scheduled by the series' rule.
        Active,
        /// No further sessions are scheduled.
        Ended,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "session_series")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub programme_id: Option<Id<programme::Entity>>,
    /// The stage of its sessions; none where they follow the programme's open stage.
    pub stage_run_id: Option<Id<stage_run::Entity>>,
    pub kind: SessionKind,
    pub title: String,
    pub place: String,
    pub minutes: i32,
    pub rule: String,
    pub starts_on: Date,
    /// `HH:MM`, by the clocks of the time zone.
    pub local_time: String,
    pub time_zone: String,
    /// Dates that the rule names and on which no session takes place, as a JSON list.
    pub except_on: String,
    /// Its standing agenda items, as a JSON list of titles and minutes. Empty where the template's are taken.
    pub agenda: String,
    pub status: SeriesStatus,
    /// Up to this date every session is in the diary.
    pub made_until: Option<Date>,
    /// When there is a place for the next one; none when the rule names no more.
    pub refill_at: Option<DateTimeUtc>,
    pub ended_at: Option<DateTimeUtc>,
    pub reason: Option<String>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "session_series";
}
impl Scoped for Entity {
    const TABLE: Table = Table::SessionSeries;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FOLDED: &'static [&'static str] = &["title"];
    const ERASABLE: Erasable = Erasable::Columns(&[
        ("title", Replacement::ERASED),
        ("place", Replacement::BLANK),
        ("reason", Replacement::Nothing),
        ("agenda", Replacement::Text("[]")),
    ]);
}
