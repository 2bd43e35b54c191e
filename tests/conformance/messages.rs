//! Messages of errors: what is wrong, what to do, and their values as parameters, so that front ends can translate them.

use crate::{
    conformance::tidy::sources,
    kit::{
        Persona::{self, *},
        assert_translatable,
        fixtures::Fixtures,
        input_of, sdl,
    },
    scenario,
    sweeps::{access, mutation_inputs},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody who may do this.
fn allowed(mutation: &str) -> Option<Persona> {
    Persona::ALL.into_iter().find(|who| {
        let near = !matches!(who, Stranger | Foreigner);
        near && access::permission(mutation).roles().has(access::role(*who))
            && mutation_inputs::refusal(mutation, *who).is_none()
    })
}

/// A good input with one of its values spoilt, in every way.
fn spoilt(good: &Value) -> Vec<Value> {
    let mut pointers = vec![];
    leaves(good, "", &mut pointers);
    let spoil = |pointer: &String| {
        let values = match good.pointer(pointer).unwrap_or(&Value::Null) {
            Value::String(text) if text.parse::<chrono::NaiveDate>().is_ok() => {
                vec![json!("1999-01-01"), json!("2199-01-01")]
            }
            Value::String(_) => vec![json!(""), json!("x".repeat(25_000))],
            Value::Number(_) => vec![json!(-1), json!(1_000_000)],
            _ => vec![],
        };
        let with = |value: Value| {
            let mut input = good.clone();
            *input.pointer_mut(pointer).expect("a value of the input") = value;
            input
        };
        values.into_iter().map(with).collect::<Vec<Value>>()
    };
    pointers.iter().flat_map(spoil).collect()
}

/// Where an input has values that are no ids.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| leaves(field, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(place, item)| leaves(item, &format!("{at}/{place}"), found));
        }
        _ if at.ends_with("/id") || at.ends_with("Id") => {}
        _ => found.push(at.to_owned()),
    }
}

scenario! {
    async fn the_numbers_of_every_refusal_are_parameters(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let mut reasons = BTreeSet::new();
        for mutation in sdl::mutations() {
            let name = mutation.name.as_str();
            let Some(who) = allowed(name) else { continue };
            let document = format!(
                "mutation($input: {}!) {{ {name}(input: $input) {{ errors {{ code reason message params {{ name value }} }} }} }}",
                input_of(name)
            );
            let good = mutation_inputs::input(&world, &fixtures, name).await;
            for input in spoilt(&good) {
                let answered = world.ask(who, &document, json!({ "input": input })).await;
                // a value that its type does not take is refused before the mutation
                for error in answered.json["data"][name]["errors"].as_array().into_iter().flatten() {
                    assert_translatable(error);
                    reasons.insert(error["reason"].as_str().expect("a reason").to_owned());
                }
            }
        }
        for reason in ["EMPTY", "TOO_LONG", "OUT_OF_RANGE", "PAST", "TOO_LATE"] {
            assert!(reasons.contains(reason), "{reason} is none of {reasons:?}");
        }
    }
}

scenario! {
    async fn a_refusal_has_a_reason_and_its_values(world: World) {
        let input = json!({
            "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "x".repeat(300), "dueOn": "2001-01-01"
        });
        let document = "mutation($input: ActionCreateInput!) { actionCreate(input: $input) {
            errors { code reason message path params { name value } } } }";
        let answered = world.ask(Facilitator, document, json!({ "input": input })).await;
        let errors = answered.json["data"]["actionCreate"]["errors"].as_array().expect("errors").clone();
        errors.iter().for_each(assert_translatable);
        let found: Vec<(&Value, &Value)> = errors.iter().map(|error| (&error["reason"], &error["path"])).collect();
        let (title, due) = (json!(["input", "title"]), json!(["input", "dueOn"]));
        assert_eq!(found, [(&json!("TOO_LONG"), &title), (&json!("PAST"), &due)], "{}", answered.text);
        let names = |error: &Value| {
            let params = error["params"].as_array().into_iter().flatten();
            params.filter_map(|param| param["name"].as_str().map(str::to_owned)).collect::<Vec<_>>()
        };
        assert_eq!(names(&errors[0]), ["field", "length", "min", "max"]);
        assert_eq!(names(&errors[1]), ["field", "earliest"]);
        assert!(errors[1]["message"].as_str().is_some_and(|text| text.starts_with("`dueOn` must be today (")), "{errors:?}");
        // a message can have no values
        let missing = json!({ "input": { "id": "client_00000000000000000000000000", "name": "New name" } });
        let document = "mutation($input: ClientUpdateInput!) { clientUpdate(input: $input) {
            errors { code reason params { name } } } }";
        let answered = world.ask(Facilitator, document, missing).await;
        let errors = &answered.json["data"]["clientUpdate"]["errors"];
        assert_eq!(errors, &json!([{ "code": "NOT_FOUND", "reason": "NOT_FOUND", "params": [] }]), "{}", answered.text);
    }
}

scenario! {
    async fn a_request_error_has_its_values_as_well(world: World) {
        let answered = world.ask(Facilitator, "{ clients(first: 101) { nodes { id } } }", json!({})).await;
        let error = &answered.json["errors"][0];
        assert_eq!(error["message"], "A page has 0 to 100 rows. Change `first` or `last`.", "{}", answered.text);
        let params = json!([{ "name": "min", "value": "0" }, { "name": "max", "value": "100" }]);
        assert_eq!(error["extensions"], json!({ "code": "BAD_USER_INPUT", "reason": "PAGE_SIZE", "params": params }));
        // what several words of a code mean has a reason, and what one word means has none
        let nobody = world.ask_nobody("{ viewer { person { name } } }", json!({})).await;
        assert_eq!(nobody.json["errors"][0]["extensions"], json!({ "code": "UNAUTHENTICATED" }));
    }
}

/// The reason and the text of a message, where this is what stands behind `message!(`.
fn written(call: &str) -> Option<(&str, &str)> {
    let (reason, rest) = call.split_once(',')?;
    let reason = reason.trim();
    let is_reason = reason.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
    let text = rest.trim_start().strip_prefix('"')?.split('"').next()?;
    is_reason.then_some((reason, text))
}

#[test]
fn a_reason_has_the_same_parameters_everywhere() {
    let sources: Vec<_> = ["api/src", "api/kernel/src"].into_iter().flat_map(sources).collect();
    let mut known: BTreeMap<&str, (BTreeSet<&str>, &str)> = BTreeMap::new();
    for (reason, text) in sources.iter().flat_map(|source| source.text.split("message!(").filter_map(written))
    {
        let names: BTreeSet<&str> =
            text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
        let (before, other) = known.entry(reason).or_insert_with(|| (names.clone(), text));
        assert_eq!(*before, names, "{reason} names two messages: {other:?} and {text:?}");
    }
    assert!(known.len() > 100, "{known:?}");
}
