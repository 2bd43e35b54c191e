//! The search index: the entry and the words of each row change in the transaction that changes the row, and
//! [`Write::index_missing_rows`] makes those that lack.

use super::{
    door::{Row, Write},
    locked::LockForChange,
};
use crate::{
    db::statement,
    error::{Error, Fault},
    search::{Changed, IndexedRow, indexed_row},
};
use entity::{Scoped, Table, Visitor, search_entry, search_word};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr},
};
use serde::Serialize;
use std::str::FromStr;
use uuid::Uuid;

/// Rows that are entered at a time where entries lack, and how often a step does so while it has time.
const PORTION: u64 = 50;
const PORTIONS: usize = 10;
/// Words that one statement of a step enters: a recap has hundreds, and a step must give way in time.
const WORDS: usize = 2_000;

impl Write {
    /// Remembers that what can be found of a row may have changed.
    pub(super) fn index_row<E>(&self, before: Option<&E::Model>, after: Option<&E::Model>)
    where
        E: Scoped,
        E::Model: Row<E>,
    {
        let (before, after) = (before.and_then(indexed_row::<E>), after.and_then(indexed_row::<E>));
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
    pub(super) async fn update_search_index(&self) -> Result<(), Error> {
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
    async fn forget(&self, before: &IndexedRow, after: Option<&IndexedRow>) -> Result<(), Error> {
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
    pub async fn remove_from_search_index(&self, rows: &[Uuid]) -> Result<(), Error> {
        let words =
            search_word::Entity::delete_many().filter(search_word::Column::EntryId.is_in(rows.to_vec()));
        self.discard_all(words).await?;
        let entries =
            search_entry::Entity::delete_many().filter(search_entry::Column::Id.is_in(rows.to_vec()));
        self.discard_all(entries).await.map(drop)
    }

    /// Makes entries, or makes them as they are now.
    async fn enter(&self, findings: &[IndexedRow]) -> Result<(), Error> {
        if findings.is_empty() {
            return Ok(());
        }
        let json = serde_json::to_string(findings).map_err(|_| Fault::Internal)?;
        let statements = if self.kernel.db.is_postgres() { &[ENTER_BOTH][..] } else { &ENTER_EACH[..] };
        for sql in statements {
            let sql = statement(&self.transaction, sql, &[("rows", json.clone().into())]);
            self.transaction.execute_raw(sql).await?;
        }
        Ok(())
    }

    /// Enters rows of a table behind `after` that have no entry, for as long as a step has time: rows that are older than
    /// the search, and rows that a seed inserted. Returns the last row's ID if there may be more.
    pub async fn index_missing_rows(&self, table: Table, after: Uuid) -> Result<Option<Uuid>, Error> {
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
        let Lacking { write, mut after } = self;
        async move {
            if E::SEARCHABLE.is_none() {
                return Ok(None);
            }
            let id = || Expr::col((E::default(), Alias::new("id")));
            let name = E::TABLE.name();
            let unknown = format!("not exists (select 1 from search_entry e where e.id = {name}.id)");
            let time = write.step_time();
            for _ in 0..PORTIONS {
                // locked, so that nobody changes a row while its entry is made; who is changing one makes it themselves
                let select = E::find()
                    .filter(Condition::all().add(id().gt(after)).add(Expr::cust(unknown.clone())))
                    .order_by_asc(id())
                    .limit(PORTION)
                    .lock_free_for_change();
                let rows = write.all(select).await?;
                let findings: Vec<IndexedRow> = rows.iter().filter_map(indexed_row::<E>).collect();
                let full = rows.len() as u64 == PORTION && !findings.is_empty();
                let mut left = findings.as_slice();
                while !left.is_empty() {
                    let (some, more) = left.split_at(at_once(left));
                    write.enter(some).await?;
                    if let Some(last) = some.last() {
                        after = uuid(&last.id)?;
                    }
                    left = more;
                    if time.is_over() && (full || !left.is_empty()) {
                        return Ok(Some(after));
                    }
                }
                if !full {
                    return Ok(None);
                }
            }
            Ok(Some(after))
        }
        .boxed()
    }
}

/// How many of these are entered by one statement: at least one.
fn at_once(findings: &[IndexedRow]) -> usize {
    let mut words = 0;
    let few = findings.iter().take_while(|finding| {
        words += finding.words.len();
        words <= WORDS
    });
    few.count().max(1)
}

fn uuid(text: &str) -> Result<Uuid, Error> {
    Uuid::from_str(text).map_err(|_| Fault::Internal.into())
}

/// PostgreSQL takes entries and words in one round trip.
const ENTER_BOTH: &str = "
with things as (
    select * from jsonb_to_recordset({rows}::jsonb) as t (
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
    from json_each({rows}) where true
    on conflict (id) do update set title = excluded.title, snippet = excluded.snippet",
    "insert into search_word (client_id, word, entry_id, network_id, content, titled)
    select unhex(t.value ->> 'client'), w.key, unhex(t.value ->> 'id'), unhex(t.value ->> 'network'),
        t.value ->> 'content', w.value
    from json_each({rows}) t, json_each(t.value, '$.words') w where true
    on conflict (client_id, word, entry_id) do update set titled = excluded.titled",
];
