//! What is appended and never changes, but for erasures. PostgreSQL withholds the right to update from the server, and
//! here gives it back for the columns with people's words; a trigger on both databases holds them to what an erasure
//! leaves.

use crate::rls::APP_ROLE;
use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

/// Refuses updates of `table` where `forbidden` holds of the rows `old` and `new`.
pub async fn freeze(manager: &SchemaManager<'_>, table: &str, forbidden: &str) -> Result<(), DbErr> {
    let sql = if postgres(manager) {
        format!(
            "create trigger {table}_is_frozen before update on {table} for each row when ({forbidden})
             execute function is_frozen()"
        )
    } else {
        format!(
            "create trigger {table}_is_frozen before update on {table} when {forbidden}
             begin select raise(abort, '{table} is frozen, but for erasures'); end"
        )
    };
    manager.get_connection().execute_unprepared(&sql).await.map(drop)
}

/// What no update of an audit event changes, besides columns that came later.
const AUDITED: [&str; 15] = [
    "id",
    "network_id",
    "client_id",
    "content",
    "lane",
    "sequence",
    "at",
    "person_id",
    "request_id",
    "verb",
    "noun",
    "subject_id",
    "previous",
    "hash",
    "digest",
];

/// Lets updates of audit events only take values out, of those that have a digest. Neither `later` columns nor any
/// other one changes.
pub async fn freeze_audit_events(manager: &SchemaManager<'_>, later: &[&str]) -> Result<(), DbErr> {
    let mut forbidden =
        "old.digest is null or new.before is not null or new.after is not null or new.salt is not null"
            .to_owned();
    for column in AUDITED.iter().chain(later) {
        forbidden.push_str(&format!(" or new.{column} is distinct from old.{column}"));
    }
    freeze(manager, "audit_event", &forbidden).await
}

/// The opposite of [`freeze`].
pub async fn thaw(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let of = if postgres(manager) { format!(" on {table}") } else { String::new() };
    manager
        .get_connection()
        .execute_unprepared(&format!("drop trigger {table}_is_frozen{of}"))
        .await
        .map(drop)
}

/// Gives the server rights to a table that may be rights to some of its columns: `update (reason)`.
pub async fn grant(manager: &SchemaManager<'_>, table: &str, rights: &str) -> Result<(), DbErr> {
    change(manager, &format!("grant {rights} on {table} to {APP_ROLE}")).await
}

/// Takes them back.
pub async fn revoke(manager: &SchemaManager<'_>, table: &str, rights: &str) -> Result<(), DbErr> {
    change(manager, &format!("revoke {rights} on {table} from {APP_ROLE}")).await
}

async fn change(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    if !postgres(manager) {
        return Ok(());
    }
    let sql = format!(
        "do $$ begin if exists (select from pg_roles where rolname = '{APP_ROLE}') then {sql}; end if; end $$"
    );
    manager.get_connection().execute_unprepared(&sql).await.map(drop)
}

fn postgres(manager: &SchemaManager<'_>) -> bool {
    manager.get_database_backend() == DbBackend::Postgres
}
