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

/// The role that the server runs as. It owns nothing.
pub const APP_ROLE: &str = "concord_app";

/// Where a table's rows belong, which decides which of them a transaction can touch at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
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
    /// Audit events, which name a client or a franchise.
    Audit,
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
    /// Read, append and delete.
    AppendOrDelete,
    /// Read, append and change.
    Change,
    /// All that, and delete.
    Delete,
}

/// Encloses `table` by the policy of its placement, and grants the server its rights.
pub fn enclose(table: &str, placement: Placement, rights: Rights) -> String {
    let condition = policy(placement);
    let rights = match rights {
        Rights::Append => "select, insert",
        Rights::AppendOrDelete => "select, insert, delete",
        Rights::Change => "select, insert, update",
        Rights::Delete => "select, insert, update, delete",
    };
    let granted = grant(table, rights);
    format!(
        "-- postgres
alter table {table} enable row level security;
alter table {table} force row level security;
create policy placement on {table} using ({condition}) with check ({condition})
;;
{granted}"
    )
}

/// A change of rows of these tables, in a step. On PostgreSQL the policies bind the tables' owner, too, who would see no rows.
pub fn past_policies(tables: &[&str], change: &str) -> String {
    let each = |force: &str| -> String {
        let one = |table: &&str| format!("-- postgres\nalter table {table} {force} row level security\n;;\n");
        tables.iter().map(one).collect()
    };
    format!("{}{change}\n;;\n{}", each("no force"), each("force"))
}

/// Creates a view with the rights of its reader, and lets the server read it.
pub fn view(name: &str, body: &str) -> String {
    format!("create view {name}{{invoker}} as {body}\n;;\n{}", grant(name, "select"))
}

/// Lets everyone in the network add rows to a table whose placement keeps them from the rows.
pub fn anyone_adds(table: &str) -> String {
    let condition = policy(Placement::Directory);
    format!("-- postgres\ncreate policy added on {table} for insert with check ({condition})")
}

/// Grants the server rights to a table, or to some of its columns: `update (reason)`. Tests also migrate databases without
/// the server's role.
pub fn grant(table: &str, rights: &str) -> String {
    format!(
        "-- postgres
do $$ begin if exists (select from pg_roles where rolname = '{APP_ROLE}') then
    grant {rights} on {table} to {APP_ROLE};
end if; end $$"
    )
}

/// The condition of a placement's policy.
pub fn policy(placement: Placement) -> String {
    let network = format!("network_id = {}", id("network"));
    let person = format!("person_id = {}", id("person"));
    let (wide, system, identity) = (on("wide", "on"), on("door", "system"), on("door", "identity"));
    let among = |column: &str, list: &str| format!("{column} = any ({})", ids(list));
    let facts = |column: &str| format!("({wide} or {} or {system})", among(column, "facts"));
    let published = format!("period <= (select published_through from benchmark_policy where {network})");
    match placement {
        Placement::Platform => identity,
        Placement::Network => format!("id = {} or {identity}", id("network")),
        Placement::Directory => network,
        Placement::Schedule => format!("{network} or {identity}"),
        Placement::Sealed => format!("{network} and {system}"),
        Placement::Outbox => format!("{network} and {system} or {identity}"),
        Placement::Library => format!(
            "{network} and (franchise_id is null or {wide} or {} or {system})",
            among("franchise_id", "franchises"),
        ),
        Placement::Person => format!("{network} or {identity}"),
        Placement::Scope => {
            format!("{network} and ({wide} or {} or {system})", among("scope_id", "franchises"))
        }
        Placement::Roster => format!(
            "{network} and ({wide} or {person} or {} or {} or {system}) or {identity}",
            among("client_id", "facts"),
            among("franchise_id", "franchises"),
        ),
        Placement::Own => format!("{network} and ({person} or {system})"),
        Placement::Audit => format!(
            "{network} and ({} or {} or {person} or {wide} and not content or {system}) or {identity}",
            among("client_id", "content"),
            among("franchise_id", "franchises"),
        ),
        Placement::Client => format!("{network} and {}", facts("id")),
        Placement::Facts => format!("{network} and {}", facts("client_id")),
        Placement::Content => format!("{network} and ({} or {system})", among("client_id", "content")),
        Placement::Found => format!(
            "{network} and ({} or not content and ({wide} or {}) or {system})",
            among("client_id", "content"),
            among("client_id", "facts"),
        ),
        Placement::Practice => format!("{network} and ({} or {system})", among("client_id", "practice")),
        Placement::Release => format!("{network} and ({published} or {system})"),
        Placement::Standing => {
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
