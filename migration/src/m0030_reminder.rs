//! For each client, the last morning on which its members were reminded.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table reminder (
    client_id {id} primary key,
    network_id {id} not null,
    day {date} not null,
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}",
    tables: &[("reminder", Placement::Content, Rights::Change)],
    ..Step::EMPTY
};
