//! Reopenings of actions, priorities and cycles. A milestone of a carried priority names the one that it continues, so that
//! reopening the cycle finds it.

use crate::{
    Step, frozen,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table reopening (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    action_id {id},
    priority_id {id},
    cycle_id {id},
    ended_at {instant} not null,
    person_id {id} not null,
    reason text not null,
    at {instant} not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, action_id) references action (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id),
    foreign key (client_id, cycle_id) references cycle (client_id, id)
) {strict}
;;
create index reopening_by_action on reopening (action_id, at)
;;
create index reopening_by_priority on reopening (priority_id, at)
;;
create index reopening_by_cycle on reopening (cycle_id, at)
;;
create index reopening_by_team on reopening (client_id, team_id, at)
;;
-- postgres
alter table milestone add column carried_from_id uuid,
    add constraint milestone_carried foreign key (client_id, carried_from_id) references milestone (client_id, id)
;;
-- sqlite
alter table milestone add column carried_from_id blob references milestone (id)
;;
create index milestone_by_carried on milestone (carried_from_id) where carried_from_id is not null",
    tables: &[("reopening", Placement::Content, Rights::Append)],
    more: || vec![frozen::but_for_words("reopening", "reason")],
};
