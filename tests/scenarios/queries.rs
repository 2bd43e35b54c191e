//! Reads: how many statements they take, whatever the number of rows; pages that hold up while rows come and go;
//! filters, orders and directives; and answers in the shape and order that GraphQL asks for.

use crate::{
    kit::{Answered, Backend, Persona::*, World, pools},
    scenario,
};
use concord::{
    gate,
    kernel::{
        RequestInfo,
        db::Pools,
        read::{Dialect, plan::PlannedDocument},
    },
    seed::{Plan, seed},
};
use entity::{Id, membership::MembershipRole, person};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

const PORTFOLIO: &str = "query($first: Int) { viewer { portfolio(first: $first) { nodes {
    id name risk currentStage { id title status }
    progress { actionsOverdue actionsOpen actionsDone }
    nextSession { id startsAt }
    topPriorities(first: 3) { nodes { id title owner { id name } } } } } } }";
const BOARD: &str = "query($id: ID!) { client(id: $id) { id name programme { id name status stages { id title status
    priorities { id title status owner { id name } actions { id title status dueOn owner { id name } } } } } } }";
const SESSIONS: &str =
    "query($id: ID!) { client(id: $id) { sessions(first: 20) { nodes { id title startsAt status quorate
    agenda { id position title status outcome owner { name } carriedTo { id } }
    attendance { status member { name } } actions(first: 20) { nodes { title dueOn owner { name } } }
    recap { markdown record } } } } }";
const CLIENT: &str = "query($id: ID!) { client(id: $id) { id name status version } }";
const VIEWER: &str = "{ viewer { person { name email } network { name } permissions
    memberships { nodes { role franchise { name } client { name } } } } }";
const NODES: &str =
    "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Client { name } ... on Team { name } } }";
const TRACE: &str = "query($id: ID!) { client(id: $id) { obstacles(first: 5) { nodes { id title daysAvoided
    decisions(first: 5) { nodes { id title session { id title } priorities(first: 5) { nodes { id title
    actions { id title } } } } } } } } }";
const BACK: &str = "query($id: ID!) { client(id: $id) { actions(first: 5) { nodes { id title obstacle { id }
    priority { id title decision { id title obstacle { id title session { id } } session { id title } } } } } } }";
const DECIDED: &str = "query($id: ID!) { client(id: $id) { decisions(first: 5) { nodes { id title status
    options { text chosen } finalStances { stance member { name } } myStance { stance } supersededBy { id } } } } }";
const TIMELINE: &str = "query($id: ID!) { client(id: $id) { timeline(first: 20) { nodes { kind at title note
    action { id title } decision { id title } session { id title } team { id name } } } } }";
const COUNTED: &str = "query($id: ID!) { client(id: $id) { actions(first: 50) { totalCount
    pageInfo { hasNextPage endCursor } edges { cursor node { id title owner { name } } } } } }";

const WORK: &str = "{ viewer { myWork(first: 5) { nodes { kind title dueOn overdue action { id } priority { id }
    decision { id } strategyVersion { id } alignmentRound { id } cycle { id } driftSignal { id } client { name } team { name } } } } }";
const WORKBENCH: &str = "{ actions(first: 5, filter: { client: { progress: { actionsOpen: { gte: 0 } } }, owner: { name: { contains: \"e\" } } }) {
    totalCount nodes { title client { name } owner { name } } } sessions(first: 5) { nodes { title team { name } } }
    priorities(first: 5) { nodes { title } } decisions(first: 5) { nodes { title } } obstacles(first: 5) { nodes { title } }
    reviews(first: 5) { nodes { dueOn } } alignmentRounds(first: 5) { nodes { title } } driftSignals(first: 5) { nodes { cause } } }";
const CALENDAR: &str = "{ viewer { sessions(from: \"2025-01-01T00:00:00Z\", first: 20) { nodes { title startsAt client { name } } } } }";
const SORTED: &str = "{ viewer { portfolio(first: 5, filter: { progress: { actionsOpen: { gte: 0 } } },
    orderBy: [{ field: LEAD_NAME }, { field: ACTIONS_OVERDUE, direction: DESC }]) {
    nodes { name leadName programmeStatus stagePosition nextSessionStartsAt lastSessionStartsAt actionsOverdue driftSignalsOpen } } } }";

