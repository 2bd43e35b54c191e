//! Private notes of a client's facilitators.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table client_note (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    person_id {id} not null,
    text text not null,
    pinned {flag} not null,
    created_at {instant} not null,
    archived_at {instant},
    version integer not null,
    text_folded {word},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index client_note_by_making on client_note (client_id, created_at, id)",
    tables: &[("client_note", Placement::Practice, Rights::Change)],
    ..Step::EMPTY
};
