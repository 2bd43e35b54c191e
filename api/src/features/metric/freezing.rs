//! How a quarter is frozen: client by client, some at a time or all at once, and never twice. Whoever froze a part of it
//! and was stopped, or does it again, adds only what is missing.

use super::{
    definition::{METRICS, WINDOW, YEAR},
    rules::Quarter,
    statement::query,
};
use crate::kernel::{Error, Fault, Write, days_of_zones, end_of_day, read::Dialect, today};
use chrono::NaiveDate;
use entity::{
    Id, client, metric_period,
    metric_value::{self, Metric, MetricReason},
    network,
};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Clients whose values one statement computes.
const CLIENTS: usize = 500;
/// Clients whose values one statement of the job computes, and how long a step of it goes on with more of them.
const FEW: usize = 50;
const STEP: Duration = Duration::from_millis(150);

/// A metric of a client: the numerator, the denominator, and the value or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    pub client: Id<client::Entity>,
    pub metric: Metric,
    pub version: i32,
    pub numerator: Option<i64>,
    pub denominator: i64,
    pub value: Option<i64>,
    pub reason: Option<MetricReason>,
    /// The first value that was frozen of it, where one was.
    first: Option<Id<metric_value::Entity>>,
}

/// Freezes a quarter for every client that there was by its end. The transaction is the system's.
pub async fn freeze(write: &Write, quarter: Quarter) -> Result<(), Error> {
    while freeze_some(write, quarter, CLIENTS).await? {}
    Ok(())
}

/// Freezes a quarter for some of the clients that lack it, for as long as a step of a job may take. Whether there may be
/// more.
pub async fn freeze_for_a_while(write: &Write, quarter: Quarter) -> Result<bool, Error> {
    let began = Instant::now();
    while freeze_some(write, quarter, FEW).await? {
        if began.elapsed() >= STEP {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One step of the job: freezes a part of the quarters that have been over for so many days. Whether there may be more.
pub async fn step(write: &Write, delay_days: u64) -> Result<bool, Error> {
    let network = write.find::<network::Entity>(write.network()?).await?.ok_or(Fault::Internal)?;
    let mut quarter = Quarter::of(today(&network.time_zone, network.created_at)?);
    let today = today(&network.time_zone, write.now())?;
    while quarter.is_due(today, delay_days) {
        if freeze_for_a_while(write, quarter).await? {
            return Ok(true);
        }
        quarter = quarter.next();
    }
    Ok(false)
}

/// Freezes a quarter for so many of the clients that lack it. Whether there may be more.
async fn freeze_some(write: &Write, quarter: Quarter, most: usize) -> Result<bool, Error> {
    let (network_id, period, ends_on) = (write.network()?, quarter.label(), quarter.ends_on());
    let network = write.find::<network::Entity>(network_id).await?.ok_or(Fault::Internal)?;
    let known = metric_period::Entity::find().filter(metric_period::Column::Period.eq(&period));
    if write.one(known).await?.is_none() {
        let row = metric_period::Model {
            id: write.id(),
            network_id,
            period: period.clone(),
            starts_on: quarter.starts_on(),
            ends_on,
            frozen_at: write.now(),
        };
        write.pour_missing::<metric_period::Entity>(vec![row.into_active_model()]).await?;
    }
    // set against set: what a period holds is what the planner's statistics know least, and for a join it would take the few
    // rows it expects once for every client
    let lacking = "select c.id, c.time_zone from client c where c.id in (
            select id from client where network_id = {1} and created_at < {2} and erased_at is null
            except select client_id from metric_value where network_id = {1} and period = {3} and metric = {4})
        order by c.id limit {5}";
    let over = end_of_day(ends_on, &network.time_zone)?;
    // who has one has all: they are frozen together
    let first = METRICS[0].to_value();
    let values =
        vec![network_id.into(), over.into(), period.clone().into(), first.into(), (most as i64).into()];
    let clients: Vec<(Uuid, String)> = write.reckon(lacking, values).await?;
    let mut rows = Vec::new();
    for measured in measure(write, &clients, ends_on).await? {
        let id = write.id();
        rows.push(metric_value::Model {
            id,
            network_id,
            client_id: measured.client,
            period: period.clone(),
            ends_on,
            metric: measured.metric,
            first_id: measured.first.unwrap_or(id),
            definition_version: measured.version,
            numerator: measured.numerator,
            denominator: Some(measured.denominator),
            value: measured.value,
            reason: measured.reason,
            frozen_at: write.now(),
        });
    }
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    write.pour_missing::<metric_value::Entity>(rows).await?;
    Ok(clients.len() == most)
}

/// What the metrics of some clients, named with their time zones, are as of a day, or of yesterday where it is not over
/// there. The transaction is the system's.
pub async fn measure(
    write: &Write,
    clients: &[(Uuid, String)],
    day: NaiveDate,
) -> Result<Vec<Measured>, Error> {
    if clients.is_empty() {
        return Ok(vec![]);
    }
    let (days, ids) = match write.dialect() {
        Dialect::Postgres => ("{1}", "c.id = any ({2}::uuid[])"),
        Dialect::Sqlite => ("{1}", "c.id in (select unhex(value) from json_each({2}))"),
    };
    let (window, year) = (WINDOW as u64, YEAR as u64);
    let all = query(write.dialect())
        .replace(&format!("{{zones:asOf,{window},{year}}}"), days)
        .replace("{among:c.id}", ids);
    let sql = format!(
        "select m.client_id, m.metric, m.version, m.numerator, m.denominator, m.value, m.reason, m.first_id \
         from ({all}) m order by m.client_id, m.place"
    );
    let names: BTreeSet<&str> = clients.iter().map(|(_, zone)| zone.as_str()).collect();
    let zones = days_of_zones(names.into_iter(), Some(day), &[window, year], write.now())?;
    let ids: Vec<Uuid> = clients.iter().map(|(id, _)| *id).collect();
    type Row = (Uuid, Metric, i32, Option<i64>, i64, Option<i64>, Option<MetricReason>, Uuid);
    let rows: Vec<Row> = write.reckon(&sql, vec![zones.into(), write.ids(&ids)]).await?;
    let measured = rows.into_iter().map(|row| {
        let (client, metric, version, numerator, denominator, value, reason, first) = row;
        let first = (first != client).then(|| Id::new(first));
        Measured { client: Id::new(client), metric, version, numerator, denominator, value, reason, first }
    });
    Ok(measured.collect())
}
