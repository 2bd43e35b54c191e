//! The recap of a session that was held. It is frozen, but for erasures.

use crate::{
    Step, frozen,
    rls::{self, Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table recap (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    session_id {id} not null,
    minutes text not null,
    markdown text not null,
    created_at {instant} not null,
    redactions integer not null default 0,
    unique (client_id, id),
    unique (client_id, session_id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, session_id) references session (client_id, id)
) {strict}
;;
create index recap_by_session on recap (session_id)",
    tables: &[("recap", Placement::Content, Rights::Append)],
    more: || {
        vec![
            frozen::freeze("recap", BUT_ERASURES),
            rls::grant("recap", "update (minutes, markdown, redactions)"),
        ]
    },
};

/// An erasure takes a name out of a recap and counts that, or empties the recap.
const BUT_ERASURES: &str = "new.redactions <> old.redactions + 1
    and not (new.minutes = '{}' and new.markdown = 'Erased' and new.redactions = old.redactions)";
