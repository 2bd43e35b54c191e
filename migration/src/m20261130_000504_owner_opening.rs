//! When clients open to an owner whom head office named. What opens or is agreed to changes somebody's access, so it
//! counts the network's access epoch up.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::{
    ddl,
    rls::{self, Fence, Rights},
};

const UP: &str = "
alter table invitation add column opens_later {flag} not null default false
;;
create table owner_opening (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    franchise_id {id} not null,
    person_id {id} not null,
    name text not null,
    email text not null,
    opens_at {instant} not null,
    agreed_by {id},
    agreed_at {instant},
    created_at {instant} not null,
    version integer not null,
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index owner_opening_by_client on owner_opening (client_id, created_at, id)
;;
create index owner_opening_by_person on owner_opening (network_id, person_id, opens_at)
;;
create index owner_opening_by_franchise on owner_opening (franchise_id)
;;
-- postgres
create trigger access_epoch_owner_opening after insert on owner_opening
    referencing new table as changed for each statement execute function access_epoch_rows()
;;
-- postgres
create trigger access_epoch_owner_opening_change after update on owner_opening
    referencing new table as changed for each statement execute function access_epoch_rows()
;;
-- sqlite
create trigger access_epoch_owner_opening after insert on owner_opening begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
end
;;
-- sqlite
create trigger access_epoch_owner_opening_change after update on owner_opening begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
end
";

/// Tables with what stands around them.
const FENCES: [(&str, Fence, Rights); 1] = [("owner_opening", Fence::Roster, Rights::Change)];

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000504_owner_opening"
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
        let of = if postgres { " on owner_opening" } else { "" };
        ddl::drop(manager, &format!("trigger access_epoch_owner_opening_change{of}")).await?;
        ddl::drop(manager, &format!("trigger access_epoch_owner_opening{of}")).await?;
        ddl::drop(manager, "table owner_opening").await?;
        ddl::drop(manager, "column invitation.opens_later").await
    }
}
