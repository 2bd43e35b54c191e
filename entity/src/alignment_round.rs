//! A round in which a team answers the same statements, each in secret.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, closed, network, session, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of an alignment round.
    pub enum AlignmentStatus {
        /// Open for answers. Answers are secret.
        Open,
        /// Closed for answers. Answers are still secret.
        Sealed,
        /// Results have been computed, once, and never change.
        Revealed,
    }
}

closed! {
    /// How a revealed round discloses its results.
    pub enum AlignmentDisclosure {
        /// Results without names: each statement's mean to the nearest half and a consensus band. At least five
        /// respondents count, and not every respondent consented to be named.
        Anonymous,
        /// Results with every respondent's rating, for the participants of the team and its facilitators. Each
        /// respondent consented to be named.
        Attributed,
        /// Results are never disclosed. Fewer than five respondents count, and not every respondent consented to be
        /// named.
        Withheld,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "alignment_round")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub session_id: Option<Id<session::Entity>>,
    pub compared_id: Option<Id<Entity>>,
    /// The round that this one votes on again.
    pub revote_of_id: Option<Id<Entity>>,
    /// Of a re-vote that is a pulse: how many days after its round it was due.
    pub pulse_days: Option<i32>,
    /// When the next pulse of the round is due.
    pub next_pulse_at: Option<DateTimeUtc>,
    pub title: String,
    pub status: AlignmentStatus,
    pub disclosure: Option<AlignmentDisclosure>,
    pub closes_on: Option<Date>,
    pub closes_at: Option<DateTimeUtc>,
    pub answered: i32,
    /// How many of those who answered count towards results without names.
    pub counting: i32,
    pub members: i32,
    pub opened_at: DateTimeUtc,
    pub sealed_at: Option<DateTimeUtc>,
    pub revealed_at: Option<DateTimeUtc>,
    /// Ratings of core statements, where enough of the team answered and results are told.
    pub ratings: Option<i32>,
    /// How high they are on their scales, in ten-thousandths, to the nearest 500.
    pub level: Option<i32>,
    /// How much they agree, likewise.
    pub agreement: Option<i32>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "alignment_round";
}
impl Scoped for Entity {
    const TABLE: Table = Table::AlignmentRound;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FOLDED: &'static [&'static str] = &["title"];
    const ERASABLE: Erasable = Erasable::Columns(&[("title", Replacement::ERASED)]);
}
