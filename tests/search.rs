//! Search: what is written is found by its words at once, by those in whose reach it is.

use crate::{
    estate::{self, Estate},
    kit::{Persona, Persona::*, World},
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
        let estate = Estate::of(&world).await;
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
        assert_eq!(estate.home.client, world.cast.client);
    }
}

scenario! {
    async fn what_was_there_before_is_entered(world: World) {
        let plot = Estate::of(&world).await.home;
        let write = world.app.kernel.system(world.cast.network).await.expect("the system door");
        estate::session(&write, &plot, entity::session::SessionStatus::Held, None).await;
        write.commit_quietly().await.expect("history");
        assert_eq!(found(&world, Facilitator, "agreed").await, Vec::<String>::new());
        // twice: the second time there is nothing to do
        for _ in 0..2 {
            let write = world.app.kernel.system(world.cast.network).await.expect("the system door");
            for table in Table::ALL {
                let more = write.enter_lacking(*table, Uuid::nil()).await.expect("entries");
                assert_eq!(more, None, "few rows are entered at once");
            }
            write.commit_quietly().await.expect("entries");
            assert_eq!(found(&world, Facilitator, "all agreed").await.len(), 3, "each team's sessions");
        }
    }
}
