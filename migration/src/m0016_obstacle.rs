//! Obstacles and their history. A decision can name the obstacle that it removes; obstacles need decisions before them (by
//! way of priorities), so this column is added here. SQLite adds no key of two columns to an existing table: there it names
//! the row alone.

use crate::{
    Step, frozen,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
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
    title_folded {word},
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
;;
-- postgres
alter table decision add column obstacle_id uuid,
    add constraint decision_obstacle foreign key (client_id, obstacle_id) references obstacle (client_id, id)
;;
-- sqlite
alter table decision add column obstacle_id blob references obstacle (id)
;;
create index decision_by_obstacle on decision (obstacle_id)",
    tables: &[
        ("obstacle", Placement::Content, Rights::Change),
        ("obstacle_event", Placement::Content, Rights::Append),
    ],
    more: || vec![frozen::but_for_words("obstacle_event", "note")],
};
