//! The audit log, in hash chains, and the answers that are kept for repeated requests. A chain covers a salted digest in
//! place of an event's values, so that an erasure can take the values out: the only change that an event can see, and only
//! an event with a digest.

use crate::{
    Step, frozen,
    rls::{self, Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table audit_event (
    id {id} primary key,
    network_id {id} not null references network (id),
    client_id {id},
    content {flag} not null,
    lane integer not null,
    sequence {big} not null,
    at {instant} not null,
    person_id {id},
    request_id text not null,
    verb text not null,
    noun text not null,
    subject_id {id} not null,
    before text,
    after text,
    previous text not null,
    hash text not null,
    salt text,
    digest text,
    franchise_id {id},
    caller_request_id text,
    unique (network_id, lane, sequence)
) {strict}
;;
create index audit_event_by_client on audit_event (client_id, at)
;;
create index audit_event_by_subject on audit_event (subject_id, at)
;;
create index audit_event_by_franchise on audit_event (franchise_id, at, id) where franchise_id is not null
;;
create index audit_event_by_network on audit_event (network_id, at, id)
;;
create table audit_lane (
    network_id {id} not null references network (id),
    lane integer not null,
    sequence {big} not null,
    hash text not null,
    primary key (network_id, lane)
) {strict}
;;
create table idempotency (
    network_id {id} not null references network (id),
    person_id {id} not null,
    key text not null,
    body_hash text not null,
    answer text,
    created_at {instant} not null,
    primary key (network_id, person_id, key)
) {strict}
;;
-- sqlite: PostgreSQL withholds the right to delete; here a trigger does
create trigger audit_event_is_kept before delete on audit_event begin select raise(abort, 'audit events are kept'); end",
    tables: &[
        ("audit_event", Placement::Audit, Rights::Append),
        ("audit_lane", Placement::Directory, Rights::Change),
        ("idempotency", Placement::Own, Rights::Delete),
    ],
    more: || vec![
        frozen::freeze("audit_event", &but_erasures()),
        rls::grant("audit_event", "update (before, after, salt)"),
    ],
};

/// What no update of an audit event changes.
const CONSTANT: [&str; 17] = [
    "id",
    "network_id",
    "client_id",
    "content",
    "lane",
    "sequence",
    "at",
    "person_id",
    "request_id",
    "verb",
    "noun",
    "subject_id",
    "previous",
    "hash",
    "digest",
    "franchise_id",
    "caller_request_id",
];

/// Holds of every update but one that only takes values out of an event with a digest.
fn but_erasures() -> String {
    let changed = CONSTANT.map(|column| format!("new.{column} is distinct from old.{column}")).join(" or ");
    format!(
        "old.digest is null or new.before is not null or new.after is not null or new.salt is not null or {changed}"
    )
}
