//! Programmes, their stages with the history of each, and their pauses.

use crate::{
    Step, frozen,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
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
    name_folded {word},
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
    title_folded {word},
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
;;
create table programme_pause (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    programme_id {id} not null,
    starts_at {instant} not null,
    ends_at {instant},
    check (ends_at is null or ends_at >= starts_at),
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, programme_id) references programme (client_id, id)
) {strict}
;;
create unique index programme_pause_one_lasting on programme_pause (programme_id) where ends_at is null
;;
create index programme_pause_by_programme on programme_pause (programme_id, starts_at)
;;
create index programme_pause_by_team on programme_pause (team_id, starts_at)
;;
create index programme_pause_by_client on programme_pause (client_id, starts_at)",
    tables: &[
        ("programme", Placement::Facts, Rights::Change),
        ("stage_run", Placement::Facts, Rights::Delete),
        ("stage_check", Placement::Content, Rights::Delete),
        ("stage_event", Placement::Content, Rights::Append),
        ("programme_pause", Placement::Facts, Rights::Change),
    ],
    more: || vec![frozen::but_for_words("stage_event", "reason")],
};
