//! Missed reviews of a client by their due time: what risk and progress count.

use crate::migration;

migration! {
    up: "
create index review_missed on review (client_id, due_at) where status = 'missed'
",
    fences: [],
    down: ["index review_missed"]
}
