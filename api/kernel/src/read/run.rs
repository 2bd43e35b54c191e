//! Statements → rows, in one snapshot. PostgreSQL gets everything whose values are known without waiting for
//! answers: BEGIN, the settings for row-level security, the statements of a level, COMMIT.

use super::{
    arg::items,
    basis::Values,
    page,
    plan::Plan,
    rows::{Cell, Rows},
    shape::parse_id,
    sql::{BindKind, Param, ReachList},
};
use crate::{
    access::{Actor, Reach, Scope, only},
    caller::Caller,
    db::{Access, Db, ReadPool, Reading, Reads, Session},
    error::{Error, Fault},
    scalar, words,
    zones::all_zones,
};
use apollo_compiler::response::JsonValue;
use bytes::BytesMut;
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use deadpool::managed::{Object, PoolError};
use futures::future::try_join_all;
use sea_orm::sqlx::{self, Row as _, TypeInfo as _, ValueRef as _};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::timeout;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// A bound value.
#[derive(Debug)]
enum Bind {
    Null,
    Uuid(Uuid),
    Uuids(Vec<Uuid>),
    Text(String),
    Texts(Vec<String>),
    Int(i64),
    Flag(bool),
    Date(NaiveDate),
    Instant(DateTime<Utc>),
}

/// Longest until PostgreSQL has begun a read.
const OPENING: Duration = Duration::from_secs(5);
/// How often a read starts anew because access changed under it.
const RETRIES: usize = 4;

impl Caller {
    /// Runs a plan. The rows are of one snapshot, in which the caller's reach was current.
    pub async fn read(&self, plan: &Plan, values: &Values<'_>) -> Result<(Vec<Rows>, Arc<Actor>), Error> {
        for _ in 0..RETRIES {
            let actor = self.actor();
            if plan.form != actor.form() {
                // the caller's roles changed, and with them the plan: its conditions are another's
                return Err(Fault::Conflict.into());
            }
            let sent = &self.kernel.sent;
            let mut context = Context { actor: &actor, now: self.now(), values, sent, client: None };
            context.client = context.client_of(plan)?;
            let (epoch, rows) = match &self.kernel.db {
                Db::Postgres { reads, session, .. } => postgres(reads, session, plan, &context).await?,
                db @ Db::Sqlite { .. } => sqlite(db, plan, &context).await?,
            };
            if epoch == actor.epoch {
                return Ok((rows, actor));
            }
            self.refresh().await?;
        }
        Err(Fault::Conflict.into())
    }
}

struct Context<'a> {
    actor: &'a Actor,
    now: DateTime<Utc>,
    values: &'a Values<'a>,
    sent: &'a AtomicU64,
    /// The client of all rows, if the plan has one: lists of clients then name that client alone.
    client: Option<Uuid>,
}

impl Context<'_> {
    fn client_of(&self, plan: &Plan) -> Result<Option<Uuid>, Fault> {
        let client = plan.client.as_ref().map(|client| self.bind(client, &[])).transpose()?;
        Ok(client.and_then(|client| if let Bind::Uuid(id) = client { Some(id) } else { None }))
    }

    fn clients(&self, clients: &[Uuid]) -> Vec<Uuid> {
        self.client.map_or(clients, |client| only(clients, client)).to_vec()
    }

    fn list(&self, list: ReachList, reach: &Reach) -> Bind {
        Bind::Uuids(match list {
            ReachList::Clients => self.clients(&reach.clients),
            ReachList::Around => self.clients(&reach.around),
            ReachList::Teams => reach.teams.clone(),
            ReachList::Franchises => reach.franchises.clone(),
            ReachList::Practices => reach.practices.clone(),
        })
    }

    fn bind(&self, param: &Param, done: &[Rows]) -> Result<Bind, Fault> {
        Ok(match param {
            Param::Person => Bind::Uuid(self.actor.person.uuid()),
            Param::Network => Bind::Uuid(self.actor.network.uuid()),
            Param::Now => Bind::Instant(self.now),
            Param::Soon => Bind::Instant(self.now + TimeDelta::days(7)),
            Param::Subject => self.values.subject.map_or(Bind::Null, Bind::Uuid),
            Param::Parents(statement, column) => Bind::Uuids(done[*statement].keys(*column)),
            Param::Reach(list, roles) => self.list(*list, &self.actor.reach_as(*roles)),
            Param::Working(list, roles) => self.list(*list, &self.actor.working_reach_as(*roles)),
            Param::Zones(source, spans) => {
                let value = source.value(self.values.variables);
                let day = value.as_str().and_then(|day| day.parse().ok());
                Bind::Text(all_zones(day, spans, self.now)?.to_string())
            }
            // cut to milliseconds, like instants in inputs of mutations; a cursor's instants stay as its row has them
            Param::Given(source, BindKind::Instant) => {
                let at = scalar::DateTime::read(source.value(self.values.variables).as_str());
                at.map_or(Bind::Null, |at| Bind::Instant(at.0))
            }
            Param::Given(source, BindKind::Begun(name)) => {
                let day = given(&source.value(self.values.variables), BindKind::Date);
                if matches!(day, Bind::Date(day) if day > self.now.date_naive()) {
                    let message =
                        crate::message!(FUTURE, "`{field}` must be today or earlier, in UTC.", field = name,);
                    return Err(Fault::BadUserInput(message));
                }
                day
            }
            Param::Given(source, kind) => given(&source.value(self.values.variables), *kind),
            Param::Cursor { source, mark, values, at, kind } => {
                let cursor = source.value(self.values.variables);
                let value =
                    page::decode(cursor.as_str().unwrap_or_default(), mark, *values)?.swap_remove(*at);
                let text = serde_json::to_string(&value).map_err(|_| Fault::Internal)?;
                match given(&serde_json::from_str(&text).map_err(|_| Fault::Internal)?, *kind) {
                    Bind::Null => {
                        return Err(Fault::BadUserInput(crate::message!(
                            INVALID_CURSOR,
                            "Invalid cursor for this list and sort order. Begin with the first page."
                        )));
                    }
                    bind => bind,
                }
            }
        })
    }

    fn binds(&self, params: &[Param], done: &[Rows]) -> Result<Vec<Bind>, Fault> {
        params.iter().map(|param| self.bind(param, done)).collect()
    }
}

