//! What was last measured of a drift signal, beside what was measured when it was raised; how bad it was when it was
//! answered; and whether the team is to talk about it next. A decision can need no action.

use crate::Step;

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
alter table drift_signal add column current_measured integer not null default 0
;;
alter table drift_signal add column current_progress integer
;;
alter table drift_signal add column current_elapsed integer
;;
alter table drift_signal add column answered_measured integer
;;
alter table drift_signal add column on_next_agenda {flag} not null default false
;;
-- postgres
alter table drift_signal no force row level security
;;
update drift_signal set current_measured = measured, current_progress = progress, current_elapsed = elapsed,
    answered_measured = case when answered_at is not null then measured end
;;
-- postgres
alter table drift_signal force row level security
;;
create index drift_signal_by_next_agenda on drift_signal (team_id) where on_next_agenda
;;
alter table decision add column needs_no_action {flag} not null default false",
    ..Step::EMPTY
};
