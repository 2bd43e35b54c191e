//! The audit trail: every change is in it, with what changed and nothing else, and it cannot be altered unseen.

use crate::{
    kit::{
        Backend,
        Persona::{self, *},
        SECRET_KEY, World, assert_counts, document,
        fixtures::Fixtures,
        sdl, verify_chains,
    },
    scenario,
    sweeps::{access, mutation_inputs},
};
use chrono::TimeDelta;
use concord::{http::Service, jobs, kernel::access::Permission};
use entity::{Table, audit_event, audit_lane};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokio_postgres::error::SqlState;

scenario! {
    async fn changes_are_told_with_what_changed(world: World) {
        let behind = world.home.behind().await;
        let id = worked(&world).await;
        let events = events(&behind).await;
        let verbs: Vec<&str> = events.iter().filter(|event| event.noun == "action").map(|event| event.verb.as_str()).collect();
        assert_eq!(verbs, ["actionCreate", "actionAccept", "actionRedate", "actionComplete"]);
        let [created, accepted, redated, completed] = ["actionCreate", "actionAccept", "actionRedate", "actionComplete"]
            .map(|verb| events.iter().find(|event| event.verb == verb && event.noun == "action").expect("an event"));
        for event in [created, accepted, redated, completed] {
            assert_eq!(event.network_id, world.cast.network);
            assert_eq!(event.client_id, Some(world.cast.client));
            assert!(event.content, "an action is content");
            assert_eq!(entity::Id::<entity::action::Entity>::new(event.subject_id).to_string(), id);
            let who = if event.verb == "actionCreate" { Facilitator } else { Leader };
            assert_eq!(event.person_id, Some(world.cast.person(who).1));
        }
        assert_eq!(created.before, None);
        assert!(names(&created.after).is_superset(&set(&["id", "title", "ownerId", "dueOn", "status", "version"])));
        assert_eq!(names(&redated.before), set(&["dueAt", "dueOn", "moves", "version"]));
        assert_eq!(names(&redated.after), names(&redated.before));
        assert_eq!(names(&completed.after), set(&["closedAt", "status", "version"]));
        assert_eq!(parsed(&completed.before)["status"], "ACCEPTED");
        assert_eq!(parsed(&completed.after)["status"], "DONE");
        assert_eq!(parsed(&redated.before)["dueOn"], "2026-03-20");
        assert_eq!(parsed(&redated.after)["dueOn"], "2026-03-27");
        let moved = events.iter().find(|event| event.noun == "action_move").expect("the move has its own event");
        assert_eq!((moved.verb.as_str(), moved.before.as_deref()), ("actionRedate", None));
    }
}

scenario! {
    async fn refused_and_failed_changes_leave_nothing(world: World) {
        let behind = world.home.behind().await;
        let id = worked(&world).await;
        let before = events(&behind).await.len();
        let code = world.refused(Leader, "actionComplete", json!({ "id": id })).await.0;
        assert_eq!(code, "WRONG_STATE");
        let input = json!({ "input": { "id": id } });
        let document = "mutation($input: ActionCompleteInput!) { actionComplete(input: $input) { action { id } } }";
        world.ask(Observer, document, input).await;
        assert_eq!(events(&behind).await.len(), before);
    }
}

scenario! {
    async fn chains_are_verified_daily_and_their_heads_are_told(world: World) {
        worked(&world).await;
        let behind = world.home.behind().await;
        let job = jobs::all().find(|job| job.name == "auditVerify").expect("the job");
        jobs::run_due_turns_of(&world.app, job).await.expect("a turn");
        let metrics = Service::metrics(world.app.as_ref());
        let network = world.cast.network.to_string();
        let line = metrics.lines().find(|line| line.starts_with("concord_audit_events{") && line.contains(&network));
        let line = line.unwrap_or_else(|| panic!("{metrics}"));
        let sum = audit_lane::Entity::find().filter(audit_lane::Column::NetworkId.eq(world.cast.network));
        let sum: i64 = sum.all(&behind).await.expect("the lanes").iter().map(|lane| lane.sequence).sum();
        assert!(line.ends_with(&format!(" {sum}")) && sum > 0, "{line}");
        let whole = format!("concord_audit_chains_broken{{network=\"{network}\"}} 0");
        assert!(metrics.contains(&whole), "{metrics}");
        let (lines, holds) = jobs::verify_all(&world.app.kernel).await.expect("the chains are read");
        assert!(holds && lines.len() == 2, "{lines:?}");
        // the last event of a chain is left out behind the application's back
        let lane = audit_lane::Entity::find().filter(audit_lane::Column::Sequence.gt(1)).one(&behind).await.expect("a look").expect("a chain");
        let mut shorter = lane.clone().into_active_model();
        shorter.sequence = Set(lane.sequence + 1);
        audit_lane::Entity::update(shorter).exec(&behind).await.expect("a head");
        let (lines, holds) = jobs::verify_all(&world.app.kernel).await.expect("the chains are read");
        let broken = format!("chain {} is broken at event {}", lane.lane, lane.sequence + 1);
        assert!(!holds && lines.iter().any(|line| line.contains(&broken)), "{lines:?}");
        world.seams.set(world.seams.now() + TimeDelta::days(1));
        jobs::run_due_turns_of(&world.app, job).await.expect("a turn");
        let metrics = Service::metrics(world.app.as_ref());
        let broken = metrics.lines().filter(|line| line.starts_with("concord_audit_chains_broken{") && line.ends_with(" 1"));
        assert_eq!(broken.count(), 1, "{metrics}");
    }
}

