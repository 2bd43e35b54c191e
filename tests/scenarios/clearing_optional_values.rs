//! What is optional can be taken away: an update leaves what it does not name, and takes away what it names with null.

use crate::{
    kit::{Persona::*, fixtures::Fixtures, input_of, sdl},
    scenario,
    sweeps::mutation_inputs,
};
use serde_json::{Value, json};

/// Mutations, what they change, a part of it that can be taken away, and where it is read.
const PARTS: [(&str, &str, &str, &str); 16] = [
    ("clientUpdate", "client", "contractStartsOn", "contractStartsOn"),
    ("clientUpdate", "client", "contractEndsOn", "contractEndsOn"),
    ("priorityUpdate", "priority", "stageId", "stage { id }"),
    ("priorityUpdate", "priority", "decisionId", "decision { id }"),
    ("priorityUpdate", "priority", "targetId", "target { id }"),
    ("targetUpdate", "target", "figure", "figure"),
    ("measurableUpdate", "measurable", "greenBound", "greenBound"),
    ("measurableUpdate", "measurable", "amberBound", "amberBound"),
    ("measurableUpdate", "measurable", "ownerId", "owner { id }"),
    ("decisionUpdate", "decision", "ownerId", "owner { id }"),
    ("decisionUpdate", "decision", "reviewOn", "reviewOn"),
    ("decisionUpdate", "decision", "stageId", "stage { id }"),
    ("obstacleUpdate", "obstacle", "priorityId", "priority { id }"),
    ("agendaItemUpdate", "agendaItem", "ownerId", "owner { id }"),
    ("seatUpdate", "seat", "parentId", "parent { id }"),
    ("sessionSeriesUpdate", "sessionSeries", "stageId", "stage { id }"),
];

scenario! {
    async fn null_takes_away_and_silence_leaves(world: World) {
        let fixtures = Fixtures::of(&world).await;
        for (mutation, noun, part, read) in PARTS {
            let given = mutation_inputs::input(&world, &fixtures, mutation).await;
            assert!(!given[part].is_null(), "{mutation} is tried with {part}");
            let id = given["id"].clone();
            let selection = format!("{noun} {{ {read} }}");
            let field = read.split(' ').next().expect("a field");
            let left = async |input: Value| {
                let payload = world.done(Facilitator, mutation, input, &selection).await;
                let found = payload[noun][field].clone();
                if found.is_object() { found["id"].clone() } else { found }
            };
            assert_eq!(left(given.clone()).await, given[part], "{mutation} {part}");
            assert_eq!(left(json!({ "id": id })).await, given[part], "{mutation} {part}");
            assert_eq!(left(json!({ "id": id, part: null })).await, Value::Null, "{mutation} {part}");
        }
    }
}

#[test]
fn every_part_that_null_takes_away_is_tried() {
    let mut said = vec![];
    for mutation in sdl::mutations() {
        for part in sdl::inputs(&input_of(&mutation.name)) {
            if part.description.as_ref().is_some_and(|text| text.contains("`null` for")) {
                said.push((mutation.name.to_string(), part.name.to_string()));
            }
        }
    }
    let mut tried: Vec<(String, String)> =
        PARTS.iter().map(|(mutation, _, part, _)| ((*mutation).into(), (*part).into())).collect();
    said.sort();
    tried.sort();
    assert_eq!(said, tried);
}
