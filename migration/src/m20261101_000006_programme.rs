//! Programmes, their stages, and the stages' history.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table programme (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    template_version_id {id} not null,
    name text not null,
    status text not null,
    planned_start_on {date} not null,
    started_at {instant},
    paused_at {instant},
    paused_seconds {big} not null,
    ended_at {instant},
    reason text,
    created_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (network_id, template_version_id) references template_version (network_id, id)
) {strict}
;;
create unique index programme_one_running on programme (team_id) where status in ('planned', 'active', 'paused')
;;
create table stage_run (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    programme_id {id} not null,
    template_stage_id {id} not null,
    position integer not null,
    title text not null,
    purpose text not null,
    planned_days integer not null,
    status text not null,
    opened_at {instant},
    passed_at {instant},
    override_reason text,
    times_reopened integer not null,
    version integer not null,
    unique (client_id, id),
    unique (programme_id, position),
    foreign key (client_id, programme_id) references programme (client_id, id),
    foreign key (network_id, template_stage_id) references template_stage (network_id, id)
) {strict}
;;
create table stage_check (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    stage_run_id {id} not null,
    stage_criterion_id {id} not null,
    person_id {id} not null,
    note text not null,
    confirmed_at {instant} not null,
    unique (client_id, id),
    unique (stage_run_id, stage_criterion_id),
    foreign key (client_id, stage_run_id) references stage_run (client_id, id),
    foreign key (network_id, stage_criterion_id) references stage_criterion (network_id, id)
) {strict}
;;
create table stage_event (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    stage_run_id {id} not null,
    kind text not null,
    person_id {id} not null,
    reason text,
    at {instant} not null,
    unique (client_id, id),
    foreign key (client_id, stage_run_id) references stage_run (client_id, id)
) {strict}
;;
create index stage_event_by_stage on stage_event (stage_run_id, at)
",
    fences: [
        ("programme", Fence::Facts, Rights::Change),
        ("stage_run", Fence::Facts, Rights::Change),
        ("stage_check", Fence::Content, Rights::Delete),
        ("stage_event", Fence::Content, Rights::Append),
    ],
    down: ["table stage_event", "table stage_check", "table stage_run", "table programme"]
}
