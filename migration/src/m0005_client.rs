//! Clients, and the facilitators who are assigned to them.

use crate::{
    Step, access_epoch,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table client (
    id {id} primary key,
    network_id {id} not null,
    franchise_id {id} not null,
    region_id {id} not null,
    name text not null,
    industry text not null,
    size_band text not null,
    time_zone text not null,
    status text not null,
    created_at {instant} not null,
    version integer not null,
    erased_at {instant},
    legal_group text,
    name_folded {word},
    industry_folded {word},
    unique (network_id, id),
    foreign key (network_id, franchise_id) references franchise (network_id, id),
    foreign key (network_id, region_id) references region (network_id, id)
) {strict}
;;
create index client_by_franchise on client (network_id, franchise_id)
;;
create index client_by_name on client (network_id, name, id)
;;
create unique index client_once_named on client (network_id, name)
;;
create unique index client_by_name_folded on client (network_id, name_folded)
;;
create table assignment (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    person_id {id} not null,
    part text not null,
    starts_at {instant} not null,
    ends_at {instant},
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create unique index assignment_one_lead on assignment (client_id) where part = 'lead' and ends_at is null
;;
create unique index assignment_once_each on assignment (client_id, person_id) where ends_at is null
;;
create index assignment_by_person on assignment (network_id, person_id)",
    tables: &[
        ("client", Placement::Client, Rights::Change),
        ("assignment", Placement::Facts, Rights::Change),
    ],
    more: || {
        vec![
            access_epoch::counted_when_new("client"),
            CLIENT_MOVES.to_owned(),
            access_epoch::counted("assignment"),
        ]
    },
};

/// The access epoch also counts when a client moves to another franchise.
const CLIENT_MOVES: &str = "
-- postgres
create trigger access_epoch_client_change after update of franchise_id on client
    for each row when (new.franchise_id is distinct from old.franchise_id) execute function access_epoch_row()
;;
-- sqlite
create trigger access_epoch_client_change after update on client
when new.franchise_id is not old.franchise_id begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
end";
