//! Filters and names: what a condition lets through, whatever is null, absent or spelled in another way, on both
//! databases alike.

use crate::{
    kit::{Persona::*, World, fixtures},
    scenario,
};
use serde_json::{Value, json};

/// Five actions of the team: two of a priority, one of them closed.
async fn five(world: &World) -> String {
    let cast = &world.cast;
    world.quarter("2026-Q1").await;
    let priority = json!({ "teamId": cast.team, "ownerId": cast.leader, "title": "Fewer customers", "outcome": "Twelve of them" });
    let payload = world.done(Facilitator, "priorityCreate", priority, "priority { id }").await;
    let priority = payload["priority"]["id"].as_str().expect("an id").to_owned();
    for (title, of) in [("One", true), ("Two", true), ("Three", false), ("Four", false), ("Five", false)] {
        let input = json!({
            "teamId": cast.team, "ownerId": cast.leader, "title": title, "dueOn": "2026-04-01",
            "priorityId": of.then_some(&priority),
        });
        let made = world.done(Facilitator, "actionCreate", input, "action { id }").await;
        if title == "One" {
            let id = json!({ "id": made["action"]["id"] });
            world.done(Leader, "actionAccept", id.clone(), "").await;
            world.done(Leader, "actionComplete", id, "").await;
        }
    }
    priority
}

/// How many of the team's rows a filter lets through.
async fn count(world: &World, list: &str, ty: &str, filter: &Value) -> i64 {
    let document = format!(
        "query($id: ID!, $filter: {ty}Filter) {{ team(id: $id) {{ {list}(first: 0, filter: $filter) {{ totalCount }} }} }}"
    );
    let variables = json!({ "id": world.cast.team, "filter": filter });
    let page = world.read(Facilitator, &document, variables).await;
    page["team"][list]["totalCount"].as_i64().expect("a count")
}

scenario! {
    async fn a_condition_and_its_opposite_divide_the_rows(world: World) {
        let priority = five(&world).await;
        for (filter, expected) in [
            (json!({ "priorityId": { "eq": priority } }), 2),
            (json!({ "priorityId": { "in": [priority] } }), 2),
            (json!({ "priorityId": { "in": [] } }), 0),
            (json!({ "priorityId": { "isNull": true } }), 3),
            (json!({ "priorityId": { "isNull": false } }), 2),
            (json!({ "priorityId": { "eq": world.cast.client } }), 0),
            (json!({ "closedAt": { "gt": "2026-01-01T00:00:00Z" } }), 1),
            (json!({ "closedAt": { "lt": "2026-01-01T00:00:00Z" } }), 0),
            (json!({ "baselineDueOn": { "gte": "2026-04-01" } }), 1),
            (json!({ "status": { "eq": "DONE" } }), 1),
            (json!({ "status": { "in": ["DONE", "OFFERED"] } }), 5),
            (json!({ "status": { "in": [] } }), 0),
            (json!({ "title": { "contains": "O" } }), 3),
            (json!({ "title": { "startsWith": "t" } }), 2),
            (json!({ "overdue": { "eq": true } }), 0),
            (json!({ "moveCount": { "gte": 0 } }), 5),
            (json!({ "priorityId": { "eq": priority }, "title": { "eq": "Two" } }), 1),
            (json!({ "or": [{ "priorityId": { "eq": priority } }, { "title": { "eq": "Five" } }] }), 3),
            (json!({ "and": [{ "priorityId": { "eq": priority } }, { "closedAt": { "isNull": true } }] }), 1),
            (json!({ "not": { "or": [{ "priorityId": { "eq": priority } }, { "closedAt": { "lt": "2026-01-01T00:00:00Z" } }] } }), 3),
        ] {
            assert_eq!(count(&world, "actions", "Action", &filter).await, expected, "{filter}");
            let opposite = json!({ "not": filter });
            assert_eq!(count(&world, "actions", "Action", &opposite).await, 5 - expected, "{opposite}");
            let twice = json!({ "not": opposite });
            assert_eq!(count(&world, "actions", "Action", &twice).await, expected, "{twice}");
        }
    }
}

