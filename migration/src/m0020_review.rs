//! How often teams review their work (cadences), and the reviews that are due.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table review_cadence (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    unit text not null,
    every integer not null check (every between 1 and 366),
    anchor_on {date} not null,
    local_time text not null,
    next_number integer not null,
    top_up_at {instant} not null,
    created_at {instant} not null,
    ended_at {instant},
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id)
) {strict}
;;
create unique index review_cadence_one_running on review_cadence (team_id) where ended_at is null
;;
create index review_cadence_top_up on review_cadence (network_id, top_up_at) where ended_at is null
;;
create table review (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    review_cadence_id {id} not null,
    number integer not null,
    due_on {date} not null,
    due_at {instant} not null,
    opens_at {instant} not null,
    grace_ends_at {instant} not null,
    closes_at {instant} not null,
    status text not null,
    session_id {id},
    held_at {instant},
    quorate {flag},
    version integer not null,
    unique (client_id, id),
    unique (review_cadence_id, number),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, review_cadence_id) references review_cadence (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id)
) {strict}
;;
create index review_by_client on review (client_id, due_at, id)
;;
create index review_by_team on review (team_id, due_at)
;;
create index review_by_session on review (session_id) where session_id is not null
;;
create index review_closing on review (network_id, closes_at) where status = 'due'
;;
create index review_missed on review (client_id, due_at) where status = 'missed'",
    tables: &[
        ("review_cadence", Placement::Facts, Rights::Change),
        ("review", Placement::Facts, Rights::Delete),
    ],
    ..Step::EMPTY
};
