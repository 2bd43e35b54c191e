//! The second wall: row-level security on PostgreSQL; nothing on SQLite, which only this process can open.
//!
//! Policies compare a row's network, client and person to settings that the doors make for one transaction
//! (`set_config(…, true)`). Each setting is read in a sub-select, so PostgreSQL evaluates it once a statement and
//! not once a row. Unset means no rows: after a commit a local setting is '' and not null, hence the nullif.
//!
//! | setting | meaning |
//! |---|---|
//! | `concord.network` | the network the caller acts in |
//! | `concord.person` | the caller |
//! | `concord.wide` | `on`: facts of every client of the network (head office) |
//! | `concord.facts` | clients whose facts the caller may reach |
//! | `concord.content` | clients whose content the caller may reach |
//! | `concord.practice` | clients that the caller facilitates |
//! | `concord.franchises` | franchises the caller belongs to |
//! | `concord.door` | `identity` (sign-in) or `system` (jobs, within one network) |

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

/// The role that the server runs as. It owns nothing.
pub const APP_ROLE: &str = "concord_app";

/// Which rows of a table a transaction can touch at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
    /// Behind the identity door only.
    Platform,
    /// The network's own row.
    Network,
    /// Every row of the network.
    Directory,
    /// Every row of the network; behind the identity door, of all networks.
    Schedule,
    /// Rows of the network, for the system alone.
    Sealed,
    /// Rows of the network that anyone in it adds ([`anyone_adds`]), and the system alone reads, changes and removes.
    /// Sign-in, which is of no network, sees them of all.
    Outbox,
    /// Rows of the network itself, and a franchise's own.
    Library,
    /// People: the network's, and at sign-in those of one identity.
    Person,
    /// Figures of the network or of a franchise.
    Scope,
    /// Rows about a person, a franchise or a client.
    Roster,
    /// The caller's own rows.
    Own,
    /// Audit events, as long as they named no franchise.
    Audit,
    /// Audit events, which name a client or a franchise.
    Event,
    /// The client's own row.
    Client,
    /// Facts about a client.
    Facts,
    /// Content of a client.
    Content,
    /// Facts or content of a client, as the row says.
    Found,
    /// What a client's facilitators keep to themselves.
    Practice,
    /// Every row of the network whose period's benchmarks are published.
    Release,
    /// Content of a client whose period's benchmarks are published.
    Standing,
}

/// What the server may do to a table. Nothing is ever truncated, and little is ever deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Read and append.
    Append,
    /// Read, append and change.
    Change,
    /// All that, and delete.
    Delete,
}

/// Encloses `table` and grants the server its rights.
pub async fn fence(
    manager: &SchemaManager<'_>,
    table: &str,
    fence: Fence,
    rights: Rights,
) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let condition = policy(fence);
    let granted = match rights {
        Rights::Append => "select, insert",
        Rights::Change => "select, insert, update",
        Rights::Delete => "select, insert, update, delete",
    };
    let sql = format!(
        "alter table {table} enable row level security;
         alter table {table} force row level security;
         create policy fence on {table} using ({condition}) with check ({condition});
         do $$ begin if exists (select from pg_roles where rolname = '{APP_ROLE}') then
           grant {granted} on {table} to {APP_ROLE};
         end if; end $$"
    );
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

/// Lets the server read a view, within the fences of its tables.
pub async fn see(manager: &SchemaManager<'_>, view: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = format!(
        "do $$ begin if exists (select from pg_roles where rolname = '{APP_ROLE}') then
           grant select on {view} to {APP_ROLE};
         end if; end $$"
    );
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

/// Puts another fence around a table that has one.
pub async fn refence(manager: &SchemaManager<'_>, table: &str, fence: Fence) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let condition = policy(fence);
    let sql = format!(
        "drop policy fence on {table};
         create policy fence on {table} using ({condition}) with check ({condition})"
    );
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

/// Lets everyone in the network add rows to a table that a fence keeps from them.
pub async fn anyone_adds(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let condition = policy(Fence::Directory);
    let sql = format!("create policy added on {table} for insert with check ({condition})");
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

/// The condition of a fence's policy.
pub fn policy(fence: Fence) -> String {
    let network = format!("network_id = {}", id("network"));
    let person = format!("person_id = {}", id("person"));
    let (wide, system, identity) = (on("wide", "on"), on("door", "system"), on("door", "identity"));
    let among = |column: &str, list: &str| format!("{column} = any ({})", ids(list));
    let facts = |column: &str| format!("({wide} or {} or {system})", among(column, "facts"));
    let published = format!("period <= (select published_through from benchmark_policy where {network})");
    match fence {
        Fence::Platform => identity,
        Fence::Network => format!("id = {} or {identity}", id("network")),
        Fence::Directory => network,
        Fence::Schedule => format!("{network} or {identity}"),
        Fence::Sealed => format!("{network} and {system}"),
        Fence::Outbox => format!("{network} and {system} or {identity}"),
        Fence::Library => format!(
            "{network} and (franchise_id is null or {wide} or {} or {system})",
            among("franchise_id", "franchises"),
        ),
        Fence::Person => format!("{network} or {identity}"),
        Fence::Scope => format!("{network} and ({wide} or {} or {system})", among("scope_id", "franchises")),
        Fence::Roster => format!(
            "{network} and ({wide} or {person} or {} or {} or {system}) or {identity}",
            among("client_id", "facts"),
            among("franchise_id", "franchises"),
        ),
        Fence::Own => format!("{network} and ({person} or {system})"),
        Fence::Audit => format!(
            "{network} and ({} or {person} or {wide} and not content or {system}) or {identity}",
            among("client_id", "content"),
        ),
        Fence::Event => format!(
            "{network} and ({} or {} or {person} or {wide} and not content or {system}) or {identity}",
            among("client_id", "content"),
            among("franchise_id", "franchises"),
        ),
        Fence::Client => format!("{network} and {}", facts("id")),
        Fence::Facts => format!("{network} and {}", facts("client_id")),
        Fence::Content => format!("{network} and ({} or {system})", among("client_id", "content")),
        Fence::Found => format!(
            "{network} and ({} or not content and ({wide} or {}) or {system})",
            among("client_id", "content"),
            among("client_id", "facts"),
        ),
        Fence::Practice => format!("{network} and ({} or {system})", among("client_id", "practice")),
        Fence::Release => format!("{network} and ({published} or {system})"),
        Fence::Standing => {
            format!("{network} and ({} and {published} or {system})", among("client_id", "content"))
        }
    }
}

fn id(setting: &str) -> String {
    format!("(select nullif(current_setting('concord.{setting}', true), '')::uuid)")
}

fn ids(setting: &str) -> String {
    // the outer cast changes no type: it makes `any` see an array and not a sub-query of rows
    format!("(select nullif(current_setting('concord.{setting}', true), '')::uuid[])::uuid[]")
}

fn on(setting: &str, value: &str) -> String {
    format!("(select current_setting('concord.{setting}', true) = '{value}')")
}
