//! Transfers of clients to other franchises. A client has at most one pending transfer.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table client_transfer (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    from_id {id} not null,
    franchise_id {id} not null,
    person_id {id} not null,
    reason text,
    status text not null,
    proposed_by {id} not null,
    proposed_at {instant} not null,
    untold integer not null,
    takes_effect_at {instant},
    ended_by {id},
    ended_at {instant},
    version integer not null,
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (network_id, person_id) references person (network_id, id),
    foreign key (network_id, proposed_by) references person (network_id, id)
) {strict}
;;
create unique index client_transfer_pending on client_transfer (client_id) where status = 'pending'
;;
create index client_transfer_by_client on client_transfer (client_id, proposed_at, id)
;;
create index client_transfer_by_franchise on client_transfer (franchise_id)
;;
create index client_transfer_due on client_transfer (network_id, takes_effect_at) where status = 'pending'",
    tables: &[("client_transfer", Placement::Roster, Rights::Change)],
    ..Step::EMPTY
};
