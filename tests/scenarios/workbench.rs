//! The workbench: lists over everything in reach with filters by related rows, the portfolio's filters and orders, what
//! waits for each person, and the calendar.

use crate::{
    kit::{Persona, Persona::*, World},
    scenario,
};
use serde_json::{Value, json};

/// Lists of the query root that only those read who work with a client.
const LISTS: [&str; 8] = [
    "actions",
    "alignmentRounds",
    "decisions",
    "driftSignals",
    "obstacles",
    "priorities",
    "reviews",
    "sessions",
];

/// How many actions in reach a filter lets through.
async fn actions(world: &World, who: Persona, filter: &Value) -> Value {
    let document = "query($filter: ActionFilter) { actions(first: 0, filter: $filter) { totalCount } }";
    world.read(who, document, json!({ "filter": filter })).await["actions"]["totalCount"].clone()
}

/// The kinds of what waits for someone, in order.
async fn waiting(world: &World, who: Persona) -> Vec<String> {
    let seen = world.read(who, "{ viewer { myWork { nodes { kind overdue } } } }", json!({})).await;
    let items = seen["viewer"]["myWork"]["nodes"].as_array().expect("work").clone();
    items.iter().filter_map(|item| item["kind"].as_str()).map(str::to_owned).collect()
}

async fn scheduled(world: &World, title: &str, starts_at: &str) -> Value {
    let input = json!({ "teamId": world.cast.team, "title": title, "startsAt": starts_at, "minutes": 60, "kind": "REVIEW", "place": "" });
    world.done(Facilitator, "sessionSchedule", input, "session { id }").await["session"]["id"].clone()
}

scenario! {
    async fn lists_at_the_root_are_filtered_by_related_rows(world: World) {
        let cast = &world.cast;
        for (owner, title) in [(cast.leader, "Call"), (cast.leader, "Write"), (cast.sponsor, "Decide")] {
            let input = json!({ "teamId": cast.team, "ownerId": owner, "title": title, "dueOn": "2026-03-20" });
            world.done(Facilitator, "actionCreate", input, "").await;
        }
        let (lead, leader) = (cast.person(Facilitator).1, cast.person(Leader).1);
        for (filter, expected) in [
            (json!({}), 3),
            (json!({ "clientId": { "eq": cast.client } }), 3),
            (json!({ "clientId": { "eq": cast.other_client } }), 0),
            (json!({ "teamId": { "in": [cast.team, cast.other_team] } }), 3),
            (json!({ "client": { "regionId": { "eq": cast.region } } }), 3),
            (json!({ "client": { "franchiseId": { "eq": cast.other_franchise } } }), 0),
            (json!({ "client": { "leadId": { "eq": lead } } }), 3),
            (json!({ "client": { "leadId": { "eq": leader } } }), 0),
            (json!({ "client": { "progress": { "actionsOffered": { "gte": 3 } } } }), 3),
            (json!({ "client": { "progress": { "actionsOffered": { "gt": 3 } } } }), 0),
            (json!({ "client": {} }), 3),
            (json!({ "owner": { "personId": { "eq": leader } } }), 2),
            (json!({ "not": { "owner": { "personId": { "eq": leader } } } }), 1),
            (json!({ "owner": { "name": { "contains": "sponsor" } }, "dueOn": { "lte": "2026-03-20" } }), 1),
            (json!({ "or": [{ "owner": { "personId": { "eq": leader } } }, { "title": { "eq": "Decide" } }] }), 3),
        ] {
            assert_eq!(actions(&world, Facilitator, &filter).await, expected, "{filter}");
        }
        // each sees what is in their reach, and head office no list
        for (who, expected) in [(Leader, json!(3)), (Sponsor, json!(3)), (Stranger, json!(0)), (Admin, Value::Null), (Analyst, Value::Null)] {
            assert_eq!(actions(&world, who, &json!({})).await, expected, "{who:?}");
        }
        for list in LISTS {
            let document = format!("query($id: ID!) {{ {list}(first: 3, filter: {{ clientId: {{ eq: $id }}, client: {{ leadName: {{ contains: \"facil\" }} }} }}) {{
                nodes {{ id clientId client {{ id }} teamId }} }} }}");
            let found = world.read(Facilitator, &document, json!({ "id": cast.client })).await;
            for node in found[list]["nodes"].as_array().into_iter().flatten() {
                assert_eq!((&node["clientId"], &node["client"]["id"]), (&json!(cast.client), &json!(cast.client)), "{list}");
            }
            let office = world.read(Admin, &document, json!({ "id": cast.client })).await[list].clone();
            // head office reads whether reviews were held, and no list of content
            assert_eq!(office.is_null(), list != "reviews", "{list}");
        }
    }
}