scenario! {
    async fn what_is_null_or_empty_restricts_nothing(world: World) {
        let priority = five(&world).await;
        for filter in [
            json!(null),
            json!({}),
            json!({ "title": null }),
            json!({ "title": {} }),
            json!({ "title": { "contains": null } }),
            json!({ "title": { "startsWith": null } }),
            json!({ "title": { "eq": null } }),
            json!({ "title": { "in": null } }),
            json!({ "title": { "isNull": null } }),
            json!({ "priorityId": { "eq": null } }),
            json!({ "closedAt": { "gt": null } }),
            json!({ "closedAt": { "lt": null, "gte": null } }),
            json!({ "dueOn": { "lte": null } }),
            json!({ "status": { "in": null } }),
            json!({ "overdue": { "eq": null } }),
            json!({ "and": null }),
            json!({ "or": null }),
            json!({ "not": null }),
            json!({ "and": [] }),
            json!({ "or": [] }),
            json!({ "not": {} }),
            json!({ "and": [{}, { "title": { "contains": null } }] }),
            json!({ "or": [{}, { "title": { "contains": null } }] }),
            json!({ "not": { "status": { "in": null } } }),
            json!({ "not": { "not": { "or": [] } } }),
        ] {
            assert_eq!(count(&world, "actions", "Action", &filter).await, 5, "{filter}");
        }
        for (filter, expected) in [
            (json!({ "title": { "contains": null, "eq": "One" } }), 1),
            (json!({ "or": [{ "title": { "contains": null } }, { "priorityId": { "eq": priority } }] }), 2),
            (json!({ "not": { "title": { "contains": null }, "priorityId": { "eq": priority } } }), 3),
            (json!({ "not": { "status": { "in": [] } } }), 5),
        ] {
            assert_eq!(count(&world, "actions", "Action", &filter).await, expected, "{filter}");
        }
        for (list, ty, filter) in [
            ("sessions", "Session", json!({ "quorate": { "eq": null }, "kind": { "in": null } })),
            ("priorities", "Priority", json!({ "dueOn": { "lt": null }, "rank": { "gte": null } })),
            ("decisions", "Decision", json!({ "ratifiedAt": { "gt": null }, "not": { "ownerId": { "eq": null } } })),
        ] {
            let all = count(&world, list, ty, &json!(null)).await;
            assert_eq!(count(&world, list, ty, &filter).await, all, "{ty} {filter}");
        }
    }
}

