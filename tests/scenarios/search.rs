//! Search: what is written is found by its words at once, by those in whose reach it is.

use crate::{
    kit::{
        Persona::{self, *},
        World,
        fixtures::{self, Fixtures},
    },
    scenario,
};
use entity::Table;
use serde_json::{Value, json};
use uuid::Uuid;

const FIND: &str = "query($text: String!, $filter: SearchHitFilter, $first: Int, $after: String) {
    search(text: $text, filter: $filter, first: $first, after: $after) {
        totalCount nodes { kind title snippet client { name } team { id } action { title } priority { title } session { title } }
        pageInfo { endCursor hasNextPage } } }";

/// The titles that somebody finds.
async fn found(world: &World, who: Persona, text: &str) -> Vec<String> {
    let page = world.read(who, FIND, json!({ "text": text })).await["search"].clone();
    let titles: Vec<String> = page["nodes"].as_array().expect("nodes").iter().map(title).collect();
    assert_eq!(page["totalCount"], titles.len(), "{text}");
    titles
}

fn title(hit: &Value) -> String {
    hit["title"].as_str().expect("a title").to_owned()
}

async fn offer(world: &World, title: &str, detail: &str) -> String {
    let cast = &world.cast;
    let input = json!({
        "teamId": cast.team, "ownerId": cast.leader, "title": title, "detail": detail, "dueOn": "2026-04-01",
    });
    let payload = world.done(Facilitator, "actionCreate", input, "action { id }").await;
    payload["action"]["id"].as_str().expect("an id").to_owned()
}

scenario! {
    async fn what_is_written_is_found_by_its_words(world: World) {
        let call = offer(&world, "Call the three largest customers", "Ask what São Paulo would change.").await;
        offer(&world, "Visit the plant in Łódź", "Meet the customers' buyers; call ahead.").await;
        let priority = json!({
            "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Fewer customers, better served",
            "outcome": "Twelve key accounts have a plan",
        });
        world.quarter("2026-Q1").await;
        world.done(Facilitator, "priorityCreate", priority, "").await;
        let (first, second, third) =
            ("Call the three largest customers", "Visit the plant in Łódź", "Fewer customers, better served");
        for (text, expected) in [
            ("customers", &[third, first, second][..]),
            ("CUST", &[third, first, second]),
            ("customers call", &[first, second]),
            ("lodz", &[second]),
            ("Łódź plant", &[second]),
            ("sao paulo", &[first]),
            ("twelve", &[third]),
            ("ustomers", &[]),
            ("customers zebra", &[]),
            ("c", &[]),
            ("", &[]),
            ("…", &[]),
            ("' or 1=1 --", &[]),
        ] {
            assert_eq!(found(&world, Facilitator, text).await, expected, "{text}");
        }
        // another title: the old one's words find it no longer
        world.done(Facilitator, "actionUpdate", json!({ "id": call, "title": "Write to the plants" }), "").await;
        assert_eq!(found(&world, Facilitator, "largest").await, Vec::<String>::new());
        assert_eq!(found(&world, Facilitator, "paulo").await, ["Write to the plants"]);
        assert_eq!(found(&world, Facilitator, "plant").await, [second, "Write to the plants"]);
    }
}