scenario! {
    async fn clients_are_filtered_and_sorted_by_what_a_portfolio_shows(world: World) {
        let cast = &world.cast;
        let input = json!({
            "franchiseId": cast.franchise, "leadId": cast.person(Facilitator).1, "regionId": cast.region, "name": "Zinc Works",
            "industry": "C", "sizeBand": "SMALL", "timeZone": "Europe/London", "teamName": "Leaders",
        });
        world.done(Owner, "clientCreate", input, "client { id }").await;
        scheduled(&world, "Review", "2026-03-20T09:00:00Z").await;
        let offer = json!({ "teamId": cast.team, "ownerId": cast.leader, "title": "Call", "dueOn": "2026-03-04" });
        let action = world.done(Facilitator, "actionCreate", offer, "action { id }").await["action"]["id"].clone();
        world.done(Leader, "actionAccept", json!({ "id": action }), "").await;
        world.at("2026-03-06T09:00:00Z");
        let names = async |order: &str, filter: Value| {
            let document = format!("query($filter: ClientFilter, $after: String) {{ clients(first: 1, after: $after, filter: $filter, orderBy: [{order}, {{ field: NAME }}]) {{
                nodes {{ name }} pageInfo {{ endCursor hasNextPage }} }} }}");
            let (mut names, mut after) = (vec![], Value::Null);
            loop {
                let page = world.read(Facilitator, &document, json!({ "filter": filter, "after": after })).await["clients"].clone();
                names.extend(page["nodes"][0]["name"].as_str().map(str::to_owned));
                after = page["pageInfo"]["endCursor"].clone();
                if page["pageInfo"]["hasNextPage"] == false {
                    return names;
                }
            }
        };
        let (acorn, zinc) = ("Acorn Mills", "Zinc Works");
        for (order, expected) in [
            ("{ field: NEXT_SESSION_STARTS_AT, direction: DESC }", [zinc, acorn]),
            ("{ field: NEXT_SESSION_STARTS_AT }", [acorn, zinc]),
            ("{ field: ACTIONS_OVERDUE }", [zinc, acorn]),
            ("{ field: LAST_SESSION_STARTS_AT }", [acorn, zinc]),
            ("{ field: LEAD_NAME }, { field: STAGE_POSITION }", [acorn, zinc]),
            ("{ field: PROGRAMME_STATUS }, { field: DRIFT_SIGNALS_OPEN }", [acorn, zinc]),
            ("{ field: RENEWAL_ON }", [acorn, zinc]),
        ] {
            assert_eq!(names(order, Value::Null).await, expected, "{order}");
        }
        for (filter, expected) in [
            (json!({ "actionsOverdue": { "gt": 0 } }), vec![acorn]),
            (json!({ "progress": { "actionsOverdue": { "eq": 1 }, "nextSessionAt": { "lt": "2026-04-01T00:00:00Z" } } }), vec![acorn]),
            (json!({ "progress": { "nextSessionAt": { "isNull": true } } }), vec![zinc]),
            (json!({ "nextSessionStartsAt": { "gt": "2026-04-01T00:00:00Z" } }), vec![zinc]),
            (json!({ "programmeStatus": { "isNull": true } }), vec![acorn, zinc]),
            (json!({ "stagePosition": { "eq": 0 }, "driftSignalsOpen": { "eq": 0 } }), vec![acorn, zinc]),
            (json!({ "leadName": { "startsWith": "facil" }, "leadId": { "eq": cast.person(Owner).1 } }), vec![]),
        ] {
            assert_eq!(names("{ field: LEAD_NAME }", filter.clone()).await, expected, "{filter}");
        }
        let figures = "{ clients(filter: { actionsOverdue: { gt: 0 } }) { nodes { leadName actionsOverdue lead { name }
            nextSessionStartsAt progress { actionsOverdue nextSessionAt } } } }";
        let seen = world.read(Facilitator, figures, json!({})).await["clients"]["nodes"][0].clone();
        assert_eq!(seen["leadName"], seen["lead"]["name"]);
        assert_eq!(seen["actionsOverdue"], seen["progress"]["actionsOverdue"]);
        assert_eq!(seen["nextSessionStartsAt"], seen["progress"]["nextSessionAt"]);
    }
}