/// A value of a request as the database takes it. What cannot be one becomes null, which no row equals.
fn given(value: &JsonValue, kind: BindKind) -> Bind {
    let text = || value.as_str().map(str::to_owned);
    let texts = |each: fn(&str) -> String| {
        items(value).iter().filter_map(|item| item.as_str()).map(each).collect::<Vec<_>>()
    };
    let bind = match kind {
        BindKind::Id(table) => text().and_then(|text| parse_id(table, &text)).map(Bind::Uuid),
        BindKind::Key => {
            text().and_then(|text| entity::split_id(&text).map(|(_, uuid)| uuid)).map(Bind::Uuid)
        }
        BindKind::Keys => {
            let ids = texts(str::to_owned);
            Some(Bind::Uuids(
                ids.iter().filter_map(|id| entity::split_id(id).map(|(_, uuid)| uuid)).collect(),
            ))
        }
        BindKind::Ids(table) => {
            let ids = texts(str::to_owned);
            Some(Bind::Uuids(ids.iter().filter_map(|id| parse_id(table, id)).collect()))
        }
        BindKind::Int => value.as_i64().map(Bind::Int),
        BindKind::Text => text().map(Bind::Text),
        BindKind::Texts => Some(Bind::Texts(texts(str::to_owned))),
        BindKind::Closed => text().map(|text| Bind::Text(text.to_ascii_lowercase())),
        BindKind::Closeds => Some(Bind::Texts(texts(str::to_ascii_lowercase))),
        BindKind::Fragment => text().map(|text| Bind::Text(entity::fold(&text))),
        BindKind::Words => Some(Bind::Texts(ranges(value, |range| range.0))),
        BindKind::WordEnds => Some(Bind::Texts(ranges(value, |range| range.1))),
        BindKind::Flag => value.as_bool().map(Bind::Flag),
        BindKind::Camel => text().map(|text| Bind::Text(page::camel(&text))),
        BindKind::Camels => Some(Bind::Texts(texts(page::camel))),
        BindKind::Date | BindKind::Begun(_) => text().and_then(|text| text.parse().ok()).map(Bind::Date),
        BindKind::Instant => {
            let at = text().and_then(|text| DateTime::parse_from_rfc3339(&text).ok());
            at.map(|at| Bind::Instant(at.with_timezone(&Utc)))
        }
    };
    bind.unwrap_or(Bind::Null)
}

fn ranges(text: &JsonValue, end: fn((String, String)) -> String) -> Vec<String> {
    words::asked(text.as_str().unwrap_or_default()).into_iter().map(end).collect()
}

/// The settings and the epoch in one statement.
fn settings(session: &Session) -> &'static str {
    static SQL: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    SQL.get_or_init(|| {
        let others = session.settings().map(|(name, _)| name);
        let settings: Vec<String> = Scope::NAMES
            .into_iter()
            .chain(others)
            .enumerate()
            .map(|(at, name)| format!("set_config('{name}', ${}, true)", at + 1))
            .collect();
        let network = settings.len() + 1;
        // the epoch last: the network's row is hidden until the settings are made
        format!("select {}, (select access_epoch from network where id = ${network})", settings.join(", "))
    })
}