const DASHBOARD: &str = "{ viewer { network { dashboard { totals { clients { active archived } actions { open overdue done } }
    places { regionCode stageTitle clientCount actionsOpen } templates { templateName pacePercent } months { month stagesPassed }
    facilitators(first: 3) { totalCount nodes { name actionsOpen } } } } } }";

scenario! {
    async fn a_document_about_one_client_reaches_no_other(world: World) {
        let seeded = Seeded::new(&world, 2).await;
        let other = "{ viewer { portfolio(first: 2) { nodes { id name } } } }";
        let franchise = "query($id: ID!) { client(id: $id) { name franchise { name } } }";
        let risk = "query($id: ID!) { client(id: $id) { risk progress { actionsOpen } teams { name } } }";
        let cursors = "query($id: ID!) { client(id: $id) { name } clients(first: 1) { edges { cursor } } }";
        let page = "query($id: ID!) { client(id: $id) { name } clients(first: 1) { pageInfo { hasNextPage endCursor } } }";
        for (document, about_one) in [
            (BOARD, true),
            (CLIENT, true),
            (COUNTED, true),
            (risk, true),
            (franchise, false),
            (NODES, false),
            (PORTFOLIO, false),
            (other, false),
            (cursors, false),
            (page, false),
        ] {
            let answered = seeded.ask(&world, document).await;
            assert!(answered.json.get("errors").is_none(), "{}", answered.text);
            let plan = seeded.plan(&world, document).await;
            assert_eq!(plan.query.client.is_some(), about_one, "{document}");
        }
        let beside = seeded.ask(&world, page).await.json["data"]["clients"]["pageInfo"].clone();
        let alone = seeded.ask(&world, "{ clients(first: 1) { pageInfo { hasNextPage endCursor } } }").await;
        assert_eq!(beside, alone.json["data"]["clients"]["pageInfo"], "a page is the same beside a client");
        assert_eq!(beside["hasNextPage"], true);
    }
}

scenario! {
    async fn the_number_of_statements_does_not_depend_on_the_number_of_rows(world: World) {
        let small = World::new(world.backend).await;
        let few = Seeded::new(&small, 1).await;
        let many = Seeded::new(&world, 30).await;
        let mut wrong = vec![];
        // name, document, statements, levels: a change here is a change of what a read costs
        for (name, document, statements, levels) in [
            ("portfolio", PORTFOLIO, 4, 2),
            ("board", BOARD, 6, 1),
            ("sessions", SESSIONS, 6, 2),
            ("client", CLIENT, 1, 1),
            ("viewer", VIEWER, 3, 1),
            ("nodes", NODES, 2, 1),
            ("counted", COUNTED, 3, 1),
            ("trace", TRACE, 5, 4),
            ("trace back", BACK, 2, 1),
            ("decided", DECIDED, 6, 2),
            ("timeline", TIMELINE, 2, 1),
            ("dashboard", DASHBOARD, 8, 2),
            ("work", WORK, 1, 1),
            ("workbench", WORKBENCH, 9, 1),
            ("calendar", CALENDAR, 1, 1),
            ("sorted portfolio", SORTED, 1, 1),
        ] {
            let mut sizes = vec![];
            for (world, seeded) in [(&small, &few), (&world, &many)] {
                let seeded = if name == "dashboard" { &seeded.at_head_office() } else { seeded };
                let before = world.app.kernel.statements();
                let answered = seeded.ask(world, document).await;
                let sent = world.app.kernel.statements() - before;
                assert_eq!(answered.json.get("errors"), None, "{name}: {}", answered.text);
                let plan = seeded.plan(world, document).await;
                let planned = (plan.query.statements.len() as u64, plan.query.levels);
                if (sent, planned) != (statements, (statements, levels)) {
                    wrong.push(format!("{name}: {sent} sent, {planned:?} planned"));
                }
                sizes.push(answered.text.len());
            }
            assert!(name != "portfolio" || sizes[1] > 10 * sizes[0], "there are many more rows: {sizes:?}");
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

scenario! {
    async fn pages_give_each_row_once_while_rows_come(world: World) {
        let mut there = BTreeSet::new();
        for number in 0..60 {
            // four days, so that most rows tie
            there.insert(offered(&world, &format!("Row {number:02}"), &format!("2026-04-0{}", 1 + number % 4)).await);
        }
        for order in ["", "orderBy: [{ field: DUE_ON, direction: DESC }], ", "orderBy: [{ field: STATUS }, { field: TITLE }], "] {
            for (size, after, start, more) in
                [("first", "after", "endCursor", "hasNextPage"), ("last", "before", "startCursor", "hasPreviousPage")]
            {
                let document = format!(
                    "query($id: ID!, $at: String) {{ team(id: $id) {{ actions({order}{size}: 7, {after}: $at) {{
                        nodes {{ id }} pageInfo {{ {start} {more} }} }} }} }}"
                );
                let (mut seen, mut at, mut pages) = (vec![], Value::Null, 0);
                loop {
                    let page = actions(&world, &document, json!({ "at": at })).await;
                    let mut ids = ids(&page["nodes"]);
                    if size == "last" {
                        ids.reverse();
                    }
                    seen.extend(ids);
                    pages += 1;
                    assert!(pages < 40, "the pages end");
                    if page["pageInfo"][more] == false {
                        break;
                    }
                    at = page["pageInfo"][start].clone();
                    offered(&world, &format!("Between {order}{size} {pages}").replace(['"', '{'], ""), "2026-04-02").await;
                }
                let once: BTreeSet<String> = seen.iter().cloned().collect();
                assert_eq!(once.len(), seen.len(), "a row came twice, {order}{size}");
                assert!(once.is_superset(&there), "a row is missing, {order}{size}");
            }
        }
    }
}

