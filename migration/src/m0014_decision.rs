//! Decisions: the options, each member's stance in private and on record, read-backs, attestations and the history.

use crate::{
    Step, frozen,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table decision (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    stage_run_id {id},
    session_id {id},
    supersedes_id {id} check (supersedes_id <> id),
    owner_id {id},
    title text not null,
    text text not null,
    rationale text not null,
    status text not null,
    review_on {date},
    wording integer not null,
    stances integer not null,
    reopenings integer not null,
    proposed_at {instant} not null,
    ratified_at {instant},
    ended_at {instant},
    reason text,
    version integer not null,
    read_back integer not null default 0,
    matching integer not null default 0,
    differing integer not null default 0,
    title_folded {word},
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, stage_run_id) references stage_run (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id),
    foreign key (client_id, supersedes_id) references decision (client_id, id),
    foreign key (client_id, owner_id) references member (client_id, id)
) {strict}
;;
create index decision_by_time on decision (client_id, proposed_at, id)
;;
create index decision_by_team on decision (team_id, proposed_at, id)
;;
create index decision_by_stage on decision (stage_run_id)
;;
create index decision_by_session on decision (session_id)
;;
create index decision_by_owner on decision (owner_id)
;;
create index decision_by_predecessor on decision (supersedes_id)
;;
create unique index decision_one_successor on decision (supersedes_id) where ratified_at is not null
;;
create table decision_option (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    decision_id {id} not null,
    position integer not null,
    text text not null,
    chosen {flag} not null,
    unique (client_id, id),
    unique (decision_id, position),
    foreign key (client_id, decision_id) references decision (client_id, id)
) {strict}
;;
create table decision_stance (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    person_id {id} not null,
    decision_id {id} not null,
    member_id {id} not null,
    wording integer not null,
    stance text not null,
    conviction integer not null,
    comment text not null,
    taken_at {instant} not null,
    version integer not null,
    unique (decision_id, person_id),
    foreign key (client_id, decision_id) references decision (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id)
) {strict}
;;
create table decision_position (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    decision_id {id} not null,
    member_id {id} not null,
    stance text not null,
    conviction integer not null,
    comment text not null,
    taken_at {instant} not null,
    recorded_by_id {id},
    unique (client_id, id),
    unique (decision_id, member_id),
    foreign key (client_id, decision_id) references decision (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id)
) {strict}
;;
create table decision_event (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    decision_id {id} not null,
    kind text not null,
    person_id {id} not null,
    reason text,
    at {instant} not null,
    unique (client_id, id),
    foreign key (client_id, decision_id) references decision (client_id, id)
) {strict}
;;
create index decision_event_by_decision on decision_event (decision_id, at)
;;
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
create index decision_attestation_by_decision on decision_attestation (decision_id, communicated_on, id)",
    tables: &[
        ("decision", Placement::Content, Rights::Change),
        ("decision_option", Placement::Content, Rights::Delete),
        ("decision_stance", Placement::Own, Rights::Change),
        ("decision_position", Placement::Content, Rights::Append),
        ("decision_event", Placement::Content, Rights::Append),
        ("decision_restatement", Placement::Own, Rights::Change),
        ("decision_read_back", Placement::Content, Rights::Change),
        ("decision_attestation", Placement::Content, Rights::Append),
    ],
    more: || {
        vec![
            frozen::but_for_words("decision_position", "comment"),
            frozen::but_for_words("decision_event", "reason"),
            frozen::but_for_words("decision_attestation", "audience"),
        ]
    },
};