async fn postgres(
    pool: &ReadPool,
    session: &Session,
    plan: &Plan,
    context: &Context<'_>,
) -> Result<(i64, Vec<Rows>), Error> {
    let reading = pool.get().await.map_err(|error| match error {
        PoolError::Backend(error) => Fault::from(error),
        _ => Fault::Unavailable,
    })?;
    let mut lease = Lease(Some(reading));
    let Some(reading) = &mut lease.0 else { return Err(Fault::Internal.into()) };
    let answer = pipeline(reading, session, plan, context).await?;
    lease.end();
    Ok(answer)
}

/// A connection on loan. It goes back to the pool only by [`Lease::end`]: when a read fails, or whoever asked is gone
/// and the read is dropped half-way, the connection is in the middle of a transaction, and the next one's reads would
/// be of this one's snapshot, with access as it was then.
struct Lease(Option<Object<Reads>>);

impl Lease {
    fn end(&mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(reading) = self.0.take() {
            drop(Object::take(reading));
        }
    }
}

/// A statement as it is sent.
enum Sent<'a> {
    /// Prepared on this connection, which keeps it.
    Named(tokio_postgres::Statement),
    /// Prepared for this once.
    Unnamed(&'a str),
}

impl<'a> Sent<'a> {
    /// A text that is sent again and again is kept, where the connection is ours alone.
    async fn of(sql: &'a str, again: bool, reading: &mut Reading) -> Result<Self, Fault> {
        if !again {
            return Ok(Sent::Unnamed(sql));
        }
        // what is prepared already is not sent; what is not is known within the time for a statement that does nothing
        match timeout(OPENING, reading.prepare(sql)).await {
            Ok(prepared) => Ok(Sent::Named(prepared?)),
            Err(_) => Err(Fault::Unavailable),
        }
    }

    async fn rows(
        &self,
        client: &tokio_postgres::Client,
        params: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
        match self {
            Sent::Named(statement) => {
                let params: Vec<_> = params.iter().map(|(value, _)| *value).collect();
                client.query(statement, &params).await
            }
            Sent::Unnamed(sql) => client.query_typed(sql, params).await,
        }
    }
}

async fn pipeline(
    reading: &mut Reading,
    session: &Session,
    plan: &Plan,
    context: &Context<'_>,
) -> Result<(i64, Vec<Rows>), Error> {
    // most documents of a caller who makes new ones again and again come once, and leave nothing on the server
    let again = !session.pooler && plan.ran.swap(true, Ordering::Relaxed);
    let begin = Sent::of("begin isolation level repeatable read read only", !session.pooler, reading).await?;
    let commit = Sent::of("commit", !session.pooler, reading).await?;
    let settle = Sent::of(settings(session), !session.pooler, reading).await?;
    let mut prepared = Vec::with_capacity(plan.statements.len());
    for statement in &plan.statements {
        prepared.push(Sent::of(&statement.sql, again, reading).await?);
    }
    let client: &tokio_postgres::Client = reading;
    let at_client = context.client.map(|client| Scope::at(context.actor, client));
    let scope = at_client.as_ref().unwrap_or_else(|| context.actor.scope());
    let (values, others) = (scope.values(), session.settings());
    let values: Vec<&str> = values.into_iter().chain(others.map(|(_, value)| value)).collect();
    let network = context.actor.network.uuid();
    let mut settings: Vec<(&(dyn ToSql + Sync), Type)> =
        values.iter().map(|value| (value as _, Type::TEXT)).collect();
    settings.push((&network, Type::UUID));

    let mut rows: Vec<Rows> = (0..plan.statements.len()).map(|_| Rows::None).collect();
    let mut epoch = 0i64;
    // without statements, too: what the caller may do is as fresh as what they read
    let levels = plan.levels.max(1);
    for level in 0..levels {
        let now: Vec<usize> = (0..prepared.len()).filter(|at| plan.statements[*at].level == level).collect();
        context.sent.fetch_add(now.len() as u64, Ordering::Relaxed);
        let binds = now
            .iter()
            .map(|at| context.binds(&plan.statements[*at].params, &rows))
            .collect::<Result<Vec<_>, _>>()?;
        let params: Vec<Vec<(&(dyn ToSql + Sync), Type)>> = now
            .iter()
            .zip(&binds)
            .map(|(at, binds)| {
                let types = plan.statements[*at].params.iter().map(Param::wire_type);
                binds.iter().map(|bind| bind as _).zip(types).collect()
            })
            .collect();
        let opening = async {
            if level > 0 {
                return Ok::<_, Fault>(None);
            }
            let both =
                async { tokio::join!(biased; begin.rows(client, &[]), settle.rows(client, &settings)) };
            // neither waits for a lock or a disk: a server that does not answer them is away
            let (begun, settled) = timeout(OPENING, both).await.map_err(|_| Fault::Unavailable)?;
            begun?;
            Ok(settled?.into_iter().next())
        };
        let asking = async {
            let all = now.iter().zip(&params).map(|(at, params)| prepared[*at].rows(client, params));
            Ok::<_, Fault>(try_join_all(all).await?)
        };
        let closing = async {
            if level + 1 == levels {
                commit.rows(client, &[]).await?;
            }
            Ok::<_, Fault>(())
        };
        // polled in this order, so they are sent in this order, and none waits for another's answer
        let (opened, answers, ()) = tokio::try_join!(biased; opening, asking, closing)?;
        if let Some(settled) = opened {
            epoch = settled.get::<_, Option<i64>>(settled.len() - 1).ok_or(Fault::Internal)?;
        }
        for (at, answer) in now.iter().zip(answers) {
            rows[*at] = Rows::postgres(answer);
        }
    }
    Ok((epoch, rows))
}

