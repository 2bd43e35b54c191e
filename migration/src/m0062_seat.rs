//! Seats of a team: functions with what they answer for, in a tree, each held by one member or vacant.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table seat (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    parent_id {id},
    member_id {id},
    title text not null,
    duties text not null,
    filled_at {instant},
    removed_at {instant},
    created_at {instant} not null,
    updated_at {instant} not null,
    version integer not null,
    title_folded {word},
    check (parent_id <> id),
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, parent_id) references seat (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id)
) {strict}
;;
create index seat_by_team on seat (team_id, created_at)
;;
create index seat_by_parent on seat (parent_id)
;;
create index seat_by_member on seat (member_id)",
    tables: &[("seat", Placement::Content, Rights::Change)],
    ..Step::EMPTY
};
