//! People of a network, their roles (memberships), and invitations.

use crate::{
    Step, access_epoch,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table person (
    id {id} primary key,
    network_id {id} not null references network (id),
    identity_id {id} references identity (id),
    name text not null,
    email text not null,
    created_at {instant} not null,
    version integer not null,
    erased_at {instant},
    name_folded {word},
    email_folded {word},
    unique (network_id, id),
    unique (network_id, email)
) {strict}
;;
create index person_by_identity on person (identity_id)
;;
create table membership (
    id {id} primary key,
    network_id {id} not null,
    person_id {id} not null,
    role text not null,
    franchise_id {id},
    client_id {id},
    team_id {id},
    starts_at {instant} not null,
    ends_at {instant},
    created_at {instant} not null,
    version integer not null,
    unique (network_id, id),
    foreign key (network_id, person_id) references person (network_id, id),
    foreign key (network_id, franchise_id) references franchise (network_id, id)
) {strict}
;;
create index membership_by_person on membership (network_id, person_id)
;;
create index membership_by_franchise on membership (network_id, franchise_id)
;;
create index membership_by_client on membership (network_id, client_id)
;;
create table invitation (
    id {id} primary key,
    network_id {id} not null,
    email text not null,
    name text not null,
    role text not null,
    franchise_id {id},
    client_id {id},
    team_id {id},
    member_id {id},
    person_id {id} not null,
    token_hash text not null unique,
    created_at {instant} not null,
    expires_at {instant} not null,
    accepted_at {instant},
    revoked_at {instant},
    version integer not null,
    opens_later {flag} not null default false,
    email_folded {word},
    name_folded {word},
    delivery_failed_at {instant},
    unique (network_id, id),
    foreign key (network_id, person_id) references person (network_id, id),
    foreign key (network_id, franchise_id) references franchise (network_id, id)
) {strict}
;;
create index invitation_by_network on invitation (network_id, created_at)",
    tables: &[
        ("person", Placement::Person, Rights::Change),
        ("membership", Placement::Roster, Rights::Change),
        ("invitation", Placement::Roster, Rights::Change),
    ],
    more: || vec![access_epoch::counted("membership")],
};
