//! A team's strategy: its sections, their versions with the items of each, stances, read-backs, and the copies of
//! sections in force that a team shares with the other teams of its client.

use crate::{
    Step, frozen,
    rls::{Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table strategy_section (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    stage_run_id {id},
    position integer not null,
    key text not null,
    title text not null,
    prompt text not null,
    form text not null,
    minimum integer not null,
    maximum integer not null,
    needed {flag} not null,
    shared {flag} not null,
    versions integer not null,
    ratified_at {instant},
    version integer not null,
    created_at {instant} not null,
    updated_at {instant} not null,
    unique (client_id, id),
    unique (team_id, key),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, stage_run_id) references stage_run (client_id, id)
) {strict}
;;
create index strategy_section_by_stage on strategy_section (stage_run_id, position)
;;
create table strategy_version (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    strategy_section_id {id} not null,
    number integer not null check (number >= 1),
    title text not null,
    text text not null,
    status text not null,
    author_id {id} not null,
    wording integer not null,
    stances integer not null,
    read_back integer not null,
    matching integer not null,
    differing integer not null,
    created_at {instant} not null,
    updated_at {instant} not null,
    proposed_at {instant},
    ratified_at {instant},
    ended_at {instant},
    version integer not null,
    unique (client_id, id),
    unique (strategy_section_id, number),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, strategy_section_id) references strategy_section (client_id, id),
    foreign key (network_id, author_id) references person (network_id, id)
) {strict}
;;
create index strategy_version_by_time on strategy_version (client_id, created_at, id)
;;
create unique index strategy_version_one_in_work on strategy_version (strategy_section_id) where status in ('draft', 'proposed')
;;
create unique index strategy_version_one_in_force on strategy_version (strategy_section_id) where status = 'ratified'
;;
create table strategy_item (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    strategy_version_id {id} not null,
    position integer not null,
    text text not null,
    quadrant text,
    welcome text,
    unwelcome text,
    figure text,
    unit text,
    year integer,
    unique (client_id, id),
    unique (strategy_version_id, position),
    foreign key (client_id, strategy_version_id) references strategy_version (client_id, id)
) {strict}
;;
create table strategy_stance (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    person_id {id} not null,
    strategy_version_id {id} not null,
    member_id {id} not null,
    wording integer not null,
    stance text not null,
    conviction integer not null,
    comment text not null,
    taken_at {instant} not null,
    version integer not null,
    created_at {instant} not null,
    updated_at {instant} not null,
    unique (strategy_version_id, person_id),
    foreign key (client_id, strategy_version_id) references strategy_version (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id)
) {strict}
;;
create table strategy_position (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    strategy_version_id {id} not null,
    member_id {id} not null,
    stance text not null,
    conviction integer not null,
    comment text not null,
    taken_at {instant} not null,
    recorded_by_id {id},
    unique (client_id, id),
    unique (strategy_version_id, member_id),
    foreign key (client_id, strategy_version_id) references strategy_version (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id)
) {strict}
;;
create table strategy_restatement (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    person_id {id} not null,
    strategy_version_id {id} not null,
    member_id {id} not null,
    text text not null,
    status text not null,
    note text not null,
    written_at {instant} not null,
    judged_at {instant},
    version integer not null,
    created_at {instant} not null,
    updated_at {instant} not null,
    foreign key (client_id, strategy_version_id) references strategy_version (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id)
) {strict}
;;
create index strategy_restatement_by_person on strategy_restatement (strategy_version_id, person_id, written_at)
;;
create table strategy_read_back (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    strategy_version_id {id} not null,
    member_id {id} not null,
    text text not null,
    status text not null,
    note text not null,
    judged_by_id {id},
    written_at {instant} not null,
    judged_at {instant},
    version integer not null,
    created_at {instant} not null,
    updated_at {instant} not null,
    unique (client_id, id),
    foreign key (client_id, strategy_version_id) references strategy_version (client_id, id),
    foreign key (client_id, member_id) references member (client_id, id)
) {strict}
;;
create index strategy_read_back_by_version on strategy_read_back (strategy_version_id, written_at, id)
;;
create table strategy_shared (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    from_team_id {id} not null,
    strategy_section_id {id} not null unique,
    team_name text not null,
    title text not null,
    text text not null,
    number integer not null,
    ratified_at {instant} not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, from_team_id) references team (client_id, id),
    foreign key (client_id, strategy_section_id) references strategy_section (client_id, id)
) {strict}
;;
create index strategy_shared_by_client on strategy_shared (client_id, ratified_at, id)",
    tables: &[
        ("strategy_section", Placement::Content, Rights::Delete),
        ("strategy_version", Placement::Content, Rights::Change),
        ("strategy_item", Placement::Content, Rights::Delete),
        ("strategy_stance", Placement::Own, Rights::Change),
        ("strategy_position", Placement::Content, Rights::Append),
        ("strategy_restatement", Placement::Own, Rights::Change),
        ("strategy_read_back", Placement::Content, Rights::Change),
        ("strategy_shared", Placement::Content, Rights::Delete),
    ],
    more: || vec![frozen::but_for_words("strategy_position", "comment")],
};
