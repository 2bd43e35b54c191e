//! Priorities: few, ranked, one owner each.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table priority (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    stage_run_id {id},
    owner_id {id} not null,
    cycle text not null,
    title text not null,
    outcome text not null,
    rank integer not null check (rank >= 1),
    status text not null,
    due_on {date} not null,
    due_at {instant} not null,
    committed_at {instant},
    closed_at {instant},
    reason text,
    created_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, stage_run_id) references stage_run (client_id, id),
    foreign key (client_id, owner_id) references member (client_id, id)
) {strict}
;;
create index priority_by_rank on priority (client_id, rank, id)
;;
create index priority_by_stage on priority (stage_run_id)
;;
create index priority_by_owner on priority (owner_id)
",
    fences: [("priority", Fence::Content, Rights::Change)],
    down: ["table priority"]
}
