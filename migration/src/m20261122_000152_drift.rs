//! Drift signals, from when on networks call it drift, and how many of a client's signals wait: counts without
//! content, kept by triggers.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::{
    ddl,
    rls::{self, Fence, Rights},
};

const UP: &str = "
create table drift_policy (
    id {id} primary key,
    network_id {id} not null references network (id),
    check_ins_missed integer not null check (check_ins_missed between 1 and 12),
    days_past_baseline integer not null check (days_past_baseline between 0 and 90),
    points_behind integer not null check (points_behind between 1 and 100),
    moves integer not null check (moves between 1 and 20),
    review_gap_percent integer not null check (review_gap_percent between 100 and 1000),
    agreement_drop integer not null check (agreement_drop between 1 and 100),
    version integer not null,
    unique (network_id)
) {strict}
;;
create table drift_signal (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    cause text not null,
    subject_id {id} not null,
    action_id {id},
    priority_id {id},
    alignment_round_id {id},
    status text not null,
    measured integer not null,
    threshold integer not null,
    unit text not null,
    since {instant} not null,
    progress integer,
    elapsed integer,
    note text,
    raised_at {instant} not null,
    acknowledged_at {instant},
    answered_at {instant},
    ended_at {instant},
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, action_id) references action (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id),
    foreign key (client_id, alignment_round_id) references alignment_round (client_id, id)
) {strict}
;;
create unique index drift_signal_one_lasting on drift_signal (client_id, cause, subject_id) where ended_at is null
;;
create index drift_signal_by_client on drift_signal (client_id, raised_at, id)
;;
create index drift_signal_by_team on drift_signal (team_id, raised_at)
;;
create index drift_signal_by_action on drift_signal (action_id) where action_id is not null
;;
create index drift_signal_by_priority on drift_signal (priority_id) where priority_id is not null
;;
create table client_drift (
    client_id {id} not null,
    network_id {id} not null,
    cause text not null,
    items integer not null,
    primary key (client_id, cause),
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
;;
insert into drift_policy (id, network_id, check_ins_missed, days_past_baseline, points_behind, moves, review_gap_percent, agreement_drop, version)
    select id, id, 2, 7, 20, 2, 150, 15, 1 from network
;;
-- postgres
create function drift_policy_network() returns trigger language plpgsql as $$ begin
    insert into drift_policy (id, network_id, check_ins_missed, days_past_baseline, points_behind, moves, review_gap_percent, agreement_drop, version)
    values (new.id, new.id, 2, 7, 20, 2, 150, 15, 1);
    return null;
end $$
;;
-- postgres
create trigger drift_policy_network after insert on network for each row execute function drift_policy_network()
;;
-- sqlite
create trigger drift_policy_network after insert on network begin
    insert into drift_policy (id, network_id, check_ins_missed, days_past_baseline, points_behind, moves, review_gap_percent, agreement_drop, version)
    values (new.id, new.id, 2, 7, 20, 2, 150, 15, 1);
end
;;
-- postgres
create function pulse_drift() returns trigger language plpgsql as $$ begin
    if tg_op = 'UPDATE' and not (new.status is distinct from old.status) then return null; end if;
    if tg_op = 'UPDATE' then
        update client_drift set items = items - 1
        where client_id = old.client_id and cause = old.cause and old.status in ('open', 'acknowledged');
    end if;
    insert into client_drift (client_id, network_id, cause, items)
        select new.client_id, new.network_id, new.cause, 1 where new.status in ('open', 'acknowledged')
        on conflict (client_id, cause) do update set items = client_drift.items + excluded.items;
    return null;
end $$
;;
-- postgres
create trigger pulse_drift after insert or update of status on drift_signal for each row execute function pulse_drift()
;;
-- sqlite
create trigger pulse_drift after insert on drift_signal begin
    insert into client_drift (client_id, network_id, cause, items)
        select new.client_id, new.network_id, new.cause, 1 where new.status in ('open', 'acknowledged')
        on conflict (client_id, cause) do update set items = client_drift.items + excluded.items;
end
;;
-- sqlite
create trigger pulse_drift_change after update on drift_signal
when new.status is not old.status begin
    update client_drift set items = items - 1
        where client_id = old.client_id and cause = old.cause and old.status in ('open', 'acknowledged');
    insert into client_drift (client_id, network_id, cause, items)
        select new.client_id, new.network_id, new.cause, 1 where new.status in ('open', 'acknowledged')
        on conflict (client_id, cause) do update set items = client_drift.items + excluded.items;
end
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000152_drift"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        rls::fence(manager, "drift_policy", Fence::Directory, Rights::Change).await?;
        rls::fence(manager, "drift_signal", Fence::Content, Rights::Change).await?;
        rls::fence(manager, "client_drift", Fence::Facts, Rights::Change).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            ddl::drop(manager, "trigger pulse_drift on drift_signal").await?;
            ddl::drop(manager, "trigger drift_policy_network on network").await?;
            ddl::drop(manager, "function pulse_drift()").await?;
            ddl::drop(manager, "function drift_policy_network()").await?;
        } else {
            for trigger in ["pulse_drift_change", "pulse_drift", "drift_policy_network"] {
                ddl::drop(manager, &format!("trigger {trigger}")).await?;
            }
        }
        for table in ["client_drift", "drift_signal", "drift_policy"] {
            ddl::drop(manager, &format!("table {table}")).await?;
        }
        Ok(())
    }
}
