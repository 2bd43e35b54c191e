//! Priorities, their milestones and measurables, and conflicts between priorities.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table priority (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    stage_run_id {id},
    owner_id {id} not null,
    cycle text not null,
    title text not null,
    outcome text not null,
    rank integer not null check (rank >= 1),
    status text not null,
    due_on {date} not null,
    due_at {instant} not null,
    committed_at {instant},
    closed_at {instant},
    reason text,
    created_at {instant} not null,
    version integer not null,
    decision_id {id},
    cycle_id {id} not null,
    carried_from_id {id},
    added_after_lock {flag} not null default false,
    dropped_after_lock {flag} not null default false,
    title_folded {word},
    cycle_folded {word},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, stage_run_id) references stage_run (client_id, id),
    foreign key (client_id, owner_id) references member (client_id, id),
    foreign key (client_id, decision_id) references decision (client_id, id),
    foreign key (client_id, cycle_id) references cycle (client_id, id),
    foreign key (client_id, carried_from_id) references priority (client_id, id)
) {strict}
;;
create index priority_by_rank on priority (client_id, rank, id)
;;
create index priority_by_stage on priority (stage_run_id)
;;
create index priority_by_owner on priority (owner_id)
;;
create index priority_by_decision on priority (decision_id)
;;
create index priority_by_cycle on priority (cycle_id, rank)
;;
create index priority_by_carried on priority (carried_from_id)
;;
create index priority_by_team on priority (team_id, status)
;;
create table milestone (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    priority_id {id} not null,
    title text not null,
    weight integer not null check (weight >= 1),
    due_on {date} not null,
    done_at {instant},
    removed_at {instant},
    created_at {instant} not null,
    version integer not null,
    title_folded {word},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id)
) {strict}
;;
create index milestone_by_priority on milestone (priority_id, due_on)
;;
create table measurable (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    priority_id {id} not null,
    name text not null,
    unit text not null,
    direction text not null,
    period text not null,
    baseline text not null,
    target text not null,
    removed_at {instant},
    created_at {instant} not null,
    version integer not null,
    name_folded {word},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id)
) {strict}
;;
create index measurable_by_priority on measurable (priority_id, created_at)
;;
create table measurable_value (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    measurable_id {id} not null,
    period_on {date} not null,
    first_id {id} not null,
    person_id {id} not null,
    value text not null,
    note text not null,
    at {instant} not null,
    replaced_at {instant},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, measurable_id) references measurable (client_id, id),
    foreign key (client_id, first_id) references measurable_value (client_id, id)
) {strict}
;;
create unique index measurable_value_of_period on measurable_value (client_id, measurable_id, period_on)
    where replaced_at is null
;;
create index measurable_value_by_measurable on measurable_value (measurable_id, period_on)
;;
create index measurable_value_by_first on measurable_value (first_id)
;;
create table priority_conflict (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    priority_id {id} not null,
    other_id {id} not null,
    reason text not null,
    person_id {id} not null,
    declared_at {instant} not null,
    withdrawn_at {instant},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id),
    foreign key (client_id, other_id) references priority (client_id, id)
) {strict}
;;
create unique index priority_conflict_of_pair on priority_conflict (client_id, priority_id, other_id)
    where withdrawn_at is null
;;
create index priority_conflict_by_priority on priority_conflict (priority_id, declared_at)",
    tables: &[
        ("priority", Placement::Content, Rights::Change),
        ("milestone", Placement::Content, Rights::Change),
        ("measurable", Placement::Content, Rights::Change),
        ("measurable_value", Placement::Content, Rights::Change),
        ("priority_conflict", Placement::Content, Rights::Change),
    ],
    ..Step::EMPTY
};
