//! Pulses: the two lowest statements of a round, asked again after 30, 60 and 90 days.

use super::{
    alignment::{answer, crew, opened, step},
    comparing_rounds::tokens,
};
use crate::{
    kit::{Persona::*, World, fixtures::Fixtures},
    scenario,
};
use concord::jobs;
use serde_json::{Value, json};

const PULSES: &str =
    "query($id: ID!) { alignmentRound(id: $id) { pulseDays pulses { id pulseDays status closesOn
    revoteOf { id } statements { id text mean meanBefore } } } }";
const NAMES: [&str; 5] = ["Ada", "Ben", "Cai", "Dot", "Eve"];

async fn pulses(world: &World, round: &str) -> Vec<Value> {
    let seen = world.read(Leader, PULSES, json!({ "id": round })).await["alignmentRound"]["pulses"].clone();
    seen.as_array().expect("a list").clone()
}

/// The days of the pulses that a round has.
async fn days(world: &World, round: &str) -> Vec<Value> {
    pulses(world, round).await.iter().map(|row| row["pulseDays"].clone()).collect()
}

async fn run_jobs(world: &World, at: &str) {
    world.at(at);
    jobs::run_due_turns(&world.app).await.expect("a look");
}

scenario! {
    async fn the_lowest_statements_are_asked_again(world: World) {
        let crew = crew(&world, &NAMES).await;
        let round = opened(&world, json!({ "statements": [
            { "text": "We decide fast" }, { "text": "We finish" }, { "text": "We listen" },
        ] })).await;
        for token in &crew {
            let answers: Vec<Value> = round.1.iter().zip([3, 5, 2]).map(|(id, rating)| json!({ "statementId": id, "rating": rating })).collect();
            let input = json!({ "input": { "id": round.0, "answers": answers } });
            let sent = world.send(Some(token.clone()), &crate::kit::document("alignmentRoundAnswer", ""), input, None).await;
            assert_eq!(sent.json["data"]["alignmentRoundAnswer"]["errors"], json!([]), "{}", sent.text);
        }
        step(&world, "alignmentRoundSeal", &round.0).await;
        step(&world, "alignmentRoundReveal", &round.0).await;
        run_jobs(&world, "2026-04-01T08:59:00Z").await;
        assert!(pulses(&world, &round.0).await.is_empty(), "the thirty days are not over");
        world.at("2026-04-01T09:15:00Z");
        let (one, other) = futures::join!(jobs::run_due_turns(&world.app), jobs::run_due_turns(&world.app));
        one.and(other).expect("both look, and one of them opens");
        let seen = pulses(&world, &round.0).await;
        assert_eq!(seen.len(), 1, "{seen:?}");
        let pulse = &seen[0];
        assert_eq!((&pulse["pulseDays"], &pulse["status"], &pulse["closesOn"]), (&json!(30), &json!("OPEN"), &json!("2026-04-08")));
        assert_eq!(pulse["revoteOf"]["id"], json!(round.0));
        let asked: Vec<&Value> = pulse["statements"].as_array().expect("statements").iter().map(|row| &row["text"]).collect();
        assert_eq!(asked, ["We decide fast", "We listen"]);
        // a pulse keeps no round from opening
        opened(&world, json!({})).await;
        let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
        let open = (id(pulse), pulse["statements"].as_array().expect("statements").iter().map(id).collect());
        for token in tokens(&world, &NAMES).await {
            assert_eq!(answer(&world, &token, &open, [4, 2], false).await, None);
        }
        run_jobs(&world, "2026-04-09T12:00:00Z").await;
        let seen = pulses(&world, &round.0).await;
        assert_eq!(seen[0]["status"], "REVEALED");
        let curve: Vec<[&Value; 2]> = seen[0]["statements"].as_array().expect("statements").iter().map(|row| [&row["meanBefore"], &row["mean"]]).collect();
        assert_eq!(curve, [[&json!("3.0"), &json!("4.0")], [&json!("2.0"), &json!("2.0")]]);
        // no job ran on day 60: the last one that is due is asked, once, and nothing after it
        run_jobs(&world, "2026-06-01T09:15:00Z").await;
        run_jobs(&world, "2026-07-01T09:15:00Z").await;
        assert_eq!(days(&world, &round.0).await, [30, 90]);
    }
}

scenario! {
    async fn a_round_without_public_figures_has_no_pulses(world: World) {
        let round = opened(&world, json!({})).await;
        for token in [world.token(Leader), world.token(Sponsor)] {
            assert_eq!(answer(&world, &token, &round, [4, 8], true).await, None);
        }
        step(&world, "alignmentRoundSeal", &round.0).await;
        step(&world, "alignmentRoundReveal", &round.0).await;
        run_jobs(&world, "2026-04-01T09:15:00Z").await;
        assert!(pulses(&world, &round.0).await.is_empty());
    }
}

scenario! {
    async fn whoever_is_paused_is_asked_nothing(world: World) {
        let crew = crew(&world, &NAMES).await;
        let round = opened(&world, json!({})).await;
        for token in &crew {
            assert_eq!(answer(&world, token, &round, [4, 8], false).await, None);
        }
        step(&world, "alignmentRoundSeal", &round.0).await;
        step(&world, "alignmentRoundReveal", &round.0).await;
        Fixtures::of(&world).await;
        let client = json!({ "id": world.cast.client });
        let document = "query($id: ID!) { client(id: $id) { programmes { id status team { id } } } }";
        let programmes = world.read(Facilitator, document, client.clone()).await["client"]["programmes"].clone();
        let of_team = |one: &&Value| one["status"] == "ACTIVE" && one["team"]["id"] == json!(world.cast.team);
        let programme = programmes.as_array().expect("programmes").iter().find(of_team).expect("the team's")["id"].clone();
        world.done(Facilitator, "programmePause", json!({ "id": programme, "reason": "Stocktaking" }), "").await;
        run_jobs(&world, "2026-04-01T09:15:00Z").await;
        assert!(days(&world, &round.0).await.is_empty(), "the programme is paused");
        world.done(Facilitator, "programmeResume", json!({ "id": programme }), "").await;
        run_jobs(&world, "2026-05-01T09:15:00Z").await;
        assert_eq!(days(&world, &round.0).await, [60], "what was due in the pause is left out");
        world.done(Facilitator, "clientPause", json!({ "id": client["id"], "reason": "A merger" }), "").await;
        run_jobs(&world, "2026-05-31T09:15:00Z").await;
        assert_eq!(days(&world, &round.0).await, [60], "the client is paused");
    }
}
