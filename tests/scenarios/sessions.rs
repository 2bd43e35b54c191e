//! Sessions: their agendas and what is carried on, what is kept of them, and those that nobody held.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use concord::jobs;
use serde_json::{Value, json};

const AGENDA: &str = "query($id: ID!) { session(id: $id) { status version agenda {
    id position title minutes status outcome owner { name } carriedTo { session { id } } carriedFrom { session { id } } } } }";

scenario! {
    async fn an_agenda_is_ordered_and_worked_through(world: World) {
        let cast = &world.cast;
        let agenda = json!([
            { "title": "Figures", "minutes": 20, "ownerId": cast.leader.to_string() },
            { "title": "Hiring", "minutes": 30 },
        ]);
        let session = schedule(&world, "2026-03-03T09:00:00Z", agenda).await;
        let added = json!({ "sessionId": session, "title": "Prices", "minutes": 15, "ownerId": cast.quiet.to_string() });
        let added = world.done(Leader, "agendaItemAdd", added, "agendaItem { id position status }").await;
        assert_eq!((&added["agendaItem"]["position"], &added["agendaItem"]["status"]), (&json!(3), &json!("OPEN")));
        let prices = added["agendaItem"]["id"].clone();
        let moved = json!({ "id": prices, "position": 1 });
        world.done(Facilitator, "agendaItemMove", moved, "").await;
        assert_eq!(titles(&agenda_of(&world, &session).await), ["1 Prices OPEN", "2 Figures OPEN", "3 Hiring OPEN"]);
        let items = agenda_of(&world, &session).await;
        let early = world.refused(Facilitator, "agendaItemComplete", json!({ "id": prices, "outcome": "Up" })).await;
        assert_eq!(early, ("WRONG_STATE".into(), "input.id".into()));
        world.at("2026-03-03T09:00:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
        let done = json!({ "id": prices, "outcome": "Up by 3 %", "expectedVersion": items[0]["version"] });
        world.done(Facilitator, "agendaItemComplete", done, "agendaItem { status outcome closedAt }").await;
        world.done(Facilitator, "agendaItemDrop", json!({ "id": items[1]["id"], "outcome": "No time" }), "").await;
        assert_eq!(titles(&agenda_of(&world, &session).await), ["1 Prices DONE", "2 Figures DROPPED", "3 Hiring OPEN"]);
        for (mutation, input, code, path) in [
            ("agendaItemComplete", json!({ "id": prices, "outcome": "Again" }), "WRONG_STATE", "input.id"),
            ("agendaItemUpdate", json!({ "id": prices, "title": "Costs" }), "WRONG_STATE", "input.id"),
            ("agendaItemMove", json!({ "id": prices, "position": 4 }), "INVALID", "input.position"),
            ("agendaItemUpdate", json!({ "id": items[2]["id"], "ownerId": cast.other_member.to_string() }), "OWNER_NOT_ELIGIBLE", "input.ownerId"),
            ("agendaItemUpdate", json!({ "id": items[2]["id"], "minutes": 0 }), "INVALID", "input.minutes"),
            ("agendaItemUpdate", json!({ "id": items[2]["id"], "minutes": 10, "expectedVersion": 99 }), "CONFLICT", "input.expectedVersion"),
        ] {
            assert_eq!(world.refused(Facilitator, mutation, input).await, (code.into(), path.into()), "{mutation}");
        }
        // all faults of an agenda are named at once
        let wrong = json!([{ "title": "", "minutes": 0 }, { "title": "Fine", "minutes": 5, "ownerId": "nobody" }]);
        let input = wanted(&world, "2026-03-05T09:00:00Z", wrong);
        let refused = world.change(Facilitator, "sessionSchedule", input, "").await;
        let paths: Vec<String> = refused["errors"].as_array().expect("errors").iter().map(|error| path(&error["path"])).collect();
        for fault in ["input.agenda.0.title", "input.agenda.0.minutes", "input.agenda.1.ownerId"] {
            assert!(paths.iter().any(|path| path == fault), "{fault} in {paths:?}");
        }
    }
}

scenario! {
    async fn an_instant_is_kept_to_the_millisecond(world: World) {
        let session = schedule(&world, "2026-03-03T10:00:00.123987654+01:00", json!([])).await;
        let read = world.read(Facilitator, "query($id: ID!) { session(id: $id) { startsAt } }", json!({ "id": session })).await;
        assert_eq!(read["session"]["startsAt"], "2026-03-03T09:00:00.123Z");
        // what is audited is what is kept
        let audited = "{ auditEvents(first: 1, filter: { verb: { eq: SESSION_SCHEDULE } }) { nodes { after } } }";
        let audited = world.read(Facilitator, audited, json!({})).await.to_string();
        assert!(audited.contains("2026-03-03T09:00:00.123Z"), "{audited}");
    }
}

scenario! {
    async fn what_is_left_open_goes_on_in_the_next_session(world: World) {
        let first = schedule(&world, "2026-03-03T09:00:00Z", items(&["Figures", "Hiring"])).await;
        let second = schedule(&world, "2026-03-10T09:00:00Z", items(&["Prices"])).await;
        let third = schedule(&world, "2026-03-17T09:00:00Z", json!([])).await;
        world.at("2026-03-03T09:00:00Z");
        hold(&world, &first, &[0]).await;
        let left = agenda_of(&world, &first).await;
        assert_eq!(titles(&left), ["1 Figures DONE", "2 Hiring CARRIED"]);
        assert_eq!(left[1]["carriedTo"]["session"]["id"], second);
        let taken = agenda_of(&world, &second).await;
        assert_eq!(titles(&taken), ["1 Prices OPEN", "2 Hiring OPEN"]);
        assert_eq!(taken[1]["carriedFrom"]["session"]["id"], first);
        // one that is called off hands on what it has, what it took over included
        world.done(Facilitator, "sessionCancel", json!({ "id": second, "reason": "Snow" }), "").await;
        assert_eq!(titles(&agenda_of(&world, &second).await), ["1 Prices CARRIED", "2 Hiring CARRIED"]);
        assert_eq!(titles(&agenda_of(&world, &third).await), ["1 Prices OPEN", "2 Hiring OPEN"]);
        // and without a session in the diary it waits for one
        world.at("2026-03-17T09:00:00Z");
        hold(&world, &third, &[]).await;
        assert_eq!(waiting(&world).await, ["Prices", "Hiring"]);
        let fourth = schedule(&world, "2026-03-24T09:00:00Z", items(&["Results"])).await;
        assert_eq!(titles(&agenda_of(&world, &fourth).await), ["1 Prices OPEN", "2 Hiring OPEN", "3 Results OPEN"]);
        assert_eq!(waiting(&world).await, Vec::<String>::new());
    }
}

scenario! {
    async fn what_is_carried_keeps_its_order(world: World) {
        let first = schedule(&world, "2026-03-03T09:00:00Z", items(&["Figures", "Hiring", "Prices"])).await;
        let last = agenda_of(&world, &first).await[2]["id"].clone();
        world.done(Facilitator, "agendaItemMove", json!({ "id": last, "position": 1 }), "").await;
        world.done(Facilitator, "sessionCancel", json!({ "id": first, "reason": "Snow" }), "").await;
        assert_eq!(waiting(&world).await, ["Prices", "Figures", "Hiring"]);
        let next = schedule(&world, "2026-03-10T09:00:00Z", json!([])).await;
        assert_eq!(titles(&agenda_of(&world, &next).await), ["1 Prices OPEN", "2 Figures OPEN", "3 Hiring OPEN"]);
    }
}

scenario! {
    async fn two_sessions_closed_at_once_carry_each_item_once(world: World) {
        let first = schedule(&world, "2026-03-03T09:00:00Z", items(&["One", "Two"])).await;
        let second = schedule(&world, "2026-03-03T11:00:00Z", items(&["Three", "Four"])).await;
        let next = schedule(&world, "2026-03-10T09:00:00Z", json!([])).await;
        world.at("2026-03-03T11:00:00Z");
        for session in [&first, &second] {
            world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
        }
        let close = |session: &Value| json!({ "id": session, "summary": "Over" });
        let (one, other) = futures::join!(
            world.done(Facilitator, "sessionClose", close(&first), ""),
            world.done(Owner, "sessionClose", close(&second), ""),
        );
        assert_eq!((&one["errors"], &other["errors"]), (&json!([]), &json!([])));
        let agenda = agenda_of(&world, &next).await;
        let mut found: Vec<&str> = agenda.as_array().expect("items").iter().filter_map(|item| item["title"].as_str()).collect();
        let places: Vec<i64> = agenda.as_array().expect("items").iter().filter_map(|item| item["position"].as_i64()).collect();
        found.sort_unstable();
        assert_eq!((found, places), (vec!["Four", "One", "Three", "Two"], vec![1, 2, 3, 4]));
    }
}

scenario! {
    async fn a_held_session_keeps_its_recap(world: World) {
        let cast = &world.cast;
        let session = schedule(&world, "2026-03-03T09:00:00Z", items(&["Figures", "Hiring"])).await;
        world.at("2026-03-03T09:00:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
        world.at("2026-03-03T10:00:00Z");
        let priority = json!({
            "teamId": cast.team.to_string(), "ownerId": cast.sponsor.to_string(), "title": "Win two customers", "outcome": "Two contracts",
        });
        world.quarter("2026-Q1").await;
        let priority = world.done(Facilitator, "priorityCreate", priority, "priority { id }").await["priority"]["id"].clone();
        let promise = |title: &str| json!({
            "teamId": cast.team.to_string(), "ownerId": cast.leader.to_string(), "title": title, "dueOn": "2026-03-20",
            "priorityId": priority, "sessionId": session,
        });
        world.done(Facilitator, "actionCreate", promise("Call the largest one"), "").await;
        let decision = json!({ "teamId": cast.team.to_string(), "sessionId": session, "title": "Three markets", "text": "We leave *four*", "options": ["Stay", "Leave"] });
        world.done(Facilitator, "decisionPropose", decision, "").await;
        let attendance = [(&cast.leader, "PRESENT"), (&cast.sponsor, "PRESENT"), (&cast.quiet, "EXCUSED")]
            .map(|(member, status)| json!({ "memberId": member.to_string(), "status": status }));
        let close = json!({ "id": session, "summary": "We agreed.\nAlmost.", "attendance": attendance });
        let what = "session { status membersPresent membersActive quorate startedAt recap { id record markdown createdAt } }";
        let closed = world.done(Facilitator, "sessionClose", close, what).await["session"].clone();
        assert_eq!((&closed["membersPresent"], &closed["membersActive"], &closed["quorate"]), (&json!(2), &json!(3), &json!(true)));
        assert_eq!(closed["startedAt"], "2026-03-03T09:00:00Z");
        let minutes = &closed["recap"]["record"];
        assert_eq!(minutes["summary"], "We agreed.\nAlmost.");
        assert_eq!(minutes["quorum"], json!({ "present": 2, "active": 3, "reached": true }));
        let names: Vec<&Value> = minutes["attendance"].as_array().expect("a list").iter().map(|one| &one["status"]).collect();
        assert_eq!(names.len(), 3);
        assert_eq!((&minutes["agenda"][0]["title"], &minutes["agenda"][1]["status"]), (&json!("Figures"), &json!("CARRIED")));
        assert_eq!((&minutes["priorities"][0]["title"], &minutes["actions"][0]["title"]), (&json!("Win two customers"), &json!("Call the largest one")));
        assert_eq!((&minutes["decisions"][0]["title"], &minutes["decisions"][0]["status"]), (&json!("Three markets"), &json!("PROPOSED")));
        assert_eq!(minutes["session"]["closedAt"], "2026-03-03T10:00:00Z");
        let markdown = closed["recap"]["markdown"].as_str().expect("a page");
        for line in ["# Review\n", "2 of 3 participants present: quorum reached.", "- Lena Leader", "1. Figures (10 min): carried to the next session", "- Three markets (proposed)\\\n  We leave \\*four\\*", "- Call the largest one (offered, Lena Leader, due 20 March 2026)"] {
            assert!(markdown.contains(line), "{line} in\n{markdown}");
        }
        // what happens afterwards is not in it, and nothing of it can be changed
        world.done(Facilitator, "actionCreate", promise("Write to the others"), "").await;
        let member = json!({ "id": cast.leader.to_string(), "name": "Lena Later" });
        world.done(Facilitator, "memberUpdate", member, "").await;
        let again = world.read(Leader, "query($id: ID!) { session(id: $id) { recap { id record markdown createdAt } } }", json!({ "id": session })).await;
        assert_eq!(again["session"]["recap"], closed["recap"]);
        let item = agenda_of(&world, &session).await[0]["id"].clone();
        for (mutation, input) in [
            ("agendaItemUpdate", json!({ "id": item, "title": "Other" })),
            ("agendaItemMove", json!({ "id": item, "position": 2 })),
            ("agendaItemAdd", json!({ "sessionId": session, "title": "More", "minutes": 5 })),
            ("sessionAttend", json!({ "id": session, "attendance": attendance })),
            ("sessionClose", json!({ "id": session, "summary": "Another" })),
        ] {
            assert_eq!(world.refused(Facilitator, mutation, input).await.0, "WRONG_STATE", "{mutation}");
        }
        let unseen = world.read(Admin, "query($id: ID!, $recap: ID!) { session(id: $id) { id } node(id: $recap) { id } }", json!({ "id": session, "recap": closed["recap"]["id"] })).await;
        assert_eq!(unseen, json!({ "session": null, "node": null }), "head office sees no minutes");
    }
}

scenario! {
    async fn half_a_team_is_a_quorum_and_less_is_none(world: World) {
        for (day, present, quorate) in [("03", vec![&world.cast.leader], false), ("10", vec![&world.cast.leader, &world.cast.sponsor], true)] {
            let at = format!("2026-03-{day}T09:00:00Z");
            let session = schedule(&world, &at, json!([])).await;
            world.at(&at);
            world.done(Facilitator, "sessionStart", json!({ "id": session }), "session { quorate }").await;
            let present: Vec<Value> = present.iter().map(|member| json!({ "memberId": member.to_string(), "status": "PRESENT" })).collect();
            let close = json!({ "id": session, "summary": "Over", "attendance": present });
            let closed = world.done(Facilitator, "sessionClose", close, "session { quorate }").await;
            assert_eq!(closed["session"]["quorate"], quorate, "{present:?}");
        }
    }
}

scenario! {
    async fn what_nobody_held_is_missed_by_the_clock(world: World) {
        // each lasts an hour
        let missed = schedule(&world, "2026-03-03T09:00:00Z", items(&["Figures"])).await;
        let moved = schedule(&world, "2026-03-03T09:00:00Z", json!([])).await;
        let started = schedule(&world, "2026-03-03T09:00:00Z", json!([])).await;
        let status = async |session: &Value| {
            let found = world.read(Facilitator, "query($id: ID!) { session(id: $id) { status closedAt } }", json!({ "id": session })).await;
            found["session"].clone()
        };
        world.at("2026-03-04T09:45:00Z");
        jobs::run_due_turns(&world.app).await.expect("a look");
        assert_eq!(status(&missed).await["status"], "SCHEDULED", "it can still be started");
        world.done(Facilitator, "sessionStart", json!({ "id": started }), "").await;
        world.done(Facilitator, "sessionUpdate", json!({ "id": moved, "startsAt": "2026-03-05T09:00:00Z" }), "").await;
        world.at("2026-03-04T10:00:00Z");
        let (one, other) = futures::join!(jobs::run_due_turns(&world.app), jobs::run_due_turns(&world.app));
        one.and(other).expect("both look, and one of them ends it");
        assert_eq!(status(&missed).await, json!({ "status": "MISSED", "closedAt": "2026-03-04T10:00:00Z" }));
        assert_eq!(status(&moved).await["status"], "SCHEDULED");
        assert_eq!(status(&started).await["status"], "IN_PROGRESS");
        assert_eq!(titles(&agenda_of(&world, &moved).await), ["1 Figures OPEN"], "it goes on in the next session");
        for mutation in ["sessionStart", "sessionUpdate"] {
            assert_eq!(world.refused(Facilitator, mutation, json!({ "id": missed })).await.0, "WRONG_STATE", "{mutation}");
        }
        let events = "{ auditEvents(filter: { verb: { eq: SESSION_MISS }, noun: { eq: SESSION } }) { nodes { person { name } subjectId after } } }";
        let events = world.read(Facilitator, events, json!({})).await["auditEvents"]["nodes"].clone();
        // the session that the item went to has another version now
        let events: Vec<&Value> = events.as_array().expect("events").iter().filter(|event| event["subjectId"] == missed).collect();
        assert_eq!(events.len(), 1, "it is told once: {events:?}");
        assert_eq!((&events[0]["person"], &events[0]["after"]["status"]), (&Value::Null, &json!("MISSED")));
        // and a second look changes nothing
        jobs::run_due_turns(&world.app).await.expect("a look");
        assert_eq!(titles(&agenda_of(&world, &moved).await), ["1 Figures OPEN"]);
    }
}

scenario! {
    async fn who_leaves_leads_no_items_to_come(world: World) {
        let cast = &world.cast;
        let led = json!([{ "title": "Figures", "minutes": 20, "ownerId": cast.quiet.to_string() }]);
        let session = schedule(&world, "2026-03-03T09:00:00Z", led).await;
        assert_eq!(agenda_of(&world, &session).await[0]["owner"]["name"], "Quentin Quiet");
        world.done(Facilitator, "memberRemove", json!({ "id": cast.quiet.to_string() }), "").await;
        assert_eq!(agenda_of(&world, &session).await[0]["owner"], Value::Null);
    }
}

/// Items of ten minutes each.
fn items(titles: &[&str]) -> Value {
    titles.iter().map(|title| json!({ "title": title, "minutes": 10 })).collect()
}

fn wanted(world: &World, at: &str, agenda: Value) -> Value {
    json!({
        "teamId": world.cast.team.to_string(), "kind": "REVIEW", "title": "Review", "place": "Room 1",
        "startsAt": at, "minutes": 60, "agenda": agenda,
    })
}

async fn schedule(world: &World, at: &str, agenda: Value) -> Value {
    let input = wanted(world, at, agenda);
    world.done(Facilitator, "sessionSchedule", input, "session { id }").await["session"]["id"].clone()
}

/// Starts a session, completes the items at these places and closes it.
async fn hold(world: &World, session: &Value, done: &[usize]) {
    world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
    let agenda = agenda_of(world, session).await;
    for place in done {
        let outcome = json!({ "id": agenda[place]["id"], "outcome": "Agreed" });
        world.done(Facilitator, "agendaItemComplete", outcome, "").await;
    }
    world.done(Facilitator, "sessionClose", json!({ "id": session, "summary": "Over" }), "").await;
}

async fn agenda_of(world: &World, session: &Value) -> Value {
    world.read(Leader, AGENDA, json!({ "id": session })).await["session"]["agenda"].clone()
}

/// Each item's place, title and status.
fn titles(agenda: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = agenda.as_array().into_iter().flatten();
    items
        .map(|item| format!("{} {} {}", item["position"], text(&item["title"]), text(&item["status"])))
        .collect()
}

/// What waits for the team's next session.
async fn waiting(world: &World) -> Vec<String> {
    let document = "query($id: ID!) { team(id: $id) { waitingAgenda { nodes { title } } } }";
    let found = world.read(Leader, document, json!({ "id": world.cast.team.to_string() })).await;
    let nodes = found["team"]["waitingAgenda"]["nodes"].as_array().cloned().unwrap_or_default();
    nodes.iter().filter_map(|node| node["title"].as_str()).map(str::to_owned).collect()
}

fn path(path: &Value) -> String {
    let parts: Vec<&str> = path.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    parts.join(".")
}

const VERSION: &str = "query($id: ID!) { session(id: $id) { version upcoming past } }";

scenario! {
    async fn a_sessions_version_counts_its_agenda_and_attendance(world: World) {
        let cast = &world.cast;
        let id = schedule(&world, "2026-03-02T10:00:00Z", json!([{ "title": "Figures", "minutes": 20 }, { "title": "Hiring", "minutes": 30 }])).await;
        let version = async || world.read(Facilitator, VERSION, json!({ "id": id })).await["session"]["version"].as_i64().expect("a version");
        let mut last = version().await;
        let items = agenda_of(&world, &id).await;
        let start = json!({ "id": id });
        let attend = |status: &str| json!({ "id": id, "attendance": [{ "memberId": cast.leader, "status": status }] });
        for (who, mutation, input, counts) in [
            (Leader, "agendaItemAdd", json!({ "sessionId": id, "title": "Prices", "minutes": 5 }), true),
            (Facilitator, "agendaItemUpdate", json!({ "id": items[0]["id"], "title": "Numbers" }), true),
            (Facilitator, "agendaItemUpdate", json!({ "id": items[0]["id"], "title": "Numbers" }), false),
            (Facilitator, "agendaItemMove", json!({ "id": items[0]["id"], "position": 3 }), true),
            (Facilitator, "agendaItemMove", json!({ "id": items[0]["id"], "position": 3 }), false),
            (Facilitator, "sessionStart", start, true),
            (Facilitator, "agendaItemComplete", json!({ "id": items[0]["id"], "outcome": "Good" }), true),
            (Facilitator, "agendaItemDrop", json!({ "id": items[1]["id"], "outcome": "No time" }), true),
            (Facilitator, "sessionAttend", attend("PRESENT"), true),
            (Facilitator, "sessionAttend", attend("PRESENT"), false),
            (Facilitator, "sessionAttend", attend("ABSENT"), true),
            (Leader, "decisionPropose", json!({ "teamId": cast.team, "sessionId": id, "title": "Raise prices", "text": "By 3 %" }), false),
            (Leader, "actionCreate", json!({ "teamId": cast.team, "ownerId": cast.leader, "sessionId": id, "title": "Write to customers", "dueOn": "2026-04-01" }), false),
        ] {
            world.done(who, mutation, input.clone(), "").await;
            let now = version().await;
            assert_eq!(now - last, i64::from(counts), "{mutation} {input}");
            last = now;
        }
        let stale = json!({ "id": id, "attendance": [{ "memberId": cast.leader, "status": "PRESENT" }], "expectedVersion": last - 1 });
        assert_eq!(world.refused(Facilitator, "sessionAttend", stale).await.0, "CONFLICT");
    }
}

scenario! {
    async fn sessions_are_upcoming_or_past(world: World) {
        let id = schedule(&world, "2026-03-03T09:00:00Z", json!([])).await;
        let list = "query($id: ID!, $filter: SessionFilter) { team(id: $id) { sessions(filter: $filter) { nodes { id upcoming past } } } }";
        let check = async |upcoming: bool, when: &str| {
            for (filter, found) in [
                (json!({ "upcoming": { "eq": true } }), upcoming),
                (json!({ "past": { "eq": true } }), !upcoming),
                (json!({ "not": { "past": { "eq": true } } }), upcoming),
            ] {
                let page = world.read(Facilitator, list, json!({ "id": world.cast.team, "filter": filter })).await;
                let nodes = page["team"]["sessions"]["nodes"].clone();
                let expected = if found { json!([{ "id": id, "upcoming": upcoming, "past": !upcoming }]) } else { json!([]) };
                assert_eq!(nodes, expected, "{when}: {filter}");
            }
        };
        check(true, "ahead").await;
        world.at("2026-03-03T09:10:00Z");
        check(true, "a little late").await;
        world.at("2026-03-04T09:30:00Z");
        check(true, "more than a day late, and it can still be started").await;
        world.done(Facilitator, "sessionStart", json!({ "id": id }), "").await;
        world.at("2026-03-05T09:10:00Z");
        check(true, "under way").await;
        world.done(Facilitator, "sessionClose", json!({ "id": id, "summary": "All agreed" }), "").await;
        check(false, "held").await;
    }
}
