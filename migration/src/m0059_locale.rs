//! The language of a network's e-mails, for people who did not choose one.

use crate::Step;

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "alter table network add column locale text not null default 'english'",
    ..Step::EMPTY
};
