//! Scorecards: the figures of a team in rows and its last weeks or months in cells, as a room reads them once a week.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use serde_json::{Value, json};

const GRID: &str = "query($id: ID!, $periods: Int) { team(id: $id) { scorecard(periods: $periods) {
    measurable { name progressPercent owner { name } priority { progressPercent } } total entered
    cells { startsOn endsOn value colour late entry { comment person { name } } } } } }";

/// The rows of the team's scorecard.
async fn grid(world: &World, periods: i32) -> Vec<Value> {
    let asked = json!({ "id": world.cast.team.to_string(), "periods": periods });
    let seen = world.read(Observer, GRID, asked).await;
    seen["team"]["scorecard"].as_array().expect("rows").clone()
}

/// Orders a week that the leader answers for: green from 10, amber from 8.
fn weekly_orders(world: &World) -> Value {
    json!({
        "teamId": world.cast.team, "ownerId": world.cast.leader, "name": "Orders", "unit": "orders",
        "direction": "UP", "period": "WEEK", "baseline": "0", "target": "10", "amberBound": "8", "totalBy": "SUM",
    })
}

async fn created(world: &World, input: Value) -> Value {
    world.done(Facilitator, "measurableCreate", input, "measurable { id }").await["measurable"]["id"].clone()
}

/// A committed priority of the leader.
async fn committed(world: &World) -> Value {
    world.quarter("2026-Q1").await;
    let input =
        json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Win", "outcome": "Won" });
    let made = world.done(Facilitator, "priorityCreate", input, "priority { id }").await;
    let id = made["priority"]["id"].clone();
    world.done(Facilitator, "priorityCommit", json!({ "id": id }), "").await;
    id
}

fn set(world: &World, items: Value) -> Value {
    json!({ "teamId": world.cast.team, "items": items })
}

/// A cell without its entry.
fn cell(first: &str, last: &str, value: Value) -> Value {
    let (value, colour, late) = (&value[0], &value[1], &value[2]);
    json!({ "startsOn": first, "endsOn": last, "value": value, "colour": colour, "late": late })
}

/// The cells of a row, without their entries.
fn cells(row: &Value) -> Value {
    let mut cells = row["cells"].clone();
    for cell in cells.as_array_mut().expect("cells") {
        cell.as_object_mut().expect("a cell").remove("entry");
    }
    cells
}

scenario! {
    async fn a_room_reads_its_weeks_as_a_grid(world: World) {
        let orders = created(&world, weekly_orders(&world)).await;
        assert_eq!(grid(&world, 2).await[0]["total"], Value::Null);
        let items = json!([
            { "id": orders, "periodOn": "2026-02-20", "value": "10" },
            { "id": orders, "periodOn": "2026-02-23", "value": "8.50", "comment": "Half term" },
        ]);
        let done = world.done(Leader, "measurableValuesSet", set(&world, items), "measurables { id }").await;
        assert_eq!(done["measurables"], json!([{ "id": orders }, { "id": orders }]));
        let rows = grid(&world, 3).await;
        let nothing = json!([null, null, null]);
        // today is Monday, 2 March: the week before the last one ended eight days ago, and the last one yesterday
        assert_eq!(cells(&rows[0]), json!([
            cell("2026-02-16", "2026-02-22", json!(["10", "GREEN", true])),
            cell("2026-02-23", "2026-03-01", json!(["8.5", "AMBER", false])),
            cell("2026-03-02", "2026-03-08", nothing.clone()),
        ]));
        assert_eq!((&rows[0]["total"], &rows[0]["entered"]), (&json!("18.5"), &json!(2)));
        assert_eq!(rows[0]["measurable"]["progressPercent"], 85);
        assert_eq!(rows[0]["cells"][1]["entry"]["comment"], "Half term");
        assert_eq!(rows[0]["cells"][2]["entry"], Value::Null);

        let before = world.app.kernel.statements();
        grid(&world, 3).await;
        let statements = world.app.kernel.statements() - before;
        // the figures of committed priorities follow, by months
        let priority = committed(&world).await;
        let monthly = json!({
            "priorityId": priority, "name": "Accounts", "unit": "accounts", "direction": "UP", "period": "MONTH",
            "baseline": "0", "target": "4", "totalBy": "MEAN",
        });
        let monthly = created(&world, monthly).await;
        let items = json!([
            { "id": monthly, "periodOn": "2026-01-31", "value": "1" },
            { "id": monthly, "periodOn": "2026-02-28", "value": "2" },
        ]);
        world.done(Leader, "measurableValuesSet", set(&world, items), "").await;
        let before = world.app.kernel.statements();
        let rows = grid(&world, 3).await;
        assert_eq!(world.app.kernel.statements() - before, statements, "the same for two rows as for one");
        assert_eq!(rows.len(), 2);
        assert_eq!(cells(&rows[1]), json!([
            cell("2026-01-01", "2026-01-31", json!(["1", "RED", true])),
            cell("2026-02-01", "2026-02-28", json!(["2", "RED", false])),
            cell("2026-03-01", "2026-03-31", nothing),
        ]));
        assert_eq!(rows[1]["total"], "1.5");
        assert_eq!(rows[1]["measurable"]["priority"]["progressPercent"], 50);
        // a new week begins at midnight in London, where clocks went forward that night
        world.at("2026-03-29T23:30:00Z");
        let rows = grid(&world, 1).await;
        assert_eq!(rows[0]["cells"][0]["startsOn"], "2026-03-30");
        for (asked, shown) in [(0, 1), (13, 13), (100, 53)] {
            let rows = grid(&world, asked).await;
            assert_eq!(rows[0]["cells"].as_array().map(Vec::len), Some(shown), "{asked} periods");
        }
        world.done(Facilitator, "measurableRemove", json!({ "id": orders }), "").await;
        assert_eq!(grid(&world, 1).await.len(), 1);
    }
}

