//! Metrics: how well a client's teams execute, in twelve figures that anyone can check.
//!
//! A metric is computed for a client as of a day, over a window of days that ends with it in the client's own time
//! zone, and comes with its numerator, its denominator and the version of its definition; where there is too little to
//! measure it has no value, and says why. What the team does to its own list changes a metric only as the definition
//! says: due dates are those first promised, what was cancelled or whose client was archived still counts, and only
//! what was withdrawn within two days of its making is left out. Of an alignment round no more is told than the round
//! tells itself.
//!
//! Quarters are *frozen* when they have been over for a while: every client's values are kept as they were, and what is
//! changed afterwards never changes them. A client's own values are read by those who work with it, and never by head
//! office.

pub mod definition;
pub mod freezing;
pub mod rules;
pub mod statement;
#[cfg(test)]
mod tests;

use crate::{
    kernel::read::{Dialect, Field, Shape, Shaped, Ty, shape},
    shape,
};
use entity::{
    metric_period,
    metric_value::{self, Metric, MetricFamily, MetricPolarity, MetricReason, MetricUnit},
};
use std::sync::OnceLock;

/// Ten-thousandths as a decimal number.
const DECIMAL: &str =
    "(cast({t}.value / 10000 as text) || '.' || substr(cast(10000 + {t}.value % 10000 as text), 2))";

shape! {
    /// A quarter whose metrics are frozen: what is changed afterwards changes no value of it.
    MetricPeriod of metric_period {
        /// The quarter, such as `2026-Q3`.
        period = text(Period),
        /// Its first day.
        startsOn = date(StartsOn),
        /// Its last day.
        endsOn = date(EndsOn),
        /// When it was frozen.
        frozenAt = instant(FrozenAt),
    }
}

shape! {
    /// A metric of a client in a quarter, as it was frozen. It never changes.
    MetricValue of metric_value {
        /// The quarter, such as `2026-Q3`.
        period = text(Period).filter(),
        /// Its last day.
        endsOn = date(EndsOn).filter().order(),
        /// What is measured.
        metric = closed::<entity::metric_value::Metric, _>(Metric).filter(),
        /// By which version of its definition.
        definitionVersion = int(DefinitionVersion),
        /// The value, in the metric's unit; null where there is none.
        value = derived(Ty::Decimal, DECIMAL).or_null(),
        /// What the value counts; null where it is a median, or there was nothing to count.
        numerator = int(Numerator).or_null(),
        /// Out of how many.
        denominator = int(Denominator).or_null(),
        /// Why there is no value; null where there is one.
        reason = closed::<MetricReason, _>(Reason).or_null(),
        /// When it was frozen.
        frozenAt = instant(FrozenAt),
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
                Field::new("metric", "What is measured.", of_view("metric", Ty::Closed(register::<Metric>))),
                Field::new("name", "What it is called.", of_view("name", Ty::Text)),
                Field::new("meaning", "What it says.", of_view("meaning", Ty::Text)),
                Field::new(
                    "unit",
                    "What the value counts.",
                    of_view("unit", Ty::Closed(register::<MetricUnit>)),
                ),
                Field::new(
                    "polarity",
                    "Which way is better.",
                    of_view("polarity", Ty::Closed(register::<MetricPolarity>)),
                ),
                Field::new(
                    "definitionVersion",
                    "The version of its definition.",
                    of_view("version", Ty::Int),
                ),
                Field::new(
                    "value",
                    "The value, in the metric's unit; null where there is none.",
                    derived(Ty::Decimal, DECIMAL),
                )
                .or_null(),
                Field::new(
                    "numerator",
                    "What the value counts; null where it is a median, or there is nothing to count.",
                    of_view("numerator", Ty::Int),
                )
                .or_null(),
                Field::new("denominator", "Out of how many.", of_view("denominator", Ty::Int)),
                Field::new(
                    "reason",
                    "Why there is no value; null where there is one.",
                    of_view("reason", Ty::Closed(register::<MetricReason>)),
                )
                .or_null(),
                Field::new("trend", "What it was in the quarters that are frozen, oldest first.", trend),
            ];
            Shape::query::<metric_value::Entity>(
                "ClientMetric",
                "A metric of a client as of a day, computed from the work itself.",
                "metric",
                statement::query,
                fields,
            )
        })
    }
}

/// What a metric is and how it is made.
pub struct MetricDefinition;

impl Shaped for MetricDefinition {
    fn shape() -> &'static Shape {
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            use shape::{of_view, register};
            let text = |column| of_view(column, Ty::Text);
            let fields = vec![
                Field::new("metric", "What is measured.", of_view("metric", Ty::Closed(register::<Metric>))),
                Field::new("version", "Counts up when its meaning changes.", of_view("version", Ty::Int)),
                Field::new("name", "What it is called.", text("name")),
                Field::new("meaning", "What it says.", text("meaning")),
                Field::new("formula", "How it is computed: numerator / denominator.", text("formula")),
                Field::new(
                    "unit",
                    "What a value counts.",
                    of_view("unit", Ty::Closed(register::<MetricUnit>)),
                ),
                Field::new(
                    "polarity",
                    "Which way is better.",
                    of_view("polarity", Ty::Closed(register::<MetricPolarity>)),
                ),
                Field::new(
                    "family",
                    "The metrics with which it shares its contributors to a benchmark.",
                    of_view("family", Ty::Closed(register::<MetricFamily>)),
                ),
                Field::new(
                    "rangeFrom",
                    "The lower end of its public range: in a benchmark, what is below counts as this.",
                    of_view("low", Ty::Decimal),
                ),
                Field::new("rangeTo", "The upper end of its public range.", of_view("high", Ty::Decimal)),
                Field::new(
                    "windowDays",
                    "Days that are looked back on, in the client's time zone.",
                    of_view("window_days", Ty::Int),
                ),
                Field::new(
                    "leastShown",
                    "The least denominator with which there is a value.",
                    of_view("least_shown", Ty::Int),
                ),
                Field::new(
                    "leastContributed",
                    "The least denominator with which a value contributes to a benchmark.",
                    of_view("least_contributed", Ty::Int),
                ),
            ];
            Shape::query::<metric_period::Entity>(
                "MetricDefinition",
                "What a metric is and how it is made. Values say by which version they were.",
                "metric",
                definitions,
                fields,
            )
        })
    }
}

fn definitions(_: Dialect) -> &'static str {
    static SQL: OnceLock<String> = OnceLock::new();
    SQL.get_or_init(|| {
        format!("with {} select {{network}} as network_id, d.* from definition d", statement::definitions())
    })
}
