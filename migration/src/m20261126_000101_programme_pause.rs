//! When programmes were paused. What is known of earlier pauses, the audit knows; of a pause that lasts, its programme.

use crate::{
    migration,
    rls::{Fence, Rights},
};

migration! {
    up: "
create table programme_pause (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    programme_id {id} not null,
    starts_at {instant} not null,
    ends_at {instant},
    check (ends_at is null or ends_at >= starts_at),
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, programme_id) references programme (client_id, id)
) {strict}
;;
create unique index programme_pause_one_lasting on programme_pause (programme_id) where ends_at is null
;;
create index programme_pause_by_programme on programme_pause (programme_id, starts_at)
;;
create index programme_pause_by_team on programme_pause (team_id, starts_at)
;;
create index programme_pause_by_client on programme_pause (client_id, starts_at)
;;
-- postgres: whoever migrates is bound by the fences, too
alter table programme no force row level security
;;
-- postgres
alter table audit_event no force row level security
;;
insert into programme_pause (id, network_id, client_id, team_id, programme_id, starts_at, ends_at)
select e.id, p.network_id, p.client_id, p.team_id, p.id, e.at,
    (select min(o.at) from audit_event o
        where o.subject_id = e.subject_id and o.network_id = e.network_id and o.noun = 'programme' and o.at >= e.at
            and o.verb in ('programmeResume', 'programmeTerminate'))
from audit_event e
join programme p on p.id = e.subject_id and p.network_id = e.network_id
where e.noun = 'programme' and e.verb = 'programmePause'
;;
insert into programme_pause (id, network_id, client_id, team_id, programme_id, starts_at, ends_at)
select p.id, p.network_id, p.client_id, p.team_id, p.id, p.paused_at, null
from programme p
where p.paused_at is not null
    and not exists (select 1 from programme_pause q where q.programme_id = p.id and q.ends_at is null)
;;
-- postgres
alter table audit_event force row level security
;;
-- postgres
alter table programme force row level security
",
    fences: [("programme_pause", Fence::Facts, Rights::Change)],
    down: ["table programme_pause"]
}
