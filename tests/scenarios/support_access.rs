//! Support access: head office reads a client's content with its leave, for a time, and in its sight.

use crate::{
    kit::{
        Persona::{self, *},
        World,
        fixtures::Fixtures,
    },
    scenario,
};
use serde_json::{Value, json};

const CONTENT: &str = "query($id: ID!) { client(id: $id) { name actions { totalCount } notes { totalCount }
    teams { members { name } alignmentRounds { totalCount } } } }";
const VISITS: &str = "query($id: ID!) { supportAccess(id: $id) { reason email active endsAt revokedAt
    visits { nodes { visitorName visitorEmail purpose startsAt endsAt } } } }";

/// Access that the sponsor gives until the next day's end: its id.
async fn given(world: &World, to: Option<Persona>) -> String {
    let input = json!({
        "clientId": world.cast.client, "reason": "The export is broken", "endsAt": "2026-03-03T18:00:00Z",
        "email": to.map(Persona::email),
    });
    let given = world.done(Sponsor, "supportAccessGrant", input, "supportAccess { id active }").await;
    assert_eq!(given["supportAccess"]["active"], true);
    given["supportAccess"]["id"].as_str().expect("an id").to_owned()
}

/// How many actions somebody sees of the cast's client.
async fn actions(world: &World, who: Persona) -> i64 {
    let seen = world.read(who, CONTENT, json!({ "id": world.cast.client })).await;
    let count = |list: &str| seen["client"][list]["totalCount"].as_i64().unwrap_or(0);
    assert_eq!(count("notes"), 2 * i64::from(who == Facilitator), "notes stay the facilitators'");
    count("actions")
}

async fn enter(world: &World, who: Persona, access: &str, minutes: i32) -> Value {
    let input = json!({ "id": access, "purpose": "To look at the export", "minutes": minutes });
    world.change(who, "supportAccessEnter", input, "supportAccess { visits { totalCount } }").await
}

scenario! {
    async fn a_visit_shows_content_and_itself(world: World) {
        let fixtures = Fixtures::of(&world).await;
        assert_eq!((actions(&world, Facilitator).await, actions(&world, Admin).await), (2, 0));
        let access = given(&world, None).await;
        assert_eq!(actions(&world, Admin).await, 0, "access by itself shows nothing");
        assert_eq!(enter(&world, Analyst, &access, 60).await["errors"][0]["code"], "NOT_OWNER");
        assert_eq!(enter(&world, Admin, &access, 60).await["errors"], json!([]));
        assert_eq!(enter(&world, Admin, &access, 60).await["errors"][0]["code"], "WRONG_STATE");
        assert_eq!((actions(&world, Admin).await, actions(&world, Analyst).await), (2, 0));
        // reads as an observer: changes nothing, and sees no other client
        let write = json!({ "input": { "id": fixtures.home.ids["action"], "title": "Mine" } });
        let refused = world.ask(Admin, "mutation($input: ActionUpdateInput!) { actionUpdate(input: $input) { errors { code } } }", write).await;
        assert_eq!(refused.json["errors"][0]["extensions"]["code"], "FORBIDDEN", "{}", refused.text);
        let other = world.read(Admin, CONTENT, json!({ "id": fixtures.spare.client })).await;
        assert_eq!(other["client"]["actions"]["totalCount"], 0);
        for who in [Sponsor, Leader, Facilitator, Owner] {
            let seen = world.read(who, VISITS, json!({ "id": access })).await["supportAccess"].clone();
            assert_eq!(seen["visits"]["nodes"], json!([{ "visitorName": "Admin", "visitorEmail": "admin@example.com", "purpose": "To look at the export",
                "startsAt": "2026-03-02T09:00:00Z", "endsAt": "2026-03-02T10:00:00Z" }]), "{who:?}");
        }
        let told = "{ auditEvents(filter: { verb: { eq: SUPPORT_ACCESS_ENTER } }) { nodes { noun person { name } } } }";
        let told = world.read(Facilitator, told, json!({})).await;
        assert_eq!(told["auditEvents"]["nodes"].as_array().map(Vec::len), Some(1), "{told}");
        world.at("2026-03-02T10:00:00Z");
        assert_eq!(actions(&world, Admin).await, 0, "it ends by itself");
    }
}

