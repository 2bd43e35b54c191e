//! How much attention each client needs, as the program last computed it: a column of the client, so that clients are
//! sorted and filtered by an index. What it was computed with, and when the clock alone changes it next, is kept with the
//! client's figures. Existing clients are computed when the job first runs.

use crate::{Step, figures};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
alter table client add column risk integer not null default 0
;;
create index client_by_risk on client (network_id, risk desc, id desc)
;;
alter table client_pulse add column risk_policy integer not null default 0
;;
alter table client_pulse add column risk_due_at {instant}
;;
create index client_pulse_by_risk_due on client_pulse (network_id, risk_policy, risk_due_at)",
    more: figures::risk_marks,
    ..Step::EMPTY
};
