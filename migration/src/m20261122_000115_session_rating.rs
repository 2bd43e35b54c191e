//! What those who took part think of a session, each in private, and what is told of it all together.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
alter table session add column rating_until {instant}
;;
alter table session add column rating_closed_at {instant}
;;
alter table session add column rating_halves integer
;;
alter table session add column rating_band text
;;
create index session_by_rating on session (network_id, rating_until) where rating_closed_at is null
;;
create table session_rating (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    session_id {id} not null,
    person_id {id} not null,
    score integer not null,
    comment text not null,
    rated_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    unique (client_id, session_id, person_id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, session_id) references session (client_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index session_rating_by_session on session_rating (session_id, person_id)
",
    fences: [("session_rating", Fence::Own, Rights::Change)],
    down: [
        "table session_rating",
        "index session_by_rating",
        "column session.rating_band",
        "column session.rating_halves",
        "column session.rating_closed_at",
        "column session.rating_until",
    ]
}
