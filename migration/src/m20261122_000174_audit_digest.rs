//! Audit events whose values can be erased: the chain covers a salted digest in their place. Erasing is the only change
//! that an event can see, and only one with a digest.

use sea_orm_migration::prelude::*;

use crate::{ddl, frozen};

const UP: &str = "
alter table audit_event add column salt text
;;
alter table audit_event add column digest text
;;
-- sqlite: a trigger of both databases takes its place
drop trigger audit_event_is_append_only
;;
-- postgres
create function is_frozen() returns trigger language plpgsql as $$ begin
    raise exception '% is frozen, but for erasures', tg_table_name using errcode = 'insufficient_privilege';
end $$
";

const DOWN: &str = "
-- sqlite
create trigger audit_event_is_append_only before update on audit_event begin select raise(abort, 'audit events never change'); end
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000174_audit_digest"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        frozen::freeze_audit_events(manager, &[]).await?;
        frozen::grant(manager, "audit_event", "update (before, after, salt)").await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::revoke(manager, "audit_event", "update (before, after, salt)").await?;
        frozen::thaw(manager, "audit_event").await?;
        ddl::drop(manager, "function is_frozen()").await?;
        ddl::run(manager, DOWN).await?;
        ddl::drop(manager, "column audit_event.digest").await?;
        ddl::drop(manager, "column audit_event.salt").await
    }
}
