//! Each network's classification of clients by industry and size. The program writes the entries of a new network.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table classification (
    id {id} primary key,
    network_id {id} not null references network (id),
    kind text not null,
    key text not null,
    label text not null,
    position integer not null,
    created_at {instant} not null,
    retired_at {instant},
    version integer not null,
    updated_at {instant} not null default {epoch},
    key_folded {word},
    label_folded {word},
    unique (network_id, id)
) {strict}
;;
create unique index classification_by_key_folded on classification (network_id, kind, key_folded)
;;
create index classification_by_position on classification (network_id, kind, position, id)",
    tables: &[("classification", Placement::Directory, Rights::Change)],
    ..Step::EMPTY
};
