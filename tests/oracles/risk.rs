//! Clients' risk, computed a second time by SQL from the current rows of both databases.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use concord::{features::pulse::keeping, jobs};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

/// Clients whose stored risk is not what their rows come to.
const WRONG: &str = "
select c.name from client c join risk_policy w on w.network_id = c.network_id
where c.risk <> (case when {rests} then 0 else (
    (select coalesce(sum(case when a.due_at <= {now} then w.overdue_action else w.action_due_soon end), 0)
        from action a where a.client_id = c.id and a.status = 'accepted' and a.due_at <= {soon} and {works:a})
    + case when exists (select 1 from session s
        where s.client_id = c.id and s.status = 'scheduled' and s.starts_at > {now} and {works:s})
        then 0 else w.no_session end
    + w.session_gap_week * (select case when g.weeks < 0 then 0 when g.weeks > 20 then 20 else g.weeks end from (
        select (({seconds:{last}} - {paused}) / 86400 - n.session_gap_days) / 7 as weeks
        from network n where n.id = c.network_id) g)
    + (select w.drift_signal * count(*) from drift_signal d
        where d.client_id = c.id and d.status in ('open', 'acknowledged') and {works:d})
    + (select w.missed_review * count(*) from review r join team m on m.id = r.team_id
        where r.client_id = c.id and r.status = 'missed' and {seconds:r.due_at} / 86400 < 90 and m.archived_at is null
            and {works:r})
    ) end)
union all
select c.name from client c where c.risk <> (select coalesce(sum(k.points), 0) from client_risk k where k.client_id = c.id)";

/// Where nothing counts.
const RESTS: &str = "c.status <> 'active'
    or not exists (select 1 from team m where m.client_id = c.id and m.archived_at is null)
    or not exists (select 1 from programme g where g.client_id = c.id and g.status = 'active')
        and (exists (select 1 from programme g where g.client_id = c.id and g.status = 'paused')
            or exists (select 1 from programme g where g.client_id = c.id and g.status in ('completed', 'terminated'))
                and not exists (select 1 from programme g where g.client_id = c.id and g.status = 'planned'))";

/// The start of the last session, or the client's.
const LAST: &str =
    "coalesce((select max(s.starts_at) from session s where s.client_id = c.id and s.status = 'held'),
    c.created_at)";

/// The seconds since then for which the active programme that was paused least was paused.
const PAUSED: &str =
    "cast(coalesce((select min((select coalesce(sum({seconds:case when q.starts_at > {last} then q.starts_at
        else {last} end} - {seconds:q.ends_at}), 0)
    from programme_pause q where q.team_id = g.team_id and q.ends_at > {last}))
    from programme g join team m on m.id = g.team_id
    where g.client_id = c.id and g.status = 'active' and m.archived_at is null), 0) as bigint)";

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
    let mut sql = sql.replace("{rests}", RESTS).replace("{paused}", PAUSED).replace("{last}", LAST);
    while let Some((before, rest)) = sql.split_once("{seconds:") {
        let (since, after) = rest.split_once('}').expect("an instant");
        let seconds = match backend {
            DbBackend::Postgres => format!("floor(extract(epoch from {now} - ({since})))::bigint"),
            _ => format!("(unixepoch({now}) - unixepoch({since}))"),
        };
        sql = format!("{before}{seconds}{after}");
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
        let gap = risk(&world).await;
        assert!(gap > done, "weeks without a session count sooner");
        let parts = async || {
            let document = "query($id: ID!) { client(id: $id) { risk riskComponents { component count points } } }";
            world.read(Analyst, document, json!({ "id": world.cast.client })).await["client"].clone()
        };
        let weeks = gap - done;
        let counted = json!({ "component": "SESSION_GAP", "count": weeks, "points": weeks });
        assert!(parts().await["riskComponents"].as_array().expect("parts").contains(&counted));
        let input = json!({ "sessionGapWeek": 20, "expectedVersion": 1 });
        let policy = world.done(Admin, "riskPolicyUpdate", input, "riskPolicy { sessionGapWeek overdueAction version }").await;
        assert_eq!(policy["riskPolicy"], json!({ "sessionGapWeek": 20, "overdueAction": 3, "version": 2 }));
        world.at("2026-03-21T00:00:30Z");
        assert_eq!(risk(&world).await, done + 20 * weeks, "each week counts twenty");
        let told = parts().await;
        let sum: i64 = told["riskComponents"].as_array().expect("parts").iter().filter_map(|part| part["points"].as_i64()).sum();
        assert_eq!(told["risk"], sum, "the components come to the risk");
        let wrong = json!({ "renewal": 21, "noSession": -1 });
        let refused = world.change(Admin, "riskPolicyUpdate", wrong, "riskPolicy { version }").await;
        let paths: Vec<&Value> = refused["errors"].as_array().expect("errors").iter().map(|error| &error["path"]).collect();
        assert_eq!(paths, [&json!(["input", "noSession"]), &json!(["input", "renewal"])], "{refused}");
        let network = world.read(Leader, "{ viewer { network { riskPolicy { renewal version } } } }", json!({})).await;
        assert_eq!(network["viewer"]["network"]["riskPolicy"], json!({ "renewal": 4, "version": 2 }), "nothing was changed");
    }
}

scenario! {
    async fn a_pause_counts_for_nothing_and_an_end_is_no_risk(world: World) {
        let template = json!({ "name": "StratPro", "summary": "Six stages", "basis": "STRATPRO" });
        let made = world.done(Admin, "templateCreate", template, "template { versions { id } }").await;
        let version = made["template"]["versions"][0]["id"].clone();
        world.done(Admin, "templatePublish", json!({ "id": version }), "").await;
        let plan = json!({ "teamId": world.cast.team, "templateVersionId": version, "plannedStartOn": "2026-03-02" });
        let programme = world.done(Facilitator, "programmeCreate", plan, "programme { id }").await["programme"]["id"].clone();
        let this = json!({ "id": programme });
        world.done(Facilitator, "programmeStart", this.clone(), "").await;
        let action = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Call", "dueOn": "2026-03-03" });
        let action = world.done(Facilitator, "actionCreate", action, "action { id }").await["action"]["id"].clone();
        world.done(Leader, "actionAccept", json!({ "id": action }), "").await;
        world.at("2026-03-10T09:00:00Z");
        let late = risk(&world).await;
        assert!(late >= 3, "an action is overdue");
        world.done(Facilitator, "programmePause", json!({ "id": programme, "reason": "Stocktaking" }), "").await;
        // three months in which nothing counts
        for paused in ["2026-03-10T09:01:00Z", "2026-06-10T09:00:00Z"] {
            world.at(paused);
            assert_eq!(risk(&world).await, 0, "{paused}");
        }
        world.done(Facilitator, "programmeResume", this, "").await;
        world.at("2026-06-10T09:01:00Z");
        assert_eq!(risk(&world).await, late, "no week of the pause is a week without a session");
        world.done(Facilitator, "programmeTerminate", json!({ "id": programme, "reason": "They merged" }), "").await;
        world.at("2026-06-10T09:02:00Z");
        assert_eq!(risk(&world).await, 0, "what is over is at no risk");
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
        world.quarter("2026-Q1").await;
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
