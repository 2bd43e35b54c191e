//! Rows that the readiness probe writes and removes.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
-- postgres
create table write_probe (id uuid primary key, filling bytea not null)
;;
-- sqlite
create table write_probe (id blob primary key, filling blob not null) strict
",
    fences: [("write_probe", Fence::Platform, Rights::Delete)],
    down: ["table write_probe"]
}
