//! When rows were created and last changed, in every table whose rows have a version. The program writes both; rows
//! that are there already count as of the epoch.

use crate::Step;

/// Tables whose rows have said since their beginning when they were created.
const CHANGED: [&str; 24] = [
    "agenda_item",
    "client",
    "client_note",
    "cycle",
    "data_export",
    "franchise",
    "identity",
    "invitation",
    "measurable",
    "member",
    "membership",
    "milestone",
    "network",
    "owner_opening",
    "person",
    "priority",
    "programme",
    "region",
    "review_cadence",
    "session",
    "session_series",
    "team",
    "template",
    "template_version",
];

/// Tables whose rows say neither yet.
const BOTH: [&str; 21] = [
    "action",
    "action_comment",
    "alignment_answer",
    "alignment_response",
    "alignment_round",
    "assignment",
    "attendance",
    "benchmark_policy",
    "client_transfer",
    "decision",
    "decision_read_back",
    "decision_restatement",
    "decision_stance",
    "drift_policy",
    "drift_signal",
    "obstacle",
    "review",
    "session_rating",
    "stage_run",
    "support_access",
    "support_visit",
];

pub const STEP: Step = Step { module: module_path!(), more: columns, ..Step::EMPTY };

/// Each new column with its table.
fn columns() -> Vec<String> {
    let add = |table: &str, column: &str| {
        format!("alter table {table} add column {column} {{instant}} not null default {{epoch}}")
    };
    let created = BOTH.into_iter().map(|table| add(table, "created_at"));
    created.chain(BOTH.into_iter().chain(CHANGED).map(|table| add(table, "updated_at"))).collect()
}
