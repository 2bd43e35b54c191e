//! Drift signals, and the thresholds by which a network calls something drift. Every network has thresholds from its start.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table drift_policy (
    id {id} primary key,
    network_id {id} not null references network (id),
    check_ins_missed integer not null check (check_ins_missed between 1 and 12),
    days_past_baseline integer not null check (days_past_baseline between 0 and 90),
    points_behind integer not null check (points_behind between 1 and 100),
    moves integer not null check (moves between 1 and 20),
    review_gap_percent integer not null check (review_gap_percent between 100 and 1000),
    agreement_drop integer not null check (agreement_drop between 1 and 100),
    version integer not null,
    unique (network_id)
) {strict}
;;
create table drift_signal (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    cause text not null,
    subject_id {id} not null,
    action_id {id},
    priority_id {id},
    alignment_round_id {id},
    status text not null,
    measured integer not null,
    threshold integer not null,
    unit text not null,
    since {instant} not null,
    progress integer,
    elapsed integer,
    note text,
    raised_at {instant} not null,
    acknowledged_at {instant},
    answered_at {instant},
    ended_at {instant},
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, action_id) references action (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id),
    foreign key (client_id, alignment_round_id) references alignment_round (client_id, id)
) {strict}
;;
create unique index drift_signal_one_lasting on drift_signal (client_id, cause, subject_id) where ended_at is null
;;
create index drift_signal_by_client on drift_signal (client_id, raised_at, id)
;;
create index drift_signal_by_team on drift_signal (team_id, raised_at)
;;
create index drift_signal_by_action on drift_signal (action_id) where action_id is not null
;;
create index drift_signal_by_priority on drift_signal (priority_id) where priority_id is not null
;;
create index drift_signal_by_network on drift_signal (network_id, raised_at)
;;
-- postgres
create function drift_policy_network() returns trigger language plpgsql as $$ begin
    insert into drift_policy (id, network_id, check_ins_missed, days_past_baseline, points_behind, moves, review_gap_percent, agreement_drop, version)
    values (new.id, new.id, 2, 7, 20, 2, 150, 15, 1);
    return null;
end $$
;;
-- postgres
create trigger drift_policy_network after insert on network for each row execute function drift_policy_network()
;;
-- sqlite
create trigger drift_policy_network after insert on network begin
    insert into drift_policy (id, network_id, check_ins_missed, days_past_baseline, points_behind, moves, review_gap_percent, agreement_drop, version)
    values (new.id, new.id, 2, 7, 20, 2, 150, 15, 1);
end",
    tables: &[
        ("drift_policy", Placement::Directory, Rights::Change),
        ("drift_signal", Placement::Content, Rights::Change),
    ],
    ..Step::EMPTY
};