async fn sqlite(db: &Db, plan: &Plan, context: &Context<'_>) -> Result<(i64, Vec<Rows>), Error> {
    let transaction = db.begin(Access::Read, context.actor.scope()).await?;
    let epoch = sqlx::query("select access_epoch from network where id = ?1");
    let epoch = transaction.sqlite_rows(epoch.bind(context.actor.network.uuid())).await?;
    let epoch = epoch.first().map_or(0, |row| row.get_unchecked::<i64, _>(0));
    let mut rows: Vec<Rows> = (0..plan.statements.len()).map(|_| Rows::None).collect();
    for level in 0..plan.levels {
        for (at, statement) in
            plan.statements.iter().enumerate().filter(|(_, statement)| statement.level == level)
        {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(statement.sql.as_str()));
            for bind in context.binds(&statement.params, &rows)? {
                query = match bind {
                    Bind::Null => query.bind(None::<i64>),
                    Bind::Uuid(id) => query.bind(id),
                    Bind::Uuids(ids) => {
                        let ids: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
                        query.bind(serde_json::json!(ids).to_string())
                    }
                    Bind::Text(text) => query.bind(text),
                    Bind::Texts(texts) => query.bind(serde_json::json!(texts).to_string()),
                    Bind::Int(number) => query.bind(number),
                    Bind::Flag(on) => query.bind(on),
                    Bind::Date(date) => query.bind(date.to_string()),
                    Bind::Instant(at) => query.bind(at.to_rfc3339_opts(SecondsFormat::AutoSi, false)),
                };
            }
            context.sent.fetch_add(1, Ordering::Relaxed);
            let answer = transaction.sqlite_rows(query).await?;
            rows[at] = Rows::Sqlite(
                answer.iter().map(|row| (0..row.len()).map(|at| cell(row, at)).collect()).collect(),
            );
        }
    }
    transaction.commit().await?;
    Ok((epoch, rows))
}

fn cell(row: &sqlx::sqlite::SqliteRow, at: usize) -> Cell {
    let Ok(raw) = row.try_get_raw(at) else { return Cell::Null };
    if raw.is_null() {
        return Cell::Null;
    }
    let kind = raw.type_info();
    match kind.name() {
        "INTEGER" | "BOOLEAN" => Cell::Int(row.get_unchecked(at)),
        "BLOB" => Cell::Bytes(row.get_unchecked(at)),
        _ => Cell::Text(row.get_unchecked(at)),
    }
}

type Trouble = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Bind {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Trouble> {
        match self {
            Bind::Null => Ok(IsNull::Yes),
            Bind::Uuid(id) => id.to_sql(ty, out),
            Bind::Uuids(ids) => ids.to_sql(ty, out),
            Bind::Text(text) => text.to_sql(ty, out),
            Bind::Texts(texts) => texts.to_sql(ty, out),
            Bind::Int(number) => number.to_sql(ty, out),
            Bind::Flag(on) => on.to_sql(ty, out),
            Bind::Date(date) => date.to_sql(ty, out),
            Bind::Instant(at) => at.to_sql(ty, out),
        }
    }
    // every place is cast to its kind's type, so the types agree
    fn accepts(_: &Type) -> bool {
        true
    }
    to_sql_checked!();
}
