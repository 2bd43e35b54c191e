//! Whose turn it is with which job.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table job_turn (
    network_id {id} not null references network (id),
    job text not null,
    due_at {instant} not null,
    reached {id},
    ended_at {instant},
    failures integer not null,
    primary key (network_id, job)
) {strict}
",
    fences: [("job_turn", Fence::Directory, Rights::Change)],
    down: ["table job_turn"]
}
