//! Check-ins: once a week, or as often as the team reviews its work, by the owner; and what passes without a word stays
//! blank.

use crate::{
    kit::{
        Persona::*,
        World,
        fixtures::{self, Fixtures},
        verify_chains,
    },
    scenario,
};
use concord::jobs;
use entity::{action::ActionStatus, priority::PriorityStatus};
use serde_json::{Value, json};

const SLOTS: &str = "query($id: ID!) { node(id: $id) {
    ... on Action { checkInSlots(last: 3) { totalCount nodes { startsOn endsOn endsAt blank missed checkIn { comment } } }
        lastCheckIn { comment } checkIns { totalCount nodes { comment earlier { comment replacedAt } } } }
    ... on Priority { checkInSlots(last: 3) { totalCount nodes { startsOn checkIn { comment status byOwner person { name } } } } }
} }";

/// An action promised by the leader on Monday, 2 March 2026, at 9:00, or by a member without a login.
async fn promised(world: &World, owner: impl ToString) -> Value {
    let input = json!({
        "teamId": world.cast.team.to_string(), "ownerId": owner.to_string(), "title": "Call", "dueOn": "2026-04-20",
    });
    let action =
        world.done(Facilitator, "actionCreate", input, "action { id owner { person { id } } }").await;
    let action = &action["action"];
    let who = if action["owner"]["person"].is_null() { Facilitator } else { Leader };
    world.done(who, "actionAccept", json!({ "id": action["id"] }), "").await;
    action["id"].clone()
}

async fn slots_of(world: &World, id: &Value) -> Value {
    jobs::run_due_turns(&world.app).await.expect("the weeks are laid out");
    world.read(Leader, SLOTS, json!({ "id": id })).await["node"].clone()
}

/// How often the cast's team reviews its work, in months; or weekly.
async fn reviews(world: &World, months: Option<i32>) -> Value {
    let (unit, every) = months.map_or(("WEEK", 1), |months| ("MONTH", months));
    let today = world.app.kernel.seams.now().date_naive();
    let input =
        json!({ "teamId": world.cast.team.to_string(), "unit": unit, "every": every, "anchorOn": today });
    world.done(Facilitator, "reviewCadenceSet", input, "reviewCadence { id }").await["reviewCadence"]["id"]
        .clone()
}

/// The slots of an action, each by its first and last day, and whether it is missed.
async fn told(world: &World, id: &Value) -> Vec<(String, String, bool)> {
    jobs::run_due_turns(&world.app).await.expect("the weeks are laid out");
    let slots = "query($id: ID!) { action(id: $id) { checkInSlots(first: 50) { nodes { startsOn endsOn missed } } } }";
    let seen = world.read(Leader, slots, json!({ "id": id })).await;
    let nodes = seen["action"]["checkInSlots"]["nodes"].as_array().expect("slots").clone();
    let text = |value: &Value| value.as_str().expect("a day").to_owned();
    nodes
        .iter()
        .map(|slot| (text(&slot["startsOn"]), text(&slot["endsOn"]), slot["missed"] == true))
        .collect()
}

fn slots(expected: &[(&str, &str, bool)]) -> Vec<(String, String, bool)> {
    expected.iter().map(|(first, last, missed)| ((*first).to_owned(), (*last).to_owned(), *missed)).collect()
}

scenario! {
    async fn a_team_that_reviews_monthly_is_asked_once_in_four_weeks(world: World) {
        let action = promised(&world, world.cast.leader).await;
        reviews(&world, Some(1)).await;
        world.at("2026-03-10T09:00:00Z");
        assert_eq!(told(&world, &action).await, slots(&[("2026-03-09", "2026-04-05", false)]));
        let early = world.done(Leader, "actionCheckIn", said(&action, "Early"), "checkIn { slotOn }").await;
        assert_eq!(early["checkIn"]["slotOn"], "2026-03-09");
        // the last hour of Sunday, 5 April in London, where summer time has begun in the meantime
        world.at("2026-04-05T22:30:00Z");
        world.done(Leader, "actionCheckIn", said(&action, "Late"), "").await;
        let seen = slots_of(&world, &action).await;
        assert_eq!(seen["checkInSlots"], json!({ "totalCount": 1, "nodes": [
            { "startsOn": "2026-03-09", "endsOn": "2026-04-05", "endsAt": "2026-04-05T23:00:00Z", "blank": false, "missed": false, "checkIn": { "comment": "Late" } },
        ] }));
        assert_eq!(seen["checkIns"]["nodes"][0]["earlier"][0]["comment"], "Early", "one takes the place of the other");
        world.at("2026-04-05T23:00:00Z");
        let next = ("2026-04-06", "2026-05-03", false);
        assert_eq!(told(&world, &action).await, slots(&[("2026-03-09", "2026-04-05", false), next]));
        world.at("2026-05-03T22:59:59Z");
        assert_eq!(told(&world, &action).await[1..], slots(&[next]));
        world.at("2026-05-03T23:00:00Z");
        let blank = [("2026-04-06", "2026-05-03", true), ("2026-05-04", "2026-05-31", false)];
        assert_eq!(told(&world, &action).await[1..], slots(&blank), "and over it is blank");
        // nor does the slot ask for anything in which the work is done
        world.done(Leader, "actionComplete", json!({ "id": action }), "").await;
        assert_eq!(told(&world, &action).await.len(), 2);
    }
}

