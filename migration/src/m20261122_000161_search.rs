//! What can be searched for: an entry for each thing, and its words. Matching goes by ranges of words in a B-tree,
//! because under row-level security an index serves only operators that give nothing away, and those of full text,
//! LIKE and arrays are not among them. Both tables follow from the things themselves and are made anew where they lack.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
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
create index search_word_of_facts on search_word (network_id, word) where not content
",
    fences: [
        ("search_entry", Fence::Found, Rights::Delete),
        ("search_word", Fence::Found, Rights::Delete),
    ],
    down: ["table search_word", "table search_entry"]
}
