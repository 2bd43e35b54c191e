//! Benchmarks: the network's policy, the consent of clients, the releases with their cohorts, the clients that a release
//! counted, and where each client stood. Releases are stored step by step before they are published. The policy says
//! through which period releases are published; row-level security hides later ones, which can be removed. What is
//! published stays and never changes, but for erasures: these take the pseudonym off a client that was counted.

use crate::{
    Step, frozen,
    rls::{self, Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table benchmark_policy (
    id {id} primary key,
    network_id {id} not null references network (id),
    profile text not null,
    minimum_clients integer not null check (minimum_clients between 5 and 100),
    version integer not null,
    published_through {word},
    closing_id {id},
    closing_until {instant},
    unique (network_id)
) {strict}
;;
create table benchmark_key (
    network_id {id} primary key references network (id),
    secret text not null
) {strict}
;;
create table benchmark_step (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    kind text not null,
    person_id {id},
    at {instant} not null,
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (network_id, person_id) references person (network_id, id)
) {strict}
;;
create index benchmark_step_by_client on benchmark_step (client_id, at, id)
;;
create index benchmark_step_by_network on benchmark_step (network_id, at)
;;
create table benchmark_release (
    id {id} primary key,
    network_id {id} not null references network (id),
    family {word} not null,
    period {word} not null,
    profile text not null,
    closed_at {instant} not null,
    unique (network_id, id),
    unique (network_id, family, period)
) {strict}
;;
create table benchmark_cohort (
    id {id} primary key,
    network_id {id} not null,
    release_id {id} not null,
    metric {word} not null,
    period {word} not null,
    path {word} not null,
    level integer not null,
    industry text,
    size_band text,
    region text,
    stage text,
    band text not null,
    p10 integer,
    p25 integer not null,
    p50 integer not null,
    p75 integer not null,
    p90 integer,
    p10_shown text,
    p25_shown text not null,
    p50_shown text not null,
    p75_shown text not null,
    p90_shown text,
    unique (network_id, id),
    unique (release_id, metric, path),
    foreign key (network_id, release_id) references benchmark_release (network_id, id)
) {strict}
;;
create index benchmark_cohort_by_network on benchmark_cohort (network_id, period, metric, path)
;;
create table benchmark_counted (
    release_id {id} not null,
    pseudonym {word} not null,
    network_id {id} not null,
    unit text not null,
    path text not null,
    depth integer not null check (depth >= 0),
    primary key (release_id, pseudonym),
    foreign key (network_id, release_id) references benchmark_release (network_id, id)
) {strict}
;;
create table benchmark_standing (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    cohort_id {id} not null,
    metric {word} not null,
    period {word} not null,
    status text not null,
    value text,
    position text,
    unique (client_id, metric, period),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (network_id, cohort_id) references benchmark_cohort (network_id, id)
) {strict}
;;
create index benchmark_standing_by_cohort on benchmark_standing (cohort_id)
;;
-- postgres
create function benchmark_policy_network() returns trigger language plpgsql as $$ begin
    insert into benchmark_policy (id, network_id, profile, minimum_clients, version)
    values (new.id, new.id, 'standard', 12, 1);
    return null;
end $$
;;
-- postgres
create trigger benchmark_policy_network after insert on network
    for each row execute function benchmark_policy_network()
;;
-- sqlite
create trigger benchmark_policy_network after insert on network begin
    insert into benchmark_policy (id, network_id, profile, minimum_clients, version)
    values (new.id, new.id, 'standard', 12, 1);
end
;;
-- postgres
create function benchmark_stays() returns trigger language plpgsql as $$ begin
    if exists (select from benchmark_policy p
        where p.network_id = old.network_id and old.period <= p.published_through) then
        raise exception 'what is published stays';
    end if;
    return old;
end $$
;;
-- postgres
create function benchmark_counted_stays() returns trigger language plpgsql as $$ begin
    if exists (select from benchmark_release r join benchmark_policy p on p.network_id = r.network_id
        where r.id = old.release_id and r.period <= p.published_through) then
        raise exception 'what is published stays';
    end if;
    return old;
end $$
;;
-- postgres
create trigger benchmark_release_stays before delete on benchmark_release
    for each row execute function benchmark_stays()
;;
-- postgres
create trigger benchmark_cohort_stays before delete on benchmark_cohort
    for each row execute function benchmark_stays()
;;
-- postgres
create trigger benchmark_counted_stays before delete on benchmark_counted
    for each row execute function benchmark_counted_stays()
;;
-- sqlite
create trigger benchmark_release_stays before delete on benchmark_release begin
    select raise(abort, 'what is published stays') from benchmark_policy p
    where p.network_id = old.network_id and old.period <= p.published_through;
end
;;
-- sqlite
create trigger benchmark_cohort_stays before delete on benchmark_cohort begin
    select raise(abort, 'what is published stays') from benchmark_policy p
    where p.network_id = old.network_id and old.period <= p.published_through;
end
;;
-- sqlite
create trigger benchmark_counted_stays before delete on benchmark_counted begin
    select raise(abort, 'what is published stays')
    from benchmark_release r join benchmark_policy p on p.network_id = r.network_id
    where r.id = old.release_id and r.period <= p.published_through;
end",
    tables: &[
        ("benchmark_policy", Placement::Directory, Rights::Change),
        ("benchmark_key", Placement::Sealed, Rights::Append),
        ("benchmark_step", Placement::Facts, Rights::Append),
        ("benchmark_release", Placement::Release, Rights::AppendOrDelete),
        ("benchmark_cohort", Placement::Release, Rights::AppendOrDelete),
        ("benchmark_counted", Placement::Sealed, Rights::AppendOrDelete),
        ("benchmark_standing", Placement::Standing, Rights::AppendOrDelete),
    ],
    more: || {
        let frozen = FROZEN.iter().map(|table| frozen::freeze(table, "1 = 1"));
        let more = [
            frozen::freeze("benchmark_counted", BUT_TOMBSTONES),
            rls::grant("benchmark_counted", "update (path, pseudonym)"),
            // secrets are sealed again with a new secret key
            rls::grant("benchmark_key", "update (secret)"),
            rls::view("client_benchmark", VIEW),
        ];
        frozen.chain(more).collect()
    },
};

/// Tables whose rows stay as they were added.
const FROZEN: [&str; 4] = ["benchmark_step", "benchmark_release", "benchmark_cohort", "benchmark_standing"];

/// An erasure may change the pseudonym of a client that a release counted, and shorten the path to that of the atom.
const BUT_TOMBSTONES: &str = "new.release_id <> old.release_id or new.network_id <> old.network_id
    or new.unit <> old.unit or new.depth <> old.depth or new.pseudonym = old.pseudonym";

/// Where a client stood, with the cohort that it is compared to.
const VIEW: &str = "select s.id, s.network_id, s.client_id, s.metric, s.period, s.status, s.value, \
    s.position, c.level, c.industry, c.size_band, c.region, c.stage, c.band, c.p10, c.p25, c.p50, c.p75, c.p90, \
    c.p10_shown, c.p25_shown, c.p50_shown, c.p75_shown, c.p90_shown \
    from benchmark_standing s join benchmark_cohort c on c.id = s.cohort_id";
