//! What a metric of a client was in a period, as it was frozen.

use crate::{Id, Matter, Noun, Placement, Scoped, Table, client, closed, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// A measure of how well a client's teams execute. `metricDefinitions` has the formulas.
    pub enum Metric {
        /// Share of actions done by their baseline due dates.
        OnTimeActions,
        /// Median number of days by which late actions are late.
        OverdueAge,
        /// Share of ratified decisions whose due actions are done.
        DecisionFollowThrough,
        /// Share of reviews held within their grace period with at least half of the participants.
        CadenceAdherence,
        /// Share of check-in slots in which owners reported how their priorities stand.
        CheckInCompliance,
        /// Share of committed priorities that were achieved.
        PriorityCompletion,
        /// Priorities added or dropped after the team committed, relative to the priorities committed.
        PriorityChurn,
        /// How high the team rates the statements of its alignment round.
        AlignmentLevel,
        /// How much the ratings of the team's members agree.
        Agreement,
        /// How long stages take, relative to their planned time.
        StagePace,
        /// Share of obstacles resolved within 30 days.
        ObstacleResolution,
        /// Share of actions that their owners accepted within 7 days.
        OwnershipAcceptance,
    }
}

closed! {
    /// A group of metrics that can be derived from each other. A client that contributes to a benchmark of one
    /// contributes to all of them.
    pub enum MetricFamily {
        /// Actions done on time.
        Actions,
        /// Lateness of actions.
        Overdue,
        /// Follow-through on decisions.
        Decisions,
        /// Adherence to the review cadence.
        Reviews,
        /// Compliance with check-ins.
        CheckIns,
        /// Priorities of closed cycles.
        Priorities,
        /// Results of alignment rounds.
        Alignment,
        /// Pace of stages.
        Stages,
        /// Resolution of obstacles.
        Obstacles,
        /// Acceptance of actions.
        Ownership,
    }
}

closed! {
    /// The unit of a metric's values.
    pub enum MetricUnit {
        /// A share of the whole, 0 to 1: 0.83 is 83 %.
        Share,
        /// A ratio that can exceed 1.
        Ratio,
        /// A number of days.
        Days,
    }
}

closed! {
    /// Whether higher or lower values are better.
    pub enum MetricPolarity {
        /// Higher values are better.
        Higher,
        /// Lower values are better.
        Lower,
    }
}

closed! {
    /// Why a metric has no value.
    pub enum MetricReason {
        /// The denominator is below the minimum of the metric's definition.
        TooFew,
        /// No alignment round was revealed in the metric's window.
        NoneHeld,
        /// Fewer than four participants, or fewer than three in four, answered the latest alignment round, or its results
        /// are withheld, or its figures would reveal the ratings: with fewer than five respondents or four core
        /// statements, figures are shown only where ratings are shown with names.
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
    const PLACEMENT: Placement = Placement::OfClient(Matter::Content);
}
