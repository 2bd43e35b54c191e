//! Background jobs: the next turn of each job in each network, rows that failed, the time zone data by which stored instants
//! were computed, and the rows that the readiness probe writes.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table job_turn (
    network_id {id} not null references network (id),
    job text not null,
    due_at {instant} not null,
    reached {id},
    ended_at {instant},
    failures integer not null,
    primary key (network_id, job)
) {strict}
;;
create index job_turn_due on job_turn (due_at)
;;
create table job_fault (
    network_id {id} not null references network (id),
    job text not null,
    row_id {id} not null,
    failures integer not null,
    retry_at {instant} not null,
    primary key (network_id, job, row_id)
) {strict}
;;
create table zone_data (
    network_id {id} primary key references network (id),
    version text not null,
    computed_at {instant} not null
) {strict}
;;
-- postgres
create table write_probe (id uuid primary key, filling bytea not null)
;;
-- sqlite
create table write_probe (id blob primary key, filling blob not null) strict",
    tables: &[
        ("job_turn", Placement::Schedule, Rights::Change),
        ("job_fault", Placement::Sealed, Rights::Delete),
        ("zone_data", Placement::Directory, Rights::Change),
        ("write_probe", Placement::Platform, Rights::Delete),
    ],
    ..Step::EMPTY
};
