//! Texts that are compared have their folds beside them, and names are unique by their folds. What search keeps is
//! emptied, because its words are folded in another way from now on; a job enters everything anew.

use entity::{fold, folded};
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, Statement, Value},
};
use std::collections::BTreeMap;

use crate::{ddl, rls};

/// The texts, by table.
const TEXTS: &[(&str, &[&str])] = &[
    ("region", &["code", "name"]),
    ("franchise", &["name", "legal_group"]),
    ("person", &["name", "email"]),
    ("invitation", &["email", "name"]),
    ("client", &["name", "industry"]),
    ("team", &["name"]),
    ("member", &["name", "job_title", "email"]),
    ("template", &["name"]),
    ("programme", &["name"]),
    ("stage_run", &["title"]),
    ("cycle", &["label"]),
    ("priority", &["title", "cycle"]),
    ("milestone", &["title"]),
    ("measurable", &["name"]),
    ("action", &["title"]),
    ("session_series", &["title"]),
    ("session", &["title"]),
    ("agenda_item", &["title"]),
    ("decision", &["title"]),
    ("obstacle", &["title"]),
    ("alignment_round", &["title"]),
    ("client_note", &["text"]),
    ("support_access", &["email"]),
    ("support_visit", &["visitor"]),
    ("import_key", &["external_id"]),
];

/// Names that are unique: the table, the columns within which they are, the name, the key of a row, and which rows.
const UNIQUE: &[(&str, &str, &str, &str, &str)] = &[
    ("region", "network_id", "code", "id", ""),
    ("franchise", "network_id", "name", "id", ""),
    ("client", "network_id", "name", "id", ""),
    ("team", "client_id", "name", "id", ""),
    ("template", "network_id", "name", "id", "franchise_id is null"),
    ("template", "franchise_id", "name", "id", "franchise_id is not null"),
    ("cycle", "team_id", "label", "id", ""),
    ("import_key", "scope_id, noun", "external_id", "scope_id, noun, external_id", ""),
];

/// Texts that are folded at a time.
const BATCH: u64 = 1_000;

/// What is kept for searches.
const SEARCH: [&str; 2] = ["search_word", "search_entry"];

const WORK: &str = "
select id, network_id, client_id, team_id, 'action' as kind, id as action_id, null{as_id} as priority_id,
    owner_id, title, status, due_on, due_at{fold} from action where status in ('offered', 'accepted')
union all
select id, network_id, client_id, team_id, 'priority' as kind, null{as_id} as action_id, id as priority_id,
    owner_id, title, status, due_on, due_at{fold} from priority where status in ('proposed', 'committed')";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000600_folded_text"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, columns) in TEXTS {
            for column in *columns {
                let add = format!("alter table {table} add column {} {{word}}", folded(column));
                ddl::run(manager, &add).await?;
            }
            enclosed(manager, table, false).await?;
            for column in *columns {
                fill(manager, table, column).await?;
            }
        }
        for names in UNIQUE {
            part(manager, *names).await?;
        }
        for (table, _) in TEXTS {
            enclosed(manager, table, true).await?;
        }
        for names in UNIQUE {
            let (table, within, column, _, rows) = *names;
            let rows = if rows.is_empty() { String::new() } else { format!(" where {rows}") };
            let index = format!(
                "create unique index {} on {table} ({within}, {}){rows}",
                index(*names),
                folded(column)
            );
            manager.get_connection().execute_unprepared(&index).await?;
        }
        for table in SEARCH {
            enclosed(manager, table, false).await?;
            manager.get_connection().execute_unprepared(&format!("delete from {table}")).await?;
            enclosed(manager, table, true).await?;
        }
        look(manager, true).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        look(manager, false).await?;
        for names in UNIQUE {
            ddl::drop(manager, &format!("index {}", index(*names))).await?;
        }
        for (table, columns) in TEXTS.iter().rev() {
            for column in columns.iter().rev() {
                ddl::drop(manager, &format!("column {table}.{}", folded(column))).await?;
            }
        }
        Ok(())
    }
}

