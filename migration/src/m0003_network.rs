//! Networks, their regions and their franchises.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table network (
    id {id} primary key,
    name text not null,
    time_zone text not null,
    session_gap_days integer not null check (session_gap_days between 1 and 365),
    facilitators_override {flag} not null,
    access_epoch {big} not null,
    created_at {instant} not null,
    version integer not null
) {strict}
;;
create table region (
    id {id} primary key,
    network_id {id} not null references network (id),
    code text not null,
    name text not null,
    created_at {instant} not null,
    version integer not null,
    code_folded {word},
    name_folded {word},
    unique (network_id, id),
    unique (network_id, code)
) {strict}
;;
create unique index region_by_code_folded on region (network_id, code_folded)
;;
create table franchise (
    id {id} primary key,
    network_id {id} not null references network (id),
    region_id {id} not null,
    name text not null,
    legal_group text not null,
    status text not null,
    created_at {instant} not null,
    version integer not null,
    name_folded {word},
    legal_group_folded {word},
    unique (network_id, id),
    unique (network_id, name),
    foreign key (network_id, region_id) references region (network_id, id)
) {strict}
;;
create unique index franchise_by_name_folded on franchise (network_id, name_folded)",
    tables: &[
        ("network", Placement::Network, Rights::Change),
        ("region", Placement::Directory, Rights::Change),
        ("franchise", Placement::Directory, Rights::Change),
    ],
    ..Step::EMPTY
};
