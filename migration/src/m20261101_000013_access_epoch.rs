//! The access epoch: a number of the network that counts up whenever anyone's access may have changed, whoever
//! changes it. Actors that are kept in memory carry the epoch they were read at, and every request compares.
//!
//! PostgreSQL counts once a statement, so that seeds of many rows do not update the network's row for each.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::ddl;

const UP: &str = "
-- postgres
create function access_epoch_rows() returns trigger language plpgsql as $$ begin
    update network set access_epoch = access_epoch + 1 where id in (select network_id from changed);
    return null;
end $$
;;
-- postgres
create function access_epoch_row() returns trigger language plpgsql as $$ begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
    return null;
end $$
;;
-- postgres
create trigger access_epoch_membership after insert on membership
    referencing new table as changed for each statement execute function access_epoch_rows()
;;
-- postgres
create trigger access_epoch_membership_change after update on membership
    referencing new table as changed for each statement execute function access_epoch_rows()
;;
-- postgres
create trigger access_epoch_assignment after insert on assignment
    referencing new table as changed for each statement execute function access_epoch_rows()
;;
-- postgres
create trigger access_epoch_assignment_change after update on assignment
    referencing new table as changed for each statement execute function access_epoch_rows()
;;
-- postgres
create trigger access_epoch_client after insert on client
    referencing new table as changed for each statement execute function access_epoch_rows()
;;
-- postgres
create trigger access_epoch_client_change after update of franchise_id on client
    for each row when (new.franchise_id is distinct from old.franchise_id) execute function access_epoch_row()
;;
-- sqlite
create trigger access_epoch_membership after insert on membership begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
end
;;
-- sqlite
create trigger access_epoch_membership_change after update on membership begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
end
;;
-- sqlite
create trigger access_epoch_assignment after insert on assignment begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
end
;;
-- sqlite
create trigger access_epoch_assignment_change after update on assignment begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
end
;;
-- sqlite
create trigger access_epoch_client after insert on client begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
end
;;
-- sqlite
create trigger access_epoch_client_change after update on client
when new.franchise_id is not old.franchise_id begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
end
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261101_000013_access_epoch"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        for table in ["client", "assignment", "membership"] {
            let of = if postgres { format!(" on {table}") } else { String::new() };
            ddl::drop(manager, &format!("trigger access_epoch_{table}_change{of}")).await?;
            ddl::drop(manager, &format!("trigger access_epoch_{table}{of}")).await?;
        }
        ddl::drop(manager, "function access_epoch_row()").await?;
        ddl::drop(manager, "function access_epoch_rows()").await
    }
}