fn postgres(manager: &SchemaManager<'_>) -> bool {
    manager.get_database_backend() == DbBackend::Postgres
}

/// Whether whoever migrates is bound by a table's row-level security, too.
async fn enclosed(manager: &SchemaManager<'_>, table: &str, bound: bool) -> Result<(), DbErr> {
    if !postgres(manager) {
        return Ok(());
    }
    let no = if bound { "" } else { "no " };
    let sql = format!("alter table {table} {no}force row level security");
    manager.get_connection().execute_unprepared(&sql).await.map(drop)
}

/// Folds a column's texts: plain ones in the database, and others here.
async fn fill(manager: &SchemaManager<'_>, table: &str, column: &str) -> Result<(), DbErr> {
    let (database, to) = (manager.get_connection(), folded(column));
    let plain = if postgres(manager) {
        format!(
            "update {table} set {to} = lower({column} collate \"C\")
             where {column} collate \"C\" !~ '[^ -~]' and {column} not like '%  %'"
        )
    } else {
        format!(
            "update {table} set {to} = lower({column})
             where {column} not glob '*[^ -~]*' and {column} not like '%  %'"
        )
    };
    database.execute_unprepared(&plain).await?;
    let left = format!(
        "select distinct {column} from {table} where {column} is not null and {to} is null limit {BATCH}"
    );
    let put = if postgres(manager) {
        format!(
            "update {table} set {to} = f.value from jsonb_each_text($1::jsonb) f where f.key = {column} and {to} is null"
        )
    } else {
        format!(
            "update {table} set {to} = f.value from json_each(?1) f where f.key = {column} and {to} is null"
        )
    };
    loop {
        let backend = database.get_database_backend();
        let rows = database.query_all_raw(Statement::from_string(backend, &left)).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let texts: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
        let folds: BTreeMap<&str, String> = texts.iter().map(|text| (text.as_str(), fold(text))).collect();
        let folds = serde_json::to_string(&folds).map_err(|error| DbErr::Custom(error.to_string()))?;
        database.execute_raw(Statement::from_sql_and_values(backend, &put, [Value::from(folds)])).await?;
    }
}

/// Keeps the folds apart of names that were different before and are one now: the later ones end in control characters,
/// which no name has.
async fn part(
    manager: &SchemaManager<'_>,
    (table, within, column, key, rows): (&str, &str, &str, &str, &str),
) -> Result<(), DbErr> {
    let to = folded(column);
    let more = if postgres(manager) {
        "repeat(chr(1), n.place::integer)"
    } else {
        "replace(hex(zeroblob(n.place)), '00', char(1))"
    };
    let same: Vec<String> = key.split(", ").map(|column| format!("n.{column} = {table}.{column}")).collect();
    let only = if rows.is_empty() { String::new() } else { format!(" where {rows}") };
    let sql = format!(
        "update {table} set {to} = {table}.{to} || {more} from (
             select {key}, row_number() over (partition by {within}, {to} order by {key}) - 1 as place
             from {table}{only}) n
         where n.place > 0 and {}",
        same.join(" and ")
    );
    manager.get_connection().execute_unprepared(&sql).await.map(drop)
}

fn index((table, _, column, _, rows): (&str, &str, &str, &str, &str)) -> String {
    let of = if rows.ends_with("not null") { "_of_franchise" } else { "" };
    format!("{table}_by_{}{of}", folded(column))
}

/// Makes the view of open work, with or without the folds of its titles.
async fn look(manager: &SchemaManager<'_>, with_folds: bool) -> Result<(), DbErr> {
    ddl::drop(manager, "view work_item").await?;
    let fold = if with_folds { ", title_folded" } else { "" };
    let body = WORK.replace("{as_id}", if postgres(manager) { "::uuid" } else { "" }).replace("{fold}", fold);
    // the invoker's rights: a view of the owner's would walk around the fences
    let options = if postgres(manager) { " with (security_invoker = true)" } else { "" };
    manager.get_connection().execute_unprepared(&format!("create view work_item{options} as {body}")).await?;
    rls::see(manager, "work_item").await
}