scenario! {
    async fn a_variable_that_is_not_given_drops_its_comparison(world: World) {
        let priority = five(&world).await;
        let fixture = fixtures::Fixtures::of(&world).await.home;
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        fixtures::session(&write, &fixture, entity::session::SessionStatus::Held, None).await;
        write.commit_quietly().await.expect("a session");
        let id = world.cast.team.to_string();
        let document = |variables: &str, list: &str, filter: &str| {
            format!("query($id: ID!, {variables}) {{ team(id: $id) {{ {list}(first: 0, filter: {filter}) {{ totalCount }} }} }}")
        };
        let ask = async |document: &str, list: &str, variables: Value| {
            let page = world.read(Facilitator, document, variables).await;
            page["team"][list]["totalCount"].as_i64().expect("a count")
        };
        let with = "query($id: ID!) { team(id: $id) { actions(first: 0, filter: { priorityId: { isNull: false } }) { totalCount } } }";
        let with = world.read(Facilitator, with, json!({ "id": id })).await["team"]["actions"]["totalCount"].clone();
        let with = with.as_i64().expect("a count");
        // what is counted from the end is all but so many
        for (declared, list, filter, given, some) in [
            ("$v: String", "actions", "{ title: { contains: $v } }", json!("Two"), 1),
            ("$v: DateTime", "actions", "{ closedAt: { gte: $v } }", json!("2026-01-01T00:00:00Z"), 1),
            ("$v: [ActionStatus!]", "actions", "{ status: { in: $v } }", json!(["DONE"]), 1),
            ("$v: ID", "actions", "{ priorityId: { eq: $v } }", json!(priority), 2),
            ("$v: ID", "actions", "{ not: { priorityId: { eq: $v } } }", json!(priority), -2),
            ("$v: IdTest", "actions", "{ priorityId: $v }", json!({ "isNull": true }), -with),
            ("$v: Boolean", "actions", "{ overdue: { eq: $v } }", json!(true), 0),
            ("$v: Boolean", "actions", "{ priorityId: { isNull: $v } }", json!(true), -with),
            ("$v: ActionFilter", "actions", "{ not: $v }", json!({ "title": { "eq": "One" } }), -1),
            ("$v: [ActionFilter!]", "actions", "{ or: $v }", json!([{ "title": { "eq": "One" } }]), 1),
            ("$v: ActionFilter", "actions", "$v", json!({ "title": { "eq": "One" } }), 1),
            ("$v: [SessionKind!]", "sessions", "{ kind: { in: $v } }", json!([]), 0),
            ("$v: Date", "priorities", "{ and: [{ dueOn: { lt: $v } }] }", json!("2020-01-01"), 0),
        ] {
            let asked = document(declared, list, filter);
            let all = ask(&document("", list, "{}"), list, json!({ "id": id })).await;
            assert!(all > 0, "there are {list}");
            assert_eq!(ask(&asked, list, json!({ "id": id })).await, all, "{filter}, absent");
            assert_eq!(ask(&asked, list, json!({ "id": id, "v": null })).await, all, "{filter}, null");
            let some = if some < 0 { all + some } else { some };
            assert_eq!(ask(&asked, list, json!({ "id": id, "v": given })).await, some, "{filter}, {given}");
            assert_eq!(ask(&asked, list, json!({ "id": id })).await, all, "{filter}, absent once more");
        }
        // an argument whose variable is absent is as if it were not written
        let defaults = "query($id: ID!, $n: Int, $after: String, $order: [ActionOrder!]) { team(id: $id) {
            actions(first: $n, after: $after, orderBy: $order) { totalCount nodes { title } } } }";
        let page = world.read(Facilitator, defaults, json!({ "id": id })).await["team"]["actions"].clone();
        assert_eq!(page["nodes"].as_array().map(Vec::len), page["totalCount"].as_u64().map(|all| all as usize));
    }
}

