//! E-mails that wait, and the counts by which e-mails are limited. Anyone in a network adds e-mails; only the system reads,
//! changes and removes them.

use crate::{
    Step,
    rls::{self, Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table outbox (
    id {id} primary key,
    network_id {id} not null references network (id),
    kind text not null,
    subject_id {id} not null,
    person_id {id},
    client_id {id},
    payload {json} not null,
    created_at {instant} not null,
    ends_at {instant} not null,
    attempts integer not null,
    first_tried_at {instant},
    available_at {instant} not null
) {strict}
;;
create index outbox_waiting on outbox (available_at, network_id)
;;
create index outbox_by_person on outbox (person_id)
;;
create table email_count (
    id {id} primary key,
    address_hash text not null,
    caused_by {id},
    notice {flag} not null,
    at {instant} not null
) {strict}
;;
create index email_count_by_address on email_count (address_hash, at)
;;
create index email_count_by_cause on email_count (caused_by, at)",
    tables: &[
        ("outbox", Placement::Outbox, Rights::Delete),
        ("email_count", Placement::Platform, Rights::Delete),
    ],
    more: || vec![rls::anyone_adds("outbox")],
};