scenario! {
    async fn everyone_sees_what_waits_for_them(world: World) {
        let cast = &world.cast;
        let input = json!({ "teamId": cast.team, "title": "Markets", "text": "We serve three", "ownerId": cast.leader });
        let decision = world.done(Leader, "decisionPropose", input, "decision { id }").await["decision"]["id"].clone();
        let everyone = async || {
            let mut found = vec![];
            for who in [Leader, Sponsor, Observer, Facilitator, Owner, Stranger] {
                found.push(waiting(&world, who).await);
            }
            found
        };
        assert_eq!(everyone().await, [vec!["STANCE"], vec!["STANCE"], vec![], vec!["RATIFICATION"], vec![], vec![]]);
        for who in [Leader, Sponsor] {
            let stance = json!({ "id": decision, "stance": "SUPPORTS", "conviction": 4 });
            world.done(who, "decisionStance", stance, "").await;
            assert_eq!(waiting(&world, who).await, Vec::<String>::new(), "{who:?} has said it");
        }
        // another wording waits for another stance
        world.done(Leader, "decisionUpdate", json!({ "id": decision, "text": "We serve three markets" }), "").await;
        assert_eq!(waiting(&world, Sponsor).await, ["STANCE"]);
        for who in [Leader, Sponsor] {
            let stance = json!({ "id": decision, "stance": "SUPPORTS", "conviction": 4 });
            world.done(who, "decisionStance", stance, "").await;
        }
        world.done(Facilitator, "decisionRatify", json!({ "id": decision }), "").await;
        assert_eq!(everyone().await, [vec!["READ_BACK"], vec!["READ_BACK"], vec![], vec![], vec![], vec![]]);
        world.done(Leader, "decisionReadBack", json!({ "id": decision, "text": "Three" }), "").await;
        assert_eq!(everyone().await, [vec![], vec!["READ_BACK"], vec![], vec!["READ_BACK_TO_JUDGE"], vec![], vec![]]);
        let judged = "{ viewer { myWork { nodes { title dueOn decision { title readBacks(filter: { status: { eq: WAITING } }) { totalCount } } action { id } } } } }";
        let judged = world.read(Facilitator, judged, json!({})).await["viewer"]["myWork"]["nodes"][0].clone();
        assert_eq!(judged["decision"], json!({ "title": "Markets", "readBacks": { "totalCount": 1 } }));
        assert_eq!((&judged["title"], &judged["dueOn"], &judged["action"]), (&json!("Markets"), &json!("2026-03-02"), &Value::Null));
        let round = json!({ "teamId": cast.team, "title": "First", "statements": [{ "text": "We decide fast" }] });
        world.done(Facilitator, "alignmentRoundOpen", round, "").await;
        assert_eq!(waiting(&world, Leader).await, ["ALIGNMENT_ROUND"]);
        // a restatement is asked for during 30 days
        world.at("2026-04-02T09:00:00Z");
        assert_eq!(waiting(&world, Sponsor).await, ["ALIGNMENT_ROUND"]);
        // what is a team's that is archived waits for nobody
        world.done(Admin, "clientArchive", json!({ "id": cast.client }), "").await;
        assert_eq!(waiting(&world, Facilitator).await, Vec::<String>::new());
    }
}

scenario! {
    async fn a_cycle_waits_to_be_closed_once_its_days_are_over(world: World) {
        world.quarter("2026-Q1").await;
        world.at("2026-03-31T20:00:00Z");
        assert_eq!(waiting(&world, Facilitator).await, Vec::<String>::new());
        world.at("2026-04-01T09:00:00Z");
        assert_eq!(waiting(&world, Facilitator).await, ["CYCLE"]);
        assert_eq!(waiting(&world, Leader).await, Vec::<String>::new());
    }
}

scenario! {
    async fn the_calendar_shows_sessions_between_two_instants(world: World) {
        for (title, starts_at) in [("One", "2026-03-10T09:00:00Z"), ("Two", "2026-03-20T09:00:00Z"), ("Off", "2026-03-21T09:00:00Z")] {
            let id = scheduled(&world, title, starts_at).await;
            if title == "Off" {
                world.done(Facilitator, "sessionCancel", json!({ "id": id, "reason": "Snow" }), "").await;
            }
        }
        let document = "query($from: DateTime, $to: DateTime) { viewer { sessions(from: $from, to: $to) { nodes { title upcoming } } } }";
        for (from, to, expected) in [
            (Value::Null, Value::Null, vec!["One", "Two"]),
            (json!("2026-03-10T09:00:00Z"), json!("2026-03-20T09:00:00Z"), vec!["One"]),
            (json!("2026-03-10T09:00:01Z"), Value::Null, vec!["Two"]),
            (Value::Null, json!("2026-03-10T09:00:00Z"), vec![]),
        ] {
            for who in [Facilitator, Leader, Stranger] {
                let seen = world.read(who, document, json!({ "from": from, "to": to })).await;
                let nodes = seen["viewer"]["sessions"]["nodes"].as_array().expect("sessions").clone();
                let titles: Vec<&str> = nodes.iter().filter_map(|node| node["title"].as_str()).collect();
                let expected = if who == Stranger { vec![] } else { expected.clone() };
                assert_eq!(titles, expected, "{who:?} from {from} to {to}");
            }
        }
    }
}
