//! Folds recorded changes into the figures of a network and its franchises, and stores the figures of past months.

use crate::kernel::{
    Error, Fault, Write,
    db::{Dialect, Template},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::Value;
use std::borrow::Cow;

static FOLD: Template = Template::new(include_str!("fold.sql"), part);
static STORE_PAST: Template = Template::new(include_str!("store_past.sql"), part);

/// Selects a row if there is something to fold.
static CHANGES: Template = Template::new(
    "select cast(1 as bigint) from tally_delta where network_id = {network}
    union all select cast(1 as bigint) from tally where {due_rows} limit 1",
    part,
);

/// Locks clients and assignments of the network against changes until the end of the transaction, if none is in progress.
const TRY_LOCK: &str =
    "select pg_try_advisory_xact_lock(hashtextextended(cast({network} as uuid)::text, 0))::int::bigint";

/// On SQLite: the last change to fold, and the deletion of what was folded.
const LAST_CHANGE: &str = "
    select max(id) from (select id from tally_delta where network_id = {network} order by id limit {most})";
static DELETE_FOLDED: [Template; 2] = [
    Template::new("delete from tally where {due_rows}", part),
    Template::new("delete from tally_delta where network_id = {network} and id <= {last}", part),
];

/// Reviews outside the window never count again.
const DELETE_REVIEWS: &str =
    "delete from tally where network_id = {network} and measure = 'review' and at <= {window}";

/// The parts of the statements: the condition of rows whose instant has come.
fn part(name: &str) -> Option<Cow<'static, str>> {
    (name == "due_rows").then_some(Cow::Borrowed(
        "network_id = {network} and measure in ('work', 'programme', 'load') and at > {epoch} and at <= {now}",
    ))
}

/// Time for which a review counts.
const WINDOW: TimeDelta = TimeDelta::days(91);

/// Folds at most `most` changes into the figures, and rows that were due at `as_of`. Returns the number of folded changes.
/// `None`: clients or assignments are changing, so the caller must try again later.
pub async fn fold_changes(write: &Write, most: i64, as_of: DateTime<Utc>) -> Result<Option<i64>, Error> {
    let dialect = write.dialect();
    let taken = match dialect {
        Dialect::Postgres => {
            // A concurrent change of clients or assignments would move rows that are folded here.
            if query_number(write, TRY_LOCK, as_of, None).await? != Some(1) {
                return Ok(None);
            }
            let taken = query_number(write, FOLD.of(dialect), as_of, Some(("most", most.into()))).await?;
            taken.ok_or(Fault::Internal)?
        }
        Dialect::Sqlite => {
            let last =
                query_number(write, LAST_CHANGE, as_of, Some(("most", most.into()))).await?.unwrap_or(0);
            execute_statement(write, FOLD.of(dialect), as_of, Some(("last", last.into()))).await?;
            let mut taken = 0;
            for delete in &DELETE_FOLDED {
                let last = Some(("last", last.into()));
                taken = execute_statement(write, delete.of(dialect), as_of, last).await? as i64;
            }
            taken
        }
    };
    execute_statement(write, DELETE_REVIEWS, as_of, None).await?;
    let network = write.network()?;
    tracing::debug!(%network, taken, "changes were folded");
    Ok(Some(taken))
}

/// Stores the network's figures as those of a day that ended at `as_of`, unless they are stored already.
pub async fn store_past_figures(write: &Write, on: NaiveDate, as_of: DateTime<Utc>) -> Result<(), Error> {
    execute_statement(write, STORE_PAST.of(write.dialect()), as_of, Some(("on", on.into()))).await.map(drop)
}

/// The last day with stored figures.
pub async fn last_stored_day(write: &Write) -> Result<Option<NaiveDate>, Error> {
    let last = "select max(taken_on) from tally_past where scope_id = {network}";
    let rows: Vec<(Option<NaiveDate>,)> =
        write.query_as_system(last, &[("network", write.network()?.into())]).await?;
    Ok(rows.into_iter().next().and_then(|(day,)| day))
}

/// Whether there are changes to fold, or figures whose instant has come.
pub async fn has_changes(write: &Write) -> Result<bool, Error> {
    Ok(query_number(write, CHANGES.of(write.dialect()), write.now(), None).await?.is_some())
}

/// Runs a query and returns the number in its first row.
async fn query_number(
    write: &Write,
    sql: &str,
    as_of: DateTime<Utc>,
    value: Option<(&'static str, Value)>,
) -> Result<Option<i64>, Error> {
    let rows: Vec<(Option<i64>,)> = write.query_as_system(sql, &values(write, as_of, value)?).await?;
    Ok(rows.into_iter().next().and_then(|(number,)| number))
}

/// Runs a statement and returns the number of changed rows.
async fn execute_statement(
    write: &Write,
    sql: &str,
    as_of: DateTime<Utc>,
    value: Option<(&'static str, Value)>,
) -> Result<u64, Error> {
    write.execute_as_system(sql, &values(write, as_of, value)?).await
}

/// The values that statements name: one of their own, and those that are the same for all.
fn values(
    write: &Write,
    as_of: DateTime<Utc>,
    value: Option<(&'static str, Value)>,
) -> Result<Vec<(&'static str, Value)>, Error> {
    let common: [(&'static str, Value); 3] =
        [("network", write.network()?.into()), ("now", as_of.into()), ("window", (as_of - WINDOW).into())];
    Ok(value.into_iter().chain(common).collect())
}
