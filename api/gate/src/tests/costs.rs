//! What a document costs.

use super::*;

/// Compares the costs of documents with those worked out, both when a document is read and when it is known.
fn assert_costs(cases: &[(&str, JsonValue, u32)]) {
    let gate = gate();
    for (query, variables, cost) in cases {
        for _ in 0..2 {
            let admitted = gate.admit(&request(query, variables.clone()), true);
            let priced = admitted.map(|admitted| admitted.cost);
            assert_eq!(priced, Ok(REQUEST_WEIGHT + cost), "{query} {variables}");
        }
    }
}

#[test]
fn costs_worked_out_by_hand() {
    let cases = [
        ("{ __typename }", json!({}), 0),
        ("{ me { id name } }", json!({}), 1),
        ("{ dear }", json!({}), 7),
        ("{ me { friend { friend { id } } } }", json!({}), 3),
        // The connection once, fifty nodes.
        ("{ people(first: 50) { nodes { id } totalCount pageInfo { hasNextPage } } }", json!({}), 1 + 50 + 1),
        ("{ people(first: 10) { edges { cursor node { id } } } }", json!({}), 1 + 10 * 2),
        ("{ people { nodes { id } } }", json!({}), 1 + 25),
        ("{ people(last: 200) { nodes { id } } }", json!({}), 1 + 100),
        ("{ people(first: -3) { nodes { id } } }", json!({}), 1),
        ("query($n: Int) { people(first: $n) { nodes { id } } }", json!({ "n": 7 }), 1 + 7),
        ("query($n: Int) { people(first: $n) { nodes { id } } }", json!({}), 1 + 25),
        ("query($n: Int = 4) { people(first: $n) { nodes { id } } }", json!({}), 1 + 4),
        (
            "{ people(first: 10) { nodes { friends(first: 5) { nodes { id } } } } }",
            json!({}),
            1 + 10 * (1 + 1 + 5),
        ),
        ("{ wards { rows { id } totalCount } }", json!({}), 1 + 3),
        ("{ wards(first: 8) { rows { id } } }", json!({}), 1 + 8),
        ("{ tags { owner { id } } }", json!({}), 10 * 2),
        ("{ few { id } }", json!({}), 2),
        ("{ nodes(ids: [1, 2, 3]) { id } }", json!({}), 3),
        ("query($v: [ID!]!) { nodes(ids: $v) { id } }", json!({ "v": ["a", "b"] }), 2),
        ("mutation { touch(id: 1) }", json!({}), 200),
        ("mutation { rename(input: { id: 1, name: \"a\" }) { person { id } } }", json!({}), 201),
        // Fields with one key count once, of the types of an interface the dearest.
        ("{ me { friend { id } ...F } } fragment F on Person { friend { name } }", json!({}), 2),
        (
            "{ node(id: 1) { id ... on Person { tags { id } } ... on Tag { owner { id } } } }",
            json!({}),
            1 + 10,
        ),
        ("query($b: Boolean!) { me @include(if: $b) { id } }", json!({ "b": false }), 0),
        ("query($b: Boolean!) { me @include(if: $b) { id } }", json!({ "b": true }), 1),
        ("query($b: Boolean!) { me @skip(if: $b) { id } }", json!({ "b": true }), 0),
    ];
    assert_costs(&cases);
    let friends = "{ people(first: 100) { nodes { friends(first: 49) { totalCount } } } }";
    assert_eq!(admitted(friends, json!({})).cost, REQUEST_WEIGHT + 1 + 100 * 2);
    let dear = "{ people(first: 100) { nodes { friends(first: 100) { nodes { id } } } } }";
    assert_eq!(
        refused(dear, json!({})),
        [
            "COST_EXCEEDED: the request may cost 10226 points: at most 5000 are allowed; ask for fewer with `first`"
        ]
    );
    let saturated = format!("{{ tags {} }}", "{ owner { tags ".repeat(6) + "{ id }" + &"} }".repeat(6));
    let deep = gate_with(Limits { cost: u32::MAX, ..Limits::default() });
    assert_eq!(
        deep.admit(&request(&saturated, json!({})), true).map(|admitted| admitted.cost),
        Ok(REQUEST_WEIGHT + 12_222_220)
    );
}

