//! Requests for an e-mail to set a new password by, until they are seen to.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table password_reset_request (
    id {id} primary key,
    email text not null,
    created_at {instant} not null
) {strict}
",
    fences: [("password_reset_request", Fence::Platform, Rights::Delete)],
    down: ["table password_reset_request"]
}
