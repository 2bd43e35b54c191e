//! A session of a team: workshop, follow-up or review.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Searchable, Table, client, closed, network,
    programme, session_series, stage_run, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Kind of session.
    pub enum SessionKind {
        /// A longer working session of a stage.
        Workshop,
        /// A shorter session on execution and accountability.
        FollowUp,
        /// A review under the team's cadence.
        Review,
    }
}

closed! {
    /// Status of a session.
    pub enum SessionStatus {
        /// Scheduled; not started.
        Scheduled,
        /// Started; not closed.
        InProgress,
        /// Held and closed, with a final record.
        Held,
        /// Cancelled, with a reason.
        Cancelled,
        /// Not started within one day after its planned end.
        Missed,
    }
}

closed! {
    /// Approximate number of ratings of a session.
    pub enum RatingBand {
        /// 5 to 9 ratings.
        FiveToNine,
        /// 10 to 19 ratings.
        TenToNineteen,
        /// 20 or more ratings.
        TwentyAndMore,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub programme_id: Option<Id<programme::Entity>>,
    pub stage_run_id: Option<Id<stage_run::Entity>>,
    pub series_id: Option<Id<session_series::Entity>>,
    /// Which date of its series it is.
    pub occurs_on: Option<Date>,
    /// Whether its start was changed by hand, so that its series leaves it there.
    pub moved_by_hand: bool,
    /// Whether its series cancelled it, so that its date can have another session.
    pub called_off: bool,
    pub kind: SessionKind,
    pub title: String,
    pub place: String,
    pub starts_at: DateTimeUtc,
    pub minutes: i32,
    pub status: SessionStatus,
    pub started_at: Option<DateTimeUtc>,
    pub members_present: Option<i32>,
    pub members_active: Option<i32>,
    pub summary: Option<String>,
    pub closed_at: Option<DateTimeUtc>,
    pub reason: Option<String>,
    /// Until when it can be rated, at the latest.
    pub rating_until: Option<DateTimeUtc>,
    /// When what is told of its ratings was fixed.
    pub rating_closed_at: Option<DateTimeUtc>,
    /// Twice their mean.
    pub rating_halves: Option<i32>,
    pub rating_band: Option<RatingBand>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "session";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Session;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FOLDED: &'static [&'static str] = &["title"];
    const SEARCHABLE: Option<Searchable> =
        Some(Searchable { title: Some("title"), texts: &["place", "summary"] });
    const ERASABLE: Erasable = Erasable::Columns(&[
        ("title", Replacement::ERASED),
        ("place", Replacement::BLANK),
        ("summary", Replacement::Nothing),
        ("reason", Replacement::Nothing),
    ]);
}