scenario! {
    async fn pages_know_where_they_are(world: World) {
        for number in 0..5 {
            offered(&world, &format!("Row {number}"), "2026-04-01").await;
        }
        let document = "query($id: ID!, $first: Int, $last: Int, $after: String, $before: String) { team(id: $id) {
            actions(first: $first, last: $last, after: $after, before: $before, orderBy: [{ field: TITLE }]) {
                totalCount nodes { title } edges { cursor node { title } }
                pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }";
        let all = actions(&world, document, json!({})).await;
        let cursors: Vec<&Value> = all["edges"].as_array().expect("edges").iter().map(|edge| &edge["cursor"]).collect();
        assert_eq!(all["pageInfo"], json!({ "hasNextPage": false, "hasPreviousPage": false, "startCursor": cursors[0], "endCursor": cursors[4] }));
        for (variables, titles, next, previous) in [
            (json!({ "first": 2 }), vec![0, 1], true, false),
            (json!({ "first": 2, "after": cursors[1] }), vec![2, 3], true, true),
            (json!({ "first": 5, "after": cursors[3] }), vec![4], false, true),
            (json!({ "last": 2 }), vec![3, 4], false, true),
            (json!({ "last": 2, "before": cursors[3] }), vec![1, 2], true, true),
            (json!({ "last": 5, "before": cursors[1] }), vec![0], true, false),
            (json!({ "first": 100, "after": cursors[0], "before": cursors[3] }), vec![1, 2], false, true),
            (json!({ "first": null, "after": null }), vec![0, 1, 2, 3, 4], false, false),
        ] {
            let page = actions(&world, document, variables.clone()).await;
            let expected: Vec<Value> = titles.iter().map(|at| json!({ "title": format!("Row {at}") })).collect();
            assert_eq!(page["nodes"], json!(expected), "{variables}");
            assert_eq!(page["totalCount"], 5, "{variables}");
            assert_eq!(page["pageInfo"]["hasPreviousPage"], previous, "previous of {variables}");
            // with `before`, whether more follows is what `before` says
            if variables.get("before").is_none() || variables.get("last").is_some() {
                assert_eq!(page["pageInfo"]["hasNextPage"], next, "next of {variables}");
            }
        }
        let none = actions(&world, document, json!({ "first": 0 })).await;
        assert_eq!((&none["nodes"], &none["totalCount"]), (&json!([]), &json!(5)));
        assert_eq!(none["pageInfo"]["startCursor"], Value::Null);
    }
}

