//! Tables of cases. Costs and canonical texts were worked out by hand.

use std::time::{Duration, Instant};

use apollo_compiler::parser::Parser;
use apollo_compiler::response::serde_json_bytes::json;

use super::*;

const SDL: &str = r#"
directive @cost(weight: String!) on FIELD_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE | ARGUMENT_DEFINITION
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!]) on FIELD_DEFINITION
directive @oneOf on INPUT_OBJECT
directive @tag(name: String) on FIELD

schema { query: Query mutation: Mutation subscription: Subscription }

type Query {
  me: Person
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]! @listSize(slicingArguments: ["ids"])
  people(first: Int, last: Int, filter: Filter): PersonConnection!
  sought(text: String @cost(weight: "10"), filter: SoughtFilter, orderBy: [SoughtOrder!], first: Int): SoughtConnection! @cost(weight: "101")
  wards(first: Int): WardConnection! @listSize(slicingArguments: ["first"], sizedFields: ["rows"], assumedSize: 3)
  tags: [Tag!]!
  few: [Tag!]! @listSize(assumedSize: 2)
  dear: Int @cost(weight: "6.5")
  by(by: By!): Person
  blob(value: Blob): Int
  found: [Found!]!
  count(at: Int! = 3): Int
  days(on: Day, in: [Day!], every: [[Day]!], where: Days): Int
}
type Mutation {
  rename(input: Rename!): Payload!
  touch(id: ID!, note: String, on: Boolean): Int
  signIn(name: String): Int
}
type Subscription { changed(id: ID): Person }
interface Node { id: ID! }
union Found = Person | Tag
type Person implements Node { id: ID! name: String! age: Int friend: Person best: Node friends(first: Int): PersonConnection! tags: [Tag!]! found: Found }
type Tag implements Node { id: ID! text: String! owner: Person }
type PersonConnection { edges: [PersonEdge!]! nodes: [Person!]! pageInfo: PageInfo! totalCount: Int! }
type PersonEdge { cursor: String! node: Person! }
type PageInfo { hasNextPage: Boolean! }
type WardConnection { rows: [Tag!]! totalCount: Int! }
type Payload { person: Person node: Node }
type SoughtConnection { nodes: [Seeker!]! totalCount: Int! @cost(weight: "10") }
type Seeker { id: ID! sought(filter: SoughtFilter, first: Int): SoughtConnection! }
input SoughtFilter { and: [SoughtFilter!] or: [SoughtFilter!] not: SoughtFilter name: NameTest risk: IntTest @cost(weight: "100") }
input NameTest { eq: String contains: String in: [String!] }
input IntTest { eq: Int gte: Int lte: Int }
input SoughtOrder { field: SoughtOrderField! direction: String }
enum SoughtOrderField { NAME RISK @cost(weight: "100") }
enum Colour { RED GREEN }
input Filter { name: String colour: Colour = RED ids: [ID!] not: Filter min: Int! = 1 }
input Rename { id: ID! name: String! tags: [String!] }
input By @oneOf { id: ID name: String }
input Days { on: Day in: [Day!] not: Days }
scalar Blob
scalar Day @specifiedBy(url: "https://scalars.graphql.org/andimarek/local-date.html")
"#;

/// A day is written `day-` and one letter.
const WRITINGS: &[Writing] = &[("Day", |value| match value.ok_or("a day is a string")?.as_bytes() {
    [b'd', b'a', b'y', b'-', b'a'..=b'z'] => Ok(()),
    _ => Err("a day is written like day-a"),
})];

fn gate() -> Gate {
    gate_with(Limits::default())
}

fn gate_with(limits: Limits) -> Gate {
    Gate::new(SDL, WRITINGS, limits).expect("the schema is valid")
}

fn request(query: &str, variables: JsonValue) -> Request {
    let variables = variables.as_object().cloned().unwrap_or_default();
    Request { query: query.to_owned(), variables, ..Request::default() }
}

fn admit(query: &str, variables: JsonValue) -> Result<Admitted, Vec<Refused>> {
    gate().admit(&request(query, variables), true)
}

fn admitted(query: &str, variables: JsonValue) -> Admitted {
    admit(query, variables).unwrap_or_else(|refused| panic!("{query}: {refused:?}"))
}

