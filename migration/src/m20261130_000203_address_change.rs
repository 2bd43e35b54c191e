//! Changes of the address that somebody signs in with.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
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
",
    fences: [("address_change", Fence::Platform, Rights::Delete)],
    down: ["table address_change"]
}