scenario! {
    async fn hits_lead_to_what_was_found(world: World) {
        for number in 0..5 {
            offer(&world, &format!("Harvest {number}"), "In the north").await;
        }
        let rename = json!({ "id": world.cast.client, "name": "Harvest Mills" });
        world.done(Facilitator, "clientUpdate", rename, "").await;
        let page = world.read(Facilitator, FIND, json!({ "text": "harvest", "first": 2 })).await["search"].clone();
        let team = world.cast.team.to_string();
        assert_eq!(page["totalCount"], 6);
        assert_eq!(page["nodes"][0], json!({
            "kind": "ACTION", "title": "Harvest 4", "snippet": "In the north", "client": { "name": "Harvest Mills" },
            "team": { "id": team }, "action": { "title": "Harvest 4" }, "priority": null, "session": null,
        }));
        let (mut titles, mut after) = (vec![], Value::Null);
        loop {
            let variables = json!({ "text": "harvest", "first": 2, "after": after });
            let page = world.read(Facilitator, FIND, variables).await["search"].clone();
            titles.extend(page["nodes"].as_array().expect("nodes").iter().map(title));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(titles, ["Harvest 4", "Harvest 3", "Harvest 2", "Harvest 1", "Harvest 0", "Harvest Mills"]);
        let clients = json!({ "text": "harvest", "filter": { "kind": { "in": ["CLIENT"] } } });
        let page = world.read(Facilitator, FIND, clients).await["search"].clone();
        assert_eq!((&page["totalCount"], &page["nodes"][0]["team"]), (&json!(1), &Value::Null));
        let before = world.app.kernel.statements();
        world.read(Facilitator, FIND, json!({ "text": "harvest" })).await;
        assert_eq!(world.app.kernel.statements() - before, 2, "the page and the count, however much is found");
    }
}

scenario! {
    async fn nobody_finds_what_is_out_of_reach(world: World) {
        let fixtures = Fixtures::of(&world).await;
        offer(&world, "Harvest at home", "").await;
        let home = || vec!["Harvest at home".to_owned(), "Harvest".to_owned()];
        for (who, expected) in [
            (Leader, home()),
            (Observer, home()),
            (Admin, vec![]),
            (Analyst, vec![]),
            (Foreigner, vec![]),
            (Stranger, vec!["Harvest".to_owned()]),
        ] {
            assert_eq!(found(&world, who, "harvest").await, expected, "{who:?}");
        }
        // the second team of the client too, and the client that nobody facilitates
        assert_eq!(found(&world, Sponsor, "harvest").await.len(), 3);
        assert_eq!(found(&world, Owner, "harvest").await.len(), 4);
        // facts are found by everyone around: a client's name
        for who in [Admin, Analyst, Facilitator, Sponsor, Leader] {
            let rename = json!({ "id": world.cast.client, "name": format!("Barley {who:?}") });
            world.done(Facilitator, "clientUpdate", rename, "").await;
            assert_eq!(found(&world, who, "barley").await.len(), 1, "{who:?}");
        }
        for who in [Foreigner, Stranger] {
            assert_eq!(found(&world, who, "barley").await, Vec::<String>::new(), "{who:?}");
        }
        assert_eq!(fixtures.home.client, world.cast.client);
    }
}

scenario! {
    async fn what_was_there_before_is_entered(world: World) {
        let fixture = Fixtures::of(&world).await.home;
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        fixtures::session(&write, &fixture, entity::session::SessionStatus::Held, None).await;
        write.commit_quietly().await.expect("history");
        assert_eq!(found(&world, Facilitator, "agreed").await, Vec::<String>::new());
        // twice: the second time there is nothing to do
        for _ in 0..2 {
            let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
            for table in Table::ALL {
                let more = write.index_missing_rows(*table, Uuid::nil()).await.expect("entries");
                assert_eq!(more, None, "few rows are entered at once");
            }
            write.commit_quietly().await.expect("entries");
            assert_eq!(found(&world, Facilitator, "all agreed").await.len(), 3, "each team's sessions");
        }
    }
}

scenario! {
    async fn words_are_found_in_every_script_and_spelling(world: World) {
        let titles = [
            "季度战略计划评审", "第三回会議の準備", "ทบทวนแผนกลยุทธ์", "ທົບທວນແຜນການ", "ពិនិត្យផែនការយុទ្ធសាស្ត្រ",
            "Meet Mr O’Brien", "We re-plan by e-mail", "İstanbul AŞ", "Straße 9", "ΟΔΥΣΣΕΥΣ", "МОСКВА",
        ];
        for title in titles {
            offer(&world, title, "").await;
        }
        for (texts, expected) in [
            (&["计划", "评审", "战略计划", "季度", "审"][..], titles[0]),
            (&["会議", "準備", "第三回"], titles[1]),
            (&["แผน", "กลยุทธ์", "ทบทวน"], titles[2]),
            (&["ແຜນ", "ການ"], titles[3]),
            (&["ផែនការ", "យុទ្ធ"], titles[4]),
            (&["obrien", "O'Brien", "brien", "o’brien"], titles[5]),
            (&["replan", "re-plan", "email", "e-mail", "mail"], titles[6]),
            (&["istanbul", "İstanbul", "İSTANBUL", "istanbul as"], titles[7]),
            (&["STRASSE", "Straße", "strasse"], titles[8]),
            (&["οδυσσευς", "ΟΔΥΣΣΕΥΣ", "οδυσσευσ"], titles[9]),
            (&["москва", "Москва", "moskva"], titles[10]),
        ] {
            for text in texts {
                assert_eq!(found(&world, Leader, text).await, [expected], "{text}");
            }
        }
        assert_eq!(found(&world, Leader, "计评").await, Vec::<String>::new());
    }
}

scenario! {
    async fn words_are_found_wherever_they_are_written(world: World) {
        let cast = &world.cast;
        let long: Vec<String> = (0..540).map(|number| format!("w{number}x")).collect();
        let decision = json!({
            "teamId": cast.team, "title": "Raise prices", "text": long.join(" "), "rationale": "Because of zebrawood",
        });
        world.done(Leader, "decisionPropose", decision, "").await;
        for text in ["w0x", "w299x", "w539x", "zebrawood", "w3x w538x"] {
            assert_eq!(found(&world, Leader, text).await, ["Raise prices"], "{text}");
        }
        let member = json!({ "teamId": cast.team, "name": "Zoë Quartermaine", "jobTitle": "Head of Logistics", "email": "zoe.q@acorn.example" });
        world.done(Facilitator, "memberCreate", member, "").await;
        let action = offer(&world, "Call the bank", "").await;
        world.done(Leader, "actionAccept", json!({ "id": action }), "").await;
        let comment = json!({ "actionId": action, "text": "They want collateral\nand patience" });
        world.done(Leader, "actionCommentCreate", comment, "").await;
        let said = json!({ "id": action, "status": "ON_TRACK", "confidence": 4, "comment": "Waiting for the appraisal" });
        world.done(Leader, "actionCheckIn", said, "").await;
        let session = json!({
            "teamId": cast.team, "kind": "FOLLOW_UP", "title": "Spring follow-up", "place": "", "startsAt": "2026-03-02T10:00:00Z",
            "minutes": 60, "agenda": [{ "title": "Budget", "minutes": 10 }],
        });
        let made = world.done(Facilitator, "sessionSchedule", session, "session { id agenda { id } }").await["session"].clone();
        world.done(Facilitator, "sessionStart", json!({ "id": made["id"] }), "").await;
        let outcome = json!({ "id": made["agenda"][0]["id"], "outcome": "Postponed until the harvest" });
        world.done(Facilitator, "agendaItemComplete", outcome, "").await;
        world.done(Facilitator, "sessionClose", json!({ "id": made["id"], "summary": "Everyone was cheerful" }), "").await;
        let find = "query($text: String!) { search(text: $text) { nodes { kind title member { jobTitle } comment { text }
            checkIn { comment } agendaItem { outcome } recap { session { title } } } } }";
        for (text, kind, edge) in [
            ("quartermaine", "MEMBER", "member"),
            ("logistics", "MEMBER", "member"),
            ("zoe", "MEMBER", "member"),
            ("collateral", "ACTION_COMMENT", "comment"),
            ("appraisal", "CHECK_IN", "checkIn"),
            ("postponed harvest", "AGENDA_ITEM", "agendaItem"),
            ("cheerful", "RECAP", "recap"),
        ] {
            for who in [Leader, Observer, Facilitator] {
                let nodes = world.read(who, find, json!({ "text": text })).await["search"]["nodes"].clone();
                let hit = nodes.as_array().into_iter().flatten().find(|hit| hit["kind"] == kind);
                let hit = hit.unwrap_or_else(|| panic!("{text} finds a {kind}: {nodes}"));
                assert!(!hit[edge].is_null(), "{text}: {hit}");
                assert!(hit["title"].as_str().is_some_and(|title| !title.is_empty()), "{hit}");
            }
            for who in [Admin, Analyst, Stranger, Foreigner] {
                assert_eq!(found(&world, who, text).await, Vec::<String>::new(), "{who:?} finds {text}");
            }
        }
        // what is withdrawn is found no more
        let nodes = world.read(Leader, "{ search(text: \"collateral\") { nodes { comment { id } } } }", json!({})).await;
        let comment = json!({ "id": nodes["search"]["nodes"][0]["comment"]["id"] });
        world.done(Leader, "actionCommentWithdraw", comment, "").await;
        assert_eq!(found(&world, Leader, "collateral").await, Vec::<String>::new());
    }
}