scenario! {
    async fn pages_are_bounded_and_cursors_belong_to_their_order(world: World) {
        offered(&world, "One", "2026-04-01").await;
        let team = json!({ "id": world.cast.team.to_string() });
        let document = |arguments: &str| {
            format!("query($id: ID!) {{ team(id: $id) {{ actions({arguments}) {{ nodes {{ id }} pageInfo {{ endCursor }} }} }} }}")
        };
        let page = actions(&world, &document("first: 100"), json!({})).await;
        let cursor = page["pageInfo"]["endCursor"].as_str().expect("a cursor");
        for arguments in [
            "first: 101".to_owned(),
            "last: 101".into(),
            "first: -1".into(),
            "first: 2, last: 2".into(),
            format!("orderBy: [{{ field: TITLE }}], after: \"{cursor}\""),
            format!("orderBy: [{{ field: DUE_ON, direction: DESC }}], after: \"{cursor}\""),
            "after: \"nonsense\"".into(),
            format!("after: \"{}\"", cursor.to_uppercase()),
        ] {
            let refused = world.ask(Facilitator, &document(&arguments), team.clone()).await;
            assert_eq!(refused.json["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{arguments}: {}", refused.text);
        }
        let refused = world.ask(Facilitator, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            json!({ "ids": vec![world.cast.client.to_string(); 101] })).await;
        assert!(refused.json.get("data").is_none(), "{}", refused.text);
    }
}

scenario! {
    async fn enums_are_ordered_as_they_are_declared(world: World) {
        for (title, severity) in [
            ("A", "MEDIUM"), ("B", "CRITICAL"), ("C", "LOW"), ("D", "HIGH"), ("E", "MEDIUM"), ("F", "LOW"), ("G", "CRITICAL"),
        ] {
            let input = json!({ "teamId": world.cast.team.to_string(), "title": title, "severity": severity });
            world.done(Leader, "obstacleRaise", input, "").await;
        }
        let mut actions = vec![];
        for title in ["A", "B", "C", "D", "E"] {
            actions.push(offered(&world, title, "2026-04-01").await);
        }
        for (mutation, id) in [("actionAccept", &actions[0]), ("actionAccept", &actions[2]), ("actionComplete", &actions[2])] {
            world.done(Leader, mutation, json!({ "id": id }), "").await;
        }
        world.done(Leader, "actionDecline", json!({ "id": actions[3], "reason": "Not mine" }), "").await;
        // alone, and as a list below each row of a list
        let alone = ("team(id: $id)", "/team");
        let below = ("client(id: $id) { teams", "/client/teams/0");
        for (list, order, expected) in [
            ("obstacles", "{ field: SEVERITY }, { field: TITLE }", "CFAEDBG"),
            ("obstacles", "{ field: SEVERITY, direction: DESC }, { field: TITLE }", "BGDAECF"),
            ("obstacles", "{ field: STATUS }, { field: SEVERITY, direction: DESC }, { field: TITLE, direction: DESC }", "GBDEAFC"),
            ("actions", "{ field: STATUS }, { field: TITLE }", "BEADC"),
            ("actions", "{ field: STATUS, direction: DESC }, { field: TITLE, direction: DESC }", "CDAEB"),
        ] {
            for (size, after, cursor, more) in
                [("first", "after", "endCursor", "hasNextPage"), ("last", "before", "startCursor", "hasPreviousPage")]
            {
                for (root, path) in [alone, below] {
                    let document = format!(
                        "query($id: ID!, $at: String) {{ {root} {{ {list}({size}: 2, {after}: $at, orderBy: [{order}]) {{
                            nodes {{ title }} pageInfo {{ {cursor} {more} }} }} }} }} {}",
                        if root.contains('{') { "}" } else { "" }
                    );
                    let id = if path == "/team" { world.cast.team.to_string() } else { world.cast.client.to_string() };
                    let (mut seen, mut at) = (String::new(), Value::Null);
                    loop {
                        let data = world.read(Facilitator, &document, json!({ "id": id, "at": at })).await;
                        let page = &data.pointer(path).expect("the list's owner")[list];
                        let nodes = page["nodes"].as_array().expect("nodes").iter();
                        let titles: String = nodes.filter_map(|node| node["title"].as_str()).collect();
                        seen = if size == "first" { format!("{seen}{titles}") } else { format!("{titles}{seen}") };
                        assert!(seen.len() <= expected.len(), "the pages end: {seen}");
                        if page["pageInfo"][more] == false {
                            break;
                        }
                        at = page["pageInfo"][cursor].clone();
                    }
                    assert_eq!(seen, expected, "{root} {list}({size}) by {order}");
                }
            }
        }
        let seeded = Seeded::new(&world, 12).await;
        for (direction, declared) in [
            ("ASC", ["MICRO", "SMALL", "MEDIUM", "LARGE", "ENTERPRISE"]),
            ("DESC", ["ENTERPRISE", "LARGE", "MEDIUM", "SMALL", "MICRO"]),
        ] {
            let document = format!(
                "{{ viewer {{ portfolio(first: 30, orderBy: [{{ field: SIZE_BAND, direction: {direction} }}]) {{ nodes {{ sizeBand }} }} }} }}"
            );
            let answered = seeded.ask(&world, &document).await;
            let nodes = answered.json["data"]["viewer"]["portfolio"]["nodes"].clone();
            let places: Vec<Option<usize>> = nodes.as_array().expect("nodes").iter()
                .map(|node| declared.iter().position(|band| node["sizeBand"] == *band)).collect();
            assert!(places.is_sorted() && places.first() < places.last(), "{direction}: {places:?}");
        }
    }
}

