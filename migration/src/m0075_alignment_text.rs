//! Questions of alignment rounds, what each respondent answers in their own words, and what is shown of it.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table alignment_question (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    round_id {id} not null,
    position integer not null,
    text text not null,
    unique (client_id, id),
    unique (round_id, position),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, round_id) references alignment_round (client_id, id)
) {strict}
;;
create table alignment_text_input (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    person_id {id} not null,
    round_id {id} not null,
    question_id {id} not null,
    text text not null,
    created_at {instant} not null,
    updated_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    unique (question_id, person_id),
    foreign key (client_id, round_id) references alignment_round (client_id, id),
    foreign key (client_id, question_id) references alignment_question (client_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index alignment_text_input_by_round on alignment_text_input (round_id, person_id)
;;
create table alignment_text (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    round_id {id} not null,
    question_id {id} not null,
    position integer not null,
    text text not null,
    created_at {instant} not null,
    unique (client_id, id),
    unique (question_id, position),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, round_id) references alignment_round (client_id, id),
    foreign key (client_id, question_id) references alignment_question (client_id, id)
) {strict}",
    tables: &[
        ("alignment_question", Placement::Content, Rights::Change),
        ("alignment_text_input", Placement::Own, Rights::Change),
        ("alignment_text", Placement::Content, Rights::AppendOrDelete),
    ],
    ..Step::EMPTY
};
