//! Accounts: who can sign in, what descends from a sign-in, the keys that sign access tokens, and the links and requests
//! by which people change their password or address.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table identity (
    id {id} primary key,
    email text not null unique,
    password_hash text not null,
    password_changed_at {instant} not null,
    created_at {instant} not null,
    version integer not null
) {strict}
;;
create table sign_in (
    id {id} primary key,
    identity_id {id} not null references identity (id),
    network_id {id} not null,
    person_id {id} not null,
    created_at {instant} not null,
    revoked_at {instant},
    salt text not null default ''
) {strict}
;;
create index sign_in_by_identity on sign_in (identity_id)
;;
create table refresh_token (
    token_hash text primary key,
    sign_in_id {id} not null references sign_in (id),
    created_at {instant} not null,
    expires_at {instant} not null,
    used_at {instant},
    generation integer not null default 0
) {strict}
;;
create index refresh_token_by_sign_in on refresh_token (sign_in_id)
;;
create table signing_key (
    kid text primary key,
    private_pem text not null,
    created_at {instant} not null,
    retires_at {instant},
    signs_from {instant} not null default '1970-01-01T00:00:00+00:00'
) {strict}
;;
create table sign_in_place (
    identity_id {id} not null references identity (id),
    fingerprint text not null,
    seen_at {instant} not null,
    primary key (identity_id, fingerprint)
) {strict}
;;
create table address_change (
    id {id} primary key,
    identity_id {id} not null references identity (id),
    network_id {id} not null,
    person_id {id} not null,
    old_email text not null,
    new_email text not null,
    confirm_hash text not null unique,
    undo_hash text unique,
    created_at {instant} not null,
    expires_at {instant} not null,
    confirmed_at {instant}
) {strict}
;;
create index address_change_by_identity on address_change (identity_id)
;;
create table password_reset (
    id {id} primary key,
    token_hash text not null unique,
    identity_id {id} not null references identity (id),
    network_id {id} not null,
    person_id {id} not null,
    created_at {instant} not null,
    expires_at {instant} not null,
    used_at {instant}
) {strict}
;;
create index password_reset_by_identity on password_reset (identity_id)
;;
create table password_reset_request (
    id {id} primary key,
    email text not null,
    created_at {instant} not null
) {strict}",
    tables: &[
        ("identity", Placement::Platform, Rights::Change),
        ("sign_in", Placement::Platform, Rights::Delete),
        ("refresh_token", Placement::Platform, Rights::Delete),
        ("signing_key", Placement::Platform, Rights::Delete),
        ("sign_in_place", Placement::Platform, Rights::Delete),
        ("address_change", Placement::Platform, Rights::Delete),
        ("password_reset", Placement::Platform, Rights::Delete),
        ("password_reset_request", Placement::Platform, Rights::Delete),
    ],
    ..Step::EMPTY
};
