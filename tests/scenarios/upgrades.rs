//! A database in use is upgraded from the schema of before: what the steps change of its rows, and a step that is cut off.
//! On PostgreSQL the steps run as the owner, whom row-level security binds as well.

use super::alignment::{answer, opened, seen, step};
use crate::{
    kit::{Persona::*, World, assert_counts, fixtures::Fixtures, verify_chains},
    scenario,
};
use concord::jobs;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::{Value, json};

/// The last step of the schema of before.
const BEFORE: &str = "m0039_client_risk";

/// Takes back every step after [`BEFORE`], and leaves the rows.
async fn go_back(owner: &DatabaseConnection) {
    let names: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let kept = names.iter().position(|name| name == BEFORE).expect("the schema of before") + 1;
    Migrator::down(owner, Some((names.len() - kept) as u32)).await.expect("the schema of before");
}

async fn execute(behind: &DatabaseConnection, statements: &[&str]) {
    for statement in statements {
        behind.execute_unprepared(statement).await.expect(statement);
    }
}

async fn count(behind: &DatabaseConnection, of: &str) -> i64 {
    let sql = format!("select count(*) from {of}");
    let found = behind.query_one_raw(Statement::from_string(behind.get_database_backend(), sql)).await;
    found.expect("an answer").expect("a row").try_get_by_index(0).expect("a number")
}

/// A measurable of a committed priority that has gone two fifths of its way.
async fn measured(world: &World) {
    world.quarter("2026-Q1").await;
    let priority =
        json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Win", "outcome": "Won" });
    let priority =
        world.done(Facilitator, "priorityCreate", priority, "priority { id }").await["priority"]["id"]
            .clone();
    world.done(Facilitator, "priorityCommit", json!({ "id": priority }), "").await;
    let input = json!({ "priorityId": priority, "name": "Accounts", "unit": "accounts", "direction": "UP",
        "period": "MONTH", "baseline": "-1", "target": "1.5" });
    let made =
        world.done(Facilitator, "measurableCreate", input, "measurable { id }").await["measurable"]["id"]
            .clone();
    for (on, value) in [("2026-01-05", "1"), ("2026-02-05", "0")] {
        let input = json!({ "id": made, "periodOn": on, "value": value });
        world.done(Facilitator, "measurableRecord", input, "").await;
    }
}

async fn progress(world: &World) -> Value {
    let document =
        "query($id: ID!) { team(id: $id) { scorecard(periods: 1) { measurable { name progressPercent } } } }";
    let rows = world.read(Facilitator, document, json!({ "id": world.cast.team })).await["team"]["scorecard"]
        .clone();
    let rows = rows.as_array().expect("rows").iter().map(|row| &row["measurable"]);
    rows.filter(|row| row["name"] == "Accounts").map(|row| row["progressPercent"].clone()).collect()
}

/// Rows that no step has filled as it is meant to, because a policy hid them from the owner.
const UNFILLED: [&str; 4] = [
    "drift_signal where current_measured <> measured or answered_at is not null and answered_measured is null",
    "client_pulse where risk_policy <> 0",
    "network n where not exists (select 1 from risk_policy p where p.network_id = n.id)",
    "alignment_statement s join alignment_round r on r.id = s.round_id
        where r.disclosure = 'attributed' and r.counting < 5 and s.mean is not null",
];

async fn assert_rows(behind: &DatabaseConnection) {
    for unfilled in UNFILLED {
        assert_eq!(count(behind, unfilled).await, 0, "{unfilled}");
    }
}

scenario! {
    async fn a_database_in_use_is_upgraded(world: World) {
        let round = opened(&world, json!({})).await;
        for token in [world.token(Leader), world.token(Sponsor)] {
            assert_eq!(answer(&world, &token, &round, [4, 8], true).await, None);
        }
        step(&world, "alignmentRoundSeal", &round.0).await;
        step(&world, "alignmentRoundReveal", &round.0).await;
        let named = seen(&world, Facilitator, &round.0).await["statements"].clone();
        assert_eq!((&named[0]["mean"], &named[0]["consensusPercent"]), (&json!("4.0"), &json!(100)));
        Fixtures::of(&world).await;
        measured(&world).await;
        assert_eq!(progress(&world).await, json!([40]));
        let (owner, behind) = (world.home.owner().await, world.home.behind().await);
        go_back(&owner).await;
        execute(&behind, &[
            // as the program of before kept the results of named rounds, and as it classified clients
            "update alignment_statement set mean = '4.0', band = 'high', consensus_percent = 100 where position = 1
                and round_id in (select id from alignment_round where title = 'First reading')",
            "update drift_signal set answered_at = raised_at",
            "update client set industry = 'Wood', industry_folded = 'wood'",
        ]).await;
        assert!(count(&behind, "drift_signal").await > 0);
        // a step that is cut off leaves nothing, and runs again
        execute(&behind, &["create table client_risk (id integer)"]).await;
        assert!(Migrator::up(&owner, None).await.is_err(), "a table is in the way of the second statement of a step");
        execute(&behind, &["drop table client_risk"]).await;
        Migrator::up(&owner, None).await.expect("the upgrade goes on with the step that was cut off");
        assert_rows(&behind).await;
        assert_eq!(progress(&world).await, json!([40]), "from the value of its latest period");
        let again = seen(&world, Facilitator, &round.0).await["statements"].clone();
        for result in ["mean", "band", "consensusPercent"] {
            assert_eq!(again[0][result], named[0][result], "{result} is kept with the names");
        }
        for industry in ["C", "wood"] {
            let input = json!({
                "franchiseId": world.cast.franchise, "regionId": world.cast.region, "name": format!("Client of {industry}"),
                "industry": industry, "sizeBand": "SMALL", "timeZone": "Europe/London",
                "leadId": world.cast.person(Facilitator).1,
            });
            world.done(Owner, "clientCreate", input, "").await;
        }
        jobs::run_due_turns(&world.app).await.expect("the jobs run");
        assert_counts(&behind).await;
        verify_chains(&behind).await.expect("the audit chains hold");
        let entries = count(&behind, "classification").await;
        Migrator::up(&owner, None).await.expect("a second upgrade");
        assert_eq!(count(&behind, "classification").await, entries, "does nothing");
    }
}