scenario! {
    async fn another_cadence_cuts_the_slot_under_way(world: World) {
        let action = promised(&world, world.cast.leader).await;
        reviews(&world, Some(3)).await;
        world.at("2026-03-18T09:00:00Z");
        assert_eq!(told(&world, &action).await, slots(&[("2026-03-09", "2026-06-07", false)]));
        reviews(&world, None).await;
        let cut = ("2026-03-09", "2026-03-22", false);
        assert_eq!(told(&world, &action).await, slots(&[cut]));
        world.at("2026-03-20T09:00:00Z");
        let made = world.done(Leader, "actionCheckIn", said(&action, "In time"), "checkIn { slotOn }").await;
        assert_eq!(made["checkIn"]["slotOn"], "2026-03-09");
        world.at("2026-03-31T09:00:00Z");
        let weekly = [cut, ("2026-03-23", "2026-03-29", true), ("2026-03-30", "2026-04-05", false)];
        assert_eq!(told(&world, &action).await, slots(&weekly), "and goes on weekly");
        // who thinks twice in a week changes nothing
        reviews(&world, Some(3)).await;
        reviews(&world, None).await;
        reviews(&world, Some(1)).await;
        world.at("2026-04-16T09:00:00Z");
        let monthly = ("2026-04-06", "2026-05-03", false);
        assert_eq!(told(&world, &action).await[2..], slots(&[("2026-03-30", "2026-04-05", true), monthly]));
        // nor does another day of the month
        reviews(&world, None).await;
        let cadence = reviews(&world, Some(1)).await;
        world.at("2026-04-22T09:00:00Z");
        assert_eq!(told(&world, &action).await[3..], slots(&[monthly]));
        world.done(Facilitator, "reviewCadenceEnd", json!({ "id": cadence }), "").await;
        world.at("2026-05-05T09:00:00Z");
        let after = [("2026-04-06", "2026-04-26", true), ("2026-04-27", "2026-05-03", true), ("2026-05-04", "2026-05-10", false)];
        assert_eq!(told(&world, &action).await[3..], slots(&after), "without a cadence it is weeks again");
        verify_chains(&world.home.behind().await).await.expect("the chains hold");
    }
}

fn said(id: &Value, comment: &str) -> Value {
    json!({ "id": id, "status": "AT_RISK", "confidence": 3, "comment": comment })
}

scenario! {
    async fn a_week_without_a_word_stays_blank(world: World) {
        let action = promised(&world, world.cast.leader).await;
        // the week it was promised in asks for nothing
        assert_eq!(slots_of(&world, &action).await["checkInSlots"]["totalCount"], 0);
        world.at("2026-03-10T09:00:00Z");
        let made = world.done(Leader, "actionCheckIn", said(&action, "One of three"), "checkIn { slotOn byOwner action { id } }").await;
        assert_eq!(made["checkIn"], json!({ "slotOn": "2026-03-09", "byOwner": true, "action": { "id": action } }));
        // the last minutes of Sunday the 29th in London are still that week's, and summer time has begun
        world.at("2026-03-29T22:59:00Z");
        world.done(Leader, "actionCheckIn", said(&action, "Two of three"), "").await;
        world.at("2026-03-29T23:00:00Z");
        let seen = slots_of(&world, &action).await;
        assert_eq!(seen["checkInSlots"], json!({ "totalCount": 4, "nodes": [
            { "startsOn": "2026-03-16", "endsOn": "2026-03-22", "endsAt": "2026-03-23T00:00:00Z", "blank": true, "missed": true, "checkIn": null },
            { "startsOn": "2026-03-23", "endsOn": "2026-03-29", "endsAt": "2026-03-29T23:00:00Z", "blank": false, "missed": false, "checkIn": { "comment": "Two of three" } },
            { "startsOn": "2026-03-30", "endsOn": "2026-04-05", "endsAt": "2026-04-05T23:00:00Z", "blank": true, "missed": false, "checkIn": null },
        ] }));
        assert_eq!(seen["lastCheckIn"]["comment"], "Two of three");
        world.done(Leader, "actionComplete", json!({ "id": action }), "").await;
        assert_eq!(world.refused(Leader, "actionCheckIn", said(&action, "Done")).await, ("WRONG_STATE".into(), "input.id".into()));
        // the week it was done in asks for nothing either
        assert_eq!(slots_of(&world, &action).await["checkInSlots"]["totalCount"], 3);
        let before = "query($id: ID!) { node(id: $id) { ... on Action { checkInSlots(filter: { missed: { eq: true } }) { nodes { startsOn } } } } }";
        let missed = world.read(Facilitator, before, json!({ "id": action })).await;
        assert_eq!(missed["node"]["checkInSlots"]["nodes"], json!([{ "startsOn": "2026-03-16" }]));
    }
}

