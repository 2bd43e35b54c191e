//! Sessions and who took part.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
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
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, programme_id) references programme (client_id, id)
) {strict}
;;
create index session_by_start on session (client_id, starts_at, id)
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
) {strict}
",
    fences: [
        ("session", Fence::Content, Rights::Change),
        ("attendance", Fence::Content, Rights::Change),
    ],
    down: ["table attendance", "table session"]
}
