//! What a metric of a client was in a period, as it was frozen.

use crate::{Hang, Id, Matter, Noun, Scoped, Table, client, closed, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// What is measured of how a client's teams execute. `metricDefinitions` says how.
    pub enum Metric {
        /// Actions done by their baseline due dates.
        OnTimeActions,
        /// How late late actions are.
        OverdueAge,
        /// Ratified decisions whose due actions are done.
        DecisionFollowThrough,
        /// Reviews held when they were due.
        CadenceAdherence,
        /// Check-in slots in which owners said how their priorities stand.
        CheckInCompliance,
        /// Priorities achieved of those committed.
        PriorityCompletion,
        /// Priorities added or dropped after the team had committed.
        PriorityChurn,
        /// How high the team rates the statements of its alignment round.
        AlignmentLevel,
        /// How much the team's ratings agree.
        Agreement,
        /// How long stages take, of the time that was planned for them.
        StagePace,
        /// Obstacles resolved within 30 days.
        ObstacleResolution,
        /// Actions that their owners accepted within 7 days.
        OwnershipAcceptance,
    }
}

closed! {
    /// Metrics that can be derived from each other: who contributes to a benchmark of one contributes to all of them.
    pub enum MetricFamily {
        /// Actions done in time.
        Actions,
        /// How late actions are.
        Overdue,
        /// Decisions.
        Decisions,
        /// The rhythm of reviews.
        Reviews,
        /// Check-ins.
        CheckIns,
        /// Priorities of closed cycles.
        Priorities,
        /// Alignment rounds.
        Alignment,
        /// The pace of stages.
        Stages,
        /// Obstacles.
        Obstacles,
        /// The acceptance of actions.
        Ownership,
    }
}

closed! {
    /// What a metric's value counts.
    pub enum MetricUnit {
        /// A share of the whole: 0.83 is 83 %.
        Share,
        /// A ratio that can exceed one.
        Ratio,
        /// Days.
        Days,
    }
}

closed! {
    /// Which way is better.
    pub enum MetricPolarity {
        /// More is better.
        Higher,
        /// Less is better.
        Lower,
    }
}

closed! {
    /// Why a metric has no value.
    pub enum MetricReason {
        /// There is too little to measure: the denominator is below the definition's minimum.
        TooFew,
        /// No alignment round was revealed.
        NoneHeld,
        /// Fewer than four members, or fewer than three in four, answered the latest alignment round, or its results are
        /// withheld, or it asked so little that its figures would tell the ratings: with fewer than five respondents or four
        /// core statements they are told only where ratings are told with names.
        NotEnoughRespondents,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "metric_value")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    /// `2026-Q3`.
    pub period: String,
    pub ends_on: Date,
    pub metric: Metric,
    /// The first value of the metric that was frozen for the client; its own id where it is that.
    pub first_id: Id<Entity>,
    pub definition_version: i32,
    pub numerator: Option<i64>,
    pub denominator: Option<i64>,
    /// In ten-thousandths of the metric's unit.
    pub value: Option<i64>,
    pub reason: Option<MetricReason>,
    pub frozen_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "metric_value";
}
impl Scoped for Entity {
    const TABLE: Table = Table::MetricValue;
    const HANG: Hang = Hang::OfClient(Matter::Content);
}
