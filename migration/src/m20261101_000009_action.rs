//! Actions, and the moves of their due dates.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table action (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    priority_id {id},
    session_id {id},
    owner_id {id} not null,
    title text not null,
    detail text not null,
    status text not null,
    due_on {date} not null,
    due_at {instant} not null,
    baseline_on {date},
    baseline_at {instant},
    moves integer not null,
    offered_at {instant} not null,
    accepted_at {instant},
    closed_at {instant},
    reason text,
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id),
    foreign key (client_id, owner_id) references member (client_id, id)
) {strict}
;;
create index action_by_due on action (client_id, due_on, id)
;;
create index action_by_priority on action (priority_id)
;;
create index action_by_session on action (session_id)
;;
create index action_by_owner on action (owner_id, due_on)
;;
create table action_move (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    action_id {id} not null,
    person_id {id} not null,
    from_on {date} not null,
    to_on {date} not null,
    reason text not null,
    at {instant} not null,
    unique (client_id, id),
    foreign key (client_id, action_id) references action (client_id, id)
) {strict}
;;
create index action_move_by_action on action_move (action_id, at)
",
    fences: [
        ("action", Fence::Content, Rights::Change),
        ("action_move", Fence::Content, Rights::Append),
    ],
    down: ["table action_move", "table action"]
}
