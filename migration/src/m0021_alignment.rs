//! Alignment rounds: the statements, answers in secret, and the figures that are shown.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table alignment_round (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    session_id {id},
    compared_id {id},
    title text not null,
    status text not null,
    disclosure text,
    closes_on {date},
    closes_at {instant},
    answered integer not null check (answered >= 0),
    members integer not null check (members >= 0),
    opened_at {instant} not null,
    sealed_at {instant},
    revealed_at {instant},
    version integer not null,
    ratings integer check (ratings >= 0),
    level integer check (level between 0 and 10000),
    agreement integer check (agreement between 0 and 10000),
    counting integer not null default 0,
    title_folded {word},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id),
    foreign key (client_id, compared_id) references alignment_round (client_id, id)
) {strict}
;;
create index alignment_round_by_opening on alignment_round (client_id, opened_at, id)
;;
create index alignment_round_by_team on alignment_round (team_id, opened_at)
;;
create index alignment_round_by_session on alignment_round (session_id)
;;
create table alignment_statement (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    round_id {id} not null,
    position integer not null check (position >= 1),
    text text not null,
    low integer not null check (low >= 0),
    high integer not null check (high <= 10),
    core {flag} not null,
    mean text,
    band text,
    consensus_percent integer check (consensus_percent between 0 and 100),
    mean_before text,
    band_before text,
    unique (client_id, id),
    unique (round_id, position),
    foreign key (client_id, round_id) references alignment_round (client_id, id)
) {strict}
;;
create table alignment_voice (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    round_id {id} not null,
    statement_id {id} not null,
    member_id {id} not null,
    rating integer not null,
    unique (client_id, id),
    unique (statement_id, member_id),
    foreign key (client_id, round_id) references alignment_round (client_id, id),
    foreign key (client_id, statement_id) references alignment_statement (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id)
) {strict}
;;
create table alignment_response (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    person_id {id} not null,
    round_id {id} not null,
    member_id {id} not null,
    consented {flag} not null,
    answered_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    unique (round_id, person_id),
    foreign key (client_id, round_id) references alignment_round (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create table alignment_answer (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    person_id {id} not null,
    round_id {id} not null,
    response_id {id} not null,
    statement_id {id} not null,
    rating integer not null,
    version integer not null,
    unique (client_id, id),
    unique (response_id, statement_id),
    foreign key (client_id, round_id) references alignment_round (client_id, id),
    foreign key (client_id, response_id) references alignment_response (client_id, id),
    foreign key (client_id, statement_id) references alignment_statement (client_id, id)
) {strict}
;;
create index alignment_answer_by_round on alignment_answer (round_id)
;;
create table alignment_measure (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    person_id {id} not null,
    round_id {id} not null,
    respondents integer not null,
    members integer not null,
    level integer not null check (level between 0 and 10000),
    agreement integer not null check (agreement between 0 and 10000),
    unique (client_id, id),
    unique (client_id, round_id),
    foreign key (client_id, round_id) references alignment_round (client_id, id)
) {strict}",
    tables: &[
        ("alignment_round", Placement::Content, Rights::Change),
        ("alignment_statement", Placement::Content, Rights::Change),
        ("alignment_voice", Placement::Content, Rights::Append),
        ("alignment_response", Placement::Own, Rights::Change),
        ("alignment_answer", Placement::Own, Rights::Change),
        ("alignment_measure", Placement::Own, Rights::Append),
    ],
    ..Step::EMPTY
};
