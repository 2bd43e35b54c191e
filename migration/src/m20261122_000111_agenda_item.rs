//! Agenda items; which stage a session belongs to, and when it began.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
-- postgres
alter table session
    add column stage_run_id uuid,
    add constraint session_stage_run_fkey foreign key (client_id, stage_run_id) references stage_run (client_id, id)
;;
-- sqlite
alter table session add column stage_run_id blob references stage_run (id)
;;
alter table session add column started_at {instant}
;;
create index session_by_team on session (team_id, status, starts_at)
;;
create table agenda_item (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    session_id {id} not null,
    owner_id {id},
    carried_to_id {id},
    position integer not null,
    title text not null,
    minutes integer not null check (minutes between 1 and 480),
    status text not null,
    outcome text,
    closed_at {instant},
    created_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    unique (client_id, carried_to_id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id),
    foreign key (client_id, owner_id) references member (client_id, id),
    foreign key (client_id, carried_to_id) references agenda_item (client_id, id)
) {strict}
;;
create index agenda_item_by_session on agenda_item (session_id, position)
;;
create index agenda_item_by_owner on agenda_item (owner_id, status)
;;
create index agenda_item_waiting on agenda_item (team_id, created_at) where status = 'carried' and carried_to_id is null
",
    fences: [("agenda_item", Fence::Content, Rights::Change)],
    down: [
        "table agenda_item",
        "index session_by_team",
        "column session.started_at",
        "column session.stage_run_id",
    ]
}
