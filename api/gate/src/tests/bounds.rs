//! The limits of a document's size and shape, before it is validated.

use std::time::{Duration, Instant};

use apollo_compiler::parser::Parser;

use super::*;

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
        ("{[({[", Err(lexical::BrokenLimit::Nesting)),
        ("{ a } { b } { c } { d }", Err(lexical::BrokenLimit::Tokens)),
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
