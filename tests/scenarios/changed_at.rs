//! When objects were created and last changed: what a program reads to fetch only what is new.

use crate::{
    kit::{Backend, Database, Persona::*, pools, sdl},
    scenario,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

#[test]
fn every_node_with_a_version_says_when_it_changed() {
    let nodes = sdl::schema().types.keys().filter(|name| sdl::is_node(name));
    let names = |of: &str| -> Vec<&str> { sdl::fields(of).iter().map(|field| field.name.as_str()).collect() };
    let versioned: Vec<_> = nodes.filter(|name| names(name).contains(&"version")).collect();
    assert!(versioned.len() > 25, "{versioned:?}");
    for node in versioned {
        for time in ["createdAt", "updatedAt"] {
            let field = sdl::fields(node).into_iter().find(|field| field.name == time);
            assert_eq!(
                field.map(|field| field.ty.to_string()).as_deref(),
                Some("DateTime!"),
                "{node}.{time}"
            );
        }
    }
    for list in ["Action", "Client", "Decision", "Member", "Person", "Priority", "Session"] {
        let filters = sdl::inputs(&format!("{list}Filter"));
        assert!(filters.iter().any(|field| field.name == "updatedAt"), "{list}");
    }
}

/// Both databases keep both times in every table with a version.
async fn columns(backend: Backend) {
    let database = Database::new(backend, pools()).await;
    let owner = database.home.behind().await;
    for table in entity::Table::ALL.iter().map(|table| table.name()) {
        for column in ["version", "created_at", "updated_at"] {
            let sql = format!("select count({column}) from {table}");
            let statement = Statement::from_string(owner.get_database_backend(), sql);
            let is_there = owner.query_one_raw(statement).await.is_ok();
            if column == "version" && (!is_there || table == "zone_data") {
                break;
            }
            assert!(is_there, "{table}.{column}");
        }
    }
}

#[tokio::test]
async fn every_table_with_a_version_keeps_both_times_on_sqlite() {
    columns(Backend::Sqlite).await;
}

#[tokio::test]
async fn every_table_with_a_version_keeps_both_times_on_postgres() {
    columns(Backend::Postgres).await;
}

const ACTIONS: &str = "query($id: ID!, $since: DateTime!) { team(id: $id) {
    actions(filter: { updatedAt: { gt: $since } }, orderBy: [{ field: UPDATED_AT }]) {
        nodes { title createdAt updatedAt version } } } }";

scenario! {
    async fn a_program_fetches_only_what_changed(world: World) {
        let team = world.cast.team.to_string();
        let offer = |title: &str| json!({
            "teamId": team, "ownerId": world.cast.leader.to_string(), "title": title, "dueOn": "2026-04-01",
        });
        let mut ids = vec![];
        for title in ["First", "Second"] {
            let made = world.done(Facilitator, "actionCreate", offer(title), "action { id createdAt updatedAt }").await;
            assert_eq!(made["action"]["createdAt"], "2026-03-02T09:00:00Z");
            assert_eq!(made["action"]["updatedAt"], "2026-03-02T09:00:00Z");
            ids.push(made["action"]["id"].clone());
        }
        let since = "2026-03-02T09:00:00Z";
        let changed = |since: &'static str| {
            let (world, team) = (&world, &team);
            async move {
                let answer = world.read(Facilitator, ACTIONS, json!({ "id": team, "since": since })).await;
                answer["team"]["actions"]["nodes"].clone()
            }
        };
        assert_eq!(changed(since).await, json!([]));
        world.at("2026-03-02T10:00:00Z");
        world.done(Facilitator, "actionCreate", offer("Third"), "").await;
        world.at("2026-03-02T11:00:00Z");
        world.done(Facilitator, "actionUpdate", json!({ "id": ids[0], "title": "First of all" }), "").await;
        let expected = json!([
            { "title": "Third", "createdAt": "2026-03-02T10:00:00Z", "updatedAt": "2026-03-02T10:00:00Z", "version": 1 },
            { "title": "First of all", "createdAt": since, "updatedAt": "2026-03-02T11:00:00Z", "version": 2 },
        ]);
        assert_eq!(changed(since).await, expected);
        // what changes nothing is no change
        world.at("2026-03-02T12:00:00Z");
        world.done(Facilitator, "actionUpdate", json!({ "id": ids[0], "title": "First of all" }), "").await;
        assert_eq!(changed("2026-03-02T11:00:00Z").await, json!([]));
    }
}

scenario! {
    async fn a_secret_answer_does_not_show_when_it_came(world: World) {
        let input = json!({
            "teamId": world.cast.team, "title": "First reading",
            "statements": [{ "text": "We decide fast", "core": true }],
        });
        let what = "alignmentRound { id updatedAt statements { id } }";
        let round = world.done(Facilitator, "alignmentRoundOpen", input, what).await["alignmentRound"].clone();
        world.at("2026-03-02T10:00:00Z");
        let answers = json!([{ "statementId": round["statements"][0]["id"], "rating": 3 }]);
        let answer = json!({ "id": round["id"], "answers": answers, "consentToBeNamed": false });
        world.done(Leader, "alignmentRoundAnswer", answer, "").await;
        let document = "query($id: ID!) { alignmentRound(id: $id) { updatedAt myResponse { updatedAt } } }";
        let seen = world.read(Leader, document, json!({ "id": round["id"] })).await["alignmentRound"].clone();
        assert_eq!(seen["updatedAt"], round["updatedAt"]);
        assert_ne!(seen["myResponse"], Value::Null);
    }
}