scenario! {
    async fn filters_mean_what_they_say(world: World) {
        let call = offered(&world, "Call the three largest customers", "2026-04-01").await;
        let _visit = offered(&world, "Visit 100% of the plants", "2026-04-02").await;
        let _write = offered(&world, "Write up what we learnt", "2026-04-03").await;
        world.done(Leader, "actionAccept", json!({ "id": call }), "").await;
        let document = "query($id: ID!, $filter: ActionFilter) { team(id: $id) { actions(filter: $filter) { totalCount nodes { title } } } }";
        for (filter, expected) in [
            (json!(null), "CVW"),
            (json!({}), "CVW"),
            (json!({ "title": { "contains": "THE" } }), "CV"),
            (json!({ "title": { "contains": "0%" } }), "V"),
            (json!({ "title": { "contains": "%" } }), "V"),
            (json!({ "title": { "contains": "_" } }), ""),
            (json!({ "title": { "startsWith": "wri" } }), "W"),
            (json!({ "title": { "eq": "Write up what we learnt" } }), "W"),
            (json!({ "title": { "in": ["Write up what we learnt", "Visit 100% of the plants"] } }), "VW"),
            (json!({ "title": { "in": [] } }), ""),
            (json!({ "status": { "eq": "ACCEPTED" } }), "C"),
            (json!({ "status": { "in": ["OFFERED", "DONE"] } }), "VW"),
            (json!({ "baselineDueOn": { "isNull": true } }), "VW"),
            (json!({ "baselineDueOn": { "isNull": false } }), "C"),
            (json!({ "dueOn": { "gte": "2026-04-02" } }), "VW"),
            (json!({ "dueOn": { "gt": "2026-04-01", "lt": "2026-04-03" } }), "V"),
            (json!({ "ownerId": { "eq": world.cast.leader.to_string() } }), "CVW"),
            (json!({ "ownerId": { "eq": world.cast.quiet.to_string() } }), ""),
            (json!({ "ownerId": { "eq": "nonsense" } }), ""),
            (json!({ "overdue": { "eq": false } }), "CVW"),
            (json!({ "not": { "status": { "eq": "ACCEPTED" } } }), "VW"),
            (json!({ "or": [{ "status": { "eq": "ACCEPTED" } }, { "title": { "contains": "write" } }] }), "CW"),
            (json!({ "and": [{ "status": { "eq": "OFFERED" } }, { "title": { "contains": "the" } }] }), "V"),
            (json!({ "not": { "or": [{ "title": { "contains": "call" } }, { "not": { "title": { "contains": "visit" } } }] } }), "V"),
            (json!({ "status": { "eq": "OFFERED" }, "dueOn": { "eq": "2026-04-03" } }), "W"),
        ] {
            let page = actions(&world, document, json!({ "filter": filter })).await;
            let mut found: Vec<&str> = page["nodes"].as_array().expect("nodes").iter().filter_map(|node| node["title"].as_str()).collect();
            found.sort_unstable();
            let found: String = found.iter().filter_map(|title| title.chars().next()).collect();
            assert_eq!(found, expected, "{filter}");
            assert_eq!(page["totalCount"], expected.len(), "{filter}");
        }
    }
}

