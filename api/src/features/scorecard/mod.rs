//! Scorecard: the measurables of a team in rows and their last periods in cells, as a room reads them once a week.
//!
//! A scorecard is no table of its own. One statement finds its rows, and another one its cells, whatever their number: both
//! lay out the periods in the client's time zone and look up the values that count.

#[cfg(test)]
mod tests;

use super::measurable::{Measurable, MeasurableValue};
use crate::kernel::{
    db::Template,
    read::{
        Dialect, Field, Shape, Shaped, Ty,
        shape::{list_of_view, of_view, one_of_view, register},
    },
};
use entity::{measurable, measurable_value, measurable_value::MeasurableColour};
use std::{borrow::Cow, sync::OnceLock};

/// The parts of the statements.
fn part(name: &str) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(match name {
        // the date that it is in each time zone: the day after the last one that has ended there
        "zone" => {
            "zone as materialized (
                {postgres:select n.zone, z.day + 1 as today
                from jsonb_to_recordset({zones:today}::jsonb) as z (zones jsonb, day date)
                cross join jsonb_array_elements_text(z.zones) as n (zone)}
                {sqlite:select n.value as zone, date(z.value ->> 'day', '+1 day') as today
                from json_each({zones:today}) z, json_each(z.value, '$.zones') n}
            )"
        }
        "measurables" => {
            "select m.id as measurable_id, m.network_id, m.client_id, m.team_id, m.period, z.today
            from measurable m join client c on c.id = m.client_id
            {postgres:cross join lateral (select * from zone where zone.zone = c.time_zone limit 1) z}
            {sqlite:join zone z on z.zone = c.time_zone}"
        }
        // the last periods of the measurables, the present one included
        "periods" => {
            "n (back) as (
                select 0 union all
                select back + 1 from n
                where back + 1 < {least:{greatest:coalesce({arg:periods}, 13); 1}; 53}
            ),
            p as materialized (
                select s.measurable_id, s.network_id, s.client_id, s.team_id,
                    {postgres:(date_trunc(s.period, s.today::timestamp) - n.back * {length})::date}
                    {sqlite:case s.period
                        when {MeasurablePeriod::Week} then date(s.today, '-6 days', 'weekday 1', '-' || (7 * n.back) || ' days')
                        when {MeasurablePeriod::Month} then date(s.today, 'start of month', '-' || n.back || ' months')
                        else date(s.today, 'start of month',
                            '-' || ((cast(strftime('%m', s.today) as integer) - 1) % 3 + 3 * n.back) || ' months')
                    end} as starts_on,
                    {length} as length
                from s cross join n
            )"
        }
        "length" => {
            "{postgres:case s.period when {MeasurablePeriod::Week} then interval '7 days'
                when {MeasurablePeriod::Month} then interval '1 month' else interval '3 months' end}\
             {sqlite:case s.period when {MeasurablePeriod::Week} then '+7 days'
                when {MeasurablePeriod::Month} then '+1 month' else '+3 months' end}"
        }
        // a function of values, as decimals are kept: with at most six decimal places, in the shortest form
        "decimal" => {
            "{postgres:trim_scale(round({1}(value::numeric), 6))::text}\
             {sqlite:rtrim(rtrim(printf('%.6f', round({1}(cast(value as real)), 6) + 0.0), '0'), '.')}"
        }
        _ => return None,
    }))
}

fn rows(dialect: Dialect) -> &'static str {
    static SQL: Template = Template::new(include_str!("rows.sql"), part);
    SQL.of(dialect)
}

fn cells(dialect: Dialect) -> &'static str {
    static SQL: Template = Template::new(include_str!("cells.sql"), part);
    SQL.of(dialect)
}

/// The field `scorecard` of a team.
pub fn scorecard_field() -> Field {
    list_of_view::<ScorecardRow>("team_id")
        .by_view("place", Ty::Int)
        .by_view("created_at", Ty::Instant)
        .about(10)
        .takes(
            "periods",
            Ty::Int,
            "How many of the last periods are shown, the present one included: 1 to 53. Default: 13. A number outside \
             counts as the nearest one.",
        )
}

/// A row of a scorecard.
pub struct ScorecardRow;

impl Shaped for ScorecardRow {
    fn shape() -> &'static Shape {
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let fields = vec![
                Field::new("measurable", "The measurable.", one_of_view::<Measurable>("id")),
                Field::new(
                    "total",
                    "Total of the values of the shown periods, as `measurable.totalBy` says: a sum, the last value, or a \
                     mean rounded to six decimal places. Null without a value.",
                    of_view("total", Ty::Decimal),
                )
                .or_null(),
                Field::new("entered", "Number of the shown periods that have a value.", of_view("entered", Ty::Int)),
                Field::new(
                    "cells",
                    "The last periods in the client's time zone, earliest first, the present one included.",
                    list_of_view::<ScorecardCell>("measurable_id").by_view("starts_on", Ty::Date).about(13),
                ),
            ];
            Shape::query::<measurable::Entity>(
                "ScorecardRow",
                "A measurable in a team's scorecard, with its last periods.",
                "id",
                rows,
                fields,
            )
        })
    }
}

/// A cell of a scorecard.
pub struct ScorecardCell;

impl Shaped for ScorecardCell {
    fn shape() -> &'static Shape {
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let colour = Ty::Closed(register::<MeasurableColour>);
            let fields = vec![
                Field::new("startsOn", "First day of the period.", of_view("starts_on", Ty::Date)),
                Field::new("endsOn", "Last day of the period.", of_view("ends_on", Ty::Date)),
                Field::new("value", "The value. Null if nothing was entered.", of_view("value", Ty::Decimal)).or_null(),
                Field::new(
                    "colour",
                    "Colour of the value, by the bounds in force when it was recorded. Null if nothing was entered, or \
                     before there were bounds.",
                    of_view("colour", colour),
                )
                .or_null(),
                Field::new(
                    "late",
                    "Whether the value was recorded late: more than 2 days after the end of its week, 7 after its month, \
                     or 14 after its quarter. Null if nothing was entered.",
                    of_view("late", Ty::Flag),
                )
                .or_null(),
                Field::new(
                    "entry",
                    "The value with its comment and author. Null if nothing was entered.",
                    one_of_view::<MeasurableValue>("value_id"),
                )
                .or_null(),
            ];
            Shape::query::<measurable_value::Entity>(
                "ScorecardCell",
                "A period of a measurable in a scorecard, with its value if there is one.",
                "starts_on",
                cells,
                fields,
            )
        })
    }
}
