//! The definitions of metrics, as data.
//!
//! Invariant: a change of a metric's meaning increases its version. Frozen values keep the version of their definition.

use entity::metric_value::{
    Metric::{self, *},
    MetricFamily, MetricPolarity, MetricUnit,
};

/// Values and ranges are stored in ten-thousandths of a unit.
pub const SCALE: i64 = 10_000;
/// Minimum denominator of a contribution to a benchmark.
pub const MIN_CONTRIBUTION: i64 = 10;
/// The usual window in days: thirteen weeks.
pub const WINDOW: i32 = 91;
/// Maximum age in days of the last two cycles and the last alignment round.
pub const YEAR: i32 = 365;

/// The definition of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    pub metric: Metric,
    /// Increases when the meaning changes.
    pub version: i32,
    pub name: &'static str,
    pub meaning: &'static str,
    pub formula: &'static str,
    pub unit: MetricUnit,
    /// The public range, in ten-thousandths of the unit. In a benchmark, a value outside counts as the nearest end.
    pub low: i64,
    pub high: i64,
    pub polarity: MetricPolarity,
    pub family: MetricFamily,
    /// Length of the window in days, with its last day.
    pub window_days: i32,
    /// Minimum denominator for a value.
    pub least_shown: i64,
    /// Minimum denominator for a contribution to a benchmark.
    pub least_contributed: i64,
}

impl Definition {
    /// The contribution of a value to a benchmark, in basis points of the public range.
    pub fn contribution(&self, value: i64) -> u16 {
        let (width, above) = (self.high - self.low, value.clamp(self.low, self.high) - self.low);
        // Halves are rounded up.
        u16::try_from((above * 2 * SCALE + width) / (2 * width)).unwrap_or(10_000)
    }
}

/// All metrics, in display order.
pub const METRICS: [Metric; 12] = [
    OnTimeActions,
    OverdueAge,
    DecisionFollowThrough,
    CadenceAdherence,
    CheckInCompliance,
    PriorityCompletion,
    PriorityChurn,
    AlignmentLevel,
    Agreement,
    StagePace,
    ObstacleResolution,
    OwnershipAcceptance,
];

/// The present definition of a metric.
pub const fn definition(metric: Metric) -> Definition {
    match metric {
        OnTimeActions | OverdueAge | OwnershipAcceptance => action_definition(metric),
        DecisionFollowThrough | ObstacleResolution | StagePace => course_definition(metric),
        CadenceAdherence | CheckInCompliance => rhythm_definition(metric),
        PriorityCompletion | PriorityChurn | AlignmentLevel | Agreement => aim_definition(metric),
    }
}

const fn share_definition(
    metric: Metric,
    family: MetricFamily,
    name: &'static str,
    meaning: &'static str,
    formula: &'static str,
) -> Definition {
    Definition {
        metric,
        version: 1,
        name,
        meaning,
        formula,
        unit: MetricUnit::Share,
        low: 0,
        high: SCALE,
        polarity: MetricPolarity::Higher,
        family,
        window_days: WINDOW,
        least_shown: 5,
        least_contributed: MIN_CONTRIBUTION,
    }
}

const fn action_definition(metric: Metric) -> Definition {
    match metric {
        OnTimeActions => share_definition(
            metric,
            MetricFamily::Actions,
            "On-time actions",
            "Of what was promised for these days, how much was done by the day that was promised first.",
            "Actions done by the end of their baseline due date / accepted actions whose baseline due date falls in the \
             window. Cancelled ones count as not done, unless a ratified decision cancelled them before they were due. \
             Baselines on days on which the programme was paused are left out, and so is what was withdrawn within 48 \
             hours of being offered.",
        ),
        OverdueAge => Definition {
            unit: MetricUnit::Days,
            high: 90 * SCALE,
            polarity: MetricPolarity::Lower,
            ..share_definition(
                metric,
                MetricFamily::Overdue,
                "Overdue age",
                "How many days late the typical late action is.",
                "The median, over the actions that on-time actions counts and that were not done in time, of the days \
                 from the end of the baseline due date to completion, or to the end of the window; paused time does \
                 not count. The denominator is the number of late actions; a median has no numerator.",
            )
        },
        _ => share_definition(
            metric,
            MetricFamily::Ownership,
            "Ownership acceptance",
            "How readily people take on what they are asked to do.",
            "Actions accepted within 7 days / actions first offered in the window, at least 7 days before its end. \
             Declined, cancelled and unanswered ones are not accepted; one that is given to somebody else is still the \
             same offer. Paused time does not count. What was withdrawn within 48 hours is left out.",
        ),
    }
}

