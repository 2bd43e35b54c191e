//! Conflicts between priorities, and comments on actions.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table priority_conflict (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    priority_id {id} not null,
    other_id {id} not null,
    reason text not null,
    person_id {id} not null,
    declared_at {instant} not null,
    withdrawn_at {instant},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id),
    foreign key (client_id, other_id) references priority (client_id, id)
) {strict}
;;
create unique index priority_conflict_of_pair on priority_conflict (client_id, priority_id, other_id)
    where withdrawn_at is null
;;
create index priority_conflict_by_priority on priority_conflict (priority_id, declared_at)
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
create index action_comment_by_action on action_comment (action_id, at)
",
    fences: [
        ("priority_conflict", Fence::Content, Rights::Change),
        ("action_comment", Fence::Content, Rights::Change),
    ],
    down: ["table action_comment", "table priority_conflict"]
}
