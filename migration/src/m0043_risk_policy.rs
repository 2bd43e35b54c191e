//! How much each component of a client's risk counts in a network, and what each client's risk is made of. Every network has
//! weights from its start. All risks are computed anew when the job next runs, because they now remember by which
//! policy they were computed, and not by how many days without a session.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table risk_policy (
    id {id} primary key,
    network_id {id} not null references network (id),
    overdue_action integer not null default 3 check (overdue_action between 0 and 20),
    action_due_soon integer not null default 1 check (action_due_soon between 0 and 20),
    drift_signal integer not null default 2 check (drift_signal between 0 and 20),
    missed_review integer not null default 2 check (missed_review between 0 and 20),
    no_session integer not null default 5 check (no_session between 0 and 20),
    session_gap_week integer not null default 1 check (session_gap_week between 0 and 20),
    renewal integer not null default 4 check (renewal between 0 and 20),
    version integer not null default 1,
    created_at {instant} not null default {epoch},
    updated_at {instant} not null default {epoch},
    unique (network_id)
) {strict}
;;
create table client_risk (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    component text not null,
    items integer not null,
    points integer not null,
    unique (client_id, component),
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
;;
-- postgres
alter table network no force row level security
;;
insert into risk_policy (id, network_id) select id, id from network
;;
-- postgres
alter table network force row level security
;;
-- postgres
alter table client_pulse no force row level security
;;
update client_pulse set risk_policy = 0
;;
-- postgres
alter table client_pulse force row level security
;;
-- postgres
create function risk_policy_network() returns trigger language plpgsql as $$ begin
    insert into risk_policy (id, network_id) values (new.id, new.id);
    return null;
end $$
;;
-- postgres
create trigger risk_policy_network after insert on network for each row execute function risk_policy_network()
;;
-- sqlite
create trigger risk_policy_network after insert on network begin
    insert into risk_policy (id, network_id) values (new.id, new.id);
end",
    tables: &[
        ("risk_policy", Placement::Directory, Rights::Change),
        ("client_risk", Placement::Facts, Rights::Delete),
    ],
    ..Step::EMPTY
};
