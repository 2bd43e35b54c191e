//! Who can sign in, what descends from a sign-in, and the keys that sign access tokens.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
-- postgres: the server reads which migrations have run
do $$ begin if exists (select from pg_roles where rolname = 'concord_app') then
    grant select on seaql_migrations to concord_app;
end if; end $$
;;
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
    revoked_at {instant}
) {strict}
;;
create index sign_in_by_identity on sign_in (identity_id)
;;
create table refresh_token (
    token_hash text primary key,
    sign_in_id {id} not null references sign_in (id),
    created_at {instant} not null,
    expires_at {instant} not null,
    used_at {instant}
) {strict}
;;
create index refresh_token_by_sign_in on refresh_token (sign_in_id)
;;
create table signing_key (
    kid text primary key,
    private_pem text not null,
    created_at {instant} not null,
    retires_at {instant}
) {strict}
",
    fences: [
        ("identity", Fence::Platform, Rights::Change),
        ("sign_in", Fence::Platform, Rights::Change),
        ("refresh_token", Fence::Platform, Rights::Delete),
        ("signing_key", Fence::Platform, Rights::Delete),
    ],
    down: ["table signing_key", "table refresh_token", "table sign_in", "table identity"]
}
