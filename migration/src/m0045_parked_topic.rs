//! Topics that sessions set aside for later.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table parked_topic (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    session_id {id} not null,
    raised_by_id {id},
    title text not null,
    status text not null,
    agenda_item_id {id},
    obstacle_id {id},
    action_id {id},
    reason text,
    closed_at {instant},
    created_at {instant} not null,
    updated_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id),
    foreign key (client_id, raised_by_id) references member (client_id, id),
    foreign key (client_id, agenda_item_id) references agenda_item (client_id, id),
    foreign key (client_id, obstacle_id) references obstacle (client_id, id),
    foreign key (client_id, action_id) references action (client_id, id)
) {strict}
;;
create index parked_topic_by_session on parked_topic (session_id, created_at)
;;
create index parked_topic_by_team on parked_topic (team_id, status, created_at)",
    tables: &[("parked_topic", Placement::Content, Rights::Change)],
    ..Step::EMPTY
};
