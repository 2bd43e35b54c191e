//! What can be found by its words. An entity says which of its columns are searched; the writing door keeps the
//! entry and the words of each row in the transaction that changes it, and [`Write::enter_lacking`] makes those that
//! lack.

use super::{
    db::statement,
    error::{Error, Fault},
    locked::LockForChange,
    save::{Row, Write},
    words::words,
};
use entity::{Scoped, Table, Visitor, search_entry, search_word};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, ModelTrait, QueryFilter, QueryOrder,
    QuerySelect, Value,
    sea_query::{Alias, Expr},
};
use serde::Serialize;
use std::{collections::BTreeMap, str::FromStr};
use uuid::Uuid;

/// Different words of a row that count.
const KEPT: usize = 4_000;
/// Letters of the title of a row that has none: its text begins with them.
const TITLE: usize = 120;
/// Letters of the text below the title that a hit shows.
const SNIPPET: usize = 240;
/// Rows that are entered at a time where entries lack.
pub const BATCH: u64 = 500;

/// What is kept of a row for searches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Finding {
    id: String,
    network: String,
    client: String,
    team: Option<String>,
    content: bool,
    kind: &'static str,
    title: String,
    snippet: String,
    /// Each word, and 1 where the title has it.
    words: BTreeMap<String, i32>,
}

/// What of a row can be found.
fn finding<E: Scoped>(row: &E::Model) -> Option<Finding>
where
    E::Model: ModelTrait<Entity = E>,
{
    let sought = E::SOUGHT?;
    let value = |name: &str| E::Column::from_str(name).ok().map(|column| row.get(column));
    let text = |name: &str| match value(name) {
        Some(Value::String(Some(text))) => text,
        _ => String::new(),
    };
    let uuid = |name: &str| match value(name) {
        Some(Value::Uuid(Some(id))) => Some(id.simple().to_string()),
        _ => None,
    };
    let texts: Vec<String> =
        sought.texts.iter().map(|name| text(name)).filter(|text| !text.is_empty()).collect();
    let rest = texts.join(" · ");
    let mut kept = BTreeMap::new();
    let title = match sought.title {
        Some(title) => {
            let title = text(title);
            kept.extend(words(&title).map(|word| (word, 1)));
            title
        }
        None => {
            let first = rest.trim_start_matches(['#', ' ']).lines().next().unwrap_or_default();
            first.chars().take(TITLE).collect()
        }
    };
    if title.is_empty() && rest.is_empty() {
        return None;
    }
    for word in words(&rest) {
        if kept.len() >= KEPT {
            break;
        }
        kept.entry(word).or_insert(0);
    }
    Some(Finding {
        id: uuid("id")?,
        network: uuid("network_id")?,
        client: E::HANG.client_column().and_then(uuid)?,
        team: E::HANG.team_column().and_then(uuid),
        content: E::HANG.is_content(),
        kind: E::TABLE.name(),
        title,
        snippet: rest.chars().take(SNIPPET).collect(),
        words: kept,
    })
}

/// A row's finding before and after this transaction.
#[derive(Default)]
pub(super) struct Changed {
    before: Option<Finding>,
    after: Option<Finding>,
}

impl Write {
    /// Remembers that what can be found of a row may have changed.
    pub(super) fn seen<E>(&self, before: Option<&E::Model>, after: Option<&E::Model>)
    where
        E: Scoped,
        E::Model: Row<E>,
    {
        let (before, after) = (before.and_then(finding::<E>), after.and_then(finding::<E>));
        let Some(id) = after.as_ref().or(before.as_ref()).map(|finding| finding.id.clone()) else { return };
        let mut found = self.found.lock();
        match found.get_mut(&id) {
            Some(changed) => changed.after = after,
            None => {
                found.insert(id, Changed { before, after });
            }
        }
    }

    /// Keeps the entries of what this transaction changed.
    pub(super) async fn enter_seen(&self) -> Result<(), Error> {
        let found = std::mem::take(&mut *self.found.lock());
        let mut findings = vec![];
        for (_, Changed { before, after }) in found {
            if before == after {
                continue;
            }
            if let Some(before) = before {
                self.forget(&before, after.as_ref()).await?;
            }
            findings.extend(after);
        }
        self.enter(&findings).await
    }

    /// Removes the words that a row no longer has, and the entry where the row is gone.
    async fn forget(&self, before: &Finding, after: Option<&Finding>) -> Result<(), Error> {
        let still = |word: &String| after.is_some_and(|after| after.words.contains_key(word));
        let gone: Vec<&String> = before.words.keys().filter(|word| !still(word)).collect();
        let (id, client) = (uuid(&before.id)?, uuid(&before.client)?);
        if !gone.is_empty() {
            let words = search_word::Entity::delete_many()
                .filter(search_word::Column::ClientId.eq(client))
                .filter(search_word::Column::EntryId.eq(id))
                .filter(search_word::Column::Word.is_in(gone));
            self.discard_all(words).await?;
        }
        if after.is_none() {
            let entry = search_entry::Entity::delete_many().filter(search_entry::Column::Id.eq(id));
            self.discard_all(entry).await?;
        }
        Ok(())
    }