scenario! {
    async fn texts_are_found_in_every_form(world: World) {
        let names = ["École Étoile", "МОСКВА", "İstanbul AŞ", "ΟΔΥΣΣΕΥΣ", "Straße 9", "Ａｃｍｅ ﬁnance", "Kırıkkale"];
        for name in names {
            let input = json!({
                "franchiseId": world.cast.franchise, "leadId": world.cast.person(Facilitator).1,
                "regionId": world.cast.region, "name": name, "industry": "C", "sizeBand": "SMALL",
                "timeZone": "Europe/London", "teamName": name,
            });
            world.done(Owner, "clientCreate", input, "client { id }").await;
        }
        let list = "query($filter: ClientFilter) { clients(filter: $filter) { nodes { name } } }";
        for (name, forms) in [
            (names[0], &["École", "école", "ÉCOLE", "étoile", "E\u{301}cole"][..]),
            (names[1], &["Москва", "москва", "МОСКВА", "оскв"]),
            (names[2], &["İstanbul", "istanbul", "İSTANBUL", "i\u{307}stanbul", "stanbul aş"]),
            (names[3], &["ΟΔΥΣΣΕΥΣ", "οδυσσευσ", "οδυσσευς", "Οδυσσευς"]),
            (names[4], &["Straße", "STRASSE", "strasse 9", "STRAẞE"]),
            (names[5], &["acme", "ACME FINANCE", "ＡＣＭＥ", "ﬁnance"]),
            (names[6], &["KIRIKKALE", "kırıkkale", "Kırık"]),
        ] {
            for form in forms {
                let filter = json!({ "name": { "contains": form } });
                let found = world.read(Owner, list, json!({ "filter": filter })).await;
                assert_eq!(found["clients"]["nodes"], json!([{ "name": name }]), "{form}");
            }
            let opposite = json!({ "and": [{ "not": { "name": { "startsWith": name.to_lowercase() } } }, { "name": { "eq": name } }] });
            let found = world.read(Owner, list, json!({ "filter": opposite })).await;
            assert_eq!(found["clients"]["nodes"], json!([]), "{name} starts with itself");
        }
        // a new name is compared from then on, and the old one no more
        let found = world.read(Owner, list, json!({ "filter": { "name": { "eq": names[1] } } })).await;
        assert_eq!(found["clients"]["nodes"].as_array().map(Vec::len), Some(1));
        let document = "query($filter: ClientFilter) { clients(filter: $filter) { nodes { id } } }";
        let id = world.read(Owner, document, json!({ "filter": { "name": { "contains": "москва" } } })).await["clients"]["nodes"][0]["id"].clone();
        world.done(Owner, "clientUpdate", json!({ "id": id, "name": "ЛЕНИНГРАД" }), "").await;
        for (form, expected) in [("ленинград", 1), ("москва", 0)] {
            let found = world.read(Owner, list, json!({ "filter": { "name": { "contains": form } } })).await;
            assert_eq!(found["clients"]["nodes"].as_array().map(Vec::len), Some(expected), "{form}");
        }
    }
}

scenario! {
    async fn a_name_is_taken_however_it_is_written(world: World) {
        let client = |name: &str| json!({
            "franchiseId": world.cast.franchise, "leadId": world.cast.person(Facilitator).1,
            "regionId": world.cast.region, "name": name, "industry": "C", "sizeBand": "SMALL",
            "timeZone": "Europe/London",
        });
        for (name, others) in [
            ("Café Nord", &["Cafe\u{301} Nord", "CAFÉ NORD", "café  nord"][..]),
            ("ACME Two", &["Acme Two", "acme two", "ＡＣＭＥ Two", " ACME  Two "]),
            ("Straße", &["STRASSE", "strasse"]),
        ] {
            world.done(Owner, "clientCreate", client(name), "").await;
            for other in others {
                let refused = world.refused(Owner, "clientCreate", client(other)).await;
                assert_eq!(refused, ("TAKEN".into(), "input.name".into()), "{other}");
            }
        }
        // look-alikes of another script, and other letters, are other names
        for name in ["Café Süd", "Cafe Nord", "АСМЕ Two", "ACME-Two"] {
            world.done(Owner, "clientCreate", client(name), "").await;
        }
        let team = |name: &str| json!({ "clientId": world.cast.client, "name": name });
        world.done(Facilitator, "teamCreate", team("Führung"), "").await;
        assert_eq!(world.refused(Facilitator, "teamCreate", team("FÜHRUNG")).await, ("TAKEN".into(), "input.name".into()));
        let region = |code: &str| json!({ "code": code, "name": "A region" });
        world.done(Admin, "regionCreate", region("É1"), "").await;
        assert_eq!(world.refused(Admin, "regionCreate", region("é1")).await, ("TAKEN".into(), "input.code".into()));
        let franchise = |name: &str| json!({ "regionId": world.cast.region, "name": name, "legalGroup": "A group" });
        world.done(Admin, "franchiseCreate", franchise("Münster"), "").await;
        assert_eq!(world.refused(Admin, "franchiseCreate", franchise("MÜNSTER")).await, ("TAKEN".into(), "input.name".into()));
        let template = |name: &str| json!({ "name": name, "summary": "A template", "basis": "EMPTY" });
        world.done(Admin, "templateCreate", template("Größe"), "").await;
        assert_eq!(world.refused(Admin, "templateCreate", template("GRÖSSE")).await.0, "TAKEN");
        let cycle = |label: &str, from: &str, to: &str| json!({ "teamId": world.cast.team, "label": label, "startsOn": from, "endsOn": to });
        world.done(Facilitator, "cycleCreate", cycle("Frühling", "2026-03-02", "2026-05-31"), "").await;
        let again = world.refused(Facilitator, "cycleCreate", cycle("FRÜHLING", "2026-06-01", "2026-08-31")).await;
        assert_eq!(again, ("TAKEN".into(), "input.label".into()));
        let over = world.refused(Facilitator, "cycleCreate", cycle("Sommer", "2026-05-01", "2026-08-31")).await;
        assert_eq!(over, ("TAKEN".into(), "input.startsOn".into()));
        // an external id of an import is a name, too
        let rows = |id: &str| json!({ "teamId": world.cast.team, "csv": format!("external_id,name\n{id},Somebody\n") });
        let asked = "createdCount existingCount refusedCount";
        for (id, made) in [("hr-É", (1, 0)), ("HR-é", (0, 1)), ("hr-E\u{301}", (0, 1))] {
            let report = world.change(Facilitator, "memberImport", rows(id), asked).await;
            assert_eq!((&report["createdCount"], &report["existingCount"]), (&json!(made.0), &json!(made.1)), "{id}: {report}");
        }
    }
}

