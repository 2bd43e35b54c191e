//! The ids that things have where they were imported from.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table import_key (
    scope_id {id} not null,
    noun text not null,
    external_id text not null,
    network_id {id} not null,
    client_id {id} not null,
    subject_id {id} not null,
    created_at {instant} not null,
    primary key (scope_id, noun, external_id),
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
;;
create index import_key_by_client on import_key (client_id)
",
    fences: [("import_key", Fence::Content, Rights::Append)],
    down: ["table import_key"]
}
