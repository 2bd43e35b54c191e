//! Measurables with their values: monthly ones of priorities, and weekly ones of teams that keep a scorecard. The cast's
//! team keeps one.

use super::{
    calendar::At,
    making::Making,
    sketch::NetworkShape,
    source::Source,
    vocabulary::details::{MEASURABLES, SCORECARD, WeeklyFigure},
};
use crate::{
    features::measurable::rules::{Goal, colour, is_late, measurable_percent},
    kernel::Zone,
};
use chrono::{Datelike, Days, Duration, Months, NaiveDate};
use entity::{
    Id,
    measurable::{self, MeasurableDirection, MeasurablePeriod, MeasurableTotal},
    measurable_value, priority,
};

/// Where a client's own stream of weekly figures begins: beside the one that all else is drawn from.
const STREAM: u64 = 5_000_000;
/// Number of weeks that a scorecard goes back.
const WEEKS: u64 = 13;

/// Makes the scorecard of a grown network's client, if its team keeps one.
pub fn add(making: &mut Making<'_>, at: usize) {
    let mut own = Source::new(making.directory.sketch.seed, STREAM + at as u64);
    let keeps = making.card.stage_door || own.chance(15);
    let begun = making.now - Duration::days(7 * (WEEKS as i64 + 1));
    let grown = making.directory.sketch.shape == NetworkShape::Grown;
    if !grown || !keeps || making.card.created_at > begun || making.members.is_empty() {
        return;
    }
    let kept = std::mem::replace(&mut making.source, own);
    for (place, entry) in SCORECARD.iter().enumerate() {
        weekly(making, begun, place, entry);
    }
    making.source = kept;
}

/// A measurable of the team's own, with a value for almost every week. Now and then one comes late.
fn weekly(making: &mut Making<'_>, begun: At, place: usize, entry: &WeeklyFigure) {
    let (name, unit, rises, (target, amber), total) = *entry;
    let owner = making.members[place % making.members.len()];
    let mut row = measurable::Model {
        id: making.source.id(begun),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        priority_id: None,
        owner_id: Some(owner),
        name: name.into(),
        unit: unit.into(),
        direction: if rises { MeasurableDirection::Up } else { MeasurableDirection::Down },
        period: MeasurablePeriod::Week,
        baseline: tenths(amber),
        target: tenths(target),
        green_bound: None,
        amber_bound: Some(tenths(amber)),
        total,
        progress: 0,
        removed_at: None,
        created_at: begun,
        version: 1,
    };
    let monday = begun.date_naive() - Days::new(begun.weekday().num_days_from_monday().into());
    for week in 0..=WEEKS {
        let period_on = monday + Days::new(7 * week);
        let days = if making.source.chance(8) { 10 } else { 7 };
        let at =
            (period_on + Days::new(days)).and_time(chrono::NaiveTime::MIN).and_utc() + Duration::hours(9);
        if at >= making.now || making.source.chance(7) {
            continue;
        }
        let spread = (target - amber).abs().max(1);
        let value = (target + making.source.between(-3 * spread / 2, spread)).max(0);
        add_value(making, &mut row, period_on, value, at);
    }
    making.batch.measurables.push(row);
}

/// Makes a monthly measurable of a priority.
pub fn measure(making: &mut Making<'_>, of: &priority::Model) {
    let (name, unit, rises, (from, to)) = *making.source.pick(MEASURABLES);
    let begun = of.created_at;
    let mut row = measurable::Model {
        id: making.source.id(begun),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        priority_id: Some(of.id),
        owner_id: None,
        name: name.into(),
        unit: unit.into(),
        direction: if rises { MeasurableDirection::Up } else { MeasurableDirection::Down },
        period: MeasurablePeriod::Month,
        baseline: tenths(from),
        target: tenths(to),
        green_bound: None,
        amber_bound: Some(tenths(from + (to - from) / 2)),
        total: MeasurableTotal::Last,
        progress: 0,
        removed_at: None,
        created_at: begun,
        version: 1,
    };
    let mut month = begun.date_naive().with_day(1).unwrap_or(begun.date_naive());
    let end = of.closed_at.unwrap_or(making.now);
    for step in 1..=12 {
        let Some(next) = month.checked_add_months(Months::new(1)) else { break };
        let at = told_on(making, next);
        if at >= end {
            break;
        }
        let way = (to - from) * step / 5 + making.source.between(-12, 12);
        add_value(making, &mut row, month, (from + way).max(0), at);
        month = next;
    }
    making.batch.measurables.push(row);
}

/// Adds the value of a period, in tenths. Periods are added in their order.
fn add_value(making: &mut Making<'_>, row: &mut measurable::Model, period_on: NaiveDate, value: i64, at: At) {
    let id: Id<measurable_value::Entity> = making.source.id(at);
    let (value, zone): (String, Zone) = (tenths(value), making.card.zone);
    row.progress = measurable_percent(Goal::of(row), Some(&value));
    making.batch.values.push(measurable_value::Model {
        id,
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        measurable_id: row.id,
        period_on,
        first_id: id,
        person_id: making.card.lead,
        colour: Some(colour(Goal::of(row), &value)),
        late: is_late(row.period, period_on, zone, at),
        value,
        note: String::new(),
        at,
        replaced_at: None,
    });
}

/// Some morning after a month is over.
fn told_on(making: &mut Making<'_>, day: NaiveDate) -> At {
    let days = making.source.between(1, 5);
    day.and_time(chrono::NaiveTime::MIN).and_utc() + Duration::days(days) + Duration::minutes(600)
}

/// A number of tenths, as decimals are kept: in its shortest form.
fn tenths(count: i64) -> String {
    if count % 10 == 0 { (count / 10).to_string() } else { format!("{}.{}", count / 10, count % 10) }
}
