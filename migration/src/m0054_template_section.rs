//! The sections of a strategy that the stages of a template version declare.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table template_section (
    id {id} primary key,
    network_id {id} not null,
    template_stage_id {id} not null,
    position integer not null,
    key text not null,
    title text not null,
    prompt text not null,
    form text not null,
    minimum integer not null check (minimum >= 0),
    maximum integer not null check (maximum between 1 and 4000),
    needed {flag} not null,
    franchise_id {id},
    unique (network_id, id),
    unique (template_stage_id, position),
    foreign key (network_id, template_stage_id) references template_stage (network_id, id),
    foreign key (network_id, franchise_id) references franchise (network_id, id)
) {strict}",
    tables: &[("template_section", Placement::Library, Rights::Delete)],
    ..Step::EMPTY
};
