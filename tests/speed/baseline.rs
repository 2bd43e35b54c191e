//! What Concord is measured by: the best SQL written by hand for each workload, one prepared statement that answers
//! JSON, under the same row-level security, sent with BEGIN, settings and COMMIT in one round trip.

use crate::{Trouble, cast::Person};
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderName, StatusCode, header::CONTENT_TYPE},
    routing::get,
};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use serde::{Deserialize, Serialize};
use std::{io::Write, sync::Arc};
use tokio_postgres::{NoTls, types::ToSql};
use uuid::Uuid;

/// What the baseline's process is told by its parent.
#[derive(Serialize, Deserialize)]
pub struct Orders {
    pub url: String,
    pub people: Vec<Person>,
    pub reads: usize,
    pub writes: usize,
}

struct Shop {
    reads: Pool,
    writes: Pool,
    people: Vec<Settings>,
}

/// A person, with the settings of row-level security.
struct Settings {
    person: Person,
    values: [String; 5],
}

type Answer = Result<([(HeaderName, &'static str); 1], Vec<u8>), StatusCode>;

/// Serves until the process ends. Prints its port.
pub async fn serve(orders: Orders) -> Result<(), Trouble> {
    let pool = |size: usize| {
        let config = orders.url.parse().map_err(|error| format!("{error}"))?;
        let manager =
            Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        Pool::builder(manager).max_size(size).build().map_err(|error| error.to_string())
    };
    let (reads, writes) = (pool(orders.reads)?, pool(orders.writes)?);
    let people = orders.people.into_iter().map(Settings::of).collect();
    let router = Router::new()
        .route("/Q1/{person}", get(q1))
        .route("/Q2/{person}/{id}", get(q2))
        .route("/Q3/{person}", get(q3))
        .route("/Q4/{person}/{id}", get(q4))
        .route("/R1/{person}", get(r1))
        .route("/M1/{person}/{id}", get(m1))
        .with_state(Arc::new(Shop { reads, writes, people }));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?.port())?;
    Ok(axum::serve(
        axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true))),
        router,
    )
    .await?)
}

impl Settings {
    fn of(person: Person) -> Settings {
        let clients: Vec<String> = person.clients.iter().map(Uuid::to_string).collect();
        let clients = format!("{{{}}}", clients.join(","));
        // the aggregation looks at what no person of head office may: as a job would
        let door = if person.clients.is_empty() { "system" } else { "" };
        let (network, me) = (person.network.to_string(), person.id.to_string());
        let values = [network, me, clients.clone(), clients, door.to_owned()];
        Settings { person, values }
    }
}

async fn q1(State(shop): State<Arc<Shop>>, Path(person): Path<usize>) -> Answer {
    let clients = &shop.people[person].person.clients;
    ask(&shop.reads, SNAPSHOT, &shop.people[person], Q1, &[clients]).await
}

async fn q2(State(shop): State<Arc<Shop>>, Path((person, id)): Path<(usize, Uuid)>) -> Answer {
    ask(&shop.reads, SNAPSHOT, &shop.people[person], Q2, &[&id]).await
}

async fn q3(State(shop): State<Arc<Shop>>, Path(person): Path<usize>) -> Answer {
    let network = &shop.people[person].person.network;
    ask(&shop.reads, SNAPSHOT, &shop.people[person], Q3, &[network]).await
}

async fn q4(State(shop): State<Arc<Shop>>, Path((person, id)): Path<(usize, Uuid)>) -> Answer {
    ask(&shop.reads, SNAPSHOT, &shop.people[person], Q4, &[&id]).await
}

async fn r1(State(shop): State<Arc<Shop>>, Path(person): Path<usize>) -> Answer {
    let network = &shop.people[person].person.network;
    ask(&shop.reads, SNAPSHOT, &shop.people[person], R1, &[network]).await
}

async fn m1(State(shop): State<Arc<Shop>>, Path((person, id)): Path<(usize, Uuid)>) -> Answer {
    let settings = &shop.people[person];
    ask(&shop.writes, "begin", settings, M1, &[&id, &settings.person.network, &settings.person.id]).await
}