scenario! {
    async fn values_are_set_whole_or_not_at_all(world: World) {
        let orders = created(&world, weekly_orders(&world)).await;
        let nobodys = json!({
            "teamId": world.cast.team, "name": "Complaints", "unit": "complaints", "direction": "DOWN", "period": "WEEK",
            "baseline": "9", "target": "2",
        });
        let nobodys = created(&world, nobodys).await;
        for (items, code, path) in [
            (json!([{ "id": orders, "value": "1" }, { "id": orders, "value": "2" }]), "INVALID", "input.items.1.periodOn"),
            (json!([{ "id": orders, "value": "1" }, { "id": orders, "periodOn": "2026-03-03", "value": "2" }]), "INVALID", "input.items.1.periodOn"),
            (json!([{ "id": orders, "value": "1" }, { "id": world.cast.team, "value": "2" }]), "NOT_FOUND", "input.items.1.id"),
            (json!([{ "id": orders, "value": "1" }, { "id": nobodys, "value": "2" }]), "NOT_OWNER", "input.items.1.id"),
            (json!([]), "INVALID", "input.items"),
        ] {
            let refused = world.refused(Leader, "measurableValuesSet", set(&world, items)).await;
            assert_eq!(refused, (code.into(), path.into()));
        }
        assert!(grid(&world, 1).await.iter().all(|row| row["entered"] == 0));
        // who shapes the team's work sets all of them
        let items = json!([{ "id": orders, "value": "7" }, { "id": nobodys, "value": "2" }]);
        world.done(Sponsor, "measurableValuesSet", set(&world, items), "").await;
        let colours: Vec<Value> = grid(&world, 1).await.iter().map(|row| row["cells"][0]["colour"].clone()).collect();
        assert_eq!(colours, ["RED", "GREEN"]);
    }
}

scenario! {
    async fn a_new_target_counts_for_progress_and_colours_no_past(world: World) {
        let orders = created(&world, weekly_orders(&world)).await;
        world.done(Leader, "measurableRecord", json!({ "id": orders, "value": "8" }), "").await;
        let update = json!({ "id": orders, "target": "8", "amberBound": null });
        let seen = "measurable { progressPercent greenBound amberBound latest { colour late } }";
        let changed = world.done(Leader, "measurableUpdate", update, seen).await;
        assert_eq!(changed["measurable"], json!({
            "progressPercent": 100, "greenBound": null, "amberBound": null, "latest": { "colour": "AMBER", "late": false },
        }));
        let corrected = world.done(Leader, "measurableRecord", json!({ "id": orders, "value": "8" }), seen).await;
        assert_eq!(corrected["measurable"]["latest"]["colour"], "GREEN");
        let crossed = json!({ "id": orders, "greenBound": "7", "amberBound": "7.5" });
        assert_eq!(world.refused(Leader, "measurableUpdate", crossed).await, ("INVALID".into(), "input.amberBound".into()));
        let nowhere = json!({
            "name": "Orders", "unit": "orders", "direction": "UP", "period": "WEEK", "baseline": "0", "target": "1",
        });
        assert_eq!(world.refused(Facilitator, "measurableCreate", nowhere).await, ("INVALID".into(), "input.priorityId".into()));
        // a figure of the team's own that somebody else answers for is not a leader's to make
        let mut sponsors = weekly_orders(&world);
        sponsors["ownerId"] = json!(world.cast.sponsor);
        assert_eq!(world.refused(Leader, "measurableCreate", sponsors).await, ("NOT_OWNER".into(), "input.teamId".into()));
    }
}
