//! Agendas that prepare themselves: standing items, what was left open and what asks to be discussed; and the clock of the
//! current item.

use crate::{
    kit::{
        Persona::*,
        World, assert_counts,
        fixtures::{self, Fixtures},
        verify_chains,
    },
    scenario,
};
use entity::priority::PriorityStatus;
use serde_json::{Value, json};

const AGENDA: &str = "query($id: ID!) { session(id: $id) { version
    currentItem { title discussedSince }
    agenda { id position title minutes status source extendedMinutes discussedSince discussedSeconds discussedMinutes
        obstacle { title } decision { title } priority { title } driftSignal { cause } carriedFrom { session { id } } } } }";

/// A weekly meeting on Tuesdays with standing items. Returns its first three sessions.
async fn weekly(world: &World, agenda: Value) -> (Value, [Value; 3]) {
    let input = json!({
        "teamId": world.cast.team, "kind": "FOLLOW_UP", "title": "Weekly", "place": "Room 1", "minutes": 60,
        "rule": "FREQ=WEEKLY;BYDAY=TU", "startsOn": "2026-03-03", "localTime": "09:00", "agenda": agenda,
    });
    let what = "sessionSeries { id agenda stage { id } sessions(first: 3) { nodes { id } } }";
    let made = world.done(Facilitator, "sessionSeriesCreate", input, what).await["sessionSeries"].clone();
    let at = |place: usize| made["sessions"]["nodes"][place]["id"].clone();
    (made["id"].clone(), [at(0), at(1), at(2)])
}

fn standing() -> Value {
    json!([{ "title": "Good news", "minutes": 5 }, { "title": "Scorecard", "minutes": 15 }])
}

async fn agenda(world: &World, session: &Value) -> Vec<Value> {
    let seen = world.read(Leader, AGENDA, json!({ "id": session })).await;
    seen["session"]["agenda"].as_array().expect("an agenda").clone()
}

/// Each item's place, title and source.
async fn lines(world: &World, session: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = agenda(world, session).await;
    items
        .iter()
        .map(|item| format!("{} {} {}", item["position"], text(&item["title"]), text(&item["source"])))
        .collect()
}

async fn raise(world: &World, title: &str, severity: &str) -> Value {
    let input = json!({ "teamId": world.cast.team, "title": title, "severity": severity });
    world.done(Leader, "obstacleRaise", input, "obstacle { id }").await["obstacle"]["id"].clone()
}

async fn complete(world: &World, item: &Value) {
    world.done(Facilitator, "agendaItemComplete", json!({ "id": item["id"], "outcome": "Agreed" }), "").await;
}

