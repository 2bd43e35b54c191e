//! Where each agenda item comes from, and how long it was discussed; the standing agenda and the stage of series.
//! Existing items count as added by people.

use crate::Step;

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
alter table agenda_item add column source text not null default 'added'
;;
alter table agenda_item add column drift_signal_id {id} references drift_signal (id)
;;
alter table agenda_item add column obstacle_id {id} references obstacle (id)
;;
alter table agenda_item add column decision_id {id} references decision (id)
;;
alter table agenda_item add column priority_id {id} references priority (id)
;;
alter table agenda_item add column discussed_since {instant}
;;
alter table agenda_item add column discussed_seconds integer not null default 0
;;
alter table agenda_item add column extended_minutes integer not null default 0
;;
create index agenda_item_by_decision on agenda_item (team_id, decision_id) where decision_id is not null
;;
create unique index agenda_item_current on agenda_item (session_id) where discussed_since is not null
;;
alter table session_series add column stage_run_id {id} references stage_run (id)
;;
alter table session_series add column agenda text not null default '[]'",
    ..Step::EMPTY
};
