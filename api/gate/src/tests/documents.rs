//! How documents are collected, read and kept.

use std::sync::Barrier;

use super::*;

#[test]
fn collecting_follows_the_specification() {
    let query = "query($b: Boolean!, $c: Boolean!) { node(id: 1) {
        ... on Tag { text } ...N a: id @skip(if: $b) @include(if: $c) ... on Person { name best { id } } ...P } }
        fragment N on Node { id } fragment P on Person { best { __typename } name }";
    let keys = |type_name: &str, b: bool, c: bool| {
        let admitted = admitted(query, json!({ "b": b, "c": c }));
        let document = &admitted.document;
        let gate = gate();
        let mut decided = std::collections::BTreeSet::new();
        let root = [&document.operation.selection_set];
        let roots =
            collect_fields(&document.ast, gate.schema(), &root, "Query", &admitted.variables, &mut decided);
        assert!(decided.is_empty());
        let sets = &roots[0].sets;
        let chosen =
            collect_fields(&document.ast, gate.schema(), sets, type_name, &admitted.variables, &mut decided);
        assert_eq!(decided.into_iter().collect::<Vec<_>>(), ["b", "c"]);
        chosen
            .iter()
            .map(|chosen| format!("{}/{}", chosen.key, chosen.sets.len()))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(keys("Tag", false, true), "text/0 id/0 a/0");
    assert_eq!(keys("Person", false, true), "id/0 a/0 name/0 best/2");
    assert_eq!(keys("Person", true, true), "id/0 name/0 best/2");
    assert_eq!(keys("Person", false, false), "id/0 name/0 best/2");
}

/// An argument's value has variables in their places, and is as its type wants it.
#[test]
fn arguments_are_what_their_types_want() {
    let cases = [
        ("mutation { touch(id: 1) }", "id", json!({}), Some(json!("1"))),
        ("mutation { touch(id: 1) }", "note", json!({}), None),
        ("mutation($n: String) { touch(id: 1, note: $n) }", "note", json!({}), None),
        ("mutation($n: String) { touch(id: 1, note: $n) }", "note", json!({ "n": null }), Some(json!(null))),
        (
            "mutation($n: String = \"q\\\"\\n\") { touch(id: 1, note: $n) }",
            "note",
            json!({}),
            Some(json!("q\"\n")),
        ),
        (
            "mutation($n: String!, $t: [String!]) { rename(input: { id: 1, name: $n, tags: $t }) { person { id } } }",
            "input",
            json!({ "n": "x" }),
            Some(json!({ "id": "1", "name": "x" })),
        ),
        (
            "mutation($i: Rename!) { rename(input: $i) { person { id } } }",
            "input",
            json!({ "i": { "id": 1, "name": "x", "tags": "one" } }),
            Some(json!({ "id": "1", "name": "x", "tags": ["one"] })),
        ),
        (
            "mutation($t: String!) { rename(input: { id: 1, name: \"\"\"\n  a\n   b\n\"\"\", tags: [$t, \"two\"] }) { person { id } } }",
            "input",
            json!({ "t": "one" }),
            Some(json!({ "id": "1", "name": "a\n b", "tags": ["one", "two"] })),
        ),
        (
            "mutation { rename(input: { id: 1, name: \"x\", tags: null }) { person { id } } }",
            "input",
            json!({}),
            Some(json!({ "id": "1", "name": "x", "tags": null })),
        ),
    ];
    let gate = gate();
    for (query, name, variables, expected) in cases {
        let admitted =
            gate.admit(&request(query, variables), true).unwrap_or_else(|refused| panic!("{refused:?}"));
        let document = &admitted.document;
        let field = document.operation.root_fields(&document.ast).next().expect("a field");
        let found = gate.argument(&admitted, field, name).expect("a value");
        let found = found.map(|value| serde_json::to_value(value).expect("JSON"));
        let expected = expected.map(|value| serde_json::to_value(value).expect("JSON"));
        assert_eq!(found, expected, "{query}");
    }
}

