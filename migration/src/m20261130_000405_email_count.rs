//! Which e-mails left lately, for their limits: to which address, as a hash, and who caused them. Kept for a day.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
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
create index email_count_by_cause on email_count (caused_by, at)
",
    fences: [("email_count", Fence::Platform, Rights::Delete)],
    down: ["table email_count"]
}
