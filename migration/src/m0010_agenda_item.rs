//! Agenda items of sessions.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
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
    title_folded {word},
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
create index agenda_item_waiting on agenda_item (team_id, created_at) where status = 'carried' and carried_to_id is null",
    tables: &[
        ("agenda_item", Placement::Content, Rights::Change),
    ],
    ..Step::EMPTY
};
