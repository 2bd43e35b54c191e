//! To-dos: each facilitator's own, about a client or about none.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table to_do (
    id {id} primary key,
    network_id {id} not null,
    person_id {id} not null,
    client_id {id},
    title text not null,
    detail text not null,
    due_on {date} not null,
    done_at {instant},
    created_at {instant} not null,
    updated_at {instant} not null,
    version integer not null,
    title_folded {word},
    foreign key (network_id, person_id) references person (network_id, id),
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
;;
create index to_do_by_person on to_do (person_id, due_on, id)
;;
create index to_do_by_client on to_do (network_id, client_id)",
    tables: &[("to_do", Placement::Own, Rights::Change)],
    ..Step::EMPTY
};
