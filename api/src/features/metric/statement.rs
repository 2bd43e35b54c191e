//! One statement that computes all metrics of some clients, for both databases, and a table of the definitions.

use super::definition::{METRICS, WINDOW, YEAR, definition};
use crate::kernel::{db::Template, read::Dialect};
use entity::metric_value::{MetricPolarity, MetricUnit};
use sea_orm::ActiveEnum;
use std::borrow::Cow;

/// The statement. The caller must fill `{zones:…}` and `{among:c.id}`.
pub fn metrics_query(dialect: Dialect) -> &'static str {
    static SQL: Template = Template::new(include_str!("metrics.sql"), part);
    SQL.of(dialect)
}

/// The parts of the statement.
fn part(name: &str) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(match name {
        "definitions" => return Some(definitions_table().into()),
        "window" => return Some(WINDOW.to_string().into()),
        "year" => return Some(YEAR.to_string().into()),
        // a metric with the sums of its numerator and denominator
        "ratio" => {
            "select client_id, {1}, cast(sum({2}) as bigint), cast(sum({3}) as bigint), cast(null as bigint), null"
        }
        // a mean, weighted by ratings and rounded to 500
        "weighed" => {
            "((2 * cast(sum({1} * ratings) as bigint) + cast(sum(ratings) as bigint)) \
             / (2 * cast(sum(ratings) as bigint)) + 250) / 500 * 500"
        }
        // condition of actions that were cancelled within two days of their creation, by the end of the window
        "mistaken" => {
            "a.status = {ActionStatus::Cancelled} and a.closed_at < ends_at \
             and {between:a.first_offered_at; a.closed_at} <= 48 * 3600"
        }
        // the seconds between two instants
        "between" => "({seconds:{2}} - {seconds:{1}})",
        // the seconds between two instants without pauses of a team's programme
        "worked" => {
            "({between:{2}; {3}} - coalesce((select cast(sum( \
             {least:coalesce({seconds:q.ends_at}, {seconds:{3}}); {seconds:{3}}} \
             - {greatest:{seconds:q.starts_at}; {seconds:{2}}}) as bigint) from programme_pause q \
             where q.team_id = {1} and q.starts_at < {3} and (q.ends_at is null or q.ends_at > {2})), 0))"
        }
        _ => return None,
    }))
}

/// SQL for a table of the definitions.
pub fn definitions_table() -> String {
    let rows: Vec<String> = METRICS
        .iter()
        .enumerate()
        .map(|(place, metric)| {
            let of = definition(*metric);
            let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
            let decimal = |value: i64| format!("'{}.{:04}'", value / 10_000, value % 10_000);
            [
                text(&metric.to_value()),
                place.to_string(),
                of.version.to_string(),
                text(of.name),
                text(of.meaning),
                text(of.formula),
                text(&MetricUnit::to_value(&of.unit)),
                text(&MetricPolarity::to_value(&of.polarity)),
                text(&of.family.to_value()),
                decimal(of.low),
                decimal(of.high),
                of.window_days.to_string(),
                of.least_shown.to_string(),
                of.least_contributed.to_string(),
            ]
            .join(", ")
        })
        .map(|row| format!("({row})"))
        .collect();
    format!(
        "definition (metric, place, version, name, meaning, formula, unit, polarity, family, low, high, window_days, \
         least_shown, least_contributed) as (values {})",
        rows.join(", ")
    )
}
