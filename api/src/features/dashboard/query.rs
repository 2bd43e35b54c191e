//! The queries of dashboards, each in a file of its own. Their scope is a network or a franchise.

use crate::kernel::{db::Template, read::Dialect};
use std::borrow::Cow;

/// The parts of the queries.
fn part(name: &str) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(match name {
        "figures" => include_str!("figures.sql"),
        // condition that present figures are requested. It is the same for all rows, so the database reads either present or
        // past rows
        "live" => "({arg:asOf} is null or {arg:asOf} >= {today})",
        // the day of the stored figures that are shown
        "taken" => {
            "(select max(x.taken_on) from tally_past x
            where x.scope_id = {1} and x.measure = 'total' and x.taken_on <= {arg:asOf})"
        }
        // the sum of a number over some of the rows
        "sum" => "cast(coalesce(sum(l.{1}) filter (where {2}), 0) as {big})",
        // the month twelve months before the requested one
        "first_month" => {
            "{postgres:to_char(least({arg:asOf}::timestamp, {now} at time zone 'UTC') - interval '12 months', 'YYYY-MM')}\
             {sqlite:strftime('%Y-%m', min(coalesce({arg:asOf}, date({now})), date({now})), 'start of month', '-12 months')}"
        }
        _ => return None,
    }))
}

pub fn dashboards(dialect: Dialect) -> &'static str {
    static SQL: Template = Template::new(include_str!("dashboards.sql"), part);
    SQL.of(dialect)
}

pub fn totals(dialect: Dialect) -> &'static str {
    static SQL: Template = Template::new(include_str!("totals.sql"), part);
    SQL.of(dialect)
}

pub fn places(dialect: Dialect) -> &'static str {
    static SQL: Template = Template::new(include_str!("places.sql"), part);
    SQL.of(dialect)
}

pub fn templates(dialect: Dialect) -> &'static str {
    static SQL: Template = Template::new(include_str!("templates.sql"), part);
    SQL.of(dialect)
}

pub fn months(dialect: Dialect) -> &'static str {
    static SQL: Template = Template::new(include_str!("months.sql"), part);
    SQL.of(dialect)
}

pub fn facilitators(dialect: Dialect) -> &'static str {
    static SQL: Template = Template::new(include_str!("facilitators.sql"), part);
    SQL.of(dialect)
}
