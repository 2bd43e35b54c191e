//! Cycles of a team's priorities.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table cycle (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    label text not null,
    starts_on {date} not null,
    ends_on {date} not null,
    status text not null,
    committed integer not null,
    added integer not null,
    dropped integer not null,
    achieved integer not null,
    missed integer not null,
    locked_at {instant},
    closed_at {instant},
    created_at {instant} not null,
    version integer not null,
    label_folded {word},
    unique (client_id, id),
    unique (client_id, team_id, label),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id)
) {strict}
;;
create index cycle_by_team on cycle (team_id, starts_on)
;;
create unique index cycle_by_label_folded on cycle (team_id, label_folded)",
    tables: &[("cycle", Placement::Content, Rights::Change)],
    ..Step::EMPTY
};
