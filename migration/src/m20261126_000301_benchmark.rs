//! Benchmarks: who takes part, what releases published, whom they counted, and where each client stood. A release's
//! rows never change; an erasure takes the pseudonym off whom it counted, and what told of the client goes.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::{
    ddl, frozen,
    rls::{self, APP_ROLE, Fence, Rights},
};

const UP: &str = "
alter table client add column legal_group text
;;
create table benchmark_policy (
    id {id} primary key,
    network_id {id} not null references network (id),
    profile text not null,
    minimum_clients integer not null check (minimum_clients between 5 and 100),
    version integer not null,
    unique (network_id)
) {strict}
;;
create table benchmark_key (
    network_id {id} primary key references network (id),
    secret text not null
) {strict}
;;
create table benchmark_step (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    kind text not null,
    person_id {id},
    at {instant} not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index benchmark_step_by_client on benchmark_step (client_id, at, id)
;;
create index benchmark_step_by_network on benchmark_step (network_id, at)
;;
create table benchmark_release (
    id {id} primary key,
    network_id {id} not null references network (id),
    family {word} not null,
    period {word} not null,
    profile text not null,
    closed_at {instant} not null,
    unique (network_id, id),
    unique (network_id, family, period)
) {strict}
;;
create table benchmark_cohort (
    id {id} primary key,
    network_id {id} not null,
    release_id {id} not null,
    metric {word} not null,
    period {word} not null,
    path {word} not null,
    level integer not null,
    industry text,
    size_band text,
    region text,
    stage text,
    band text not null,
    p10 integer,
    p25 integer not null,
    p50 integer not null,
    p75 integer not null,
    p90 integer,
    p10_shown text,
    p25_shown text not null,
    p50_shown text not null,
    p75_shown text not null,
    p90_shown text,
    unique (network_id, id),
    unique (release_id, metric, path),
    foreign key (network_id, release_id) references benchmark_release (network_id, id)
) {strict}
;;
create index benchmark_cohort_by_network on benchmark_cohort (network_id, period, metric, path)
;;
create table benchmark_counted (
    release_id {id} not null,
    pseudonym {word} not null,
    network_id {id} not null,
    unit text not null,
    path text not null,
    depth integer not null check (depth >= 0),
    primary key (release_id, pseudonym),
    foreign key (network_id, release_id) references benchmark_release (network_id, id)
) {strict}
;;
create index benchmark_counted_by_pseudonym on benchmark_counted (network_id, pseudonym)
;;
create table benchmark_standing (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    cohort_id {id} not null,
    metric {word} not null,
    period {word} not null,
    status text not null,
    value text,
    position text,
    unique (client_id, metric, period),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (network_id, cohort_id) references benchmark_cohort (network_id, id)
) {strict}
;;
-- postgres: whoever migrates is bound by the fences, too
alter table network no force row level security
;;
insert into benchmark_policy (id, network_id, profile, minimum_clients, version)
    select id, id, 'standard', 12, 1 from network
;;
-- postgres
alter table network force row level security
;;
-- postgres
create function benchmark_policy_network() returns trigger language plpgsql as $$ begin
    insert into benchmark_policy (id, network_id, profile, minimum_clients, version)
    values (new.id, new.id, 'standard', 12, 1);
    return null;
end $$
;;
-- postgres
create trigger benchmark_policy_network after insert on network
    for each row execute function benchmark_policy_network()
;;
-- sqlite
create trigger benchmark_policy_network after insert on network begin
    insert into benchmark_policy (id, network_id, profile, minimum_clients, version)
    values (new.id, new.id, 'standard', 12, 1);
end
";

/// Where a client stood, with the cohort that answers for it.
const VIEW: &str = "select s.id, s.network_id, s.client_id, s.metric, s.period, s.status, s.value, \
    s.position, c.level, c.industry, c.size_band, c.region, c.stage, c.band, c.p10, c.p25, c.p50, c.p75, c.p90, \
    c.p10_shown, c.p25_shown, c.p50_shown, c.p75_shown, c.p90_shown \
    from benchmark_standing s join benchmark_cohort c on c.id = s.cohort_id";

/// Tables whose rows stay as they were added.
const FROZEN: [&str; 4] = ["benchmark_step", "benchmark_release", "benchmark_cohort", "benchmark_standing"];

/// Of whom a release counted, an erasure may change the pseudonym, and shorten the path to that of the atom.
const BUT_TOMBSTONES: &str = "new.release_id <> old.release_id or new.network_id <> old.network_id
    or new.unit <> old.unit or new.depth <> old.depth or new.pseudonym = old.pseudonym";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261126_000301_benchmark"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        rls::fence(manager, "benchmark_policy", Fence::Directory, Rights::Change).await?;
        rls::fence(manager, "benchmark_key", Fence::Sealed, Rights::Append).await?;
        rls::fence(manager, "benchmark_step", Fence::Facts, Rights::Append).await?;
        rls::fence(manager, "benchmark_release", Fence::Directory, Rights::Append).await?;
        rls::fence(manager, "benchmark_cohort", Fence::Directory, Rights::Append).await?;
        rls::fence(manager, "benchmark_counted", Fence::Sealed, Rights::Append).await?;
        rls::fence(manager, "benchmark_standing", Fence::Content, Rights::Append).await?;
        for table in FROZEN {
            frozen::freeze(manager, table, "1 = 1").await?;
        }
        frozen::freeze(manager, "benchmark_counted", BUT_TOMBSTONES).await?;
        frozen::grant(manager, "benchmark_counted", "update (path, pseudonym)").await?;
        frozen::grant(manager, "benchmark_standing", "delete").await?;
        frozen::grant(manager, "metric_value", "delete").await?;
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        // the invoker's rights: a view of the owner's would walk around the fences
        let options = if postgres { " with (security_invoker = true)" } else { "" };
        let view = format!("create view client_benchmark{options} as {VIEW}");
        manager.get_connection().execute_unprepared(&view).await?;
        if postgres {
            let grant = format!(
                "do $$ begin if exists (select from pg_roles where rolname = '{APP_ROLE}') then
                   grant select on client_benchmark to {APP_ROLE};
                 end if; end $$"
            );
            manager.get_connection().execute_unprepared(&grant).await?;
        }
        Ok(())
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, "view client_benchmark").await?;
        frozen::revoke(manager, "metric_value", "delete").await?;
        frozen::thaw(manager, "benchmark_counted").await?;
        for table in FROZEN {
            frozen::thaw(manager, table).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            ddl::drop(manager, "trigger benchmark_policy_network on network").await?;
            ddl::drop(manager, "function benchmark_policy_network()").await?;
        } else {
            ddl::drop(manager, "trigger benchmark_policy_network").await?;
        }
        for table in [
            "benchmark_standing",
            "benchmark_counted",
            "benchmark_cohort",
            "benchmark_release",
            "benchmark_step",
            "benchmark_key",
            "benchmark_policy",
        ] {
            ddl::drop(manager, &format!("table {table}")).await?;
        }
        ddl::drop(manager, "column client.legal_group").await
    }
}
