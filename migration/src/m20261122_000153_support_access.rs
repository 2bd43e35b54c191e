//! Support access: a client's leave for head office to read its content, and each use of it. A use that begins or ends
//! changes somebody's access, so it counts the network's access epoch up.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::{
    ddl,
    rls::{self, Fence, Rights},
};

const UP: &str = "
create table support_access (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    granted_by {id} not null,
    person_id {id},
    email text,
    reason text not null,
    starts_at {instant} not null,
    ends_at {instant} not null,
    revoked_at {instant},
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (network_id, granted_by) references person (network_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index support_access_by_start on support_access (client_id, starts_at, id)
;;
create table support_visit (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    access_id {id} not null,
    person_id {id} not null,
    visitor text not null,
    purpose text not null,
    starts_at {instant} not null,
    ends_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    foreign key (client_id, access_id) references support_access (client_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index support_visit_by_access on support_visit (access_id, starts_at, id)
;;
create index support_visit_by_person on support_visit (network_id, person_id, ends_at)
;;
-- postgres
create trigger access_epoch_support_visit after insert on support_visit
    referencing new table as changed for each statement execute function access_epoch_rows()
;;
-- postgres
create trigger access_epoch_support_visit_change after update on support_visit
    referencing new table as changed for each statement execute function access_epoch_rows()
;;
-- sqlite
create trigger access_epoch_support_visit after insert on support_visit begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
end
;;
-- sqlite
create trigger access_epoch_support_visit_change after update on support_visit begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
end
";

/// Tables with what stands around them.
const FENCES: [(&str, Fence, Rights); 2] =
    [("support_access", Fence::Facts, Rights::Change), ("support_visit", Fence::Facts, Rights::Change)];

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000153_support_access"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        for (table, fence, rights) in FENCES {
            rls::fence(manager, table, fence, rights).await?;
        }
        Ok(())
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        let of = if postgres { " on support_visit" } else { "" };
        ddl::drop(manager, &format!("trigger access_epoch_support_visit_change{of}")).await?;
        ddl::drop(manager, &format!("trigger access_epoch_support_visit{of}")).await?;
        ddl::drop(manager, "table support_visit").await?;
        ddl::drop(manager, "table support_access").await
    }
}