scenario! {
    async fn a_later_word_takes_the_place_and_the_earlier_stays(world: World) {
        let action = promised(&world, world.cast.leader).await;
        let first = world.done(Leader, "actionCheckIn", said(&action, "Good"), "checkIn { id }").await["checkIn"]["id"].clone();
        world.at("2026-03-04T09:00:00Z");
        world.done(Leader, "actionCheckIn", said(&action, "Less good"), "").await;
        world.at("2026-03-05T09:00:00Z");
        world.done(Leader, "actionCheckIn", said(&action, "Bad"), "").await;
        let seen = slots_of(&world, &action).await;
        assert_eq!(seen["checkIns"], json!({ "totalCount": 1, "nodes": [{ "comment": "Bad", "earlier": [
            { "comment": "Good", "replacedAt": "2026-03-04T09:00:00Z" },
            { "comment": "Less good", "replacedAt": "2026-03-05T09:00:00Z" },
        ] }] }));
        assert_eq!(seen["checkInSlots"]["totalCount"], 1);
        let old = world.read(Observer, "query($id: ID!) { checkIn(id: $id) { comment replacedAt } }", json!({ "id": first })).await;
        assert_eq!(old["checkIn"]["comment"], "Good");
        let stale = json!({ "id": action, "status": "ON_TRACK", "confidence": 5, "expectedVersion": 1 });
        assert_eq!(world.refused(Leader, "actionCheckIn", stale).await, ("CONFLICT".into(), "input.expectedVersion".into()));
        let wrong = json!({ "id": action, "status": "ON_TRACK", "confidence": 6, "comment": "x".repeat(2001) });
        let wrong = world.change(Leader, "actionCheckIn", wrong, "checkIn { id }").await;
        let paths: Vec<&Value> = wrong["errors"].as_array().expect("errors").iter().map(|error| &error["path"]).collect();
        assert_eq!(paths, [&json!(["input", "confidence"]), &json!(["input", "comment"])]);
        // two at once: one word stands, and the other is its past
        let (one, other) = tokio::join!(
            world.change(Leader, "actionCheckIn", said(&action, "Left"), "checkIn { id }"),
            world.change(Leader, "actionCheckIn", said(&action, "Right"), "checkIn { id }"),
        );
        assert_eq!((&one["errors"], &other["errors"]), (&json!([]), &json!([])));
        let seen = slots_of(&world, &action).await;
        assert_eq!(seen["checkIns"]["totalCount"], 1);
        assert_eq!(seen["checkIns"]["nodes"][0]["earlier"].as_array().map(Vec::len), Some(4));
    }
}

