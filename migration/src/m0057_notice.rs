//! Notices: each person's own. Anyone in the network adds them, by what they change.

use crate::{
    Step,
    rls::{self, Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table notice (
    id {id} primary key,
    network_id {id} not null,
    person_id {id} not null,
    client_id {id},
    team_id {id},
    kind text not null,
    noun text not null,
    subject_id {id} not null,
    caused_by_id {id},
    created_at {instant} not null,
    read_at {instant},
    mail_at {instant},
    foreign key (network_id, person_id) references person (network_id, id),
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
;;
create index notice_by_person on notice (person_id, created_at, id)
;;
create index notice_by_mail on notice (network_id, mail_at) where mail_at is not null
;;
create index notice_by_age on notice (network_id, created_at)
;;
create index notice_by_client on notice (network_id, client_id)",
    tables: &[("notice", Placement::Own, Rights::Delete)],
    more: || vec![rls::anyone_adds("notice")],
};