/// Lets events be changed: what an attacker with the file, or as the database's owner, would do first.
async fn unfreeze(world: &World, behind: &DatabaseConnection) {
    let triggers: &[&str] = match world.backend {
        Backend::Sqlite => &["audit_event_is_frozen", "audit_event_is_kept"],
        Backend::Postgres => &["audit_event_is_frozen on audit_event"],
    };
    for trigger in triggers {
        behind.execute_unprepared(&format!("drop trigger {trigger}")).await.expect("no trigger");
    }
}

scenario! {
    async fn the_verify_command_says_that_the_chains_hold_or_where_one_breaks(world: World) {
        worked(&world).await;
        let behind = world.home.behind().await;
        let (name, place) = world.home.settings();
        let settings = [(name, place.as_str()), ("CONCORD_SECRET_KEY", SECRET_KEY)];
        let all = events(&behind).await;
        let ours = all.iter().filter(|event| event.network_id == world.cast.network).count();
        let (holds, written) = crate::kit::run(&["audit", "verify"], &settings);
        assert!(holds && ours > 0 && !written.contains("broken"), "{written}");
        for heads in [format!("Meridian: {ours} events, heads "), "Elsewhere: 0 events, heads ".to_owned()] {
            assert!(written.contains(&heads), "{heads} in\n{written}");
        }
        unfreeze(&world, &behind).await;
        let lane = all.iter().find(|event| event.sequence == 2).expect("a second event").lane;
        let change = format!("update audit_event set verb = 'actionCancel' where lane = {lane} and sequence = 2");
        behind.execute_unprepared(&change).await.expect("a change behind the API");
        let (holds, written) = crate::kit::run(&["audit", "verify"], &settings);
        assert!(!holds && written.contains("an audit chain is broken"), "{written}");
        let broken: Vec<&str> = written.lines().filter(|line| line.contains("is broken at event")).collect();
        assert_eq!(broken, [format!("Meridian: chain {lane} is broken at event 2")], "{written}");
    }
}

scenario! {
    async fn tampering_shows_where_it_begins(world: World) {
        let behind = world.home.behind().await;
        worked(&world).await;
        let events_before = events(&behind).await.len();
        assert_eq!(verify_chains(&behind).await, Ok(events_before));
        assert_counts(&behind).await;
        unfreeze(&world, &behind).await;
        let target = events(&behind).await.into_iter().find(|event| event.sequence == 2).expect("a second event");
        let at = format!("where lane = {} and sequence = 2", target.lane);
        let (id, flag) = match world.backend {
            Backend::Sqlite => ("x'00000000000000000000000000000001'", "0"),
            Backend::Postgres => ("'00000000-0000-0000-0000-000000000001'", "false"),
        };
        for change in [
            "after = '{}'".to_owned(),
            "before = 'x'".into(),
            "verb = 'actionCancel'".into(),
            "noun = 'priority'".into(),
            "request_id = 'another'".into(),
            "caller_request_id = 'another'".into(),
            "at = '2026-03-01T00:00:00+00:00'".into(),
            format!("person_id = {id}"),
            format!("client_id = {id}"),
            format!("franchise_id = {id}"),
            format!("subject_id = {id}"),
            format!("content = {flag}"),
            "salt = null".into(),
            "salt = 'another'".into(),
            "digest = null".into(),
            "digest = 'another'".into(),
        ] {
            let column = change.split(' ').next().unwrap_or_default();
            behind.execute_unprepared("create table kept as select * from audit_event").await.expect("a copy");
            behind.execute_unprepared(&format!("update audit_event set {change} {at}")).await.expect(&change);
            assert_eq!(verify_chains(&behind).await, Err(2), "{change}");
            let back = format!("update audit_event set {column} = (select k.{column} from kept k where k.id = audit_event.id) {at}");
            behind.execute_unprepared(&back).await.expect("put back");
            behind.execute_unprepared("drop table kept").await.expect("no copy");
            assert_eq!(verify_chains(&behind).await, Ok(events_before), "{change} put back");
        }
        let last = events(&behind).await.into_iter().filter(|event| event.lane == target.lane).map(|event| event.sequence).max();
        let last = last.expect("events");
        behind.execute_unprepared(&format!("delete from audit_event where lane = {} and sequence = {last}", target.lane)).await.expect("cut off");
        assert_eq!(verify_chains(&behind).await, Err(last), "the end is cut off");
        behind.execute_unprepared(&format!("delete from audit_event {at}")).await.expect("left out");
        assert_eq!(verify_chains(&behind).await, Err(2), "one is left out");
    }
}

