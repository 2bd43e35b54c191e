//! Exports until they expire: files in parts, each of them its maker's alone.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table data_export (
    id {id} primary key,
    network_id {id} not null references network (id),
    client_id {id},
    person_id {id} not null,
    kind text not null,
    subject_id {id} not null,
    rows integer not null,
    bytes integer not null,
    created_at {instant} not null,
    expires_at {instant} not null,
    version integer not null,
    made_at {instant},
    held text not null default '[]',
    unique (network_id, id),
    foreign key (network_id, person_id) references person (network_id, id),
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
;;
create index data_export_by_person on data_export (person_id, created_at)
;;
create index data_export_by_expiry on data_export (network_id, expires_at)
;;
create table data_export_part (
    data_export_id {id} not null,
    position integer not null,
    network_id {id} not null,
    client_id {id},
    person_id {id} not null,
    text text not null,
    primary key (data_export_id, position),
    foreign key (network_id, data_export_id) references data_export (network_id, id) on delete cascade
) {strict}",
    tables: &[
        ("data_export", Placement::Own, Rights::Delete),
        ("data_export_part", Placement::Own, Rights::Delete),
    ],
    ..Step::EMPTY
};