scenario! {
    async fn the_next_agenda_prepares_itself(world: World) {
        let (series, [first, second, third]) = weekly(&world, standing()).await;
        assert_eq!(lines(&world, &first).await, ["1 Good news SERIES", "2 Scorecard SERIES"]);
        assert_eq!(lines(&world, &second).await, Vec::<String>::new(), "it is prepared when it is the next one");
        // what comes up before the session starts stands on its agenda when it does
        raise(&world, "Late orders", "LOW").await;
        raise(&world, "Nobody owns the plan", "CRITICAL").await;
        let added = json!({ "sessionId": first, "title": "Prices", "minutes": 10 });
        world.done(Leader, "agendaItemAdd", added, "").await;
        world.at("2026-03-03T09:00:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": first }), "").await;
        let expected = ["1 Good news SERIES", "2 Scorecard SERIES", "3 Prices ADDED", "4 Nobody owns the plan OBSTACLE", "5 Late orders OBSTACLE"];
        assert_eq!(lines(&world, &first).await, expected);
        let items = agenda(&world, &first).await;
        assert_eq!((&items[3]["obstacle"]["title"], &items[3]["minutes"]), (&json!("Nobody owns the plan"), &json!(5)));
        complete(&world, &items[0]).await;
        complete(&world, &items[4]).await;
        world.done(Facilitator, "sessionClose", json!({ "id": first, "summary": "Over" }), "").await;
        // what was left open goes on: a standing item and an obstacle once, not twice
        let expected = ["1 Good news SERIES", "2 Scorecard SERIES", "3 Prices CARRIED", "4 Nobody owns the plan CARRIED", "5 Late orders OBSTACLE"];
        assert_eq!(lines(&world, &second).await, expected);
        let items = agenda(&world, &second).await;
        for (place, from) in [(0, Value::Null), (1, first.clone()), (2, first.clone()), (3, first.clone()), (4, Value::Null)] {
            assert_eq!(items[place]["carriedFrom"]["session"]["id"], from, "{place}");
        }
        assert_eq!(items[3]["obstacle"]["title"], "Nobody owns the plan");
        // a second look adds nothing, and one that is called off hands on each item once
        world.at("2026-03-10T09:00:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": second }), "").await;
        assert_eq!(lines(&world, &second).await, expected);
        world.done(Facilitator, "sessionCancel", json!({ "id": second, "reason": "Fire drill" }), "").await;
        let expected = ["1 Good news SERIES", "2 Scorecard SERIES", "3 Prices CARRIED", "4 Nobody owns the plan CARRIED", "5 Late orders CARRIED"];
        assert_eq!(lines(&world, &third).await, expected);
        // a new list counts from now on, and the next session gets what it does not have yet
        let agenda = json!([{ "title": "Good news", "minutes": 5 }, { "title": "Cash", "minutes": 10 }]);
        let what = "sessionSeries { agenda }";
        let changed = world.done(Facilitator, "sessionSeriesUpdate", json!({ "id": series, "agenda": agenda }), what).await;
        assert_eq!(changed["sessionSeries"]["agenda"], agenda);
        assert_eq!(lines(&world, &third).await[5], "6 Cash SERIES");
        let behind = world.home.behind().await;
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn a_list_of_standing_items_is_checked(world: World) {
        let input = |agenda: Value| json!({
            "teamId": world.cast.team, "kind": "REVIEW", "title": "Weekly", "place": "", "minutes": 60,
            "rule": "FREQ=WEEKLY;BYDAY=TU", "startsOn": "2026-03-03", "localTime": "09:00", "agenda": agenda,
        });
        let many: Vec<Value> = (0..21).map(|at| json!({ "title": format!("Item {at}"), "minutes": 5 })).collect();
        for (agenda, code, path) in [
            (json!([{ "title": "", "minutes": 5 }]), "INVALID", "input.agenda.0.title"),
            (json!([{ "title": "Cash", "minutes": 0 }]), "INVALID", "input.agenda.0.minutes"),
            (json!([{ "title": "Cash", "minutes": 5 }, { "title": "Cash", "minutes": 5 }]), "INVALID", "input.agenda.1.title"),
            (json!(many), "LIMIT_REACHED", "input.agenda"),
        ] {
            let refused = world.refused(Facilitator, "sessionSeriesCreate", input(agenda.clone())).await;
            assert_eq!(refused, (code.into(), path.into()), "{agenda}");
        }
    }
}

