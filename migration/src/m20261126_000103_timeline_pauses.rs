//! Pauses of programmes happen at a client, too: its timeline tells when they began and when work was taken up again.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::{
    ddl,
    m20261122_000172_timeline::{KINDS, Kind, NONE, select},
    rls::APP_ROLE,
};

/// A pause that its programme ended in was not followed by work.
const PAUSES: [Kind; 2] = [
    (
        "'programme_paused'",
        "x.starts_at",
        "p.name",
        NONE,
        &[("programme_id", "x.programme_id")],
        "programme_pause x join programme p on p.id = x.programme_id",
    ),
    (
        "'programme_resumed'",
        "x.ends_at",
        "p.name",
        NONE,
        &[("programme_id", "x.programme_id")],
        "programme_pause x join programme p on p.id = x.programme_id \
         where x.ends_at is not null and (p.ended_at is null or x.ends_at < p.ended_at)",
    ),
];

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261126_000103_timeline_pauses"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        replace(manager, &[KINDS, &PAUSES[..]].concat()).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        replace(manager, KINDS).await
    }
}

async fn replace(manager: &SchemaManager<'_>, kinds: &[Kind]) -> Result<(), DbErr> {
    ddl::drop(manager, "view timeline_item").await?;
    let postgres = manager.get_database_backend() == DbBackend::Postgres;
    let body = kinds.iter().map(select).collect::<Vec<_>>().join("\nunion all\n");
    let (id, text) = if postgres { ("::uuid", "::text") } else { ("", "") };
    let body = body.replace("{id}", id).replace("{text}", text);
    // the invoker's rights: a view of the owner's would walk around the fences
    let options = if postgres { " with (security_invoker = true)" } else { "" };
    manager
        .get_connection()
        .execute_unprepared(&format!("create view timeline_item{options} as {body}"))
        .await?;
    if postgres {
        let grant = format!(
            "do $$ begin if exists (select from pg_roles where rolname = '{APP_ROLE}') then
               grant select on timeline_item to {APP_ROLE};
             end if; end $$"
        );
        manager.get_connection().execute_unprepared(&grant).await?;
    }
    Ok(())
}
