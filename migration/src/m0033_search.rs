//! What can be searched for: an entry for each object, and its words. Searches compare ranges of words in a B-tree: under
//! row-level security an index serves only operators that leak nothing, which excludes full text, LIKE and arrays.

use crate::{
    Step,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table search_entry (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id},
    content {flag} not null,
    kind text not null,
    title text not null,
    snippet text not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
;;
create table search_word (
    client_id {id} not null,
    word {word} not null,
    entry_id {id} not null,
    network_id {id} not null,
    content {flag} not null,
    titled integer not null,
    primary key (client_id, word, entry_id)
) {strict}
;;
create index search_word_of_facts on search_word (network_id, word) where not content",
    tables: &[
        ("search_entry", Placement::Found, Rights::Delete),
        ("search_word", Placement::Found, Rights::Delete),
    ],
    ..Step::EMPTY
};
