//! Support access: a client's permission for head office to read its content, and each visit. A visit that begins or ends
//! changes someone's access.

use crate::{
    Step, access_epoch,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table support_access (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    granted_by {id} not null,
    person_id {id},
    email text,
    reason text not null,
    starts_at {instant} not null,
    ends_at {instant} not null,
    revoked_at {instant},
    version integer not null,
    email_folded {word},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (network_id, granted_by) references person (network_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index support_access_by_start on support_access (client_id, starts_at, id)
;;
create table support_visit (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    access_id {id} not null,
    person_id {id} not null,
    visitor text not null,
    purpose text not null,
    starts_at {instant} not null,
    ends_at {instant} not null,
    version integer not null,
    email text not null default '',
    visitor_folded {word},
    unique (client_id, id),
    foreign key (client_id, access_id) references support_access (client_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index support_visit_by_access on support_visit (access_id, starts_at, id)
;;
create index support_visit_by_person on support_visit (network_id, person_id, ends_at)",
    tables: &[
        ("support_access", Placement::Facts, Rights::Change),
        ("support_visit", Placement::Facts, Rights::Change),
    ],
    more: || vec![access_epoch::counted("support_visit")],
};
