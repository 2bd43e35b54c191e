//! How each person wants to be informed.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table notice_setting (
    id {id} primary key,
    network_id {id} not null,
    person_id {id} not null unique,
    locale text,
    time_zone text,
    quiet_from text,
    quiet_until text,
    stopped_at {instant},
    digest_on {date},
    created_at {instant} not null,
    updated_at {instant} not null default {epoch},
    version integer not null,
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create table notice_preference (
    id {id} primary key,
    network_id {id} not null,
    person_id {id} not null,
    kind text not null,
    delivery text not null,
    unique (person_id, kind),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}",
    tables: &[
        ("notice_setting", Placement::Own, Rights::Delete),
        ("notice_preference", Placement::Own, Rights::Delete),
    ],
    ..Step::EMPTY
};