    /// Removes what can be found of these rows: what was blanked is entered anew by the job.
    pub async fn forget_found(&self, rows: &[Uuid]) -> Result<(), Error> {
        let words =
            search_word::Entity::delete_many().filter(search_word::Column::EntryId.is_in(rows.to_vec()));
        self.discard_all(words).await?;
        let entries =
            search_entry::Entity::delete_many().filter(search_entry::Column::Id.is_in(rows.to_vec()));
        self.discard_all(entries).await.map(drop)
    }

    /// Makes entries, or makes them as they are now.
    async fn enter(&self, findings: &[Finding]) -> Result<(), Error> {
        if findings.is_empty() {
            return Ok(());
        }
        let json = serde_json::to_string(findings).map_err(|_| Fault::Internal)?;
        let statements = if self.kernel.db.is_postgres() { &[ENTER_BOTH][..] } else { &ENTER_EACH[..] };
        for sql in statements {
            let sql = statement(&self.transaction, sql, [json.clone().into()]);
            self.transaction.execute_raw(sql).await?;
        }
        Ok(())
    }

    /// Enters rows of a table behind `after` that have no entry: those that were there before searches, and those
    /// that were poured. Answers the last one's id where there may be more.
    pub async fn enter_lacking(&self, table: Table, after: Uuid) -> Result<Option<Uuid>, Error> {
        table.visit(Lacking { write: self, after }).await
    }
}

struct Lacking<'a> {
    write: &'a Write,
    after: Uuid,
}

impl<'a> Visitor for Lacking<'a> {
    type Output = BoxFuture<'a, Result<Option<Uuid>, Error>>;
    fn visit<E>(self) -> Self::Output
    where
        E: Scoped,
        E::Model: Serialize + Send + Sync,
    {
        let Lacking { write, after } = self;
        async move {
            if E::SOUGHT.is_none() {
                return Ok(None);
            }
            let id = || Expr::col((E::default(), Alias::new("id")));
            let name = E::TABLE.name();
            let unknown = format!("not exists (select 1 from search_entry e where e.id = {name}.id)");
            // locked, so that nobody changes a row while its entry is made; who is changing one makes it themselves
            let select = E::find()
                .filter(Condition::all().add(id().gt(after)).add(Expr::cust(unknown)))
                .order_by_asc(id())
                .limit(BATCH)
                .lock_free_for_change();
            let rows = write.all(select).await?;
            let findings: Vec<Finding> = rows.iter().filter_map(finding::<E>).collect();
            write.enter(&findings).await?;
            let last = findings.last().filter(|_| rows.len() as u64 == BATCH);
            last.map(|last| uuid(&last.id)).transpose()
        }
        .boxed()
    }
}

fn uuid(text: &str) -> Result<Uuid, Error> {
    Uuid::from_str(text).map_err(|_| Fault::Internal.into())
}

/// PostgreSQL takes entries and words in one round trip.
const ENTER_BOTH: &str = "
with things as (
    select * from jsonb_to_recordset($1::jsonb) as t (
        id uuid, network uuid, client uuid, team uuid, content boolean, kind text, title text, snippet text, words jsonb)
), entered as (
    insert into search_entry (id, network_id, client_id, team_id, content, kind, title, snippet)
    select id, network, client, team, content, kind, title, snippet from things
    on conflict (id) do update set title = excluded.title, snippet = excluded.snippet
)
insert into search_word (client_id, word, entry_id, network_id, content, titled)
select t.client, w.key, t.id, t.network, t.content, w.value::integer from things t, jsonb_each_text(t.words) w
on conflict (client_id, word, entry_id) do update set titled = excluded.titled";

const ENTER_EACH: [&str; 2] = [
    "insert into search_entry (id, network_id, client_id, team_id, content, kind, title, snippet)
    select unhex(value ->> 'id'), unhex(value ->> 'network'), unhex(value ->> 'client'), unhex(value ->> 'team'),
        value ->> 'content', value ->> 'kind', value ->> 'title', value ->> 'snippet'
    from json_each(?1) where true
    on conflict (id) do update set title = excluded.title, snippet = excluded.snippet",
    "insert into search_word (client_id, word, entry_id, network_id, content, titled)
    select unhex(t.value ->> 'client'), w.key, unhex(t.value ->> 'id'), unhex(t.value ->> 'network'),
        t.value ->> 'content', w.value
    from json_each(?1) t, json_each(t.value, '$.words') w where true
    on conflict (client_id, word, entry_id) do update set titled = excluded.titled",
];
