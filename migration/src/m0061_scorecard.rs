//! Scorecards: measurables of a team itself, with an owner, bounds for colours and a formula for the total, and values
//! that keep their colour and whether they came late. Values from before keep no colour.

use crate::Step;

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
-- postgres
alter table measurable alter column priority_id drop not null
;;
-- sqlite
pragma writable_schema = on;
update sqlite_schema set sql = replace(sql, 'priority_id blob not null,', 'priority_id blob,')
    where type = 'table' and name = 'measurable';
pragma writable_schema = reset
;;
alter table measurable add column owner_id {id}
;;
alter table measurable add column green_bound text
;;
alter table measurable add column amber_bound text
;;
alter table measurable add column total text not null default 'last'
;;
alter table measurable add column progress integer not null default 0
;;
create index measurable_by_team on measurable (team_id, created_at)
;;
create index measurable_by_owner on measurable (owner_id)
;;
alter table measurable_value add column colour text
;;
alter table measurable_value add column late {flag} not null default false",
    ..Step::EMPTY
};