scenario! {
    async fn it_ends_when_the_client_says_so_or_the_visitor_leaves(world: World) {
        Fixtures::of(&world).await;
        let access = given(&world, Some(Analyst)).await;
        assert_eq!(enter(&world, Admin, &access, 60).await["errors"][0]["code"], "NOT_OWNER");
        assert_eq!(enter(&world, Analyst, &access, 480).await["errors"], json!([]));
        assert_eq!(actions(&world, Analyst).await, 2);
        world.done(Analyst, "supportAccessLeave", json!({ "id": access }), "").await;
        assert_eq!(actions(&world, Analyst).await, 0);
        assert_eq!(world.refused(Analyst, "supportAccessLeave", json!({ "id": access })).await.0, "WRONG_STATE");
        enter(&world, Analyst, &access, 480).await;
        assert_eq!(actions(&world, Analyst).await, 2);
        world.done(Sponsor, "supportAccessRevoke", json!({ "id": access }), "").await;
        assert_eq!(actions(&world, Analyst).await, 0);
        assert_eq!(enter(&world, Analyst, &access, 60).await["errors"][0]["code"], "WRONG_STATE");
        let again = world.refused(Sponsor, "supportAccessRevoke", json!({ "id": access })).await;
        assert_eq!(again, ("WRONG_STATE".into(), "input.id".into()));
    }
}

scenario! {
    async fn it_is_given_to_head_office_for_a_time(world: World) {
        Fixtures::of(&world).await;
        let input = |email: &str, ends: &str| json!({ "clientId": world.cast.client, "reason": "Help", "email": email, "endsAt": ends });
        // somebody of the network who is not of head office is as unknown as nobody
        for email in ["owner@example.com", "foreigner@example.com", "nobody@example.com"] {
            let refused = world.refused(Sponsor, "supportAccessGrant", input(email, "2026-03-03T18:00:00Z")).await;
            assert_eq!(refused, ("NOT_FOUND".into(), "input.email".into()), "{email}");
        }
        for ends in ["2026-03-02T09:00:00Z", "2026-04-02T09:00:00Z"] {
            let refused = world.refused(Sponsor, "supportAccessGrant", input("admin@example.com", ends)).await;
            assert_eq!(refused, ("INVALID".into(), "input.endsAt".into()), "{ends}");
        }
        let access = given(&world, Some(Admin)).await;
        // no visit outlasts the access, nor the visitor's place at head office
        world.at("2026-03-03T17:00:00Z");
        enter(&world, Admin, &access, 480).await;
        let seen = world.read(Sponsor, VISITS, json!({ "id": access })).await["supportAccess"]["visits"].clone();
        assert_eq!(seen["nodes"][0]["endsAt"], "2026-03-03T18:00:00Z");
        assert_eq!(actions(&world, Admin).await, 2);
        world.at("2026-03-03T18:00:00Z");
        assert_eq!(actions(&world, Admin).await, 0);
        assert_eq!(enter(&world, Admin, &access, 60).await["errors"][0]["code"], "WRONG_STATE");
    }
}

scenario! {
    async fn a_visitor_who_takes_another_name_is_known_by_the_address(world: World) {
        let access = given(&world, None).await;
        let admin = world.cast.person(Admin).1;
        let called = |name: &str| json!({ "id": admin, "name": name });
        world.done(Admin, "personUpdate", called("Concord automatic backup"), "").await;
        assert_eq!(enter(&world, Admin, &access, 60).await["errors"], json!([]));
        world.done(Admin, "personUpdate", called("Admin"), "").await;
        let seen = world.read(Sponsor, VISITS, json!({ "id": access })).await["supportAccess"]["visits"]["nodes"][0].clone();
        assert_eq!([&seen["visitorName"], &seen["visitorEmail"]], [&json!("Concord automatic backup"), &json!("admin@example.com")]);
    }
}
