//! By which release of the time zone database a network's stored instants were computed.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table zone_data (
    network_id {id} primary key references network (id),
    version text not null,
    computed_at {instant} not null
) {strict}
",
    fences: [("zone_data", Fence::Directory, Rights::Change)],
    down: ["table zone_data"]
}