/// Code and message of each refusal, or the limit where it is one.
fn refusals(result: Result<Admitted, Vec<Refused>>) -> Vec<String> {
    let told = |refused: &Refused| {
        assert!(refused.message.len() < 1000);
        match refused.extensions.get("limit") {
            Some(limit) => format!("{} {}", refused.code.as_str(), limit.as_str().unwrap_or_default()),
            None => format!("{}: {}", refused.code.as_str(), refused.message),
        }
    };
    result.err().unwrap_or_default().iter().map(told).collect()
}

fn refused(query: &str, variables: JsonValue) -> Vec<String> {
    refusals(admit(query, variables))
}

fn repeated(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_scan_counts_what_matters() {
    let cases = [
        ("", Ok(0)),
        ("{ a }", Ok(3)),
        ("{ a, b # } } }\n c }", Ok(5)),
        (r#"{ a(b: "((((") }"#, Ok(8)),
        (r#"{ a(b: "\"((((\\") }"#, Ok(8)),
        (r#"{ a(b: """ (((( \""" "((" """) }"#, Ok(8)),
        (r#"{ a(b: "") }"#, Ok(8)),
        ("{ a(b: -1.5e+3) ...F }", Ok(10)),
        ("{ a(b: \"unterminated\n) }", Ok(8)),
        (r#"{ a(b: """unterminated (((("#, Ok(6)),
        ("{{{{", Ok(4)),
        ("{[({[", Err(lexical::Excess::Nesting)),
        ("{ a } { b } { c } { d }", Err(lexical::Excess::Tokens)),
    ];
    for (text, expected) in cases {
        assert_eq!(lexical::scan(text, 4, 10), expected, "{text}");
    }
}

#[test]
fn every_limit_holds_at_its_bound_and_breaks_one_over() {
    let deep = |depth: usize| {
        format!("{{ me {{ {} id {} }} }}", "friend { ".repeat(depth - 2), "} ".repeat(depth - 2))
    };
    let arguments =
        |levels: usize| format!("{{ blob(value: {}1{}) }}", "[".repeat(levels - 2), "]".repeat(levels - 2));
    let fragments = |count: usize| {
        format!(
            "{{ me {{ {} }} }} {}",
            repeated(count, |at| format!("...F{at}")),
            repeated(count, |at| format!("fragment F{at} on Person {{ id }}"))
        )
    };
    let list = |count: usize| format!("{{ blob(value: [{}]) }}", repeated(count, |_| "1".to_owned()));
    // `me`, 66 times 30, `friend` and what is below it.
    let fields = |below: usize| {
        let names = ["id", "name", "age"];
        let cycle = |count: usize| repeated(count, |at| names[at % 3].to_owned());
        let spreads = "...F ".repeat(66);
        format!(
            "{{ me {{ {spreads} friend {{ {} }} }} }} fragment F on Person {{ {} }}",
            cycle(below),
            cycle(30)
        )
    };
    let cases = [
        ("depth", deep(15), deep(16)),
        ("nesting", arguments(64), arguments(65)),
        ("fragments", fragments(50), fragments(51)),
        ("list", list(100), list(101)),
        ("root_fields", format!("{{ {} }}", "dear ".repeat(20)), format!("{{ {} }}", "dear ".repeat(21))),
        ("fields", fields(18), fields(19)),
        (
            "aliases",
            format!("{{ me {{ {} }} }}", repeated(30, |at| format!("a{at}: id"))),
            format!("{{ me {{ {} }} }}", repeated(31, |at| format!("a{at}: id"))),
        ),
        (
            "repeats",
            format!("{{ me {{ {} }} }}", "id ".repeat(31)),
            format!("{{ me {{ {} }} }}", "id ".repeat(32)),
        ),
        (
            "directives",
            format!("{{ me {{ {} }} }}", repeated(25, |_| "id @tag @skip(if: false)".to_owned())),
            format!("{{ me {{ {} name @tag }} }}", repeated(25, |_| "id @tag @skip(if: false)".to_owned())),
        ),
    ];
    for (limit, at, over) in cases {
        assert_eq!(refused(&at, json!({})), Vec::<String>::new(), "{limit} at its bound");
        assert_eq!(refused(&over, json!({})), [format!("LIMIT_EXCEEDED {limit}")]);
    }
    assert_eq!(refused(&format!("{{ {} }}", "me ".repeat(4999)), json!({})), ["LIMIT_EXCEEDED tokens"]);
    assert_eq!(lexical::scan(&format!("{{ {} }}", "me ".repeat(4998)), 64, 5000), Ok(5000));
}

#[test]
fn limits_name_their_value() {
    let refused = admit(&format!("{{ {} }}", "dear ".repeat(21)), json!({})).expect_err("too many");
    assert_eq!(refused[0].message, "the operation has too many root fields: at most 20 are allowed");
    assert_eq!(refused[0].extensions.get("maximum"), Some(&json!(20)));
}

#[test]
fn bombs_cost_nothing() {
    let bomb = |levels: usize| {
        let fragments =
            repeated(levels, |at| format!("fragment F{at} on Person {{ ...F{} ...F{} }}", at + 1, at + 1));
        format!("{{ me {{ ...F0 }} }} {fragments} fragment F{levels} on Person {{ id }}")
    };
    let syntax = Parser::new().parse_ast(bomb(9), "request").expect("parses");
    // me, ...F0, two spreads in each of nine, and the field at the end: each once, for 513 fields laid out.
    assert_eq!(structure::check(&syntax, &Limits::default()), Ok(2 + 9 * 2 + 1));
    let started = Instant::now();
    assert_eq!(refused(&bomb(30), json!({})), ["LIMIT_EXCEEDED fields"]);
    assert_eq!(refused(&bomb(49), json!({})), ["LIMIT_EXCEEDED fields"]);
    let brackets = format!("{{ blob(value: {}", "[".repeat(1600));
    assert_eq!(refused(&brackets, json!({})), ["LIMIT_EXCEEDED nesting"]);
    assert_eq!(refused(&"{".repeat(200_000), json!({})), ["LIMIT_EXCEEDED nesting"]);
    let typenames = format!("{{ {} }}", "__typename ".repeat(500));
    assert_eq!(refused(&typenames, json!({})), ["LIMIT_EXCEEDED root_fields", "LIMIT_EXCEEDED repeats"]);
    let aliased = format!("{{ me {{ {} }} }}", repeated(500, |at| format!("a{at}: __typename")));
    assert_eq!(refused(&aliased, json!({})), ["LIMIT_EXCEEDED aliases"]);
    assert_eq!(refused(&format!("{{ dear }} {}", ",".repeat(200_000)), json!({})), ["LIMIT_EXCEEDED tokens"]);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[test]
fn a_chain_of_fragments_is_nesting_too() {
    let chain = |links: usize| {
        let fragments = repeated(links, |at| {
            format!("fragment F{at} on Person {{ ... {{ ... {{ ...F{} }} }} }}", at + 1)
        });
        format!("{{ me {{ ...F0 }} }} {fragments} fragment F{links} on Person {{ id }}")
    };
    assert_eq!(refused(&chain(20), json!({})), Vec::<String>::new());
    assert_eq!(refused(&chain(21), json!({})), ["LIMIT_EXCEEDED nesting"]);
    let cycle = "{ me { ...A } } fragment A on Person { ...B } fragment B on Person { friend { ...A } }";
    assert_eq!(refused(cycle, json!({})), ["GRAPHQL_VALIDATION_FAILED: fragment `A` contains itself"]);
}

#[test]
fn large_documents_validate_fast() {
    let fields = "id name age friend { id name age tags { id text } } tags { id text owner { id name } } ";
    let spread = repeated(40, |_| "... { friend { id name age ... { id name } } }".to_owned());
    let wide = format!("{{ me {{ {} {spread} }} }}", format!("... {{ {fields} }} ").repeat(20));
    let unknown = format!("{{ me {{ {} }} }}", repeated(1900, |at| format!("x{at}")));
    let started = Instant::now();
    assert_eq!(refused(&wide, json!({})), Vec::<String>::new());
    assert_eq!(refused(&unknown, json!({})).len(), 20);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

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
    assert_eq!(named(Some("A")).map(|admitted| admitted.document.kind), Ok(Kind::Query));
    assert_eq!(named(Some("B")).map(|admitted| admitted.document.kind), Ok(Kind::Mutation));
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
        let told = |refused: &Refused| {
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
    let gate = gate();
    for (query, variables, cost) in cases {
        for _ in 0..2 {
            let admitted = gate.admit(&request(query, variables.clone()), true);
            assert_eq!(
                admitted.map(|admitted| admitted.cost),
                Ok(REQUEST_WEIGHT + cost),
                "{query} {variables}"
            );
        }
    }
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
    ];
    let gate = gate();
    for (query, variables, cost) in cases {
        for _ in 0..2 {
            let admitted = gate.admit(&request(query, variables.clone()), true);
            assert_eq!(
                admitted.map(|admitted| admitted.cost),
                Ok(REQUEST_WEIGHT + cost),
                "{query} {variables}"
            );
        }
    }
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
    let gate = gate();
    for (query, variables, cost) in cases {
        for _ in 0..2 {
            let admitted = gate.admit(&request(query, variables.clone()), true);
            assert_eq!(
                admitted.map(|admitted| admitted.cost),
                Ok(REQUEST_WEIGHT + cost),
                "{query} {variables}"
            );
        }
    }
}

#[test]
fn what_is_not_found_costs_nothing() {
    let price = admitted("{ people(first: 50) { nodes { id friend { id } } totalCount } }", json!({})).price;
    assert_eq!(price.total(), REQUEST_WEIGHT + 1 + 100);
    // the connection, and fifty nodes with a friend each
    for (found, cost) in [(0, 0), (1, 1), (21, 21), (101, 100), (500, 100)] {
        assert_eq!(price.for_found(found), REQUEST_WEIGHT + 1 + cost, "{found}");
    }
    let price = admitted("{ me { id } }", json!({})).price;
    assert_eq!((price.for_found(0), price.for_found(1)), (REQUEST_WEIGHT + 1, REQUEST_WEIGHT + 1));
}

#[test]
fn cost_is_refused_one_over_its_bound() {
    for (cost, admits) in [(51, true), (50, false)] {
        let gate = gate_with(Limits { cost, ..Limits::default() });
        let result = gate.admit(&request("{ people { nodes { id } } }", json!({})), true);
        assert_eq!(result.is_ok(), admits);
    }
}

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
        let roots = collect(&document.ast, gate.schema(), &root, "Query", &admitted.variables, &mut decided);
        assert!(decided.is_empty());
        let sets = &roots[0].sets;
        let chosen =
            collect(&document.ast, gate.schema(), sets, type_name, &admitted.variables, &mut decided);
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

#[test]
fn canonical_texts() {
    let cases = [
        ("mutation { touch(id: 1) touch(id: 1) }", json!({}), "mutation { touch(id: 1) }"),
        (
            "mutation M($a: ID!, $b: Boolean! = true, $n: String) { touch(id: $a, note: $n) @include(if: $b) x: touch(id: 2) @skip(if: $b) }",
            json!({ "a": "1" }),
            "mutation M($a: ID!) { touch(id: $a) }",
        ),
        (
            "mutation M($a: ID!, $n: String = \"q\\\"\\n\") { touch(id: $a, note: $n) @tag(name: \"x\") }",
            json!({ "a": "1", "n": null }),
            "mutation M($a: ID!, $n: String = \"q\\\"\\n\") { touch(id: $a, note: $n) @tag(name: \"x\") }",
        ),
        (
            "mutation($n: String!, $t: String) { rename(input: { id: 1, name: $n, tags: null }) { person { ...P } ...Q } touch(id: 1, note: $t) }
             fragment P on Person { id friend { id } } fragment Q on Payload { person { friend { name } } }",
            json!({ "n": "x" }),
            "mutation($n: String!) { rename(input: {id: 1, name: $n, tags: null}) { person { id friend { id name } } } touch(id: 1) }",
        ),
        (
            "mutation { rename(input: { id: 1, name: \"\"\"\n  a\n   \\\"\"\" b\n\"\"\" }) { node { id ... on Person { name } ... on Node { __typename } } } }",
            json!({}),
            "mutation { rename(input: {id: 1, name: \"a\\n \\\"\\\"\\\" b\"}) { node { ... on Person { id name __typename } ... on Tag { id __typename } } } }",
        ),
        (
            "mutation($b: Boolean!) { rename(input: { id: 1, name: \"é\\u0007\" }) { node { id @skip(if: $b) } } }",
            json!({ "b": true }),
            "mutation { rename(input: {id: 1, name: \"é\\u0007\"}) { node { __typename @skip(if: true) } } }",
        ),
    ];
    let gate = gate();
    for (query, variables, expected) in cases {
        let admitted =
            gate.admit(&request(query, variables), true).unwrap_or_else(|refused| panic!("{refused:?}"));
        assert_eq!(gate.canonical_text(&admitted).expect("prints"), expected);
        let one = gate.canonical(&admitted).expect("parses");
        let again = gate.canonical(&admitted).expect("parses");
        assert!(Arc::ptr_eq(&one, &again));
    }
}

#[test]
fn documents_are_kept_by_text() {
    let gate = gate_with(Limits { documents: 4, ..Limits::default() });
    let document = |query: &str| gate.admit(&request(query, json!({})), true).expect("admitted").document;
    let one = document("{ dear }");
    assert!(Arc::ptr_eq(&one, &document("{ dear }")));
    let other = document("{ dear  }");
    assert!(!Arc::ptr_eq(&one, &other) && one.hash != other.hash);
    for at in 0..20 {
        document(&format!("query Q{at} {{ dear }}"));
        document("{ dear }");
    }
    assert!(gate.cache.len() <= 4);
    assert!(Arc::ptr_eq(&one, &document("{ dear }")), "what is read again stays");
    assert!(gate.admit(&request("{ nothing }", json!({})), true).is_err());
}

#[test]
fn documents_with_the_same_hash_are_not_confused() {
    let gate = gate();
    let kept = |query: &str| gate.cache.insert_at(7, gate.read(query, None).expect("valid"));
    let (one, two) = (kept("{ dear }"), kept("{ me { id } }"));
    assert_eq!((one.hash, two.hash), (7, 8));
    let found = |query: &str| gate.cache.get_at(7, query, None);
    assert!(found("{ dear }").is_some_and(|found| Arc::ptr_eq(&found, &one)));
    assert!(found("{ me { id } }").is_some_and(|found| Arc::ptr_eq(&found, &two)));
    assert!(found("{ me { name } }").is_none());
    assert!(gate.cache.get_at(7, "{ dear }", Some("A")).is_none());
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

struct Writes;

#[async_graphql::Object]
impl Writes {
    async fn note(&self, text: String, more: async_graphql::MaybeUndefined<String>) -> String {
        format!("{text} {}", if more.is_undefined() { "absent" } else { "given" })
    }
}

#[tokio::test]
async fn async_graphql_prints_what_we_read_and_runs_what_we_write() {
    let schema = async_graphql::Schema::new(Reads, Writes, async_graphql::EmptySubscription);
    let gate = Gate::new(&schema.sdl(), WRITINGS, Limits::default()).expect("the SDL is valid");
    let ambiguous = gate.admit(&request("{ one(by: { id: \"1\", name: \"a\" }) }", json!({})), true);
    assert_eq!(refusals(ambiguous), ["GRAPHQL_VALIDATION_FAILED: exactly one field of `Key` must be given"]);
    let query = "mutation($t: String!, $m: String) { ...F note(text: $t, more: $m) }
        fragment F on Writes { note(text: $t, more: $m) }";
    let admitted = gate.admit(&request(query, json!({ "t": "a\"b" })), true).expect("admitted");
    let canonical = gate.canonical(&admitted).expect("prints");
    let values = serde_json::to_value(&admitted.variables).expect("JSON");
    let mut run = async_graphql::Request::new("").variables(async_graphql::Variables::from_json(values));
    run.set_parsed_query((*canonical).clone());
    let answer = serde_json::to_value(schema.execute(run).await).expect("JSON");
    assert_eq!(answer.get("data"), Some(&serde_json::json!({ "note": "a\"b absent" })), "{answer}");
}
