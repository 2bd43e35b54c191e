//! Obstacles, and what happened to them.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table obstacle (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    priority_id {id},
    session_id {id},
    raised_by_id {id},
    title text not null,
    detail text not null,
    severity text not null,
    status text not null,
    raised_at {instant} not null,
    discussed_at {instant} not null,
    discussions integer not null,
    prioritised_at {instant},
    resolved_at {instant},
    reason text,
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id),
    foreign key (client_id, raised_by_id) references member (client_id, id)
) {strict}
;;
create index obstacle_by_time on obstacle (client_id, raised_at, id)
;;
create index obstacle_by_team on obstacle (team_id, raised_at, id)
;;
create index obstacle_by_priority on obstacle (priority_id)
;;
create index obstacle_by_session on obstacle (session_id)
;;
create table obstacle_event (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    obstacle_id {id} not null,
    kind text not null,
    person_id {id} not null,
    note text,
    at {instant} not null,
    unique (client_id, id),
    foreign key (client_id, obstacle_id) references obstacle (client_id, id)
) {strict}
;;
create index obstacle_event_by_obstacle on obstacle_event (obstacle_id, at, id)
",
    fences: [
        ("obstacle", Fence::Content, Rights::Change),
        ("obstacle_event", Fence::Content, Rights::Append),
    ],
    down: ["table obstacle_event", "table obstacle"]
}
