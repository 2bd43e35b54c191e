//! Which writes change a client's risk. The program computes risk; triggers only mark the client's row of `client_pulse`,
//! so that the program computes its risk anew: they set `risk_policy` to 0, which is no policy.
//!
//! Invariant: whatever changes a fact of risk marks the row in the same transaction, after it has locked the row. The
//! program computes under the same lock, so that no change is missed.

use super::trigger::{Trigger, function, on_event, single};

/// Marks the client of a row.
const MARK: &str = "
    update client_pulse set risk_policy = 0 where client_id = [any client_id];";
/// Marks the client of a new row of a single event.
const MARK_NEW: &str = "
    update client_pulse set risk_policy = 0 where client_id = new.client_id;";
/// Marks a client.
const MARK_CLIENT: &str = "
    update client_pulse set risk_policy = 0 where client_id = new.id;";

/// Columns of `client_pulse`, one of each statement that a change of an action, of a session, and of a programme or stage
/// updates the row with.
const COUNTED: &str = "update of actions_open, sessions_held, stages_total on client_pulse";

/// The trigger that marks a client whose contract gets another end.
pub fn contract_mark() -> Vec<String> {
    let changed =
        "coalesce(new.contract_ends_on, '0001-01-01') <> coalesce(old.contract_ends_on, '0001-01-01')";
    vec![single("risk_contract", "after update of contract_ends_on on client", changed, "", MARK_CLIENT)]
}

/// The triggers that mark clients.
pub fn marks() -> Vec<String> {
    let review = Trigger {
        name: "risk_review",
        table: "review",
        columns: &["status", "due_at"],
        deleted: true,
        matters: "[r].status = 'missed'",
        lock: "",
        each: "",
        then: MARK,
    };
    let team = Trigger {
        name: "risk_team",
        table: "team",
        columns: &["archived_at"],
        deleted: false,
        matters: "",
        lock: "",
        each: "",
        then: MARK,
    };
    let (drift, drift_changes) = ("after insert on client_drift", "after update of items on client_drift");
    let client = "after update of status on client";
    vec![
        // on PostgreSQL part of the update that keeps the counts: completing an action costs no further row
        function("risk_counted", &format!("before {COUNTED}"), "", "\n    new.risk_policy := 0;"),
        on_event("risk_counted", &format!("after {COUNTED}"), "", MARK_NEW),
        single("risk_drift", drift, "", "", MARK_NEW),
        single("risk_drift_change", drift_changes, "new.items <> old.items", "", MARK_NEW),
        review.create(),
        team.create(),
        single("risk_client", client, "new.status <> old.status", "", MARK_CLIENT),
    ]
}