scenario! {
    async fn the_audit_shows_no_table_to_those_who_may_not_read_it(world: World) {
        let fixtures = Fixtures::of(&world).await;
        for mutation in sdl::mutations() {
            let name = mutation.name.as_str();
            // somebody may and does it: whatever a mutation writes is in the audit then
            for who in [Admin, Owner, Facilitator, Sponsor, Leader] {
                let input = mutation_inputs::input(&world, &fixtures, name).await;
                let answered = world.ask(who, &document(name, ""), json!({ "input": input })).await;
                if access::became(name, &answered) == "done" {
                    break;
                }
            }
        }
        let (mut wrong, mut seen) = (BTreeSet::new(), 0);
        for who in Persona::ALL {
            for event in readable_events(&world, who).await {
                let noun = event["noun"].as_str().expect("a noun");
                let table = Table::ALL.iter().find(|table| table.prefix().eq_ignore_ascii_case(noun));
                let may = table.is_none_or(|table| Permission::Read(*table).roles().has(access::role(who)));
                let hidden = event["before"].is_null() && event["after"].is_null();
                if !(may || hidden) {
                    wrong.insert(format!("{who:?} reads {noun} by {}", event["verb"]));
                }
                let sealed = event["verb"].as_str().is_some_and(|verb| SEALED.contains(&verb));
                if sealed && !event["person"].is_null() {
                    wrong.insert(format!("{who:?} reads who did {}", event["verb"]));
                }
                seen += 1;
            }
        }
        assert!(seen > 200, "{seen} events");
        assert_eq!(wrong, BTreeSet::new());
    }
}

/// What people do in secret, each for themselves.
const SEALED: [&str; 7] = [
    "ALIGNMENT_CONSENT_WITHDRAW",
    "ALIGNMENT_ROUND_ANSWER",
    "DECISION_STANCE",
    "DOT_VOTE_CAST",
    "PRE_WORK_ANSWER",
    "SESSION_RATE",
    "STRATEGY_STANCE",
];