#[test]
fn filters_orders_searches_and_counts_have_their_price() {
    let cases = [
        ("{ sought(first: 0, orderBy: [{ field: NAME }]) { nodes { id } } }", json!({}), 1),
        ("{ sought(first: 0) { nodes { id } } }", json!({}), 101),
        (
            "{ sought(first: 0, orderBy: [{ field: RISK }, { field: RISK }]) { totalCount } }",
            json!({}),
            1 + 200 + 10,
        ),
        (
            "query($f: SoughtOrderField!) { sought(first: 0, orderBy: { field: $f }) { nodes { id } } }",
            json!({ "f": "RISK" }),
            1 + 100,
        ),
        (
            "query($f: SoughtOrderField!) { sought(first: 0, orderBy: { field: $f }) { nodes { id } } }",
            json!({ "f": "NAME" }),
            1,
        ),
        (
            "query($o: [SoughtOrder!]) { sought(first: 0, orderBy: $o) { nodes { id } } }",
            json!({ "o": [{ "field": "RISK" }] }),
            1 + 100,
        ),
        ("{ sought(first: 0, text: \"  plans for   winter \") { nodes { id } } }", json!({}), 101 + 30),
        (
            "query($t: String) { sought(first: 0, text: $t) { nodes { id } } }",
            json!({ "t": "a b c d e f g h i j" }),
            101 + 80,
        ),
        (
            "query($t: String) { sought(first: 0, text: $t) { nodes { id } } }",
            json!({ "t": "WINTER" }),
            101 + 10,
        ),
        (
            "{ sought(first: 0, filter: { name: { eq: \"a\", contains: \"b\" }, risk: { gte: 2, lte: 5 } }) { nodes { id } } }",
            json!({}),
            101 + 10 + 200,
        ),
        (
            "{ sought(first: 0, filter: { friend: { name: { eq: \"a\" }, risk: { gte: 2 } } }) { nodes { id } } }",
            json!({}),
            101 + 50 + 5 + 100,
        ),
        (
            "query($f: SoughtFilter) { sought(first: 0, filter: { not: { friend: $f } }) { nodes { id } } }",
            json!({ "f": { "friend": { "name": { "eq": "a" } } } }),
            101 + 50 + 50 + 5,
        ),
    ];
    assert_costs(&cases);
}

#[test]
fn filters_by_variables_have_their_price_for_each_parent() {
    let cases = [
        (
            "query($r: IntTest, $n: String) { sought(first: 0, filter: { not: { or: [{ risk: $r }, { name: { eq: $n } }] } }) { nodes { id } } }",
            json!({ "r": { "gte": 1 }, "n": "x" }),
            101 + 100 + 5,
        ),
        (
            "query($r: IntTest, $n: String) { sought(first: 0, filter: { not: { or: [{ risk: $r }, { name: { eq: $n } }] } }) { nodes { id } } }",
            json!({ "r": { "gte": 1, "lte": 3 } }),
            101 + 200,
        ),
        (
            "query($f: SoughtFilter) { sought(first: 0, filter: $f) { nodes { id } } }",
            json!({ "f": { "and": [{ "risk": { "eq": 1 } }, { "name": { "in": ["a", "b", "c"] } }] } }),
            101 + 100 + 5,
        ),
        // multiplied by the parents
        (
            "{ sought(first: 4) { nodes { sought(first: 0, filter: { risk: { eq: 1 } }) { totalCount } } } }",
            json!({}),
            101 + 4 * (1 + 1 + 100 + 10),
        ),
    ];
    assert_costs(&cases);
}

#[test]
fn what_is_not_found_costs_nothing() {
    let price = admitted("{ people(first: 50) { nodes { id friend { id } } totalCount } }", json!({})).price;
    assert_eq!(price.total(), REQUEST_WEIGHT + 1 + 100);
    // the connection, and fifty nodes with a friend each
    for (found, cost) in [(0, 0), (1, 1), (21, 21), (101, 100), (500, 100)] {
        assert_eq!(price.for_objects(found), REQUEST_WEIGHT + 1 + cost, "{found}");
    }
    let price = admitted("{ me { id } }", json!({})).price;
    assert_eq!((price.for_objects(0), price.for_objects(1)), (REQUEST_WEIGHT + 1, REQUEST_WEIGHT + 1));
}

#[test]
fn cost_is_refused_one_over_its_bound() {
    for (cost, admits) in [(51, true), (50, false)] {
        let gate = gate_with(Limits { cost, ..Limits::default() });
        let result = gate.admit(&request("{ people { nodes { id } } }", json!({})), true);
        assert_eq!(result.is_ok(), admits);
    }
}
