//! The trace from an obstacle or a session to a decision, a priority and an action. SQLite cannot add a key of two
//! columns to a table that is there: its references name the row alone.

use crate::migration;

migration! {
    up: "
-- postgres
alter table decision add column obstacle_id uuid,
    add constraint decision_obstacle foreign key (client_id, obstacle_id) references obstacle (client_id, id)
;;
-- sqlite
alter table decision add column obstacle_id blob references obstacle (id)
;;
create index decision_by_obstacle on decision (obstacle_id)
;;
-- postgres
alter table priority add column decision_id uuid,
    add constraint priority_decision foreign key (client_id, decision_id) references decision (client_id, id)
;;
-- sqlite
alter table priority add column decision_id blob references decision (id)
;;
create index priority_by_decision on priority (decision_id)
;;
-- postgres
alter table action add column decision_id uuid,
    add constraint action_decision foreign key (client_id, decision_id) references decision (client_id, id)
;;
-- sqlite
alter table action add column decision_id blob references decision (id)
;;
create index action_by_decision on action (decision_id)
;;
-- postgres
alter table action add column obstacle_id uuid,
    add constraint action_obstacle foreign key (client_id, obstacle_id) references obstacle (client_id, id)
;;
-- sqlite
alter table action add column obstacle_id blob references obstacle (id)
;;
create index action_by_obstacle on action (obstacle_id)
",
    fences: [],
    down: [
        "index action_by_obstacle",
        "column action.obstacle_id",
        "index action_by_decision",
        "column action.decision_id",
        "index priority_by_decision",
        "column priority.decision_id",
        "index decision_by_obstacle",
        "column decision.obstacle_id",
    ]
}
