//! Releases of benchmarks are stored step by step before they are published. The network's policy says through which
//! period they are; the fences hide what is later; what is later can be removed, and what is published cannot.

use crate::{
    ddl, frozen,
    rls::{self, Fence},
};
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

const UP: &str = "
alter table benchmark_policy add column published_through {word}
;;
alter table benchmark_policy add column closing_id {id}
;;
alter table benchmark_policy add column closing_until {instant}
;;
-- postgres: whoever migrates is bound by the fences, too
alter table benchmark_policy no force row level security
;;
-- postgres
alter table benchmark_release no force row level security
;;
update benchmark_policy set published_through =
    (select max(r.period) from benchmark_release r where r.network_id = benchmark_policy.network_id)
;;
-- postgres
alter table benchmark_release force row level security
;;
-- postgres
alter table benchmark_policy force row level security
;;
create index benchmark_standing_by_cohort on benchmark_standing (cohort_id)
;;
-- postgres
create function benchmark_stays() returns trigger language plpgsql as $$ begin
    if exists (select from benchmark_policy p
        where p.network_id = old.network_id and old.period <= p.published_through) then
        raise exception 'what is published stays';
    end if;
    return old;
end $$
;;
-- postgres
create function benchmark_counted_stays() returns trigger language plpgsql as $$ begin
    if exists (select from benchmark_release r join benchmark_policy p on p.network_id = r.network_id
        where r.id = old.release_id and r.period <= p.published_through) then
        raise exception 'what is published stays';
    end if;
    return old;
end $$
;;
-- postgres
create trigger benchmark_release_stays before delete on benchmark_release
    for each row execute function benchmark_stays()
;;
-- postgres
create trigger benchmark_cohort_stays before delete on benchmark_cohort
    for each row execute function benchmark_stays()
;;
-- postgres
create trigger benchmark_counted_stays before delete on benchmark_counted
    for each row execute function benchmark_counted_stays()
;;
-- sqlite
create trigger benchmark_release_stays before delete on benchmark_release begin
    select raise(abort, 'what is published stays') from benchmark_policy p
    where p.network_id = old.network_id and old.period <= p.published_through;
end
;;
-- sqlite
create trigger benchmark_cohort_stays before delete on benchmark_cohort begin
    select raise(abort, 'what is published stays') from benchmark_policy p
    where p.network_id = old.network_id and old.period <= p.published_through;
end
;;
-- sqlite
create trigger benchmark_counted_stays before delete on benchmark_counted begin
    select raise(abort, 'what is published stays')
    from benchmark_release r join benchmark_policy p on p.network_id = r.network_id
    where r.id = old.release_id and r.period <= p.published_through;
end
";

/// Tables from which drafts can be removed, besides that of where clients stand.
const REMOVABLE: [&str; 3] = ["benchmark_release", "benchmark_cohort", "benchmark_counted"];

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000801_benchmark_draft"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        rls::refence(manager, "benchmark_release", Fence::Release).await?;
        rls::refence(manager, "benchmark_cohort", Fence::Release).await?;
        rls::refence(manager, "benchmark_standing", Fence::Standing).await?;
        for table in REMOVABLE {
            frozen::grant(manager, table, "delete").await?;
        }
        Ok(())
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        for table in REMOVABLE {
            frozen::revoke(manager, table, "delete").await?;
            let of = if postgres { format!(" on {table}") } else { String::new() };
            ddl::drop(manager, &format!("trigger {table}_stays{of}")).await?;
        }
        ddl::drop(manager, "function benchmark_stays()").await?;
        ddl::drop(manager, "function benchmark_counted_stays()").await?;
        rls::refence(manager, "benchmark_standing", Fence::Content).await?;
        rls::refence(manager, "benchmark_cohort", Fence::Directory).await?;
        rls::refence(manager, "benchmark_release", Fence::Directory).await?;
        ddl::drop(manager, "index benchmark_standing_by_cohort").await?;
        for column in ["closing_until", "closing_id", "published_through"] {
            ddl::drop(manager, &format!("column benchmark_policy.{column}")).await?;
        }
        Ok(())
    }
}