scenario! {
    async fn the_current_item_and_its_clock_are_the_same_on_every_screen(world: World) {
        let (_, [session, ..]) = weekly(&world, standing()).await;
        let items = agenda(&world, &session).await;
        let discuss = |at: usize| json!({ "id": items[at]["id"] });
        assert_eq!(world.refused(Facilitator, "agendaItemDiscuss", discuss(0)).await, ("WRONG_STATE".into(), "input.id".into()), "before it starts");
        world.at("2026-03-03T09:00:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
        world.done(Facilitator, "agendaItemDiscuss", discuss(0), "").await;
        let current = async |who| world.read(who, AGENDA, json!({ "id": session })).await["session"]["currentItem"].clone();
        for who in [Facilitator, Sponsor, Leader, Observer] {
            assert_eq!(current(who).await, json!({ "title": "Good news", "discussedSince": "2026-03-03T09:00:00Z" }), "{who:?}");
        }
        world.at("2026-03-03T09:06:30Z");
        // to say it twice does not start the clock anew
        world.done(Facilitator, "agendaItemDiscuss", discuss(0), "").await;
        assert_eq!(current(Leader).await["discussedSince"], "2026-03-03T09:00:00Z");
        world.done(Facilitator, "agendaItemDiscuss", discuss(1), "").await;
        assert_eq!(current(Leader).await, json!({ "title": "Scorecard", "discussedSince": "2026-03-03T09:06:30Z" }));
        let extended = world.done(Facilitator, "agendaItemExtend", json!({ "id": items[1]["id"], "minutes": 10 }), "agendaItem { minutes extendedMinutes }").await;
        assert_eq!(extended["agendaItem"], json!({ "minutes": 15, "extendedMinutes": 10 }));
        for minutes in [0, 121] {
            let refused = world.refused(Facilitator, "agendaItemExtend", json!({ "id": items[1]["id"], "minutes": minutes })).await;
            assert_eq!(refused, ("INVALID".into(), "input.minutes".into()));
        }
        world.at("2026-03-03T09:31:30Z");
        complete(&world, &items[1]).await;
        assert_eq!(current(Leader).await, Value::Null, "an item that is done is not the current one");
        world.done(Facilitator, "agendaItemDiscuss", discuss(0), "").await;
        world.at("2026-03-03T09:32:00Z");
        // whoever closes the session stops the clock
        let closed = world.done(Facilitator, "sessionClose", json!({ "id": session, "summary": "Over" }), "session { recap { record markdown } }").await;
        let seen = agenda(&world, &session).await;
        assert_eq!((&seen[0]["discussedSeconds"], &seen[0]["discussedMinutes"], &seen[0]["discussedSince"]), (&json!(420), &json!(7), &Value::Null));
        assert_eq!((&seen[1]["discussedSeconds"], &seen[1]["discussedMinutes"]), (&json!(1500), &json!(25)));
        let recap = &closed["session"]["recap"];
        assert_eq!((&recap["record"]["agenda"][1]["discussedMinutes"], &recap["record"]["agenda"][1]["extendedMinutes"]), (&json!(25), &json!(10)));
        let page = recap["markdown"].as_str().expect("a page");
        for line in ["Held from 09:00 to 09:32.", "2. Scorecard (25 min, discussed for 25 min): done"] {
            assert!(page.contains(line), "{line} in\n{page}");
        }
    }
}

scenario! {
    async fn a_decision_asks_to_be_discussed_once_its_review_day_has_come(world: World) {
        let cast = &world.cast;
        let decision = json!({ "teamId": cast.team, "title": "Three markets", "text": "We leave four", "ownerId": cast.leader, "reviewOn": "2026-03-09" });
        let decision = world.done(Facilitator, "decisionPropose", decision, "decision { id }").await["decision"]["id"].clone();
        for who in [Leader, Sponsor] {
            world.done(who, "decisionStance", json!({ "id": decision, "stance": "SUPPORTS", "conviction": 4 }), "").await;
        }
        world.done(Facilitator, "decisionRatify", json!({ "id": decision }), "").await;
        let (_, [first, second, third]) = weekly(&world, standing()).await;
        assert_eq!(lines(&world, &first).await.len(), 2, "its day has not come");
        world.at("2026-03-03T09:00:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": first }), "").await;
        for item in agenda(&world, &first).await {
            complete(&world, &item).await;
        }
        world.done(Facilitator, "sessionClose", json!({ "id": first, "summary": "Over" }), "").await;
        world.at("2026-03-10T09:00:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": second }), "").await;
        assert_eq!(lines(&world, &second).await[2], "3 Three markets DECISION_REVIEW");
        for item in agenda(&world, &second).await {
            complete(&world, &item).await;
        }
        world.done(Facilitator, "sessionClose", json!({ "id": second, "summary": "Over" }), "").await;
        assert_eq!(lines(&world, &third).await.len(), 2, "it was discussed since its day");
    }
}

scenario! {
    async fn a_priority_off_track_asks_to_be_discussed(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        let priority = fixtures::priority(&write, &fixtures.home, PriorityStatus::Committed, None).await;
        write.commit_quietly().await.expect("a priority");
        let said = json!({ "id": priority, "status": "OFF_TRACK", "confidence": 2, "comment": "As it is" });
        world.done(Leader, "priorityCheckIn", said, "").await;
        let (_, [session, ..]) = weekly(&world, standing()).await;
        world.at("2026-03-03T09:00:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
        let query = "query($id: ID!) { session(id: $id) { agenda { source priority { id } } } }";
        let seen = world.read(Leader, query, json!({ "id": session })).await;
        let items = seen["session"]["agenda"].as_array().expect("an agenda").iter();
        let asked: Vec<&Value> =
            items.filter(|item| item["source"] == "PRIORITY_OFF_TRACK").map(|item| &item["priority"]["id"]).collect();
        assert_eq!(asked, [&json!(priority)]);
    }
}