async fn ask(
    pool: &Pool,
    begin: &str,
    settings: &Settings,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Answer {
    match transact(pool, begin, settings, sql, params).await {
        Ok(body) => Ok(([(CONTENT_TYPE, "application/json")], body)),
        Err(error) => {
            let told = writeln!(std::io::stderr(), "baseline: {error:?}");
            Err(told.map_or(StatusCode::BAD_GATEWAY, |()| StatusCode::INTERNAL_SERVER_ERROR))
        }
    }
}

async fn transact(
    pool: &Pool,
    begin: &str,
    settings: &Settings,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Vec<u8>, Trouble> {
    let client = pool.get().await?;
    let begin = client.prepare_cached(begin).await?;
    let settle = client.prepare_cached(SETTLE).await?;
    let statement = client.prepare_cached(sql).await?;
    let commit = client.prepare_cached("commit").await?;
    let [network, person, facts, content, door] = &settings.values;
    let values: [&(dyn ToSql + Sync); 5] = [network, person, facts, content, door];
    let (begun, settled, answer, committed) = tokio::join!(
        biased;
        client.execute(&begin, &[]),
        client.query_one(&settle, &values),
        client.query_one(&statement, params),
        client.execute(&commit, &[]),
    );
    begun?;
    settled?;
    committed?;
    let row = answer?;
    let data: &str = row.get(0);
    let mut body = Vec::with_capacity(data.len() + 16);
    body.extend_from_slice(b"{\"data\":");
    body.extend_from_slice(data.as_bytes());
    body.push(b'}');
    Ok(body)
}

const SNAPSHOT: &str = "begin isolation level repeatable read read only";

const SETTLE: &str = "
select set_config('concord.network', $1, true), set_config('concord.person', $2, true),
    set_config('concord.facts', $3, true), set_config('concord.content', $4, true),
    set_config('concord.door', $5, true)";

const Q1: &str = concat!(
    "
select json_build_object('viewer', json_build_object('portfolio', json_build_object('nodes',
    coalesce(json_agg(json_build_object(
        'id', c.id, 'name', c.name, 'currentStage', s.json,
        'progress', json_build_object(
            'actionsOverdue', c.overdue, 'actionsOpen', c.actions_open, 'actionsDone', c.actions_done),
        'nextSession', n.json,
        'topPriorities', json_build_object('nodes', coalesce(t.json, '[]'))
    ) order by c.risk desc, c.id desc), '[]'))))::text
from (
    select c.id, c.name, r.* from client c cross join lateral (",
    include_str!("figures.sql"),
    ") r
    where c.id = any ($1) and c.status <> 'archived'
    order by r.risk desc, c.id desc limit 20
) c
left join lateral (
    select json_build_object('id', id, 'title', title, 'position', position) as json
    from stage_run where id = c.current_stage_id
) s on true
left join lateral (
    select json_build_object('id', id, 'title', title, 'startsAt', starts_at) as json
    from session where client_id = c.id and status = 'scheduled' and starts_at > now()
    order by starts_at, id limit 1
) n on true
left join lateral (
    select json_agg(json_build_object(
        'id', p.id, 'title', p.title, 'owner', json_build_object('id', m.id, 'name', m.name)
    ) order by p.rank, p.id) as json
    from (
        select id, title, owner_id, rank from priority
        where client_id = c.id and status = 'committed' order by rank, id limit 3
    ) p join member m on m.id = p.owner_id
) t on true"
);

const Q2: &str = "
with owners as (
    select id, json_build_object('id', id, 'name', name) as json from member where client_id = $1
), done as (
    select a.priority_id, json_agg(json_build_object(
        'id', a.id, 'title', a.title, 'status', a.status, 'dueOn', a.due_on, 'owner', o.json
    ) order by a.due_on, a.id) as json
    from action a join owners o on o.id = a.owner_id where a.client_id = $1 group by a.priority_id
), aimed as (
    select p.stage_run_id, json_agg(json_build_object(
        'id', p.id, 'title', p.title, 'rank', p.rank, 'status', p.status, 'owner', o.json,
        'actions', coalesce(d.json, '[]')
    ) order by p.rank, p.id) as json
    from priority p join owners o on o.id = p.owner_id left join done d on d.priority_id = p.id
    where p.client_id = $1 group by p.stage_run_id
)
select json_build_object('client', json_build_object('id', c.id, 'name', c.name, 'programme', (
    select json_build_object('id', g.id, 'name', g.name, 'stages', (
        select coalesce(json_agg(json_build_object(
            'id', s.id, 'position', s.position, 'title', s.title, 'status', s.status,
            'priorities', coalesce(a.json, '[]')
        ) order by s.position, s.id), '[]')
        from stage_run s left join aimed a on a.stage_run_id = s.id
        where s.client_id = $1 and s.programme_id = g.id
    )) from programme g where g.client_id = $1 and g.status in ('planned', 'active', 'paused')
    order by g.created_at desc, g.id desc limit 1
)))::text from client c where c.id = $1";

// The live aggregation: nothing is kept, all is counted.
const Q3: &str = "
with placed as (
    select distinct on (c.id) c.id, r.code, coalesce(s.position, 0) as position, coalesce(s.title, '') as stage
    from client c join region r on r.id = c.region_id
    left join (
        select s.client_id, s.position, s.title, s.programme_id from stage_run s
        join programme p on p.id = s.programme_id and p.status in ('active', 'paused')
        where s.network_id = $1 and s.status = 'open'
    ) s on s.client_id = c.id
    where c.network_id = $1 and c.status = 'active' order by c.id, s.programme_id desc, s.position
), acted as (
    select client_id, count(*) filter (where status = 'accepted') as open,
        count(*) filter (where status = 'accepted' and due_at <= now()) as overdue,
        count(*) filter (where status = 'done') as done
    from action where network_id = $1 group by client_id
)
select json_build_object('viewer', json_build_object('network', json_build_object('dashboard', json_build_object(
    'places', coalesce(json_agg(json_build_object(
        'regionCode', code, 'position', position, 'stageTitle', nullif(stage, ''), 'clientCount', clients,
        'actionsOpen', open, 'actionsOverdue', overdue, 'actionsDone', done
    ) order by code, position, stage), '[]')))))::text
from (
    select code, position, stage, count(*) as clients, coalesce(sum(open), 0) as open,
        coalesce(sum(overdue), 0) as overdue, coalesce(sum(done), 0) as done
    from placed left join acted on acted.client_id = placed.id group by code, position, stage
) c";

// The live computation: the risk of every client is computed for each request.
const R1: &str = concat!(
    "
with found as materialized (
    select c.id, c.name, r.risk from client c cross join lateral (",
    include_str!("figures.sql"),
    ") r
    where c.network_id = $1 and c.status <> 'archived' and r.risk >= 3
)
select json_build_object('clients', json_build_object('totalCount', (select count(*) from found), 'nodes', (
    select coalesce(json_agg(json_build_object('id', id, 'name', name, 'risk', risk) order by risk desc, id desc), '[]')
    from (select * from found order by risk desc, id desc limit 20) page
)))::text"
);

const Q4: &str = "
select json_build_object('client', json_build_object(
    'id', id, 'name', name, 'industry', industry, 'sizeBand', size_band, 'timeZone', time_zone,
    'status', status, 'createdAt', created_at, 'version', version))::text
from client where id = $1";

const M1: &str = "
with old as (
    select id, client_id, status, closed_at, version from action where id = $1 and status = 'accepted' for update
), done as (
    update action a set status = 'done', closed_at = now(), version = a.version + 1 from old where a.id = old.id
    returning a.id, a.client_id, a.status, a.closed_at, a.version
), told as (
    select gen_random_uuid() as event, d.id, d.client_id,
        1 + (('x' || right(d.client_id::text, 8))::bit(32)::bigint % 15)::int as lane,
        json_build_object('status', o.status, 'closed_at', o.closed_at, 'version', o.version)::text as before,
        json_build_object('status', d.status, 'closed_at', d.closed_at, 'version', d.version)::text as after
    from done d, old o
), head as (
    select l.lane, l.sequence + 1 as sequence, l.hash as previous
    from audit_lane l, told where l.network_id = $2 and l.lane = told.lane for update of l
), link as (
    select told.*, sequence, previous, encode(sha256(convert_to(previous || ':' || sequence || ':' || json_build_array(
        event, now(), client_id, $3::uuid, 'bench', 'actionComplete', 'action', id, before, after), 'UTF8')), 'hex') as hash
    from told, head
), event as (
    insert into audit_event (
        id, network_id, client_id, content, lane, sequence, at, person_id, request_id, verb, noun, subject_id,
        before, after, previous, hash)
    select event, $2, client_id, true, lane, sequence, now(), $3, 'bench', 'actionComplete', 'action', id,
        before, after, previous, hash from link
), moved as (
    update audit_lane l set sequence = link.sequence, hash = link.hash from link
    where l.network_id = $2 and l.lane = link.lane
)
select json_build_object('actionComplete', json_build_object(
    'action', json_build_object('id', id, 'status', status, 'version', version), 'errors', json_build_array()))::text
from done";
