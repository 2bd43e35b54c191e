//! Sessions, the series they belong to, and who took part.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table session_series (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    programme_id {id},
    kind text not null,
    title text not null,
    place text not null,
    minutes integer not null check (minutes between 5 and 1440),
    rule text not null,
    starts_on {date} not null,
    local_time text not null,
    time_zone text not null,
    except_on text not null,
    status text not null,
    made_until {date},
    refill_at {instant},
    ended_at {instant},
    reason text,
    created_at {instant} not null,
    version integer not null,
    title_folded {word},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, programme_id) references programme (client_id, id)
) {strict}
;;
create index session_series_by_team on session_series (team_id, created_at)
;;
create index session_series_by_refill on session_series (network_id, status, refill_at)
;;
create table session (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    programme_id {id},
    kind text not null,
    title text not null,
    place text not null,
    starts_at {instant} not null,
    minutes integer not null check (minutes between 5 and 2880),
    status text not null,
    summary text,
    closed_at {instant},
    reason text,
    created_at {instant} not null,
    version integer not null,
    stage_run_id {id},
    started_at {instant},
    members_present integer,
    members_active integer,
    series_id {id},
    occurs_on {date},
    rating_until {instant},
    rating_closed_at {instant},
    rating_halves integer,
    rating_band text,
    moved_by_hand {flag} not null default false,
    called_off {flag} not null default false,
    title_folded {word},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, programme_id) references programme (client_id, id),
    foreign key (client_id, stage_run_id) references stage_run (client_id, id),
    foreign key (client_id, series_id) references session_series (client_id, id)
) {strict}
;;
create index session_by_start on session (client_id, starts_at, id)
;;
create index session_by_team on session (team_id, status, starts_at)
;;
create index session_by_status on session (network_id, status, starts_at)
;;
create index session_by_series on session (series_id, starts_at)
;;
create index session_by_rating on session (network_id, rating_until) where rating_closed_at is null
;;
create unique index session_one_a_date on session (client_id, series_id, occurs_on) where not called_off
;;
create table attendance (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    session_id {id} not null,
    member_id {id} not null,
    status text not null,
    version integer not null,
    unique (client_id, id),
    unique (session_id, member_id),
    foreign key (client_id, session_id) references session (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id)
) {strict}",
    tables: &[
        ("session_series", Placement::Content, Rights::Change),
        ("session", Placement::Content, Rights::Change),
        ("attendance", Placement::Content, Rights::Change),
    ],
    ..Step::EMPTY
};
