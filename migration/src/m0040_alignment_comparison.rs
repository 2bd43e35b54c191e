//! What alignment rounds are compared by: the key of a statement, and the round that a re-vote belongs to. Named ratings
//! say when they were published, and keep the exact result of their statement, which fewer people read than the round.

use crate::Step;

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
alter table alignment_round add column revote_of_id {id}
;;
create index alignment_round_by_revote on alignment_round (revote_of_id) where revote_of_id is not null
;;
create index alignment_round_closing on alignment_round (network_id, closes_at) where status = 'open'
;;
alter table alignment_statement add column key text not null default ''
;;
create unique index alignment_statement_by_key on alignment_statement (round_id, key) where key <> ''
;;
alter table alignment_voice add column created_at {instant} not null default {epoch}
;;
alter table alignment_voice add column mean text
;;
alter table alignment_voice add column band text
;;
alter table alignment_voice add column consensus_percent integer",
    ..Step::EMPTY
};
