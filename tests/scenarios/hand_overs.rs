//! Handing over: many clients at once, and a cover for a holiday.

use crate::{
    kit::{
        Persona::{self, *},
        World,
        fixtures::{self, Fixtures},
    },
    scenario,
};
use serde_json::{Value, json};

/// Whether somebody sees a client.
async fn sees(world: &World, who: Persona, id: &Value) -> bool {
    let read = world.read(who, "query($id: ID!) { client(id: $id) { id } }", json!({ "id": id })).await;
    !read["client"].is_null()
}

const ITEMS: &str = "items { clientId client { name } pendingTransfer { status } errors { code path } }";

scenario! {
    async fn many_clients_go_to_another_facilitator_in_one_step(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let (home, spare, other) = (world.cast.client, fixtures.spare.client, world.cast.other_client);
        let facilitator = world.cast.person(Facilitator).1;
        // the third client is another franchise's
        let input = |lead: Value| json!({ "clientIds": [spare, other, home, home], "leadId": lead, "reason": "Nearer" });
        assert!(!sees(&world, Facilitator, &json!(spare)).await);
        let done = world.done(Owner, "clientsTransfer", input(json!(facilitator)), ITEMS).await;
        let items = done["items"].as_array().expect("items").clone();
        let codes: Vec<&Value> = items.iter().map(|item| &item["errors"][0]["code"]).collect();
        assert_eq!(codes, [&Value::Null, &json!("NOT_FOUND"), &Value::Null, &json!("INVALID")]);
        assert_eq!(items[1], json!({
            "clientId": other, "client": null, "pendingTransfer": null,
            "errors": [{ "code": "NOT_FOUND", "path": ["input", "clientIds", "1"] }],
        }));
        assert_eq!(items[2]["client"]["name"], "Acorn Mills");
        assert!(sees(&world, Facilitator, &json!(spare)).await, "from now on");
        // whoever hands over loses access with the same step
        let owner = world.cast.person(Owner).1;
        let both = json!({ "clientIds": [spare, home], "leadId": owner });
        world.done(Owner, "clientsTransfer", both, ITEMS).await;
        for client in [home, spare] {
            assert!(!sees(&world, Facilitator, &json!(client)).await);
        }
        // nothing that can be done is an error as a whole
        let nobody = json!({ "clientIds": [other, "x"], "leadId": owner });
        assert_eq!(world.refused(Owner, "clientsTransfer", nobody).await.0, "NOT_FOUND");
        let none = json!({ "clientIds": [], "leadId": owner });
        assert_eq!(world.refused(Owner, "clientsTransfer", none).await, ("LIMIT_REACHED".into(), "input.clientIds".into()));
    }
}

scenario! {
    async fn to_another_franchise_the_transfers_are_pending(world: World) {
        let home = Fixtures::of(&world).await.home;
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        let second = fixtures::client(&write, &home).await;
        write.commit_quietly().await.expect("a client");
        let input = json!({
            "clientIds": [second, world.cast.client], "franchiseId": world.cast.other_franchise,
            "leadId": world.cast.person(Stranger).1, "reason": "The practice closes",
        });
        let done = world.done(Admin, "clientsTransfer", input.clone(), ITEMS).await;
        for item in done["items"].as_array().expect("items") {
            assert_eq!((&item["pendingTransfer"]["status"], &item["errors"]), (&json!("PENDING"), &json!([])), "{item}");
        }
        assert!(!sees(&world, Stranger, &json!(world.cast.client)).await, "not before they agree");
        // one at a time
        let again = world.refused(Admin, "clientsTransfer", input).await;
        assert_eq!(again, ("WRONG_STATE".into(), "input.clientIds.0".into()));
    }
}

scenario! {
    async fn a_cover_has_access_on_its_days_only(world: World) {
        let home = Fixtures::of(&world).await.home;
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        let spare = fixtures::client(&write, &home).await;
        write.commit_quietly().await.expect("a client");
        let cover = |from: &str, to: &str, part: &str| json!({
            "clientId": spare, "personId": world.cast.person(Facilitator).1, "part": part, "startsOn": from, "endsOn": to,
        });
        let lead = json!({ "clientId": spare, "personId": world.cast.person(Owner).1, "part": "LEAD" });
        world.done(Owner, "assignmentCreate", lead, "").await;
        let no = world.refused(Owner, "assignmentCreate", cover("2026-08-03", "2026-08-02", "CO")).await;
        assert_eq!(no, ("INVALID".into(), "input.endsOn".into()));
        let no = world.refused(Owner, "assignmentCreate", cover("2026-08-03", "2026-08-14", "LEAD")).await;
        assert_eq!(no, ("INVALID".into(), "input.startsOn".into()));
        let made = world.done(Owner, "assignmentCreate", cover("2026-08-03", "2026-08-14", "CO"), "assignment { startsAt endsAt }").await;
        // days of the client, which is in London, an hour ahead in summer
        assert_eq!(made["assignment"], json!({ "startsAt": "2026-08-02T23:00:00Z", "endsAt": "2026-08-14T23:00:00Z" }));
        let no = world.refused(Owner, "assignmentCreate", cover("2026-08-14", "2026-08-20", "CO")).await;
        assert_eq!(no, ("TAKEN".into(), "input.personId".into()), "on that day they cover already");
        let told = world.emails().await.into_iter().find(|email| email["to"] == json!(Facilitator.email())).expect("an e-mail");
        for words in ["a co-facilitator of", "from 2026-08-03 until 2026-08-14"] {
            assert!(told["text"].as_str().is_some_and(|text| text.contains(words)), "{words}: {told}");
        }
        // another holiday stands beside it, and one that was taken back leaves nothing
        world.done(Owner, "assignmentCreate", cover("2026-10-01", "2026-10-02", "CO"), "").await;
        let mistaken = cover("2026-09-01", "2026-09-30", "CO");
        let mistaken = world.done(Owner, "assignmentCreate", mistaken, "assignment { id }").await["assignment"]["id"].clone();
        world.done(Owner, "assignmentEnd", json!({ "id": mistaken }), "").await;
        let spare = json!(spare);
        for (at, may) in [
            ("2026-08-02T22:59:59Z", false),
            ("2026-08-02T23:00:00Z", true),
            ("2026-08-14T22:59:59Z", true),
            ("2026-08-14T23:00:00Z", false),
            ("2026-09-15T12:00:00Z", false),
            ("2026-10-01T12:00:00Z", true),
            ("2026-10-02T23:00:00Z", false),
        ] {
            world.at(at);
            assert_eq!(sees(&world, Facilitator, &spare).await, may, "{at}");
        }
        let lead = "query($id: ID!) { client(id: $id) { lead { name } } }";
        let lead = world.read(Owner, lead, json!({ "id": spare })).await;
        assert_eq!(lead["client"]["lead"]["name"], "Owner", "who covers does not lead");
    }
}
