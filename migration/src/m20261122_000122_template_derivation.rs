//! Templates of franchises, derived from the network's: whose a template is, what it comes from, and which parts of a
//! version head office has locked.

use crate::{
    ddl,
    rls::{self, Fence},
};
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

/// Each carries the franchise, because a fence compares a row without looking at others.
const TABLES: [&str; 7] = [
    "template",
    "template_version",
    "template_stage",
    "stage_criterion",
    "agenda_template_item",
    "questionnaire_statement",
    "template_resource",
];

/// A name is the network's among the network's templates, and a franchise's among its own: who tries a name must not
/// learn of another franchise's. SQLite drops a table's unique key with the table only.
const UP: &str = "
-- postgres
alter table template drop constraint template_network_id_name_key
;;
-- sqlite
pragma foreign_keys = off;
begin;
create table template_kept as select id, network_id, name, summary, created_at, version from template;
drop table template;
create table template (
    id blob primary key,
    network_id blob not null references network (id),
    name text not null,
    summary text not null,
    created_at text not null,
    version integer not null,
    unique (network_id, id)
) strict;
insert into template select id, network_id, name, summary, created_at, version from template_kept;
drop table template_kept;
commit;
pragma foreign_keys = on
;;
-- postgres
alter table template_version add column ancestor_id uuid,
    add foreign key (network_id, ancestor_id) references template_version (network_id, id)
;;
-- sqlite
alter table template_version add column ancestor_id blob references template_version (id)
;;
alter table template_version add column limits_locked {flag} not null default {no}
;;
alter table template_version add column cadence_locked {flag} not null default {no}
;;
alter table template_stage add column locked {flag} not null default {no}
;;
alter table questionnaire_statement add column locked {flag} not null default {no}
;;
alter table template_resource add column locked {flag} not null default {no}
";

const NAMES: &str = "
create unique index template_by_name on template (network_id, name) where franchise_id is null
;;
create unique index template_of_franchise on template (franchise_id, name) where franchise_id is not null
;;
create index template_version_by_ancestor on template_version (ancestor_id)
";

const DOWN: &str = "
drop index template_version_by_ancestor
;;
drop index template_of_franchise
;;
drop index template_by_name
;;
alter table template_resource drop column locked
;;
alter table questionnaire_statement drop column locked
;;
alter table template_stage drop column locked
;;
alter table template_version drop column cadence_locked
;;
alter table template_version drop column limits_locked
;;
alter table template_version drop column ancestor_id
";

const NAMES_DOWN: &str = "
-- postgres
alter table template add unique (network_id, name)
;;
-- sqlite
pragma foreign_keys = off;
begin;
create table template_kept as select id, network_id, name, summary, created_at, version from template;
drop table template;
create table template (
    id blob primary key,
    network_id blob not null references network (id),
    name text not null,
    summary text not null,
    created_at text not null,
    version integer not null,
    unique (network_id, id),
    unique (network_id, name)
) strict;
insert into template select id, network_id, name, summary, created_at, version from template_kept;
drop table template_kept;
commit;
pragma foreign_keys = on
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000122_template_derivation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        let no = if postgres { "false" } else { "0" };
        ddl::run(manager, &UP.replace("{no}", no)).await?;
        for table in TABLES {
            let column = if postgres {
                format!(
                    "alter table {table} add column franchise_id uuid,
                     add foreign key (network_id, franchise_id) references franchise (network_id, id)"
                )
            } else {
                format!("alter table {table} add column franchise_id blob references franchise (id)")
            };
            manager.get_connection().execute_unprepared(&column).await?;
            rls::refence(manager, table, Fence::Library).await?;
        }
        ddl::run(manager, NAMES).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, DOWN).await?;
        for table in TABLES {
            rls::refence(manager, table, Fence::Directory).await?;
            ddl::run(manager, &format!("alter table {table} drop column franchise_id")).await?;
        }
        ddl::run(manager, NAMES_DOWN).await
    }
}
