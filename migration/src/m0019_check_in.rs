//! Check-ins, the weeks that can ask for one, and how many weeks a slot of a team has (its rhythm, which follows its review
//! cadence). The view `check_in_due` lists the slots that ask for a check-in for each action and priority.

use crate::{
    Step,
    rls::{self, Placement, Rights},
};

pub const STEP: Step = Step {
    module: module_path!(),
    sql: "
create table check_in (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    priority_id {id},
    action_id {id},
    slot_on {date} not null,
    first_id {id} not null,
    owner_id {id} not null,
    person_id {id} not null,
    by_owner {flag} not null,
    status text not null,
    confidence integer not null check (confidence >= 1),
    comment text not null,
    at {instant} not null,
    replaced_at {instant},
    check (priority_id is null or action_id is null),
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id),
    foreign key (client_id, action_id) references action (client_id, id),
    foreign key (client_id, first_id) references check_in (client_id, id),
    foreign key (client_id, owner_id) references member (client_id, id)
) {strict}
;;
create unique index check_in_of_priority on check_in (client_id, priority_id, slot_on)
    where priority_id is not null and replaced_at is null
;;
create unique index check_in_of_action on check_in (client_id, action_id, slot_on)
    where action_id is not null and replaced_at is null
;;
create index check_in_by_priority on check_in (priority_id, at)
;;
create index check_in_by_action on check_in (action_id, at)
;;
create index check_in_by_team on check_in (team_id, at)
;;
create index check_in_by_first on check_in (first_id)
;;
-- postgres
create table check_in_slot (
    network_id {id} not null references network (id),
    time_zone text not null,
    starts_on {date} not null,
    ends_on {date} not null,
    starts_at {instant} not null,
    ends_at {instant} not null,
    week integer generated always as ((starts_on - date '1970-01-05') / 7) stored,
    primary key (network_id, time_zone, starts_on)
)
;;
-- sqlite
create table check_in_slot (
    network_id {id} not null references network (id),
    time_zone text not null,
    starts_on {date} not null,
    ends_on {date} not null,
    starts_at {instant} not null,
    ends_at {instant} not null,
    week integer generated always as ((unixepoch(starts_on) - 345600) / 604800) virtual,
    primary key (network_id, time_zone, starts_on)
) {strict}
;;
create unique index check_in_slot_by_week on check_in_slot (network_id, time_zone, week)
;;
create table check_in_rhythm (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    weeks integer not null check (weeks > 1),
    first_week integer not null,
    last_week integer,
    check (last_week is null or last_week >= first_week),
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id)
) {strict}
;;
create unique index check_in_rhythm_by_team on check_in_rhythm (team_id, first_week)
;;
create unique index check_in_rhythm_one_lasting on check_in_rhythm (team_id) where last_week is null",
    tables: &[
        ("check_in", Placement::Content, Rights::Change),
        ("check_in_slot", Placement::Directory, Rights::Append),
        ("check_in_rhythm", Placement::Facts, Rights::Delete),
    ],
    more: || vec![rls::grant("check_in_slot", MOVE), rls::view("check_in_due", &slots())],
};

/// Weeks begin and end elsewhere when the rules of their time zone change.
const MOVE: &str = "update (starts_at, ends_at)";

/// The slots of a noun `{t}`, promised at `{promised}`. A slot is known by its first week, `s`; `e` is its last, which comes
/// early where the team's rhythm ends. A slot counts when all of it lay between the promise and the close; one that began
/// or ended within, only when someone checked in. A slot that a pause of the programme touched is excused.
const SLOTS: &str = "
select {t}.id, {t}.network_id, {t}.client_id, {t}.team_id, {t}.id as subject_id,
    s.starts_on, e.ends_on, s.starts_at, e.ends_at, i.id as check_in_id,
    i.id is null and exists (select 1 from programme_pause q where q.team_id = {t}.team_id
        and q.starts_at < e.ends_at and (q.ends_at is null or q.ends_at > s.starts_at)) as excused
from {noun} {t}
join client c on c.id = {t}.client_id
join check_in_slot s on s.network_id = {t}.network_id and s.time_zone = c.time_zone
left join check_in_rhythm r on r.team_id = {t}.team_id and r.first_week <= s.week
    and (r.last_week is null or r.last_week >= s.week)
join check_in_slot e on e.network_id = s.network_id and e.time_zone = s.time_zone
    and e.week = case when r.weeks is null then s.week
        when r.last_week < s.week + r.weeks - 1 then r.last_week
        else s.week + r.weeks - 1 end
left join check_in i on i.client_id = {t}.client_id and i.{noun}_id = {t}.id and i.slot_on = s.starts_on
    and i.replaced_at is null
where (r.weeks is null or (s.week - r.first_week) % r.weeks = 0)
    and (i.id is not null
        or s.starts_at >= {t}.{promised} and ({t}.closed_at is null or e.ends_at <= {t}.closed_at))";

fn slots() -> String {
    let nouns = [("action", "a", "accepted_at"), ("priority", "p", "committed_at")];
    let parts = nouns.map(|(noun, short, promised)| {
        SLOTS.replace("{noun}", noun).replace("{t}", short).replace("{promised}", promised)
    });
    parts.join("\nunion all")
}