#[test]
fn documents_are_kept_by_text() {
    let gate = gate_with(Limits { documents: 4, ..Limits::default() });
    let document = |query: &str| gate.admit(&request(query, json!({})), true).expect("admitted").document;
    let one = document("{ dear }");
    assert!(Arc::ptr_eq(&one, &document("{ dear }")));
    let other = document("{ dear  }");
    assert!(!Arc::ptr_eq(&one, &other) && one.number != other.number);
    for at in 0..20 {
        document(&format!("query Q{at} {{ dear }}"));
        document("{ dear }");
    }
    assert!(gate.cache.documents() <= 4);
    assert!(Arc::ptr_eq(&one, &document("{ dear }")), "what is read again stays");
    assert!(gate.admit(&request("{ nothing }", json!({})), true).is_err());
}

#[test]
fn a_document_is_found_by_its_whole_text_and_its_operation() {
    let gate = gate();
    let kept = |query: &str| gate.cache.insert(gate.read(query, None).expect("valid"));
    let (one, two) = (kept("{ dear }"), kept("{ me { id } }"));
    assert_ne!(one.number, two.number);
    let found = |query: &str| gate.cache.get(query, None);
    assert!(found("{ dear }").is_some_and(|found| Arc::ptr_eq(&found, &one)));
    assert!(found("{ me { id } }").is_some_and(|found| Arc::ptr_eq(&found, &two)));
    assert!(found("{ me { name } }").is_none());
    assert!(gate.cache.get("{ dear }", Some("A")).is_none());
}

#[test]
fn a_long_document_takes_the_place_of_several() {
    let gate = gate_with(Limits { documents: 4, ..Limits::default() });
    let long = |name: &str, bytes: usize| {
        let query = format!("query {name} {{ dear }}{}", " ".repeat(bytes));
        gate.admit(&request(&query, json!({})), true).expect("admitted");
        gate.cache.documents()
    };
    for at in 0..10 {
        assert!(long(&format!("Q{at}"), 5_000) <= 2);
    }
    let before = gate.cache.documents();
    assert_eq!(long("Longest", 20_000), before, "one that is longer than all places is not kept");
}

#[test]
fn of_documents_parsed_at_once_all_get_the_first() {
    let gate = gate();
    let start = Barrier::new(8);
    let ask = || {
        start.wait();
        gate.admit(&request("{ me { id } }", json!({})), true).expect("admitted").document
    };
    let found: Vec<_> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    assert!(found.iter().all(|one| Arc::ptr_eq(one, &found[0])));
    assert_eq!(gate.cache.documents(), 1);
}

#[test]
fn prices_are_kept_within_bounds_and_the_last_one_counts() {
    let cache = Cache::new(1);
    let price = gate().admit(&request("{ dear }", json!({})), true).expect("admitted").price;
    for at in 0..1_000_u64 {
        cache.keep_price(at.to_be_bytes().to_vec(), price);
        assert!(cache.price_bytes() <= 4_096);
    }
    assert!(cache.price_bytes() > 2_048, "what fits is kept");
    cache.keep_price(vec![1], price);
    cache.keep_price(vec![1], Price::default());
    assert_eq!(cache.price(&[1]), Some(Price::default()));
    cache.keep_price(vec![0; 2_000], price);
    assert_eq!(cache.price(&[0; 2_000]), None, "a key as long as this is not worth its place");
}

struct Reads;

#[async_graphql::Object]
impl Reads {
    async fn one(&self, by: Key) -> String {
        match by {
            Key::Id(id) => id,
            Key::Name(name) => name,
        }
    }
}

#[derive(async_graphql::OneofObject)]
enum Key {
    Id(String),
    Name(String),
}

#[test]
fn what_async_graphql_prints_is_read() {
    let schema =
        async_graphql::Schema::new(Reads, async_graphql::EmptyMutation, async_graphql::EmptySubscription);
    let gate = Gate::new(&schema.sdl(), WRITINGS, Limits::default()).expect("the SDL is valid");
    let ambiguous = gate.admit(&request("{ one(by: { id: \"1\", name: \"a\" }) }", json!({})), true);
    assert_eq!(refusals(ambiguous), ["GRAPHQL_VALIDATION_FAILED: exactly one field of `Key` must be given"]);
}
