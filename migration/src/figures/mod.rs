//! Figures that triggers keep with every write, whoever makes it: facts without content, so that head office, portfolios,
//! risk and dashboards read a row and not a history. Each figure has one description here. The triggers of both databases
//! are generated from the descriptions ([`triggers`]), and so are the queries by which tests recount the figures from the
//! rows themselves ([`wrong`]).
//!
//! A changed description changes what `m0037_figures` creates in a new database. For databases that exist, append a
//! migration that drops the triggers of before, creates these and counts again what is there; then write the new hash of
//! `m0037_figures` into `migrations.lock`.

mod client;
mod network;
mod risk;
mod trigger;

pub use network::{CLIENT_TALLY, PROGRAMME_PART, client_load};
pub use risk::{contract_mark as contract_risk_mark, marks as risk_marks};

/// Rows of a table that count for their client, each of them once, while their status is one of some.
pub struct Figure {
    pub source: &'static str,
    pub statuses: &'static [&'static str],
    /// Whether only rows of teams count whose programme is paused.
    pub paused: bool,
    pub kept: Kept,
}

/// Where a figure is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In a column of the client's row of `client_pulse`.
    Column(&'static str),
    /// In rows of `client_due` of a kind, by the instant in a column of the source.
    Due(&'static str, &'static str),
    /// In rows of `client_drift`, by cause.
    Drift,
}

const fn column(source: &'static str, statuses: &'static [&'static str], column: &'static str) -> Figure {
    Figure { source, statuses, paused: false, kept: Kept::Column(column) }
}

const fn due(
    source: &'static str,
    statuses: &'static [&'static str],
    kind: &'static str,
    at: &'static str,
) -> Figure {
    Figure { source, statuses, paused: false, kept: Kept::Due(kind, at) }
}

const fn paused(
    source: &'static str,
    statuses: &'static [&'static str],
    kind: &'static str,
    at: &'static str,
) -> Figure {
    Figure { source, statuses, paused: true, kept: Kept::Due(kind, at) }
}

/// Statuses of drift signals that wait for someone.
const WAITING: &[&str] = &["open", "acknowledged"];

/// All figures of clients that count rows. Those of paused teams are counted beside what all teams of a client have due, so
/// that risk leaves them out.
pub const FIGURES: &[Figure] = &[
    column("action", &["offered"], "actions_offered"),
    column("action", &["accepted"], "actions_open"),
    column("action", &["done"], "actions_done"),
    column("action", &["declined"], "actions_declined"),
    column("action", &["cancelled"], "actions_cancelled"),
    column("priority", &["committed"], "priorities_committed"),
    column("priority", &["achieved"], "priorities_achieved"),
    column("session", &["held"], "sessions_held"),
    due("action", &["accepted"], "action", "due_at"),
    due("session", &["scheduled"], "session", "starts_at"),
    Figure { source: "drift_signal", statuses: WAITING, paused: false, kept: Kept::Drift },
    paused("action", &["accepted"], "paused_action", "due_at"),
    paused("session", &["scheduled"], "paused_session", "starts_at"),
    paused("drift_signal", WAITING, "paused_drift", "raised_at"),
];

/// A column of `client_pulse` that is computed anew from all rows of the client `[client]`, and the tables of these rows.
pub struct Computed {
    pub column: &'static str,
    pub select: &'static str,
    pub sources: &'static [&'static str],
}

pub const COMPUTED: &[Computed] = &[
    Computed {
        column: "last_session_at",
        select: "select max(starts_at) from session where client_id = [client] and status = 'held'",
        sources: &["session"],
    },
    Computed {
        column: "current_stage_id",
        select: "
            select s.id from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = [client] and s.status = 'open' and p.status in ('active', 'paused')
            order by p.id desc, s.position limit 1",
        sources: &["stage_run", "programme"],
    },
    Computed {
        column: "stages_total",
        select: "
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = [client] and p.status <> 'terminated'",
        sources: &["stage_run", "programme"],
    },
    Computed {
        column: "stages_passed",
        select: "
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = [client] and p.status <> 'terminated' and s.status = 'passed'",
        sources: &["stage_run", "programme"],
    },
];

impl Figure {
    /// Whether the row `[r]` counts.
    fn condition(&self) -> String {
        let statuses =
            self.statuses.iter().map(|status| format!("'{status}'")).collect::<Vec<_>>().join(", ");
        let status = format!("[r].status in ({statuses})");
        if self.paused {
            format!(
                "{status} and exists (
            select 1 from programme g where g.team_id = [r].team_id and g.status = 'paused')"
            )
        } else {
            status
        }
    }
}

/// The statements that create all triggers. PostgreSQL calls a table's triggers by name: those named `pulse_…` come before
/// the others and lock the client's row of `client_pulse`, so what is counted of a client changes one after the other.
pub fn triggers() -> Vec<String> {
    client::pulses().into_iter().chain(network::triggers()).chain(client::pauses()).collect()
}

/// Queries on either database. Each returns the figures of one kind that differ from the rows themselves: none.
pub fn wrong() -> [String; 4] {
    [client::wrong_pulses(), client::wrong_dues(), client::wrong_drifts(), network::wrong()]
}
