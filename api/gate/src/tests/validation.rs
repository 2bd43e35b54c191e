//! What is refused as invalid, how variables are coerced, and who may introspect.

use super::*;

#[test]
fn invalid_documents_are_refused() {
    let cases = [
        ("{ me { id ", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("{ me { nothing } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ me { a: id a: name } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ node(id: $id) { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query($v: Int) { blob(value: { a: [$w, $v] }) }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query($v: Int) { dear }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query($v: ID) { nodes(ids: [$v]) { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query($v: [ID!]!) { nodes(ids: [$v]) { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ people(filter: { name: \"a\", name: \"b\" }) { totalCount } }",
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("{ by(by: { id: 1, name: \"a\" }) { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ by(by: {}) { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ by(by: { id: null }) { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query($v: ID) { by(by: { id: $v }) { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { changed { id } again: changed { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("type A { b: Int } { dear }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { signIn touch(id: 1) }", json!({}), "LIMIT_EXCEEDED alone"),
        ("mutation { a: signIn b: signIn }", json!({}), "LIMIT_EXCEEDED alone"),
        ("mutation { signIn ...F } fragment F on Mutation { signIn }", json!({}), "LIMIT_EXCEEDED alone"),
    ];
    for (query, variables, code) in cases {
        let told = refused(query, variables);
        assert!(told.first().is_some_and(|told| told.starts_with(code)), "{query}: {told:?}");
    }
    for query in ["mutation { signIn }", "query($v: ID!) { by(by: { id: $v }) { id } }"] {
        assert_eq!(refused(query, json!({ "v": "1" })), Vec::<String>::new(), "{query}");
    }
    let long = format!("{{ {} }}", "x".repeat(100_000));
    assert_eq!(admit(&long, json!({})).expect_err("unknown")[0].message.chars().count(), 301);
    let placed = admit("{\n  me { nothing }\n}", json!({})).expect_err("unknown");
    assert_eq!(placed[0].locations, [(2, 8)]);
}

#[test]
fn the_operation_is_the_one_named() {
    let query = "query A { dear } mutation B { touch(id: 1) }";
    let named = |name: Option<&str>| {
        let request = Request { operation_name: name.map(str::to_owned), ..request(query, json!({})) };
        gate().admit(&request, true)
    };
    assert_eq!(named(Some("A")).map(|admitted| admitted.document.kind), Ok(OperationKind::Query));
    assert_eq!(named(Some("B")).map(|admitted| admitted.document.kind), Ok(OperationKind::Mutation));
    assert_eq!(refusals(named(Some("C"))), ["OPERATION_NOT_FOUND: No operation named 'C'"]);
    assert!(refusals(named(None))[0].starts_with("OPERATION_NOT_FOUND"));
}

#[test]
fn variables_are_coerced() {
    let query = "query($f: Filter, $n: Int = 3, $ids: [ID!]) { people(first: $n, filter: $f) { totalCount } nodes(ids: [\"x\"]) { id } blob(value: $ids) }"
        .replace("blob(value: $ids)", "more: people(filter: { ids: $ids }) { totalCount }");
    let cases = [
        (json!({}), json!({ "n": 3 })),
        (json!({ "n": null, "extra": 1 }), json!({ "n": null })),
        (json!({ "n": 4.0, "ids": 7 }), json!({ "n": 4, "ids": ["7"] })),
        (
            json!({ "f": { "not": { "colour": "GREEN" }, "ids": "a" } }),
            json!({ "f": { "colour": "RED", "ids": ["a"], "not": { "colour": "GREEN", "min": 1 }, "min": 1 }, "n": 3 }),
        ),
    ];
    for (given, expected) in cases {
        let coerced = JsonValue::Object(admitted(&query, given.clone()).variables);
        assert_eq!(coerced, expected, "{given}");
    }
    let wrong = [
        (json!({ "n": "4" }), "variable $n: expected Int, got a string"),
        (json!({ "n": 4.5 }), "variable $n: expected Int, got a number"),
        (json!({ "n": 3_000_000_000_i64 }), "variable $n: expected Int, got a number"),
        (json!({ "ids": ["a", null] }), "variable $ids[1]: expected ID!, got null"),
        (
            json!({ "f": { "colour": "BLUE" } }),
            "variable $f.colour: expected Colour, got `BLUE`; use one of RED, GREEN",
        ),
        (json!({ "f": { "not": { "oh": 1 } } }), "variable $f.not: Filter has no field `oh`"),
        (json!({ "f": [1] }), "variable $f: expected Filter, got a list"),
    ];
    for (given, message) in wrong {
        assert_eq!(refused(&query, given), [format!("BAD_USER_INPUT: {message}")]);
    }
    assert_eq!(
        refused("query($v: By!) { by(by: $v) { id } }", json!({})),
        ["BAD_USER_INPUT: variable $v: a value of type By! is required"]
    );
    assert_eq!(
        refused("query($v: By!) { by(by: $v) { id } }", json!({ "v": { "id": "1", "name": null } })),
        ["BAD_USER_INPUT: variable $v: exactly one field of By must be given, and not as null"]
    );
    let defaulted = "query($v: Int = 2, $b: Boolean = true) { count(at: $v) @include(if: $b) }";
    assert_eq!(refused(defaulted, json!({})), Vec::<String>::new());
    assert_eq!(refused(defaulted, json!({ "v": null, "b": null })).len(), 2);
}

#[test]
fn variables_are_bounded() {
    let query = "query($v: Blob) { blob(value: $v) }";
    let deep = |levels: usize| (1..levels).fold(json!(1), |inner, _| json!([inner]));
    assert_eq!(refused(query, json!({ "v": deep(64) })), Vec::<String>::new());
    assert_eq!(refused(query, json!({ "v": deep(65) })), ["LIMIT_EXCEEDED variables"]);
    assert_eq!(refused(query, json!({ "v": vec![1; 100] })), Vec::<String>::new());
    assert_eq!(refused(query, json!({ "v": { "a": vec![1; 101] } })), ["LIMIT_EXCEEDED list"]);
}

#[test]
fn values_of_our_own_scalars_are_written_as_they_are() {
    let refused_at = |query: &str, variables: JsonValue| {
        let refused = admit(query, variables).err().unwrap_or_default();
        let told = |refused: &RequestError| {
            let at: Vec<String> = refused.locations.iter().map(|(_, column)| column.to_string()).collect();
            format!("{} {}: {}", refused.code.as_str(), at.join(" "), refused.message)
        };
        refused.iter().map(told).collect::<Vec<_>>()
    };
    let (text, kind) =
        ("BAD_USER_INPUT {}: a day is written like day-a", "BAD_USER_INPUT {}: a day is a string");
    for (arguments, columns, message) in [
        (
            r#"on: "day-a", in: ["day-b"], every: [["day-c", null]], where: { on: "day-d", not: { on: null } }"#,
            "",
            "",
        ),
        // the specification reads a single value as a list of one
        (r#"in: "day-a", every: ["day-b"], where: { in: "day-c" }"#, "", ""),
        (r#"on: "foo""#, "12", text),
        (r#"on: """foo""""#, "12", text),
        ("on: 5", "12", kind),
        ("on: true", "12", kind),
        ("on: day", "12", kind),
        (r#"on: ["day-a"]"#, "12", kind),
        (r#"on: { day: "day-a" }"#, "12", kind),
        (r#"in: "foo""#, "12", text),
        (r#"in: ["day-a", "foo"]"#, "22", text),
        (r#"in: [["day-a"]]"#, "13", kind),
        (r#"every: [["day-a"], ["foo"]]"#, "28", text),
        (r#"where: { not: { in: ["foo"] } }"#, "29", text),
        (r#"on: "foo", in: ["day-a", 7]"#, "12 33", ""),
    ] {
        let found = refused_at(&format!("{{ days({arguments}) }}"), json!({}));
        if message.is_empty() {
            let found: Vec<&str> = found.iter().filter_map(|told| told.split([' ', ':']).nth(1)).collect();
            assert_eq!(found.join(" "), columns, "{arguments}");
        } else {
            assert_eq!(found, [message.replace("{}", columns)], "{arguments}");
        }
    }
    // in fragments, and in variables' defaults, used or not
    let fragment = "{ ...F } fragment F on Query { days(on: \"foo\") }";
    assert_eq!(refused_at(fragment, json!({})), [text.replace("{}", "41")]);
    let defaults = "query($d: Day = \"foo\", $w: Days = { in: [3] }) { days(on: $d, where: $w) }";
    let told = [text.replace("{}", "17"), kind.replace("{}", "42")];
    assert_eq!(refused_at(defaults, json!({ "d": "day-a", "w": {} })), told);

    let query =
        "query($d: Day, $l: [Day!], $w: Days, $b: Blob) { days(on: $d, in: $l, where: $w) blob(value: $b) }";
    for (variables, expected) in [
        (json!({ "d": "day-a", "l": ["day-b"], "w": { "in": "day-c", "on": null }, "b": 5 }), vec![]),
        (json!({ "d": "foo" }), vec!["7: variable $d: a day is written like day-a"]),
        (json!({ "d": 5 }), vec!["7: variable $d: a day is a string"]),
        (json!({ "d": ["day-a"] }), vec!["7: variable $d: a day is a string"]),
        (json!({ "l": "foo" }), vec!["16: variable $l: a day is written like day-a"]),
        (
            json!({ "l": ["day-a", "foo"], "w": { "not": { "in": ["day-b", {}] } } }),
            vec![
                "16: variable $l[1]: a day is written like day-a",
                "28: variable $w.not.in[1]: a day is a string",
            ],
        ),
    ] {
        let expected: Vec<_> = expected.iter().map(|told| format!("BAD_USER_INPUT {told}")).collect();
        assert_eq!(refused_at(query, variables.clone()), expected, "{variables}");
    }
    // what is written in a document is looked at once; what comes in variables each time
    let gate = gate();
    for (day, fine) in [("day-a", true), ("foo", false), ("day-b", true), ("foo", false)] {
        let asked = request("query($d: Day) { days(on: $d) }", json!({ "d": day }));
        assert_eq!(gate.admit(&asked, true).is_ok(), fine, "{day}");
    }
}

#[test]
fn introspection_needs_a_signed_in_caller() {
    let query = "{ __typename kind: __type(name: \"Tag\") { name } dear }";
    let asked = request(query, json!({}));
    assert_eq!(
        refusals(gate().admit(&asked, false)),
        ["INTROSPECTION_DISABLED: reading the schema needs a signed-in caller"]
    );
    let open = gate_with(Limits { introspection_for_all: true, ..Limits::default() });
    assert!(open.admit(&asked, false).is_ok());
    let gate = gate();
    let admitted = gate.admit(&asked, true).expect("signed in");
    assert!(admitted.document.introspects && admitted.document.plain);
    let answer = gate.introspect(&admitted).expect("answers");
    assert_eq!(JsonValue::Object(answer), json!({ "__typename": "Query", "kind": { "name": "Tag" } }));
    let harmless = gate.admit(&request("{ __typename }", json!({})), false).expect("no introspection");
    assert!(!harmless.document.introspects && !harmless.document.plain);
    let recursive = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert!(refused(recursive, json!({}))[0].contains("introspection depth"));
}

#[test]
fn the_usual_introspection_query_passes() {
    let of_type = format!("{}{}", "ofType { kind name ".repeat(9), "}".repeat(9));
    let query = format!(
        "query IntrospectionQuery {{ __schema {{ queryType {{ name }} types {{ ...FullType }}
           directives {{ name locations args(includeDeprecated: true) {{ ...InputValue }} }} }} }}
         fragment FullType on __Type {{ kind name fields(includeDeprecated: true) {{ name args {{ ...InputValue }}
           type {{ ...TypeRef }} isDeprecated }} inputFields {{ ...InputValue }} interfaces {{ ...TypeRef }}
           enumValues {{ name }} possibleTypes {{ ...TypeRef }} }}
         fragment InputValue on __InputValue {{ name type {{ ...TypeRef }} defaultValue }}
         fragment TypeRef on __Type {{ kind name {of_type} }}"
    );
    let gate = gate();
    let admitted = gate.admit(&request(&query, json!({})), true).expect("admitted");
    assert_eq!(admitted.cost, REQUEST_WEIGHT + 3_000);
    assert!(gate.introspect(&admitted).expect("answers").contains_key("__schema"));
}
