//! Frozen metrics: the periods, and the values of every client in them. Rows never change.

use crate::{
    Step, frozen,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table metric_period (
    id {id} primary key,
    network_id {id} not null references network (id),
    period text not null,
    starts_on {date} not null,
    ends_on {date} not null,
    frozen_at {instant} not null,
    unique (network_id, period)
) {strict}
;;
create table metric_value (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    period text not null,
    ends_on {date} not null,
    metric text not null,
    first_id {id} not null references metric_value (id),
    definition_version integer not null check (definition_version >= 1),
    numerator {big},
    denominator {big},
    value {big},
    reason text,
    frozen_at {instant} not null,
    check ((value is null) = (reason is not null)),
    unique (network_id, client_id, period, metric),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (network_id, period) references metric_period (network_id, period)
) {strict}
;;
create index metric_value_by_period on metric_value (network_id, period, metric)
;;
create index metric_value_by_client on metric_value (client_id, metric, ends_on)
;;
create index metric_value_by_first on metric_value (first_id, ends_on)",
    tables: &[
        ("metric_period", Placement::Directory, Rights::Append),
        ("metric_value", Placement::Content, Rights::AppendOrDelete),
    ],
    more: || vec![frozen::freeze("metric_period", "1 = 1"), frozen::freeze("metric_value", "1 = 1")],
};
