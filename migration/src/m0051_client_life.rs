//! A client's life beyond active and archived: when its contract starts and ends, since when it is paused, and what it was
//! before it was archived.

use crate::Step;

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
alter table client add column contract_starts_on {date}
;;
alter table client add column contract_ends_on {date}
;;
alter table client add column paused_at {instant}
;;
alter table client add column archived_at {instant}
;;
alter table client add column archived_from text",
    more: || vec![ALUMNI.to_owned()],
    ..Step::EMPTY
};

/// The access epoch also counts when a client becomes alumni, whose people only read, and when it is no longer.
const ALUMNI: &str = "
-- postgres
create trigger access_epoch_client_alumni after update of status on client
    for each row when ((new.status = 'alumni') is distinct from (old.status = 'alumni')) execute function access_epoch_row()
;;
-- sqlite
create trigger access_epoch_client_alumni after update on client
when (new.status = 'alumni') is not (old.status = 'alumni') begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
end";
