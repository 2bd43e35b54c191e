//! Teams of a client, and their members.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table team (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    name text not null,
    created_at {instant} not null,
    archived_at {instant},
    version integer not null,
    name_folded {word},
    unique (client_id, id),
    unique (client_id, name),
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
;;
create unique index team_by_name_folded on team (client_id, name_folded)
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
    name_folded {word},
    job_title_folded {word},
    email_folded {word},
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
create index member_by_person on member (network_id, person_id)",
    tables: &[
        ("team", Placement::Facts, Rights::Change),
        ("member", Placement::Content, Rights::Change),
    ],
    ..Step::EMPTY
};
