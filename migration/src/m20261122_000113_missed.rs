//! Finds the sessions whose time is over.

use crate::migration;

migration! {
    up: "
create index session_by_status on session (network_id, status, starts_at)
",
    fences: [],
    down: ["index session_by_status"]
}
