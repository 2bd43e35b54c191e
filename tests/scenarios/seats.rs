//! Seats: who answers for what in a team, in a tree, and what happens to a seat when somebody leaves.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use serde_json::{Value, json};

const CHART: &str =
    "query($id: ID!) { team(id: $id) { seats { title filledAt parent { title } children { title }
    member { id } } loads { member { id } priorityCount actionCount seatCount } } }";

async fn chart(world: &World) -> Value {
    let seen = world.read(Observer, CHART, json!({ "id": world.cast.team.to_string() })).await;
    seen["team"].clone()
}

async fn seat(world: &World, title: &str, parent: Option<&Value>, member: Option<&str>) -> Value {
    let input = json!({ "teamId": world.cast.team, "title": title, "duties": "All of it", "parentId": parent, "memberId": member });
    world.done(Facilitator, "seatCreate", input, "seat { id }").await["seat"]["id"].clone()
}

scenario! {
    async fn seats_form_a_tree_and_pass_to_a_successor(world: World) {
        let (leader, quiet) = (world.cast.leader.to_string(), world.cast.quiet.to_string());
        let head = seat(&world, "Management", None, None).await;
        let sales = seat(&world, "Sales", Some(&head), Some(&leader)).await;
        let shop = seat(&world, "Shop", Some(&sales), Some(&leader)).await;
        let circle = json!({ "id": head, "parentId": shop });
        assert_eq!(world.refused(Sponsor, "seatUpdate", circle).await, ("INVALID".into(), "input.parentId".into()));
        let outsider = json!({ "id": head, "memberId": world.cast.other_member });
        assert_eq!(world.refused(Sponsor, "seatUpdate", outsider).await, ("NOT_FOUND".into(), "input.memberId".into()));
        let stale = json!({ "id": head, "title": "Board", "expectedVersion": 2 });
        assert_eq!(world.refused(Sponsor, "seatUpdate", stale).await.0, "CONFLICT");
        let seen = chart(&world).await;
        let seats = &seen["seats"];
        assert_eq!(seats[0]["children"], json!([{ "title": "Sales" }]));
        assert_eq!((&seats[0]["member"], &seats[0]["filledAt"]), (&Value::Null, &Value::Null));
        assert_eq!((&seats[2]["parent"]["title"], &seats[2]["member"]["id"]), (&json!("Sales"), &json!(leader)));
        let load = |seen: &Value, member: &str| {
            let loads = seen["loads"].as_array().expect("loads").clone();
            loads.into_iter().find(|load| load["member"]["id"] == *member).expect("a load")
        };
        let offer = json!({ "teamId": world.cast.team, "ownerId": leader, "title": "Call", "dueOn": "2026-03-20" });
        world.done(Facilitator, "actionCreate", offer, "").await;
        let seen = chart(&world).await;
        assert_eq!(load(&seen, &leader), json!({ "member": { "id": leader }, "priorityCount": 0, "actionCount": 1, "seatCount": 2 }));
        assert_eq!(load(&seen, &quiet)["seatCount"], 0);
        // whoever takes over the work takes over the seats, from now on
        world.at("2026-03-05T09:00:00Z");
        world.done(Sponsor, "memberRemove", json!({ "id": leader, "successorId": quiet }), "").await;
        let seen = chart(&world).await;
        assert_eq!(load(&seen, &quiet)["seatCount"], 2);
        assert_eq!(seen["seats"][1]["filledAt"], "2026-03-05T09:00:00Z");
        // a removed seat lets those below it move up
        let removed = world.done(Sponsor, "seatRemove", json!({ "id": sales }), "seat { removedAt children { title } }").await;
        assert_eq!(removed["seat"], json!({ "removedAt": "2026-03-05T09:00:00Z", "children": [] }));
        let seen = chart(&world).await;
        let titles: Vec<&Value> = seen["seats"].as_array().expect("seats").iter().map(|seat| &seat["title"]).collect();
        assert_eq!(titles, ["Management", "Shop"]);
        assert_eq!(seen["seats"][1]["parent"]["title"], "Management");
        let below = json!({ "id": head, "parentId": sales });
        assert_eq!(world.refused(Sponsor, "seatUpdate", below).await, ("WRONG_STATE".into(), "input.parentId".into()));
        world.done(Sponsor, "seatUpdate", json!({ "id": shop, "memberId": null }), "").await;
        assert_eq!(chart(&world).await["seats"][1]["member"], Value::Null);
    }
}

scenario! {
    async fn a_seat_is_vacant_when_its_member_leaves_without_a_successor(world: World) {
        let quiet = world.cast.quiet.to_string();
        seat(&world, "Finance", None, Some(&quiet)).await;
        let figure = json!({
            "teamId": world.cast.team, "ownerId": quiet, "name": "Cash", "unit": "EUR", "direction": "HOLD", "period": "WEEK",
            "baseline": "5", "target": "5", "greenBound": "1",
        });
        let figure = world.done(Facilitator, "measurableCreate", figure, "measurable { id owner { id } }").await;
        assert_eq!(figure["measurable"]["owner"]["id"], json!(quiet));
        world.done(Sponsor, "memberRemove", json!({ "id": quiet }), "").await;
        let seen = chart(&world).await;
        assert_eq!((&seen["seats"][0]["member"], &seen["seats"][0]["filledAt"]), (&Value::Null, &Value::Null));
        let owner = "query($id: ID!) { measurable(id: $id) { owner { id } } }";
        let owned = world.read(Leader, owner, json!({ "id": figure["measurable"]["id"] })).await;
        assert_eq!(owned["measurable"]["owner"], Value::Null);
    }
}
