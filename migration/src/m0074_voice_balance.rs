//! Voice balance of teams, a row for each held session.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table voice_balance (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    session_id {id} not null,
    percent integer,
    sessions integer not null,
    participants integer not null,
    created_at {instant} not null,
    unique (client_id, id),
    unique (session_id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id)
) {strict}
;;
create index voice_balance_by_team on voice_balance (team_id, created_at)",
    tables: &[("voice_balance", Placement::Content, Rights::Append)],
    ..Step::EMPTY
};
