//! Ratings of sessions, each of them its author's alone.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table session_rating (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    session_id {id} not null,
    person_id {id} not null,
    score integer not null,
    comment text not null,
    rated_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    unique (client_id, session_id, person_id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, session_id) references session (client_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index session_rating_by_session on session_rating (session_id, person_id)",
    tables: &[("session_rating", Placement::Own, Rights::Change)],
    ..Step::EMPTY
};
