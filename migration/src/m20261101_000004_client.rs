//! Clients, the facilitators assigned to them, their teams and the teams' members.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table client (
    id {id} primary key,
    network_id {id} not null,
    franchise_id {id} not null,
    region_id {id} not null,
    name text not null,
    industry text not null,
    size_band text not null,
    time_zone text not null,
    status text not null,
    created_at {instant} not null,
    version integer not null,
    unique (network_id, id),
    foreign key (network_id, franchise_id) references franchise (network_id, id),
    foreign key (network_id, region_id) references region (network_id, id)
) {strict}
;;
create index client_by_franchise on client (network_id, franchise_id)
;;
create index client_by_name on client (network_id, name, id)
;;
create unique index client_once_named on client (network_id, name)
;;
create table assignment (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    person_id {id} not null,
    part text not null,
    starts_at {instant} not null,
    ends_at {instant},
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create unique index assignment_one_lead on assignment (client_id) where part = 'lead' and ends_at is null
;;
create unique index assignment_once_each on assignment (client_id, person_id) where ends_at is null
;;
create index assignment_by_person on assignment (network_id, person_id)
;;
create table team (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    name text not null,
    created_at {instant} not null,
    archived_at {instant},
    version integer not null,
    unique (client_id, id),
    unique (client_id, name),
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
;;
create table member (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    person_id {id},
    name text not null,
    job_title text not null,
    email text,
    status text not null,
    created_at {instant} not null,
    removed_at {instant},
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create unique index member_once_each on member (team_id, person_id) where status = 'active' and person_id is not null
;;
create index member_by_team on member (team_id, name)
;;
create index member_by_person on member (network_id, person_id)
",
    fences: [
        ("client", Fence::Client, Rights::Change),
        ("assignment", Fence::Facts, Rights::Change),
        ("team", Fence::Facts, Rights::Change),
        ("member", Fence::Content, Rights::Change),
    ],
    down: ["table member", "table team", "table assignment", "table client"]
}
