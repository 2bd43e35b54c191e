//! Actions, the moves of their due dates, and comments.

use crate::{
    Step, frozen,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
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
    decision_id {id},
    obstacle_id {id},
    first_offered_at {instant} not null,
    first_accepted_at {instant},
    cancelled_by_id {id},
    title_folded {word},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id),
    foreign key (client_id, owner_id) references member (client_id, id),
    foreign key (client_id, decision_id) references decision (client_id, id),
    foreign key (client_id, obstacle_id) references obstacle (client_id, id),
    foreign key (client_id, cancelled_by_id) references decision (client_id, id)
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
create index action_by_decision on action (decision_id)
;;
create index action_by_obstacle on action (obstacle_id)
;;
create index action_by_cancelling on action (cancelled_by_id) where cancelled_by_id is not null
;;
create index action_by_team on action (team_id, status)
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
;;
create table action_comment (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    action_id {id} not null,
    answers_id {id},
    person_id {id} not null,
    text text,
    at {instant} not null,
    edited_at {instant},
    withdrawn_at {instant},
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, action_id) references action (client_id, id),
    foreign key (client_id, answers_id) references action_comment (client_id, id)
) {strict}
;;
create index action_comment_by_action on action_comment (action_id, at)",
    tables: &[
        ("action", Placement::Content, Rights::Change),
        ("action_move", Placement::Content, Rights::Append),
        ("action_comment", Placement::Content, Rights::Change),
    ],
    more: || vec![frozen::but_for_words("action_move", "reason")],
};
