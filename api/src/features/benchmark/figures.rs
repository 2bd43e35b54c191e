//! Published figures as numbers, and how a client's own value compares with them: SQL made from the definitions of the
//! metrics and from the rules, over the frozen rows of a release alone.

use super::{
    mechanism::quantile::{ENDS, WHOLE},
    rules::{lower_polarity_metrics, standing},
};
use crate::{
    features::metric::definition::{METRICS, SCALE, definition},
    kernel::read::{
        Field,
        shape::{Ty, derived, register},
    },
};
use entity::{
    benchmark_cohort::BenchmarkBound,
    benchmark_standing::{BenchmarkQuartile, BenchmarkStanding},
    metric_value::MetricPolarity,
};
use sea_orm::Iterable;
use std::sync::OnceLock;

/// The figures with their columns, and what they are called.
const FIGURES: [(&str, [&str; 2], &str); 5] = [
    ("p10", ["p10Value", "p10Bound"], "lower decile"),
    ("p25", ["p25Value", "p25Bound"], "lower quartile"),
    ("p50", ["p50Value", "p50Bound"], "median"),
    ("p75", ["p75Value", "p75Bound"], "upper quartile"),
    ("p90", ["p90Value", "p90Bound"], "upper decile"),
];

/// What [`FIGURES`] are made of: for each, the SQL of its value and of its bound, and their descriptions.
struct Made {
    value: String,
    bound: String,
    value_doc: String,
    bound_doc: String,
}

/// The fields of the figures as numbers, and of how the client stands.
pub fn fields() -> Vec<Field> {
    static MADE: OnceLock<Vec<Made>> = OnceLock::new();
    let made = MADE.get_or_init(|| FIGURES.iter().map(make).collect());
    let mut fields = vec![];
    for ((column, [value, bound], _), made) in FIGURES.into_iter().zip(made) {
        let number = Field::new(value, &made.value_doc, derived(Ty::Decimal, &made.value));
        fields.push(if matches!(column, "p10" | "p90") { number.or_null() } else { number });
        let sql = derived(Ty::Closed(register::<BenchmarkBound>), &made.bound);
        fields.push(Field::new(bound, &made.bound_doc, sql).or_null());
    }
    let doc = "How the client's own value compares with the cohort: better in the best quarter by the metric's polarity, \
               worse in the worst, otherwise about the same, also where the published quartiles are equal. Null if the \
               client has no value.";
    let how = derived(Ty::Closed(register::<BenchmarkStanding>), standing_sql());
    fields.push(Field::new("standing", doc, how).or_null());
    fields
}

fn make((column, [value, _], name): &(&str, [&str; 2], &str)) -> Made {
    let null = if matches!(*column, "p10" | "p90") {
        " Null if the cohort counts fewer than 30 clients."
    } else {
        ""
    };
    Made {
        value: value_sql(column),
        bound: format!(
            "case when {{t}}.{column} <= {} then {{BenchmarkBound::AtMost}} \
             when {{t}}.{column} >= {} then {{BenchmarkBound::AtLeast}} end",
            ENDS.0, ENDS.1
        ),
        value_doc: format!(
            "The {name} as a number in the metric's unit, rounded to a twentieth of the metric's range.{null}"
        ),
        bound_doc: format!(
            "Whether the {name} is at most or at least `{value}`, at the ends of the metric's range. Null if it is \
             `{value}`."
        ),
    }
}

/// SQL for a figure in the metric's unit, with four decimal places.
fn value_sql(column: &str) -> String {
    let by_metric = |number: fn(&crate::features::metric::definition::Definition) -> i64| {
        let cases = METRICS
            .map(|metric| format!(" when {{Metric::{metric:?}}} then {}", number(&definition(metric))));
        format!("case {{t}}.metric{} end", cases.concat())
    };
    let (low, width) = (by_metric(|metric| metric.low), by_metric(|metric| metric.high - metric.low));
    let parts = format!("({low} + cast({{t}}.{column} as bigint) * ({width}) / {WHOLE})");
    format!("cast({parts} / {SCALE} as text) || '.' || substr(cast({SCALE} + {parts} % {SCALE} as text), 2)")
}

fn standing_sql() -> &'static str {
    static SQL: OnceLock<String> = OnceLock::new();
    SQL.get_or_init(|| {
        let lower: Vec<String> =
            lower_polarity_metrics().iter().map(|metric| format!("{{Metric::{metric:?}}}")).collect();
        let of = |polarity| {
            let cases = BenchmarkQuartile::iter().map(|quartile| {
                format!(
                    " when {{BenchmarkQuartile::{quartile:?}}} then {{BenchmarkStanding::{:?}}}",
                    standing(quartile, polarity)
                )
            });
            format!("case {{t}}.position{} end", cases.collect::<String>())
        };
        format!(
            "case when {{t}}.position is null then null \
             when {{t}}.p25 = {{t}}.p75 then {{BenchmarkStanding::{:?}}} \
             when {{t}}.metric in ({}) then {} else {} end",
            BenchmarkStanding::AboutTheSame,
            lower.join(", "),
            of(MetricPolarity::Lower),
            of(MetricPolarity::Higher)
        )
    })
}
