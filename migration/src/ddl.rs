//! Tables as text, once for both databases. Types that differ are written as placeholders:
//!
//! | placeholder | PostgreSQL | SQLite |
//! |---|---|---|
//! | `{id}` | uuid | blob |
//! | `{instant}` | timestamptz | text (RFC 3339, UTC) |
//! | `{date}` | date | text |
//! | `{json}` | jsonb | text |
//! | `{flag}` | boolean | integer |
//! | `{word}` | text, by code point | text |
//! | `{big}` | bigint | integer |
//! | `{strict}` | (nothing) | strict |
//!
//! A statement that starts with `-- postgres` or `-- sqlite` runs on that database only.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

/// Runs statements, each separated by a line that holds only `;;`.
pub async fn run(manager: &SchemaManager<'_>, text: &str) -> Result<(), DbErr> {
    let postgres = manager.get_database_backend() == DbBackend::Postgres;
    for statement in text.split("\n;;").map(str::trim).filter(|statement| !statement.is_empty()) {
        let elsewhere = if postgres { "-- sqlite" } else { "-- postgres" };
        if !statement.starts_with(elsewhere) {
            manager.get_connection().execute_unprepared(&spell(statement, postgres)).await?;
        }
    }
    Ok(())
}

/// Drops `what`: `table x`, `view x`, `index x`, `column x.y`, or, where only PostgreSQL has them, `function x()`.
pub async fn drop(manager: &SchemaManager<'_>, what: &str) -> Result<(), DbErr> {
    let postgres = manager.get_database_backend() == DbBackend::Postgres;
    if what.starts_with("function") && !postgres {
        return Ok(());
    }
    let sql = match what.strip_prefix("column ").and_then(|column| column.split_once('.')) {
        Some((table, column)) => format!("alter table {table} drop column {column}"),
        None => format!("drop {what}"),
    };
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

fn spell(statement: &str, postgres: bool) -> String {
    let types = [
        ("{id}", "uuid", "blob"),
        ("{instant}", "timestamptz", "text"),
        ("{date}", "date", "text"),
        ("{json}", "jsonb", "text"),
        ("{flag}", "boolean", "integer"),
        ("{word}", "text collate \"C\"", "text"),
        ("{big}", "bigint", "integer"),
        ("{strict}", "", "strict"),
    ];
    types.iter().fold(statement.to_owned(), |text, (name, on_postgres, on_sqlite)| {
        text.replace(name, if postgres { on_postgres } else { on_sqlite })
    })
}