scenario! {
    async fn for_an_owner_without_a_login_the_facilitator_says_it(world: World) {
        let action = promised(&world, world.cast.quiet).await;
        assert_eq!(world.refused(Sponsor, "actionCheckIn", said(&action, "Fine")).await.0, "NOT_OWNER");
        assert_eq!(world.refused(Leader, "actionCheckIn", said(&action, "Fine")).await.0, "NOT_OWNER");
        let what = "checkIn { byOwner person { name } owner { person { id } } }";
        let made = world.done(Facilitator, "actionCheckIn", said(&action, "Fine"), what).await;
        assert_eq!((&made["checkIn"]["byOwner"], &made["checkIn"]["owner"]["person"]), (&json!(false), &Value::Null));
        assert!(made["checkIn"]["person"]["name"].is_string());
        let fixtures = Fixtures::of(&world).await;
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        let priority = fixtures::priority(&write, &fixtures.home, PriorityStatus::Committed, None).await;
        let proposed = fixtures::priority(&write, &fixtures.home, PriorityStatus::Proposed, None).await;
        let offered = fixtures::action(&write, &fixtures.home, ActionStatus::Offered, None).await;
        write.commit_quietly().await.expect("priorities");
        let (priority, proposed) = (json!(priority.to_string()), json!(proposed.to_string()));
        assert_eq!(world.refused(Facilitator, "priorityCheckIn", said(&priority, "Fine")).await.0, "NOT_OWNER");
        assert_eq!(world.refused(Leader, "priorityCheckIn", said(&proposed, "Fine")).await.0, "WRONG_STATE");
        assert_eq!(world.refused(Leader, "actionCheckIn", said(&json!(offered.to_string()), "Fine")).await.0, "WRONG_STATE");
        world.done(Leader, "priorityCheckIn", said(&priority, "Fine"), "").await;
        let seen = slots_of(&world, &priority).await;
        assert_eq!(seen["checkInSlots"]["nodes"][0]["checkIn"]["status"], "AT_RISK");
        // the weeks are laid out once, however often and by however many
        let (one, other) = tokio::join!(jobs::run_due_turns(&world.app), jobs::run_due_turns(&world.app));
        assert!(one.is_ok() && other.is_ok());
    }
}

scenario! {
    async fn a_pause_excuses_the_weeks_it_touches(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let action = promised(&world, world.cast.leader).await;
        let programme = &fixtures.home.ids["programme"];
        let before = world.read(Facilitator, "query($id: ID!) { programme(id: $id) { pauses { startsAt endsAt } } }", json!({ "id": programme })).await;
        world.at("2026-03-10T09:00:00Z");
        world.done(Facilitator, "programmePause", json!({ "id": programme, "reason": "Stocktaking" }), "").await;
        let lasting = world.done(Facilitator, "programmeResume", json!({ "id": programme, "expectedVersion": 2 }), "").await;
        assert_eq!(lasting["errors"], json!([]));
        world.at("2026-03-11T09:00:00Z");
        world.done(Facilitator, "programmePause", json!({ "id": programme, "reason": "Stocktaking" }), "").await;
        // who says something all the same has said it
        world.done(Leader, "actionCheckIn", said(&action, "We count"), "").await;
        world.at("2026-03-20T09:00:00Z");
        let what = "programme { pauses { startsAt endsAt } }";
        let resumed = world.done(Facilitator, "programmeResume", json!({ "id": programme }), what).await;
        let pauses = resumed["programme"]["pauses"].as_array().expect("pauses");
        let known = before["programme"]["pauses"].as_array().expect("pauses").len();
        assert_eq!(pauses[known..], [
            json!({ "startsAt": "2026-03-10T09:00:00Z", "endsAt": "2026-03-10T09:00:00Z" }),
            json!({ "startsAt": "2026-03-11T09:00:00Z", "endsAt": "2026-03-20T09:00:00Z" }),
        ]);
        world.at("2026-03-31T09:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("the weeks are laid out");
        let slots = "query($id: ID!) { action(id: $id) { checkInSlots(first: 10) { nodes { startsOn blank excused missed } }
            blank: checkInSlots(filter: { missed: { eq: true } }) { totalCount }
            excused: checkInSlots(filter: { excused: { eq: true } }) { totalCount } } }";
        let seen = world.read(Leader, slots, json!({ "id": action })).await["action"].clone();
        let mut weeks = seen["checkInSlots"]["nodes"].as_array().expect("weeks").clone();
        weeks.sort_by_key(|week| week["startsOn"].to_string());
        assert_eq!(weeks, [
            json!({ "startsOn": "2026-03-09", "blank": false, "excused": false, "missed": false }),
            json!({ "startsOn": "2026-03-16", "blank": false, "excused": true, "missed": false }),
            json!({ "startsOn": "2026-03-23", "blank": true, "excused": false, "missed": true }),
            json!({ "startsOn": "2026-03-30", "blank": true, "excused": false, "missed": false }),
        ]);
        assert_eq!((&seen["blank"]["totalCount"], &seen["excused"]["totalCount"]), (&json!(1), &json!(1)));
        // head office sees that it was paused, which is no content
        let seen = world.read(Analyst, "query($id: ID!) { programme(id: $id) { pauses { endsAt } } }", json!({ "id": programme })).await;
        assert_eq!(seen["programme"]["pauses"].as_array().map(Vec::len), Some(known + 2));
    }
}
