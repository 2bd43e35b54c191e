//! Addenda to recaps.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table recap_addendum (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    session_id {id} not null,
    person_id {id} not null,
    reason text not null,
    text text not null,
    member_id {id},
    attendance text,
    confirmed_at {instant},
    created_at {instant} not null,
    updated_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    check ((member_id is null) = (attendance is null)),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index recap_addendum_by_session on recap_addendum (session_id, created_at)",
    tables: &[("recap_addendum", Placement::Content, Rights::Change)],
    ..Step::EMPTY
};
