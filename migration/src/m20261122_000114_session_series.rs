//! Series of sessions, and which of its dates a session is.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
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
-- postgres
alter table session
    add column series_id uuid,
    add constraint session_series_fkey foreign key (client_id, series_id) references session_series (client_id, id)
;;
-- sqlite
alter table session add column series_id blob references session_series (id)
;;
alter table session add column occurs_on {date}
;;
create unique index session_one_a_date on session (client_id, series_id, occurs_on)
;;
create index session_by_series on session (series_id, starts_at)
",
    fences: [("session_series", Fence::Content, Rights::Change)],
    down: [
        "index session_by_series",
        "index session_one_a_date",
        "column session.occurs_on",
        "column session.series_id",
        "table session_series",
    ]
}