/// All events that somebody reads; none for who reads no audit log at all.
async fn readable_events(world: &World, who: Persona) -> Vec<Value> {
    let asked = "query($after: String) { auditEvents(first: 100, after: $after) {
        pageInfo { endCursor hasNextPage } nodes { noun verb before after person { id } } } }";
    let (mut found, mut after) = (vec![], Value::Null);
    loop {
        let page = world.read(who, asked, json!({ "after": after })).await["auditEvents"].clone();
        found.extend(page["nodes"].as_array().into_iter().flatten().cloned());
        if page["pageInfo"]["hasNextPage"] != true {
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// What people who work with a client write for each other.
const WORDS: &str = "Zanzibar";

/// Writes [`WORDS`] into every text of an input, and not into names and titles. Returns whether there is a text.
fn put_words(input: &mut Value) -> bool {
    let texts = ["reason", "note", "comment", "text", "detail", "summary", "outcome"];
    match input {
        Value::Object(fields) => fields.iter_mut().fold(false, |any, (name, value)| {
            let is_text = value.is_string() && texts.iter().any(|text| name.to_lowercase().ends_with(text));
            if is_text {
                *value = json!(WORDS);
            }
            put_words(value) || is_text || any
        }),
        Value::Array(items) => items.iter_mut().map(put_words).filter(|any| *any).count() > 0,
        _ => false,
    }
}

scenario! {
    async fn head_office_reads_no_words_about_clients_in_the_audit(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let mut given = 0;
        for mutation in sdl::mutations() {
            let name = mutation.name.as_str();
            // templates are no client's, and the reason for support access is for head office
            if name.starts_with("template") || name.starts_with("supportAccess") {
                continue;
            }
            for who in [Leader, Sponsor, Facilitator, Owner] {
                let mut input = mutation_inputs::input(&world, &fixtures, name).await;
                if !put_words(&mut input) {
                    break;
                }
                let answered = world.ask(who, &document(name, ""), json!({ "input": input })).await;
                if access::became(name, &answered) == "done" {
                    given += 1;
                    break;
                }
            }
        }
        assert!(given > 25, "{given} mutations with words");
        let with_words = async |who| {
            let events = readable_events(&world, who).await.into_iter();
            let told = events.filter(|event| event.to_string().contains(WORDS));
            told.map(|event| event["verb"].to_string()).collect::<BTreeSet<String>>()
        };
        for who in [Admin, Analyst] {
            assert_eq!(with_words(who).await, BTreeSet::new(), "{who:?}");
        }
        assert!(with_words(Owner).await.len() > 15, "who works with the client reads them");
    }
}

#[tokio::test]
async fn the_application_cannot_alter_the_trail() {
    let world = World::new(Backend::Postgres).await;
    worked(&world).await;
    let app = world.home.application().await;
    let network = world.cast.network.uuid();
    let scope = concord::kernel::access::Scope::system(network);
    for sql in [
        "update audit_event set verb = 'nothing'",
        "delete from audit_event",
        "truncate audit_event",
        "alter table audit_event disable row level security",
        "drop table audit_event",
        "insert into audit_event select * from audit_event on conflict (id) do update set verb = 'nothing'",
    ] {
        app.batch_execute(&format!("begin; {}", scope.sql())).await.expect("the settings");
        let refused = app.batch_execute(sql).await.expect_err(sql);
        assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{sql}: {refused:?}");
        app.batch_execute("rollback").await.expect("the end");
    }
}

#[tokio::test]
async fn the_embedded_trail_is_append_only() {
    let world = World::new(Backend::Sqlite).await;
    worked(&world).await;
    let behind = world.home.behind().await;
    for sql in ["update audit_event set verb = 'nothing'", "delete from audit_event"] {
        assert!(behind.execute_unprepared(sql).await.is_err(), "{sql}");
    }
}

/// An action from its offer to its end: its id.
async fn worked(world: &World) -> String {
    let input = json!({ "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(),
        "title": "Call the bank", "dueOn": "2026-03-20" });
    let payload = world.done(Facilitator, "actionCreate", input, "action { id }").await;
    let id = payload["action"]["id"].as_str().expect("an id").to_owned();
    world.done(Leader, "actionAccept", json!({ "id": id }), "").await;
    let later = json!({ "id": id, "dueOn": "2026-03-27", "reason": "The bank is closed" });
    world.done(Leader, "actionRedate", later, "").await;
    world.done(Leader, "actionComplete", json!({ "id": id }), "").await;
    id
}

async fn events(behind: &DatabaseConnection) -> Vec<audit_event::Model> {
    let all = audit_event::Entity::find().order_by_asc(audit_event::Column::Sequence).all(behind).await;
    all.expect("the events")
}

fn parsed(part: &Option<String>) -> Value {
    part.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

fn names(part: &Option<String>) -> BTreeSet<String> {
    parsed(part).as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

scenario! {
    async fn an_event_names_its_subject_and_is_found_by_it(world: World) {
        let id = worked(&world).await;
        let (_, facilitator, _) = world.cast.person(Facilitator);
        let document = "query($filter: AuditEventFilter) { auditEvents(filter: $filter, first: 100) { nodes {
            verb noun subjectId person { id } subject { __typename id ... on Action { title status } } } } }";
        let ask = async |who, filter: Value| {
            let page = world.read(who, document, json!({ "filter": filter })).await;
            page["auditEvents"]["nodes"].as_array().expect("events").clone()
        };
        let events = ask(Facilitator, json!({ "subjectId": { "eq": id } })).await;
        let verbs: BTreeSet<&str> = events.iter().filter_map(|event| event["verb"].as_str()).collect();
        assert_eq!(verbs, BTreeSet::from(["ACTION_CREATE", "ACTION_ACCEPT", "ACTION_REDATE", "ACTION_COMPLETE"]));
        for event in &events {
            assert_eq!((&event["noun"], &event["subjectId"]), (&json!("ACTION"), &json!(id)));
            let subject = &event["subject"];
            assert_eq!((&subject["__typename"], &subject["id"], &subject["status"]), (&json!("Action"), &json!(id), &json!("DONE")));
        }
        let all = ask(Facilitator, json!({})).await;
        for (filter, fits) in [
            (json!({ "verb": { "eq": "ACTION_COMPLETE" } }), "verb"),
            (json!({ "verb": { "in": ["ACTION_COMPLETE", "ACTION_REDATE"] } }), "verb"),
            (json!({ "noun": { "eq": "ACTION_MOVE" } }), "noun"),
            (json!({ "noun": { "in": ["ACTION_MOVE", "ACTION"] } }), "noun"),
            (json!({ "subjectId": { "in": [id, world.cast.client] } }), "subjectId"),
        ] {
            let (field, test) = filter.as_object().and_then(|all| all.iter().next()).expect("a test");
            let wanted: Vec<&Value> = test.as_object().expect("tests").values().flat_map(|value| match value {
                Value::Array(items) => items.iter().collect(),
                one => vec![one],
            }).collect();
            let expected = all.iter().filter(|event| wanted.contains(&&event[field])).count();
            assert!(expected > 0, "{filter}");
            assert_eq!(ask(Facilitator, filter.clone()).await.len(), expected, "{fits}: {filter}");
            let others = ask(Facilitator, json!({ "not": filter })).await.len();
            assert_eq!(others, all.len() - expected, "not {filter}");
        }
        let theirs = ask(Facilitator, json!({ "personId": { "eq": facilitator } })).await;
        assert!(!theirs.is_empty() && theirs.len() < all.len());
        assert!(theirs.iter().all(|event| event["person"]["id"] == facilitator.to_string()));
        // only what the caller may read is shown, and asking for ids alone takes no statement more
        let move_ = all.iter().find(|event| event["noun"] == "ACTION_MOVE").expect("a move");
        assert_eq!(move_["subject"]["__typename"], "ActionMove");
        let before = world.app.kernel.statements();
        world.read(Facilitator, "{ auditEvents { nodes { subject { __typename id } } } }", json!({})).await;
        assert_eq!(world.app.kernel.statements() - before, 1);
        let before = world.app.kernel.statements();
        ask(Facilitator, json!({})).await;
        assert_eq!(world.app.kernel.statements() - before, 2, "one for each type that more is asked of");
        // head office reads that a client was changed, and not what is decided there
        world.done(Owner, "clientUpdate", json!({ "id": world.cast.client, "name": "Acorn Works" }), "").await;
        let seen = ask(Admin, json!({ "subjectId": { "eq": world.cast.client } })).await;
        assert_eq!(seen.first().map(|event| &event["subject"]["__typename"]), Some(&json!("Client")));
        assert_eq!(ask(Admin, json!({ "subjectId": { "eq": id } })).await, Vec::<Value>::new());
    }
}

scenario! {
    async fn an_update_that_changes_nothing_writes_nothing(world: World) {
        let behind = world.home.behind().await;
        let id = worked(&world).await;
        let obstacle = json!({ "teamId": world.cast.team, "title": "No time", "detail": "None", "severity": "HIGH" });
        let made = world.done(Leader, "obstacleRaise", obstacle, "obstacle { id }").await;
        let obstacle = made["obstacle"]["id"].clone();
        let before = events(&behind).await.len();
        for (who, mutation, input, asked) in [
            (Leader, "obstacleUpdate", json!({ "id": obstacle, "title": "No time", "detail": "None", "severity": "HIGH" }), "obstacle { version }"),
            (Leader, "obstacleUpdate", json!({ "id": obstacle, "title": " No time " }), "obstacle { version }"),
            (Owner, "clientUpdate", json!({ "id": world.cast.client, "name": "Acorn Mills" }), "client { version }"),
            (Facilitator, "teamUpdate", json!({ "id": world.cast.team }), "team { version }"),
        ] {
            let payload = world.done(who, mutation, input, asked).await;
            let version = payload.as_object().and_then(|all| all.values().next()).map(|object| object["version"].clone());
            assert_eq!(version, Some(json!(1)), "{mutation}");
        }
        assert_eq!(events(&behind).await.len(), before);
        let change = json!({ "id": obstacle, "title": "Too little time", "expectedVersion": 1 });
        let payload = world.done(Leader, "obstacleUpdate", change, "obstacle { version }").await;
        assert_eq!(payload["obstacle"]["version"], 2);
        assert!(events(&behind).await.len() > before, "{id}");
    }
}
