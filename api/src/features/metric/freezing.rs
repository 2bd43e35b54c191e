//! Freezes the metrics of a quarter, for some clients at a time or for all at once.
//!
//! Invariant: a value is frozen once. Freezing again adds only missing values.

use super::{
    definition::{METRICS, WINDOW, YEAR},
    rules::Quarter,
    statement::metrics_query,
};
use crate::kernel::{Error, Fault, Write, days_of_zones, end_of_day, today};
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

/// Number of clients whose values one statement computes for a preview.
const CLIENTS_PER_STATEMENT: usize = 500;
/// Number of clients whose values one statement of the job computes.
const CLIENTS_PER_JOB_STATEMENT: usize = 50;
/// Time after which a step of the job starts no more statements.
const STEP_TIME: Duration = Duration::from_millis(150);

/// Condition that a column is the ID of one of the clients.
const IS_CLIENT: &str =
    "{1} {postgres:= any ({ids}::uuid[])}{sqlite:in (select unhex(value) from json_each({ids}))}";

/// A metric of a client: the numerator, the denominator, and the value or the reason why it is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasuredMetric {
    pub client: Id<client::Entity>,
    pub metric: Metric,
    pub version: i32,
    pub numerator: Option<i64>,
    pub denominator: i64,
    pub value: Option<i64>,
    pub reason: Option<MetricReason>,
    /// The first frozen value of the metric. `None` if none was frozen.
    first: Option<Id<metric_value::Entity>>,
}

/// Computes the values that freezing a quarter would add now. The transaction belongs to the system and only reads.
pub async fn compute_unfrozen(look: &Write, quarter: Quarter) -> Result<Vec<MeasuredMetric>, Error> {
    let mut values = vec![];
    for some in load_unfrozen_clients(look, quarter, None).await?.chunks(CLIENTS_PER_STATEMENT) {
        values.extend(compute_metrics(look, some, quarter.ends_on()).await?);
    }
    Ok(values)
}

/// Freezes a quarter for some of the clients without frozen values, until `STEP_TIME` is over. Returns whether there may
/// be more.
pub async fn freeze_for_a_while(write: &Write, quarter: Quarter) -> Result<bool, Error> {
    let began = Instant::now();
    while freeze_some(write, quarter, CLIENTS_PER_JOB_STATEMENT).await? {
        if began.elapsed() >= STEP_TIME {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes one step of the job: freezes a part of the quarters that ended more than `delay_days` days ago. Returns whether
/// there may be more.
pub async fn freeze_step(write: &Write, delay_days: u64) -> Result<bool, Error> {
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

/// Freezes a quarter for at most `most` clients without frozen values. Returns whether there may be more.
async fn freeze_some(write: &Write, quarter: Quarter, most: usize) -> Result<bool, Error> {
    let (network_id, period, ends_on) = (write.network()?, quarter.label(), quarter.ends_on());
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
        write.insert_missing_unaudited::<metric_period::Entity>(vec![row.into_active_model()]).await?;
    }
    let clients = load_unfrozen_clients(write, quarter, Some(most)).await?;
    let mut rows = Vec::new();
    for measured in compute_metrics(write, &clients, ends_on).await? {
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
    write.insert_missing_unaudited::<metric_value::Entity>(rows).await?;
    Ok(clients.len() == most)
}

/// Loads the clients without frozen values of a quarter, with their time zones: all, or at most `most`.
async fn load_unfrozen_clients(
    write: &Write,
    quarter: Quarter,
    most: Option<usize>,
) -> Result<Vec<(Uuid, String)>, Error> {
    let network = write.find::<network::Entity>(write.network()?).await?.ok_or(Fault::Internal)?;
    // A set operation, not a join: the planner has poor statistics about new periods, and would scan the rows of the period
    // once for every client.
    let lacking = "select c.id, c.time_zone from client c where c.id in (
            select id from client where network_id = {network} and created_at < {over} and erased_at is null
            except select client_id from metric_value
            where network_id = {network} and period = {period} and metric = {first})
        order by c.id limit {most}";
    let over = end_of_day(quarter.ends_on(), &network.time_zone)?;
    // All metrics of a client are frozen together, so it is enough to look for the first.
    let first = METRICS[0].to_value();
    let most = most.map_or(i64::MAX, |most| most as i64);
    let values = [
        ("network", network.id.into()),
        ("over", over.into()),
        ("period", quarter.label().into()),
        ("first", first.into()),
        ("most", most.into()),
    ];
    write.query_as_system(lacking, &values).await
}

/// Computes the metrics of clients, given with their time zones, as of a day. In zones where the day has not ended, as of
/// yesterday. The transaction belongs to the system.
pub async fn compute_metrics(
    write: &Write,
    clients: &[(Uuid, String)],
    day: NaiveDate,
) -> Result<Vec<MeasuredMetric>, Error> {
    if clients.is_empty() {
        return Ok(vec![]);
    }
    let (window, year) = (WINDOW as u64, YEAR as u64);
    let dialect = write.dialect();
    let all = dialect.fill(metrics_query(dialect), &mut |name, about| match name {
        "zones" => Some("{zones}".to_owned()),
        "among" => Some(IS_CLIENT.replace("{1}", about)),
        _ => None,
    });
    let sql = format!(
        "select m.client_id, m.metric, m.version, m.numerator, m.denominator, m.value, m.reason, m.first_id \
         from ({all}) m order by m.client_id, m.place"
    );
    let names: BTreeSet<&str> = clients.iter().map(|(_, zone)| zone.as_str()).collect();
    let zones = days_of_zones(names.into_iter(), Some(day), &[window, year], write.now())?;
    let ids: Vec<Uuid> = clients.iter().map(|(id, _)| *id).collect();
    type Row = (Uuid, Metric, i32, Option<i64>, i64, Option<i64>, Option<MetricReason>, Uuid);
    let rows: Vec<Row> =
        write.query_as_system(&sql, &[("zones", zones.into()), ("ids", write.ids(&ids))]).await?;
    let measured = rows.into_iter().map(|row| {
        let (client, metric, version, numerator, denominator, value, reason, first) = row;
        let first = (first != client).then(|| Id::new(first));
        MeasuredMetric {
            client: Id::new(client),
            metric,
            version,
            numerator,
            denominator,
            value,
            reason,
            first,
        }
    });
    Ok(measured.collect())
}
