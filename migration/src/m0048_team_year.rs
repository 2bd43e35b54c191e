//! Years of a team with their targets. A cycle belongs to a year, and a priority serves a target. Cycles that no team has
//! committed to can be deleted. SQLite adds no key of two columns to an existing table: there it names the row alone.

use crate::{
    Step,
    rls::{self, Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table team_year (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    label text not null,
    starts_on {date} not null,
    ends_on {date} not null,
    created_at {instant} not null,
    version integer not null,
    label_folded {word},
    updated_at {instant} not null default {epoch},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id)
) {strict}
;;
create index team_year_by_team on team_year (team_id, starts_on)
;;
create unique index team_year_by_label_folded on team_year (team_id, label_folded)
;;
create table target (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    year_id {id} not null,
    text text not null,
    figure text,
    unit text not null,
    removed_at {instant},
    created_at {instant} not null,
    version integer not null,
    text_folded {word},
    updated_at {instant} not null default {epoch},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, year_id) references team_year (client_id, id)
) {strict}
;;
create index target_by_year on target (year_id, created_at)
;;
-- postgres
alter table cycle add column year_id uuid,
    add constraint cycle_year foreign key (client_id, year_id) references team_year (client_id, id)
;;
-- sqlite
alter table cycle add column year_id blob references team_year (id)
;;
create index cycle_by_year on cycle (year_id, starts_on)
;;
-- postgres
alter table priority add column target_id uuid,
    add constraint priority_target foreign key (client_id, target_id) references target (client_id, id)
;;
-- sqlite
alter table priority add column target_id blob references target (id)
;;
create index priority_by_target on priority (target_id)",
    tables: &[
        ("team_year", Placement::Content, Rights::Change),
        ("target", Placement::Content, Rights::Change),
    ],
    more: || vec![rls::grant("cycle", "delete")],
};
