//! What belongs to teams whose programme is paused, counted beside what all teams of a client have due, so that risk
//! leaves it out. Head office reads risk and not content, and so these are facts, too: rows of `client_due` of kinds
//! of their own, kept by triggers when a programme is paused or goes on, and when a paused team's work changes.
//!
//! On PostgreSQL these triggers follow those named `pulse_…`, by name, which lock the client's row of `client_pulse`.
//! So a pause and a change of work at the same time are counted one after the other.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;

/// Each table with the kind it counts as, the instant it counts at, and the statuses that count.
const COUNTED: [(&str, &str, &str, &str); 3] = [
    ("action", "paused_action", "due_at", "= 'accepted'"),
    ("session", "paused_session", "starts_at", "= 'scheduled'"),
    ("drift_signal", "paused_drift", "raised_at", "in ('open', 'acknowledged')"),
];

/// The tables that are read or written here; on PostgreSQL whoever migrates is bound by their fences, too.
const FENCED: [&str; 5] = ["client_due", "programme", "action", "session", "drift_signal"];

/// Counts the row `r` of a table `n` times, if its team's programme is paused.
fn one(r: &str, n: i32, (_, kind, at, counts): (&str, &str, &str, &str)) -> String {
    format!(
        "
    insert into client_due (client_id, network_id, kind, at, items)
        select {r}.client_id, {r}.network_id, '{kind}', {r}.{at}, {n}
        where {r}.status {counts} and exists (
            select 1 from programme g where g.team_id = {r}.team_id and g.status = 'paused')
        on conflict (client_id, kind, at) do update set items = client_due.items + excluded.items;"
    )
}

/// Counts all rows of the teams `which`, each `n` times.
fn all(which: &str, n: &str) -> String {
    let parts = COUNTED.iter().map(|(table, kind, at, counts)| {
        format!(
            "
    insert into client_due (client_id, network_id, kind, at, items)
        select w.client_id, w.network_id, '{kind}', w.{at}, {n} * count(*) from {table} w
        where w.team_id {which} and w.status {counts} group by w.client_id, w.network_id, w.{at}
        on conflict (client_id, kind, at) do update set items = client_due.items + excluded.items;"
        )
    });
    parts.collect()
}

/// The triggers of a table whose rows count.
fn work(postgres: bool, counted: (&str, &str, &str, &str)) -> String {
    let (table, _, at, _) = counted;
    let (less, more) = (one("old", -1, counted), one("new", 1, counted));
    if !postgres {
        return format!(
            "
create trigger resting_{table} after insert on {table} begin{more}
end
;;
create trigger resting_{table}_change after update on {table}
when new.status is not old.status or new.{at} is not old.{at} begin{less}{more}
end
;;"
        );
    }
    // a change of a signal does not always lock it before
    let lock = if table == "drift_signal" {
        "perform 1 from client_pulse where client_id = new.client_id for share;"
    } else {
        ""
    };
    format!(
        "
create function resting_{table}() returns trigger language plpgsql as $$ begin
    if tg_op = 'UPDATE' and new.status = old.status and new.{at} = old.{at} then return null; end if;
    {lock}
    if not exists (select 1 from programme g where g.team_id = new.team_id and g.status = 'paused') then
        return null;
    end if;
    if tg_op = 'UPDATE' then{less}
    end if;{more}
    return null;
end $$
;;
create trigger resting_{table} after insert or update of status, {at} on {table}
for each row execute function resting_{table}()
;;"
    )
}

/// The triggers of programmes.
fn pauses(postgres: bool) -> String {
    let counted = all("= new.team_id", "case new.status when 'paused' then 1 else -1 end");
    if !postgres {
        return format!(
            "
create trigger resting_programme after insert on programme when new.status = 'paused' begin{counted}
end
;;
create trigger resting_programme_change after update on programme
when (new.status = 'paused') <> (old.status = 'paused') begin{counted}
end"
        );
    }
    format!(
        "
create function resting_programme() returns trigger language plpgsql as $$ begin
    if tg_op = 'INSERT' then
        if new.status <> 'paused' then return null; end if;
    elsif (new.status = 'paused') = (old.status = 'paused') then
        return null;
    end if;
    perform 1 from client_pulse where client_id = new.client_id for update;{counted}
    return null;
end $$
;;
create trigger resting_programme after insert or update of status on programme
for each row execute function resting_programme()"
    )
}

/// Runs a statement on the rows of all networks.
async fn everywhere(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    let fences = |how: &str| -> String {
        let parts = FENCED
            .iter()
            .map(|table| format!("-- postgres\nalter table {table} {how} row level security\n;;\n"));
        parts.collect()
    };
    ddl::run(manager, &format!("{}{statement}\n;;\n{}", fences("no force"), fences("force"))).await
}

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000900_paused_due"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        everywhere(manager, &all("in (select g.team_id from programme g where g.status = 'paused')", "1"))
            .await?;
        for counted in COUNTED {
            ddl::run(manager, &work(postgres, counted)).await?;
        }
        ddl::run(manager, &pauses(postgres)).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        for table in COUNTED.map(|(table, ..)| table).into_iter().chain(["programme"]) {
            if postgres {
                ddl::drop(manager, &format!("trigger resting_{table} on {table}")).await?;
                ddl::drop(manager, &format!("function resting_{table}()")).await?;
            } else {
                ddl::drop(manager, &format!("trigger resting_{table}_change")).await?;
                ddl::drop(manager, &format!("trigger resting_{table}")).await?;
            }
        }
        let kinds = COUNTED.map(|(_, kind, ..)| format!("'{kind}'")).join(", ");
        everywhere(manager, &format!("delete from client_due where kind in ({kinds})")).await
    }
}
