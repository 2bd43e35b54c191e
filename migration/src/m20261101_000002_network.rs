//! Networks, their regions and their franchises.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
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
    unique (network_id, id),
    unique (network_id, code)
) {strict}
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
    unique (network_id, id),
    unique (network_id, name),
    foreign key (network_id, region_id) references region (network_id, id)
) {strict}
",
    fences: [
        ("network", Fence::Network, Rights::Change),
        ("region", Fence::Directory, Rights::Change),
        ("franchise", Fence::Directory, Rights::Change),
    ],
    down: ["table franchise", "table region", "table network"]
}
