//! From where people signed in before.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table sign_in_place (
    identity_id {id} not null references identity (id),
    fingerprint text not null,
    seen_at {instant} not null,
    primary key (identity_id, fingerprint)
) {strict}
",
    fences: [("sign_in_place", Fence::Platform, Rights::Delete)],
    down: ["table sign_in_place"]
}