scenario! {
    async fn answers_have_the_shape_and_order_of_the_document(world: World) {
        let (client, team) = (world.cast.client.to_string(), world.cast.team.to_string());
        let document = "query Shape($client: ID!, $team: ID!, $no: Boolean!, $yes: Boolean!, $none: Boolean = false) {
            zebra: client(id: $client) { name id again: name name ...status }
            __typename
            client(id: $client) { teams { name } }
            gone: client(id: $client) @include(if: $no) { name }
            kept: team(id: $team) @skip(if: $none) { __typename ... @include(if: $yes) { name } ... @skip(if: $yes) { id } }
            node(id: $team) { id ... on Client { status } ...team }
            client(id: $client) { teams { id } industry }
            nobody: node(id: \"client_00000000000000000000000000\") { id }
        }
        fragment status on Client { status id }
        fragment team on Team { name __typename }";
        let variables = json!({ "client": client, "team": team, "no": false, "yes": true });
        let answered = world.ask(Facilitator, document, variables.clone()).await;
        let expected = format!(
            r#"{{"data":{{"zebra":{{"name":"Acorn Mills","id":"{client}","again":"Acorn Mills","status":"ACTIVE"}},"__typename":"Query","client":{{"teams":[{{"name":"Leadership team","id":"{team}"}}],"industry":"C"}},"kept":{{"__typename":"Team","name":"Leadership team"}},"node":{{"id":"{team}","name":"Leadership team","__typename":"Team"}},"nobody":null}},"extensions""#
        );
        assert!(answered.text.starts_with(&expected), "\n{}\n{expected}", answered.text);
        // the same document with other variables that shape it, and with nulls
        let turned = json!({ "client": client, "team": team, "no": true, "yes": false, "none": true });
        let data = world.read(Facilitator, document, turned).await;
        assert_eq!(data["gone"], json!({ "name": "Acorn Mills" }));
        assert_eq!(data.get("kept"), None);
        let again = world.ask(Facilitator, document, variables).await;
        assert_eq!(again.text, answered.text);
        let null = world.ask(Facilitator, document, json!({ "client": client, "team": null, "no": true, "yes": true })).await;
        assert_eq!(null.json["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{}", null.text);
        assert_eq!(null.json.get("data"), None);
        let conflicting = world.ask(Facilitator, "query($id: ID!) { client(id: $id) { a: name a: id } }", json!({ "id": client })).await;
        assert_eq!(conflicting.json["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{}", conflicting.text);
        let nobody = world.ask_nobody("{ viewer { person { name } } }", json!({})).await;
        assert_eq!(nobody.json["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{}", nobody.text);
    }
}

scenario! {
    async fn filters_hold_so_many_comparisons(world: World) {
        let query = "query($filter: ClientFilter) { clients(filter: $filter) { totalCount } }";
        let ask = async |one: Value, times: usize| {
            let half = |times: usize| json!({ "or": vec![one.clone(); times] });
            let filter = json!({ "or": [half(times / 2), { "not": half(times - times / 2) }] });
            world.ask(Admin, query, json!({ "filter": filter })).await
        };
        let plain = || json!({ "name": { "eq": "Acorn Mills" } });
        // each of these is reckoned from five others
        let computed = || json!({ "risk": { "gt": 3 } });
        for (one, times, fine) in [(plain(), 100, true), (plain(), 101, false), (computed(), 20, true), (computed(), 21, false)] {
            let answered = ask(one, times).await;
            let code = &answered.json["errors"][0]["extensions"]["code"];
            assert_eq!(*code, if fine { Value::Null } else { json!("BAD_USER_INPUT") }, "{times}: {}", answered.text);
        }
    }
}

/// PostgreSQL ends a statement that takes too long; in SQLite the read door does, also when nobody waits any more.
#[tokio::test]
async fn a_read_that_takes_too_long_is_ended() {
    let pools = Pools { statement_timeout: Duration::ZERO, ..pools() };
    let world = World::with(Backend::Sqlite, pools, |_| {}).await;
    let seeded = Seeded::enter(&world, 12).await;
    // hundreds of actions, which SQLite sorts for each client
    let long = "{ viewer { portfolio(first: 12) { nodes { actions(first: 50) { nodes { id title } } } } } }";
    let answered = seeded.ask(&world, long).await;
    assert_eq!(answered.json["errors"][0]["extensions"]["code"], "TIMEOUT", "{}", answered.text);
    let short = seeded.at_head_office().ask(&world, "{ viewer { person { name } } }").await;
    assert_eq!(short.json.get("errors"), None, "{}", short.text);
}

/// A network of seeds, as its facilitator sees it.
struct Seeded {
    person: person::Model,
    admin: person::Model,
    client: String,
    team: String,
}

impl Seeded {
    async fn enter(world: &World, clients: u32) -> Seeded {
        let plan =
            Plan { networks: 1, facilitators: 1, clients_per_facilitator: clients, months: 9, seed: 7 };
        let kernel = &world.app.kernel;
        let hash = |_: &str| "nobody signs in".to_owned();
        let summary = seed(kernel, &plan, &hash, &|_, _| ()).await.expect("seeds");
        let lead = summary.sign_ins.iter().find(|who| who.role == MembershipRole::Facilitator);
        let lead = lead.expect("a facilitator");
        let office = summary.sign_ins.iter().find(|who| who.role == MembershipRole::HeadOfficeAdmin);
        let door = kernel.system(lead.network).await.expect("a system transaction");
        let by = async |email: &str| {
            let found = door.one(person::Entity::find().filter(person::Column::Email.eq(email))).await;
            found.expect("an answer").expect("the person")
        };
        let (person, admin) = (by(&lead.email).await, by(&office.expect("an admin").email).await);
        door.roll_back().await.expect("the end");
        Seeded { person, admin, client: String::new(), team: String::new() }
    }

    async fn new(world: &World, clients: u32) -> Seeded {
        let mut seeded = Self::enter(world, clients).await;
        let first = "{ viewer { portfolio(first: 1) { nodes { id teams { id } } } } }";
        let first = seeded.ask(world, first).await.json["data"]["viewer"]["portfolio"]["nodes"][0].clone();
        let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
        (seeded.client, seeded.team) = (id(&first), id(&first["teams"][0]));
        seeded
    }

    /// The same as head office sees it.
    fn at_head_office(&self) -> Seeded {
        let (admin, client, team) = (self.admin.clone(), self.client.clone(), self.team.clone());
        Seeded { person: admin.clone(), admin, client, team }
    }

    async fn ask(&self, world: &World, document: &str) -> Answered {
        let identity = self.person.identity_id.expect("a sign-in");
        let token = world.token_of(self.person.network_id, self.person.id, identity);
        world.send(Some(token), document, Value::Object(self.variables(document)), None).await
    }

    /// The document's plan, once it has been asked.
    async fn plan(&self, world: &World, document: &str) -> Arc<PlannedDocument> {
        let app = &world.app;
        let variables = Value::Object(self.variables(document));
        let variables = serde_json::from_value(variables).expect("variables");
        let request = gate::Request { query: document.to_owned(), variables, ..Default::default() };
        let admitted = app.gate.admit(&request, true).expect("the document is admitted");
        let (network, me): (_, Id<person::Entity>) = (self.person.network_id, self.person.id);
        let caller = app.kernel.caller(network, me, RequestInfo::default()).await.expect("a caller");
        let actor = caller.expect("the facilitator").actor();
        let dialect =
            if world.backend == crate::kit::Backend::Postgres { Dialect::Postgres } else { Dialect::Sqlite };
        let (document, schema) = (&admitted.document, app.gate.schema());
        let (plan, kept) =
            app.kernel.plans.plan(document, schema, &admitted.variables, &actor, dialect).expect("a plan");
        assert!(kept, "a plan once made is kept");
        plan
    }

    /// Those that the document declares.
    fn variables(&self, document: &str) -> Map<String, Value> {
        let all = json!({ "id": self.client, "ids": [self.client, self.team], "first": 30 });
        let Value::Object(all) = all else { return Map::new() };
        all.into_iter().filter(|(name, _)| document.contains(&format!("${name}:"))).collect()
    }
}

/// Offers the leader an action: its id.
async fn offered(world: &World, title: &str, due_on: &str) -> String {
    let cast = &world.cast;
    let input = json!({ "teamId": cast.team.to_string(), "ownerId": cast.leader.to_string(), "title": title, "dueOn": due_on });
    let payload = world.done(Facilitator, "actionCreate", input, "action { id }").await;
    payload["action"]["id"].as_str().expect("an id").to_owned()
}

/// The team's actions, as a document asks for them.
async fn actions(world: &World, document: &str, mut variables: Value) -> Value {
    variables["id"] = json!(world.cast.team.to_string());
    world.read(Facilitator, document, variables).await["team"]["actions"].clone()
}

fn ids(nodes: &Value) -> Vec<String> {
    let ids = nodes.as_array().into_iter().flatten().filter_map(|node| node["id"].as_str());
    ids.map(str::to_owned).collect()
}

// a list written with variables in it is bound anew with every request, and a single value is a list of one
scenario! {
    async fn lists_of_variables_and_single_values(world: World) {
        let document = "query($id: ID!) { nodes(ids: [$id]) { __typename id } }";
        for id in [world.cast.client.to_string(), world.cast.team.to_string(), world.cast.client.to_string()] {
            let found = world.read(Facilitator, document, json!({ "id": id })).await;
            assert_eq!(found["nodes"][0]["id"], json!(id));
        }
        let one = format!("{{ nodes(ids: \"{}\") {{ id }} }}", world.cast.client);
        let found = world.read(Facilitator, &one, json!({})).await;
        assert_eq!(found["nodes"][0]["id"], json!(world.cast.client.to_string()));
        let filter = "query($name: String!) { clients(filter: {or: {name: {in: [$name]}}}, orderBy: {field: NAME}) { nodes { name } } }";
        for (name, count) in [("Acorn Mills", 1), ("Beech Foods", 0), ("Acorn Mills", 1)] {
            let found = world.read(Facilitator, filter, json!({ "name": name })).await;
            assert_eq!(found["clients"]["nodes"].as_array().map(Vec::len), Some(count), "{name}");
        }
    }
}

scenario! {
    async fn lists_that_a_role_never_reads_are_null_for_it(world: World) {
        offered(&world, "Row", "2026-04-01").await;
        let document = "query($id: ID!) { client(id: $id) { name actions { totalCount nodes { title } } teams { name members { name }
            sessions { totalCount } } reviews { totalCount } progress { actionsOpen } } }";
        let asked = json!({ "id": world.cast.client });
        let before = world.app.kernel.statements();
        let client = world.read(Admin, document, asked.clone()).await["client"].clone();
        assert_eq!(world.app.kernel.statements() - before, 3, "what is never read is never asked for");
        assert_eq!((&client["actions"], &client["progress"]["actionsOpen"]), (&Value::Null, &json!(0)), "nobody has accepted it");
        assert_eq!((&client["teams"][0]["members"], &client["teams"][0]["sessions"]), (&Value::Null, &Value::Null));
        assert_eq!(client["reviews"]["totalCount"], 0, "reviews are facts");
        for who in [Facilitator, Sponsor, Leader, Observer] {
            let client = world.read(who, document, asked.clone()).await["client"].clone();
            assert_eq!(client["actions"]["totalCount"], 1, "{who:?}");
            assert!(client["teams"][0]["members"].as_array().is_some_and(|members| members.len() > 2), "{who:?}");
        }
        // what a client gives head office for a while is no other client's
        let sdl = include_str!("../../schema.graphql");
        assert!(sdl.contains("): ActionConnection\n") || sdl.contains("): ActionConnection @"), "nullable where it can be null");
        assert!(sdl.contains("): ReviewConnection!"), "and not where everybody reads it");
    }
}
