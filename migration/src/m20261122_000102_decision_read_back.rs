//! What members have read back of decisions, and whom they have told.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table decision_restatement (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    person_id {id} not null,
    decision_id {id} not null,
    member_id {id} not null,
    text text not null,
    status text not null,
    note text not null,
    written_at {instant} not null,
    judged_at {instant},
    version integer not null,
    foreign key (client_id, decision_id) references decision (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id)
) {strict}
;;
create index decision_restatement_by_person on decision_restatement (decision_id, person_id, written_at)
;;
create table decision_read_back (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    decision_id {id} not null,
    member_id {id} not null,
    text text not null,
    status text not null,
    note text not null,
    judged_by_id {id},
    written_at {instant} not null,
    judged_at {instant},
    version integer not null,
    unique (client_id, id),
    foreign key (client_id, decision_id) references decision (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id)
) {strict}
;;
create index decision_read_back_by_decision on decision_read_back (decision_id, written_at, id)
;;
create table decision_attestation (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    decision_id {id} not null,
    member_id {id} not null,
    person_id {id} not null,
    communicated_on {date} not null,
    audience text not null,
    at {instant} not null,
    unique (client_id, id),
    foreign key (client_id, decision_id) references decision (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id)
) {strict}
;;
create index decision_attestation_by_decision on decision_attestation (decision_id, communicated_on, id)
;;
alter table decision add column read_back integer not null default 0
;;
alter table decision add column matching integer not null default 0
;;
alter table decision add column differing integer not null default 0
",
    fences: [
        ("decision_restatement", Fence::Own, Rights::Change),
        ("decision_read_back", Fence::Content, Rights::Change),
        ("decision_attestation", Fence::Content, Rights::Append),
    ],
    down: [
        "column decision.differing",
        "column decision.matching",
        "column decision.read_back",
        "table decision_attestation",
        "table decision_read_back",
        "table decision_restatement",
    ]
}
