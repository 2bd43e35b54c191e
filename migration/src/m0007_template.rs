//! Programme templates of the network and of its franchises, with their versions: stages, exit criteria, agendas,
//! questionnaires and resources. Every table names the franchise, because a policy compares a row without reading others.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table template (
    id {id} primary key,
    network_id {id} not null references network (id),
    name text not null,
    summary text not null,
    created_at {instant} not null,
    version integer not null,
    franchise_id {id},
    name_folded {word},
    unique (network_id, id),
    foreign key (network_id, franchise_id) references franchise (network_id, id)
) {strict}
;;
create unique index template_by_name on template (network_id, name) where franchise_id is null
;;
create unique index template_of_franchise on template (franchise_id, name) where franchise_id is not null
;;
create unique index template_by_name_folded on template (network_id, name_folded) where franchise_id is null
;;
create unique index template_by_name_folded_of_franchise on template (franchise_id, name_folded) where franchise_id is not null
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
    ancestor_id {id},
    limits_locked {flag} not null default false,
    cadence_locked {flag} not null default false,
    franchise_id {id},
    unique (network_id, id),
    unique (template_id, number),
    foreign key (network_id, template_id) references template (network_id, id),
    foreign key (network_id, ancestor_id) references template_version (network_id, id),
    foreign key (network_id, franchise_id) references franchise (network_id, id)
) {strict}
;;
create unique index template_version_one_draft on template_version (template_id) where status = 'draft'
;;
create index template_version_by_ancestor on template_version (ancestor_id)
;;
create table template_stage (
    id {id} primary key,
    network_id {id} not null,
    template_version_id {id} not null,
    position integer not null,
    title text not null,
    purpose text not null,
    planned_days integer not null check (planned_days between 1 and 1000),
    key text not null,
    locked {flag} not null default false,
    franchise_id {id},
    unique (network_id, id),
    unique (template_version_id, position),
    foreign key (network_id, template_version_id) references template_version (network_id, id),
    foreign key (network_id, franchise_id) references franchise (network_id, id)
) {strict}
;;
create unique index template_stage_by_key on template_stage (template_version_id, key)
;;
create table stage_criterion (
    id {id} primary key,
    network_id {id} not null,
    template_stage_id {id} not null,
    position integer not null,
    kind text not null,
    quantity integer not null check (quantity between 0 and 1000),
    text text not null,
    franchise_id {id},
    unique (network_id, id),
    unique (template_stage_id, position),
    foreign key (network_id, template_stage_id) references template_stage (network_id, id),
    foreign key (network_id, franchise_id) references franchise (network_id, id)
) {strict}
;;
create table agenda_template_item (
    id {id} primary key,
    network_id {id} not null,
    template_stage_id {id} not null,
    position integer not null,
    title text not null,
    minutes integer not null check (minutes between 1 and 1440),
    purpose text not null,
    franchise_id {id},
    unique (network_id, id),
    unique (template_stage_id, position),
    foreign key (network_id, template_stage_id) references template_stage (network_id, id),
    foreign key (network_id, franchise_id) references franchise (network_id, id)
) {strict}
;;
create table questionnaire_statement (
    id {id} primary key,
    network_id {id} not null,
    template_version_id {id} not null,
    position integer not null,
    key text not null,
    text text not null,
    low integer not null check (low between 0 and 10),
    high integer not null check (high between 0 and 10),
    core {flag} not null,
    stage_position integer check (stage_position between 1 and 20),
    locked {flag} not null default false,
    franchise_id {id},
    unique (network_id, id),
    unique (template_version_id, position),
    unique (template_version_id, key),
    foreign key (network_id, template_version_id) references template_version (network_id, id),
    foreign key (network_id, franchise_id) references franchise (network_id, id)
) {strict}
;;
create table template_resource (
    id {id} primary key,
    network_id {id} not null,
    template_version_id {id} not null,
    position integer not null,
    title text not null,
    url text not null,
    kind text not null,
    stage_position integer check (stage_position between 1 and 20),
    locked {flag} not null default false,
    franchise_id {id},
    unique (network_id, id),
    unique (template_version_id, position),
    foreign key (network_id, template_version_id) references template_version (network_id, id),
    foreign key (network_id, franchise_id) references franchise (network_id, id)
) {strict}",
    tables: &[
        ("template", Placement::Library, Rights::Change),
        ("template_version", Placement::Library, Rights::Change),
        ("template_stage", Placement::Library, Rights::Delete),
        ("stage_criterion", Placement::Library, Rights::Delete),
        ("agenda_template_item", Placement::Library, Rights::Delete),
        ("questionnaire_statement", Placement::Library, Rights::Delete),
        ("template_resource", Placement::Library, Rights::Delete),
    ],
    ..Step::EMPTY
};
