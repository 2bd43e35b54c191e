//! Programme templates, their versions, stages and exit criteria.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table template (
    id {id} primary key,
    network_id {id} not null references network (id),
    name text not null,
    summary text not null,
    created_at {instant} not null,
    version integer not null,
    unique (network_id, id),
    unique (network_id, name)
) {strict}
;;
create table template_version (
    id {id} primary key,
    network_id {id} not null,
    template_id {id} not null,
    number integer not null,
    status text not null,
    priorities_per_team integer not null check (priorities_per_team between 1 and 20),
    priorities_per_leader integer not null check (priorities_per_leader between 1 and 20),
    cadence_days integer not null check (cadence_days between 1 and 366),
    created_at {instant} not null,
    published_at {instant},
    retired_at {instant},
    version integer not null,
    unique (network_id, id),
    unique (template_id, number),
    foreign key (network_id, template_id) references template (network_id, id)
) {strict}
;;
create unique index template_version_one_draft on template_version (template_id) where status = 'draft'
;;
create table template_stage (
    id {id} primary key,
    network_id {id} not null,
    template_version_id {id} not null,
    position integer not null,
    title text not null,
    purpose text not null,
    planned_days integer not null check (planned_days between 1 and 1000),
    unique (network_id, id),
    unique (template_version_id, position),
    foreign key (network_id, template_version_id) references template_version (network_id, id)
) {strict}
;;
create table stage_criterion (
    id {id} primary key,
    network_id {id} not null,
    template_stage_id {id} not null,
    position integer not null,
    kind text not null,
    quantity integer not null check (quantity between 0 and 1000),
    text text not null,
    unique (network_id, id),
    unique (template_stage_id, position),
    foreign key (network_id, template_stage_id) references template_stage (network_id, id)
) {strict}
",
    fences: [
        ("template", Fence::Directory, Rights::Change),
        ("template_version", Fence::Directory, Rights::Change),
        ("template_stage", Fence::Directory, Rights::Delete),
        ("stage_criterion", Fence::Directory, Rights::Delete),
    ],
    down: ["table stage_criterion", "table template_stage", "table template_version", "table template"]
}