scenario! {
    async fn invisible_characters_are_refused_and_named(world: World) {
        let client = |name: String| json!({
            "franchiseId": world.cast.franchise, "leadId": world.cast.person(Facilitator).1,
            "regionId": world.cast.region, "name": name, "industry": "C", "sizeBand": "SMALL",
            "timeZone": "Europe/London",
        });
        for letter in ['\u{200b}', '\u{200d}', '\u{a0}', '\u{ad}', '\u{202e}', '\u{2066}', '\u{feff}', '\u{2060}', '\u{2009}', '\u{fe0f}'] {
            let code = format!("U+{:04X}", u32::from(letter));
            for (mutation, input, path) in [
                ("clientCreate", client(format!("Acme{letter}Nord")), "name"),
                ("teamCreate", json!({ "clientId": world.cast.client, "name": format!("Te{letter}am") }), "name"),
                ("regionCreate", json!({ "code": format!("Z{letter}1"), "name": "Zone" }), "code"),
                ("memberCreate", json!({ "teamId": world.cast.team, "name": "Z", "jobTitle": "Lead", "email": format!("z{letter}z@acme.example") }), "email"),
            ] {
                let who = if mutation == "regionCreate" { Admin } else if mutation == "clientCreate" { Owner } else { Facilitator };
                let payload = world.change(who, mutation, input, "").await;
                let error = payload["errors"].as_array().into_iter().flatten()
                    .find(|error| error["message"].as_str().is_some_and(|text| text.contains(&code)));
                let error = error.unwrap_or_else(|| panic!("{mutation} names {code}: {payload}"));
                assert_eq!(error["path"], json!(["input", path]));
            }
            let rows = json!({ "teamId": world.cast.team, "csv": format!("external_id,name\nhr{letter}7,Somebody\n"), "dryRun": true });
            let report = world.change(Facilitator, "memberImport", rows, "rows { outcome errors { column message } }").await;
            let error = &report["rows"][0]["errors"][0];
            assert!(error["message"].as_str().is_some_and(|text| text.contains(&code)), "{report}");
            assert_eq!(error["column"], "external_id");
        }
        world.done(Owner, "clientCreate", client("نرم\u{200c}افزار".into()), "").await;
        world.done(Owner, "clientCreate", client("山田\u{3000}太郎".into()), "").await;
    }
}
