//! What was done, in hash chains; what must reach the outside; and answers kept for repeated requests.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
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
    unique (network_id, lane, sequence)
) {strict}
;;
create index audit_event_by_client on audit_event (client_id, at)
;;
create index audit_event_by_subject on audit_event (subject_id, at)
;;
create table audit_lane (
    network_id {id} not null references network (id),
    lane integer not null,
    sequence {big} not null,
    hash text not null,
    primary key (network_id, lane)
) {strict}
;;
-- sqlite: PostgreSQL withholds the right to update or delete; here triggers do
create trigger audit_event_is_append_only before update on audit_event begin select raise(abort, 'audit events never change'); end
;;
-- sqlite
create trigger audit_event_is_kept before delete on audit_event begin select raise(abort, 'audit events are kept'); end
;;
create table outbox (
    id {id} primary key,
    network_id {id} not null references network (id),
    kind text not null,
    subject_id {id} not null,
    payload {json} not null,
    created_at {instant} not null,
    delivered_at {instant},
    attempts integer not null,
    available_at {instant} not null
) {strict}
;;
create index outbox_waiting on outbox (network_id, available_at) where delivered_at is null
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
",
    fences: [
        ("audit_event", Fence::Audit, Rights::Append),
        ("audit_lane", Fence::Directory, Rights::Change),
        ("outbox", Fence::Directory, Rights::Delete),
        ("idempotency", Fence::Own, Rights::Delete),
    ],
    down: ["table idempotency", "table outbox", "table audit_lane", "table audit_event"]
}
