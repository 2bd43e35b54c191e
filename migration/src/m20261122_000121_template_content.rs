//! What a template version holds besides stages and criteria: agendas, a questionnaire, resources; and the names by
//! which stages are found again in another version.

use crate::{
    ddl,
    rls::{self, Fence, Rights},
};
use sea_orm_migration::prelude::*;

// the owner is fenced too, and fills the column before the fence is closed again
const UP: &str = "
-- postgres
alter table template_stage no force row level security
;;
alter table template_stage add column key text not null default ''
;;
update template_stage set key = 'stage-' || position
;;
-- postgres
alter table template_stage alter column key drop default
;;
-- postgres
alter table template_stage force row level security
;;
create unique index template_stage_by_key on template_stage (template_version_id, key)
;;
create table agenda_template_item (
    id {id} primary key,
    network_id {id} not null,
    template_stage_id {id} not null,
    position integer not null,
    title text not null,
    minutes integer not null check (minutes between 1 and 1440),
    purpose text not null,
    unique (network_id, id),
    unique (template_stage_id, position),
    foreign key (network_id, template_stage_id) references template_stage (network_id, id)
) {strict}
;;
create table questionnaire_statement (
    id {id} primary key,
    network_id {id} not null,
    template_version_id {id} not null,
    position integer not null,
    key text not null,
    text text not null,
    low integer not null check (low between 0 and 10),
    high integer not null check (high between 0 and 10),
    core {flag} not null,
    stage_position integer check (stage_position between 1 and 20),
    unique (network_id, id),
    unique (template_version_id, position),
    unique (template_version_id, key),
    foreign key (network_id, template_version_id) references template_version (network_id, id)
) {strict}
;;
create table template_resource (
    id {id} primary key,
    network_id {id} not null,
    template_version_id {id} not null,
    position integer not null,
    title text not null,
    url text not null,
    kind text not null,
    stage_position integer check (stage_position between 1 and 20),
    unique (network_id, id),
    unique (template_version_id, position),
    foreign key (network_id, template_version_id) references template_version (network_id, id)
) {strict}
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000121_template_content"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        rls::fence(manager, "agenda_template_item", Fence::Directory, Rights::Delete).await?;
        rls::fence(manager, "questionnaire_statement", Fence::Directory, Rights::Delete).await?;
        rls::fence(manager, "template_resource", Fence::Directory, Rights::Delete).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for what in [
            "table template_resource",
            "table questionnaire_statement",
            "table agenda_template_item",
            "index template_stage_by_key",
        ] {
            ddl::drop(manager, what).await?;
        }
        ddl::run(manager, "alter table template_stage drop column key").await
    }
}
