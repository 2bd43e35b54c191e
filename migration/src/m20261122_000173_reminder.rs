//! Who was reminded on which day.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table reminder (
    client_id {id} not null,
    person_id {id} not null references person (id),
    day {date} not null,
    network_id {id} not null,
    sent_at {instant} not null,
    primary key (client_id, person_id, day),
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
;;
create index reminder_by_age on reminder (network_id, sent_at)
",
    fences: [("reminder", Fence::Content, Rights::Delete)],
    down: ["table reminder"]
}
