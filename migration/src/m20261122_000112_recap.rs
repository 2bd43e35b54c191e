//! The recap of a session that was held, and whether enough of the team were there.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
alter table session add column members_present integer
;;
alter table session add column members_active integer
;;
create table recap (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    session_id {id} not null,
    minutes text not null,
    markdown text not null,
    created_at {instant} not null,
    unique (client_id, id),
    unique (client_id, session_id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id)
) {strict}
;;
create index recap_by_session on recap (session_id)
",
    fences: [("recap", Fence::Content, Rights::Append)],
    down: ["table recap", "column session.members_active", "column session.members_present"]
}
