//! When clients open to an owner whom head office named. An opening changes someone's access.

use crate::{
    Step, access_epoch,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table owner_opening (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    franchise_id {id} not null,
    person_id {id} not null,
    name text not null,
    email text not null,
    opens_at {instant} not null,
    agreed_by {id},
    agreed_at {instant},
    created_at {instant} not null,
    version integer not null,
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index owner_opening_by_client on owner_opening (client_id, created_at, id)
;;
create index owner_opening_by_person on owner_opening (network_id, person_id, opens_at)
;;
create index owner_opening_by_franchise on owner_opening (franchise_id)",
    tables: &[("owner_opening", Placement::Roster, Rights::Change)],
    more: || vec![access_epoch::counted("owner_opening")],
};
