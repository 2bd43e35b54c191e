//! Clients' risk, computed a second time by SQL from the current rows of both databases.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use concord::{features::pulse::keeping, jobs};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::json;

/// Clients whose stored risk is not what their rows come to.
const WRONG: &str = "
select c.name from client c where c.risk <> (case when c.status = 'archived'
    or not exists (select 1 from team m where m.client_id = c.id and m.archived_at is null)
    or exists (select 1 from programme g where g.client_id = c.id and g.status = 'paused')
        and not exists (select 1 from programme g where g.client_id = c.id and g.status = 'active')
    then 0 else (
    (select count(*) + 2 * coalesce(sum(case when a.due_at <= {now} then 1 else 0 end), 0) from action a
        where a.client_id = c.id and a.status = 'accepted' and a.due_at <= {soon} and {works:a})
    + case when exists (select 1 from session s
        where s.client_id = c.id and s.status = 'scheduled' and s.starts_at > {now} and {works:s}) then 0 else 5 end
    + (select case when w.weeks < 0 then 0 when w.weeks > 20 then 20 else w.weeks end from (
        select ({days:coalesce(
            (select max(s.starts_at) from session s where s.client_id = c.id and s.status = 'held'), c.created_at
        )} - n.session_gap_days) / 7 as weeks from network n where n.id = c.network_id) w)
    + (select 2 * count(*) from drift_signal d
        where d.client_id = c.id and d.status in ('open', 'acknowledged') and {works:d})
    + (select 2 * count(*) from review r join team m on m.id = r.team_id
        where r.client_id = c.id and r.status = 'missed' and {days:r.due_at} < 90 and m.archived_at is null
            and {works:r})
    ) end)";

/// The rows of a team whose programme is not paused.
const WORKS: &str =
    "not exists (select 1 from programme g where g.team_id = [row].team_id and g.status = 'paused')";

/// Asserts that the stored risk of every client is what its rows come to.
pub async fn is_right(world: &World) {
    let behind = world.home.behind().await;
    let backend = behind.get_database_backend();
    let instant = |at: DateTime<Utc>| {
        let at = at.to_rfc3339_opts(SecondsFormat::AutoSi, false);
        if backend == DbBackend::Postgres { format!("timestamptz '{at}'") } else { format!("'{at}'") }
    };
    let now = instant(world.seams.now());
    let mut sql = WRONG.to_owned();
    while let Some((before, rest)) = sql.split_once("{works:") {
        let (row, after) = rest.split_once('}').expect("a row");
        sql = format!("{before}{}{after}", WORKS.replace("[row]", row));
    }
    while let Some((before, rest)) = sql.split_once("{days:") {
        let (since, after) = rest.split_once('}').expect("an instant");
        let seconds = match backend {
            DbBackend::Postgres => format!("extract(epoch from {now} - {since})::bigint"),
            _ => format!("(unixepoch({now}) - unixepoch({since}))"),
        };
        sql = format!("{before}({seconds} / 86400){after}");
    }
    let sql = sql.replace("{now}", &now).replace("{soon}", &instant(world.seams.now() + TimeDelta::days(7)));
    let wrong = behind.query_all_raw(Statement::from_string(backend, sql)).await.expect("an answer");
    let names: Vec<String> = wrong.iter().map(|row| row.try_get_by_index(0).expect("a name")).collect();
    assert_eq!(names, Vec::<String>::new(), "at {}", world.seams.now());
}

/// The client's risk, once the job has run.
async fn risk(world: &World) -> i64 {
    let job = jobs::all().find(|job| job.name == "risk").expect("the job");
    jobs::run_due_turns_of(&world.app, job).await.expect("a look");
    is_right(world).await;
    let document = "query($id: ID!) { client(id: $id) { risk } }";
    let read = world.read(Facilitator, document, json!({ "id": world.cast.client })).await;
    read["client"]["risk"].as_i64().expect("a number")
}

scenario! {
    async fn risk_follows_writes_the_clock_and_the_policy(world: World) {
        let session = json!({ "teamId": world.cast.team, "title": "Review", "startsAt": "2026-06-20T09:00:00Z", "minutes": 60, "kind": "REVIEW", "place": "" });
        world.done(Facilitator, "sessionSchedule", session, "").await;
        let action = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Call", "dueOn": "2026-03-20" });
        let action = world.done(Facilitator, "actionCreate", action, "action { id }").await["action"]["id"].clone();
        world.done(Leader, "actionAccept", json!({ "id": action }), "").await;
        let calm = risk(&world).await;
        // the due day ends at midnight in London
        for (now, more) in [
            ("2026-03-13T23:59:45Z", 0),
            ("2026-03-14T00:00:00Z", 1),
            ("2026-03-20T23:59:45Z", 1),
            ("2026-03-21T00:00:00Z", 3),
        ] {
            world.at(now);
            assert_eq!(risk(&world).await, calm + more, "{now}");
        }
        world.done(Leader, "actionComplete", json!({ "id": action }), "").await;
        world.at("2026-03-21T00:00:10Z");
        let done = risk(&world).await;
        assert_eq!(done, calm, "the job looks again after ten seconds");
        world.done(Admin, "networkUpdate", json!({ "sessionGapDays": 1 }), "").await;
        world.at("2026-03-21T00:00:20Z");
        assert!(risk(&world).await > done, "weeks without a session count sooner");
    }
}

scenario! {
    async fn nothing_is_computed_twice(world: World) {
        world.compute_risks().await;
        let is_due = async || {
            let write = world.app.kernel.system(world.cast.network).await.expect("the system door");
            let due = keeping::is_due(&write).await.expect("a look");
            write.roll_back().await.expect("the end");
            due
        };
        assert!(!is_due().await);
        let priority = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Grow", "outcome": "Twice the sales" });
        world.done(Facilitator, "priorityCreate", priority, "").await;
        assert!(!is_due().await, "priorities do not count");
        let action = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Call", "dueOn": "2026-03-20" });
        world.done(Facilitator, "actionCreate", action, "").await;
        assert!(is_due().await);
        world.compute_risks().await;
        assert!(!is_due().await);
        is_right(&world).await;
    }
}