const fn course_definition(metric: Metric) -> Definition {
    match metric {
        // Version 1 did not count the actions of priorities, nor know decisions that need no action.
        DecisionFollowThrough => Definition {
            version: 2,
            ..share_definition(
                metric,
                MetricFamily::Decisions,
                "Decision follow-through",
                "How many decisions led to what they called for.",
                "Ratified decisions whose due actions are all done / ratified decisions with an action whose baseline \
                 due date falls in the window, and those that became 14 days old in it, still in force, without any \
                 action that somebody accepted, unless the decision says that it needs none. The actions of a decision \
                 are its own and those of the priorities that carry it out. An action is left out where on-time \
                 actions leaves it out, and so is a decision revoked within 48 hours.",
            )
        },
        ObstacleResolution => share_definition(
            metric,
            MetricFamily::Obstacles,
            "Obstacle resolution",
            "How many obstacles are out of the way within a month.",
            "Obstacles resolved within 30 days / obstacles raised in the 91 days that ended 30 days before the window's \
             end. Parked and escalated ones are not resolved. Paused time does not count.",
        ),
        _ => Definition {
            unit: MetricUnit::Ratio,
            high: 3 * SCALE,
            polarity: MetricPolarity::Lower,
            ..share_definition(
                metric,
                MetricFamily::Stages,
                "Stage pace",
                "How long stages take, of the time that was planned for them: 1 is as planned, 2 twice as long.",
                "Days for which stages were open, without paused ones / days planned for them, over the stages that \
                 were passed in the window and those open at its end, or at the programme's, for longer than planned.",
            )
        },
    }
}

const fn rhythm_definition(metric: Metric) -> Definition {
    match metric {
        // The quorum of version 1 counted observers, too.
        CadenceAdherence => Definition {
            version: 2,
            least_shown: 3,
            ..share_definition(
                metric,
                MetricFamily::Reviews,
                "Cadence adherence",
                "How many reviews took place when they were due, with enough of the team.",
                "Reviews held within their days of grace (weekly 2, monthly 7, quarterly 14) with at least half of the \
                 participants / reviews whose days of grace ended in the window. Observers count for nothing. Those that a pause excused are left out.",
            )
        },
        // Version 1 counted weeks, regardless of the interval of reviews; version 2 left out what was recorded for owners
        // without a login.
        _ => Definition {
            version: 3,
            ..share_definition(
                metric,
                MetricFamily::CheckIns,
                "Check-in compliance",
                "How often, of the times they were asked, owners said how their priorities stand. It is no matter what they \
                 said.",
                "Check-in slots with a check-in by the owner / slots that ended in the window and lay wholly between a \
                 priority's commitment and its end, for each priority. A slot is a week, or as many weeks as the interval \
                 of the team's review cadence. For an owner without a login, what the facilitator recorded counts. Slots \
                 that a pause of the programme touched are left out.",
            )
        },
    }
}

const fn aim_definition(metric: Metric) -> Definition {
    match metric {
        PriorityCompletion => Definition {
            window_days: YEAR,
            least_shown: 3,
            ..share_definition(
                metric,
                MetricFamily::Priorities,
                "Priority completion",
                "How many of the priorities that the team committed to it achieved.",
                "Priorities achieved / priorities committed, in each team's last two closed cycles. One that was dropped \
                 counts as not achieved, unless that was before the team committed to the cycle, or within 48 hours of \
                 its making. Those added later count, too.",
            )
        },
        PriorityChurn => Definition {
            window_days: YEAR,
            unit: MetricUnit::Ratio,
            polarity: MetricPolarity::Lower,
            ..share_definition(
                metric,
                MetricFamily::Priorities,
                "Priority churn",
                "How much of what the team had committed to changed on the way.",
                "(Priorities added + priorities dropped after the team had committed to the cycle) / priorities committed \
                 by then, in each team's last two closed cycles. What was dropped within 48 hours of its making is left \
                 out.",
            )
        },
        // Version 1 asked for three in four of all members, observers included, and counted re-votes.
        AlignmentLevel => Definition {
            version: 2,
            window_days: YEAR,
            least_shown: 4,
            ..share_definition(
                metric,
                MetricFamily::Alignment,
                "Alignment level",
                "How far the team stands behind what its alignment round states.",
                "The mean of (rating − lowest) / (highest − lowest) over the core statements of each team's latest \
                 revealed round that is no re-vote, to the nearest 0.05. At least three in four participants answered \
                 it, and at least four; where ratings are not told with names, at least five, and it had at least four \
                 core statements. Observers count for nothing. The denominator is the number of ratings.",
            )
        },
        _ => Definition {
            version: 2,
            window_days: YEAR,
            least_shown: 4,
            ..share_definition(
                metric,
                MetricFamily::Alignment,
                "Agreement",
                "How much the members of a team answer alike.",
                "The mean of 1 − 4σ² / (highest − lowest)² over the core statements of each team's latest revealed \
                 round that is no re-vote, σ² being the variance of all ratings, to the nearest 0.05. At least three in \
                 four participants answered it, and at least four; where ratings are not told with names, at least \
                 five, and it had at least four core statements. Observers count for nothing. The denominator is the \
                 number of ratings.",
            )
        },
    }
}
