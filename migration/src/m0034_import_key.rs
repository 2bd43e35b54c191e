//! The IDs that objects have where they were imported from.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table import_key (
    scope_id {id} not null,
    noun text not null,
    external_id text not null,
    network_id {id} not null,
    client_id {id} not null,
    subject_id {id} not null,
    created_at {instant} not null,
    external_id_folded {word},
    primary key (scope_id, noun, external_id),
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
;;
create index import_key_by_client on import_key (client_id)
;;
create unique index import_key_by_external_id_folded on import_key (scope_id, noun, external_id_folded)",
    tables: &[("import_key", Placement::Content, Rights::AppendOrDelete)],
    ..Step::EMPTY
};
