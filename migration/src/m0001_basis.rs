//! What every later step uses: the server's right to read which migrations have run, and the functions of triggers that
//! several tables share.

use crate::Step;

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
-- postgres: the server reads which migrations have run
do $$ begin if exists (select from pg_roles where rolname = 'concord_app') then
    grant select on seaql_migrations to concord_app;
end if; end $$
;;
-- postgres
create function is_frozen() returns trigger language plpgsql as $$ begin
    raise exception '% is frozen, but for erasures', tg_table_name using errcode = 'insufficient_privilege';
end $$
;;
-- postgres
create function access_epoch_rows() returns trigger language plpgsql as $$ begin
    update network set access_epoch = access_epoch + 1 where id in (select network_id from changed);
    return null;
end $$
;;
-- postgres
create function access_epoch_row() returns trigger language plpgsql as $$ begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
    return null;
end $$",
    ..Step::EMPTY
};
