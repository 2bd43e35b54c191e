//! Pre-work of sessions: prompts, what each participant prepares, theirs alone, and what the team reads afterwards.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table pre_work_prompt (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    session_id {id} not null,
    text text not null,
    answered integer not null,
    unsealed_at {instant},
    created_at {instant} not null,
    updated_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id)
) {strict}
;;
create index pre_work_prompt_by_session on pre_work_prompt (session_id, created_at)
;;
create table pre_work_input (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    person_id {id} not null,
    session_id {id} not null,
    prompt_id {id} not null,
    member_id {id} not null,
    text text not null,
    answered_at {instant} not null,
    created_at {instant} not null,
    updated_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    unique (prompt_id, person_id),
    foreign key (client_id, session_id) references session (client_id, id),
    foreign key (client_id, prompt_id) references pre_work_prompt (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index pre_work_input_by_session on pre_work_input (session_id, person_id)
;;
create table pre_work_answer (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    session_id {id} not null,
    prompt_id {id} not null,
    member_id {id} not null,
    text text not null,
    created_at {instant} not null,
    unique (client_id, id),
    unique (prompt_id, member_id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, prompt_id) references pre_work_prompt (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id)
) {strict}",
    tables: &[
        ("pre_work_prompt", Placement::Content, Rights::Change),
        ("pre_work_input", Placement::Own, Rights::Change),
        ("pre_work_answer", Placement::Content, Rights::AppendOrDelete),
    ],
    ..Step::EMPTY
};
