//! Dot votes of sessions, what they are about, and the ballots, each of them its author's alone.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table dot_vote (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    session_id {id} not null,
    title text not null,
    dots integer not null,
    status text not null,
    voted integer not null,
    members integer not null,
    closed_at {instant},
    created_at {instant} not null,
    updated_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id)
) {strict}
;;
create index dot_vote_by_session on dot_vote (session_id, created_at)
;;
create table dot_vote_option (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    vote_id {id} not null,
    position integer not null,
    title text not null,
    obstacle_id {id},
    priority_id {id},
    decision_option_id {id},
    dots integer,
    created_at {instant} not null,
    updated_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    unique (vote_id, position),
    foreign key (client_id, vote_id) references dot_vote (client_id, id),
    foreign key (client_id, obstacle_id) references obstacle (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id),
    foreign key (client_id, decision_option_id) references decision_option (client_id, id)
) {strict}
;;
create table dot_ballot (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    person_id {id} not null,
    vote_id {id} not null,
    option_id {id} not null,
    dots integer not null,
    created_at {instant} not null,
    updated_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    unique (option_id, person_id),
    foreign key (client_id, vote_id) references dot_vote (client_id, id),
    foreign key (client_id, option_id) references dot_vote_option (client_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index dot_ballot_by_vote on dot_ballot (vote_id, person_id)",
    tables: &[
        ("dot_vote", Placement::Content, Rights::Change),
        ("dot_vote_option", Placement::Content, Rights::Change),
        ("dot_ballot", Placement::Own, Rights::Change),
    ],
    ..Step::EMPTY
};
