//! Milestones, and measurables with their values by period.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table milestone (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    priority_id {id} not null,
    title text not null,
    weight integer not null check (weight >= 1),
    due_on {date} not null,
    done_at {instant},
    removed_at {instant},
    created_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id)
) {strict}
;;
create index milestone_by_priority on milestone (priority_id, due_on)
;;
create table measurable (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    priority_id {id} not null,
    name text not null,
    unit text not null,
    direction text not null,
    period text not null,
    baseline text not null,
    target text not null,
    removed_at {instant},
    created_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id)
) {strict}
;;
create index measurable_by_priority on measurable (priority_id, created_at)
;;
create table measurable_value (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    measurable_id {id} not null,
    period_on {date} not null,
    first_id {id} not null,
    person_id {id} not null,
    value text not null,
    note text not null,
    at {instant} not null,
    replaced_at {instant},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, measurable_id) references measurable (client_id, id),
    foreign key (client_id, first_id) references measurable_value (client_id, id)
) {strict}
;;
create unique index measurable_value_of_period on measurable_value (client_id, measurable_id, period_on)
    where replaced_at is null
;;
create index measurable_value_by_measurable on measurable_value (measurable_id, period_on)
;;
create index measurable_value_by_first on measurable_value (first_id)
",
    fences: [
        ("milestone", Fence::Content, Rights::Change),
        ("measurable", Fence::Content, Rights::Change),
        ("measurable_value", Fence::Content, Rights::Change),
    ],
    down: ["table measurable_value", "table measurable", "table milestone"]
}
