//! Metrics: twelve figures about how well a client's teams execute.
//!
//! A metric is computed for a client as of a day, over a window of days in the client's time zone. It has a numerator, a
//! denominator and the version of its definition. With too little data it has no value, but a reason. Teams cannot improve
//! metrics by editing: metrics use baseline due dates, count cancelled objects, and leave out only objects that were
//! cancelled within two days of their creation. Metrics of an alignment round disclose no more than the round.
//!
//! Quarters are *frozen* some time after their end. People who work with a client can read its values; head office cannot.
//!
//! Invariant: frozen values never change.

pub mod definition;
pub mod freezing;
pub mod rules;
pub mod statement;
#[cfg(test)]
mod tests;

use super::client::Client;
use crate::{
    kernel::read::{Dialect, Field, Shape, Shaped, Ty, shape},
    shape,
};
use entity::{
    metric_period,
    metric_value::{self, Metric, MetricFamily, MetricPolarity, MetricReason, MetricUnit},
};
use std::sync::OnceLock;

/// SQL for ten-thousandths as a decimal number.
const DECIMAL: &str =
    "(cast({t}.value / 10000 as text) || '.' || substr(cast(10000 + {t}.value % 10000 as text), 2))";

shape! {
    /// A quarter whose metrics are frozen: later changes do not change its values.
    MetricPeriod of metric_period {
        /// The quarter, such as `2026-Q3`.
        period = text(Period),
        /// First day of the quarter.
        startsOn = date(StartsOn),
        /// Last day of the quarter.
        endsOn = date(EndsOn),
        /// When the quarter was frozen.
        frozenAt = instant(FrozenAt),
    }
}

shape! {
    /// The frozen value of a client's metric in a quarter. It never changes.
    MetricValue of metric_value {
        /// The quarter, such as `2026-Q3`.
        period = text(Period).filter(),
        /// Last day of the quarter.
        endsOn = date(EndsOn).filter().order(),
        /// The metric.
        metric = closed::<entity::metric_value::Metric, _>(Metric).filter(),
        /// Version of the metric's definition by which the value was computed.
        definitionVersion = int(DefinitionVersion),
        /// The value, in the metric's unit. Null if there is none: see `reason`.
        value = derived(Ty::Decimal, DECIMAL).or_null(),
        /// Numerator of the value. Null if the value is a median, or if there was nothing to count.
        numerator = int(Numerator).or_null(),
        /// Denominator of the value: the number of items measured.
        denominator = int(Denominator).or_null(),
        /// Why the metric has no value. Null if it has one.
        reason = closed::<MetricReason, _>(Reason).or_null(),
        /// When the value was frozen.
        frozenAt = instant(FrozenAt),
        /// Client that the value is about.
        client = one::<Client, _>(ClientId),
    }
}

/// A metric of a client as of a day.
pub struct ClientMetric;

impl Shaped for ClientMetric {
    fn shape() -> &'static Shape {
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            use shape::{derived, list_across, of_view, register};
            let first = metric_value::Column::FirstId;
            let trend = list_across::<MetricValue, _, _>(first, first)
                .by(metric_value::Column::EndsOn, Ty::Date)
                .about(8);
            let fields = vec![
                Field::new("metric", "The metric.", of_view("metric", Ty::Closed(register::<Metric>))),
                Field::new("name", "Name of the metric.", of_view("name", Ty::Text)),
                Field::new(
                    "meaning",
                    "Meaning of the metric, in one sentence.",
                    of_view("meaning", Ty::Text),
                ),
                Field::new("unit", "Unit of the value.", of_view("unit", Ty::Closed(register::<MetricUnit>))),
                Field::new(
                    "polarity",
                    "Whether higher or lower values are better.",
                    of_view("polarity", Ty::Closed(register::<MetricPolarity>)),
                ),
                Field::new(
                    "definitionVersion",
                    "Version of the metric's definition.",
                    of_view("version", Ty::Int),
                ),
                Field::new(
                    "value",
                    "The value, in the metric's unit. Null if there is none: see `reason`.",
                    derived(Ty::Decimal, DECIMAL),
                )
                .or_null(),
                Field::new(
                    "numerator",
                    "Numerator of the value. Null if the value is a median, or if there is nothing to count.",
                    of_view("numerator", Ty::Int),
                )
                .or_null(),
                Field::new(
                    "denominator",
                    "Denominator of the value: the number of items measured.",
                    of_view("denominator", Ty::Int),
                ),
                Field::new(
                    "reason",
                    "Why the metric has no value. Null if it has one.",
                    of_view("reason", Ty::Closed(register::<MetricReason>)),
                )
                .or_null(),
                Field::new("trend", "The metric's values in frozen quarters, oldest first.", trend),
            ];
            Shape::query::<metric_value::Entity>(
                "ClientMetric",
                "A metric of a client as of a day, computed from the client's work.",
                "metric",
                statement::metrics_query,
                fields,
            )
        })
    }
}

/// The definition of a metric.
pub struct MetricDefinition;

impl Shaped for MetricDefinition {
    fn shape() -> &'static Shape {
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            use shape::{of_view, register};
            let text = |column| of_view(column, Ty::Text);
            let fields = vec![
                Field::new("metric", "The metric.", of_view("metric", Ty::Closed(register::<Metric>))),
                Field::new(
                    "definitionVersion",
                    "Version of the definition. Increases when the meaning of the metric changes.",
                    of_view("version", Ty::Int),
                ),
                Field::new("name", "Name of the metric.", text("name")),
                Field::new("meaning", "Meaning of the metric, in one sentence.", text("meaning")),
                Field::new("formula", "How the metric is computed, as numerator / denominator.", text("formula")),
                Field::new(
                    "unit",
                    "Unit of the metric's values.",
                    of_view("unit", Ty::Closed(register::<MetricUnit>)),
                ),
                Field::new(
                    "polarity",
                    "Whether higher or lower values are better.",
                    of_view("polarity", Ty::Closed(register::<MetricPolarity>)),
                ),
                Field::new(
                    "family",
                    "The family of metrics whose benchmarks count the same clients.",
                    of_view("family", Ty::Closed(register::<MetricFamily>)),
                ),
                Field::new(
                    "rangeFrom",
                    "Lower end of the metric's public range. In benchmarks, lower values count as this value.",
                    of_view("low", Ty::Decimal),
                ),
                Field::new(
                    "rangeTo",
                    "Upper end of the metric's public range. In benchmarks, higher values count as this value.",
                    of_view("high", Ty::Decimal),
                ),
                Field::new(
                    "windowDays",
                    "Length of the metric's window in days, in the client's time zone.",
                    of_view("window_days", Ty::Int),
                ),
                Field::new(
                    "leastShown",
                    "Minimum denominator for a value.",
                    of_view("least_shown", Ty::Int),
                ),
                Field::new(
                    "leastContributed",
                    "Minimum denominator for a value to contribute to a benchmark.",
                    of_view("least_contributed", Ty::Int),
                ),
            ];
            Shape::query::<metric_period::Entity>(
                "MetricDefinition",
                "The definition of a metric. Each value has the version of the definition that it uses.",
                "metric",
                definitions_query,
                fields,
            )
        })
    }
}

fn definitions_query(_: Dialect) -> &'static str {
    static SQL: OnceLock<String> = OnceLock::new();
    SQL.get_or_init(|| {
        format!(
            "with {} select {{network}} as network_id, d.* from definition d",
            statement::definitions_table()
        )
    })
}
