//! When sending an invitation was given up.

use crate::migration;

migration! {
    up: "alter table invitation add column delivery_failed_at {instant}",
    fences: [],
    down: ["column invitation.delivery_failed_at"]
}
