//! Letters to set a new password by.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table password_reset (
    token_hash text primary key,
    identity_id {id} not null references identity (id),
    network_id {id} not null,
    person_id {id} not null,
    created_at {instant} not null,
    expires_at {instant} not null,
    used_at {instant}
) {strict}
;;
create index password_reset_by_identity on password_reset (identity_id)
",
    fences: [("password_reset", Fence::Platform, Rights::Delete)],
    down: ["table password_reset"]
}
