use super::replay::replay;
use serde_json::{Value, json};

/// A client of a file.
fn client(id: &str, facilitator: &str, path: &[&str], value: i64) -> Value {
    json!({"id": id, "facilitator": facilitator, "path": path, "value": value})
}

/// Thirty clients of six facilitators in one leaf.
fn thirty() -> Vec<Value> {
    (0..30).map(|n| client(&format!("c{n}"), &format!("f{}", n % 6), &["A", "S"], n * 300)).collect()
}

fn file(releases: &[Vec<Value>]) -> String {
    let releases: Vec<Value> = releases.iter().map(|clients| json!({"clients": clients})).collect();
    json!({"profile": "standard", "key": "0badcafe", "releases": releases}).to_string()
}

fn replayed(releases: &[Vec<Value>]) -> Value {
    serde_json::from_str(&replay(&file(releases)).expect("a replay")).expect("JSON")
}

/// How many the root counts in each release, and whether `who` is one of them.
fn roots(told: &Value, who: &str) -> Vec<(usize, bool)> {
    let releases = told["releases"].as_array().expect("releases");
    let members =
        |release: &Value| release["published"][0]["members"].as_array().cloned().unwrap_or_default();
    releases.iter().map(members).map(|members| (members.len(), members.contains(&json!(who)))).collect()
}

#[test]
fn the_example() {
    let example = include_str!("../../../../../tests/scenarios/benchmarks/replay-example.json");
    let told = include_str!("../../../../../tests/scenarios/benchmarks/replay-example.out.json");
    assert_eq!(replay(example).as_deref(), Ok(told.trim_end()));
    assert_eq!(replay(example), replay(example));
}

#[test]
fn nothing_in_nothing_out() {
    assert_eq!(replay(&file(&[])).as_deref(), Ok(r#"{"releases":[]}"#));
    assert_eq!(replay(&file(&[vec![]])).as_deref(), Ok(r#"{"releases":[{"published":[]}]}"#));
}

#[test]
fn a_tree_of_the_root_alone() {
    let clients = (0..12).map(|n| client(&format!("c{n}"), &format!("f{}", n % 6), &[], 5000)).collect();
    let told = replayed(&[clients]);
    assert_eq!(told["releases"][0]["published"].as_array().map(Vec::len), Some(1));
    assert_eq!(told["releases"][0]["published"][0]["path"], json!([]));
}

#[test]
fn large_sets_have_deciles() {
    let told = replayed(&[thirty()]);
    let cohort = &told["releases"][0]["published"][2];
    assert_eq!((&cohort["path"], &cohort["band"]), (&json!(["A", "S"]), &json!("20-49")));
    let keys: Vec<&String> = cohort.as_object().expect("a cohort").keys().collect();
    assert_eq!(keys, ["path", "members", "p10", "p25", "p50", "p75", "p90", "band"]);
}

#[test]
fn whoever_moves_under_one_id_is_out_until_the_window_has_forgotten() {
    for moved in [client("c0", "f9", &["A", "S"], 1), client("c0", "f0", &["A", "T"], 1)] {
        let mut after = thirty();
        after[0] = moved;
        let told = replayed(&[&[thirty()][..], &vec![after; 5][..]].concat());
        let counted: Vec<bool> = roots(&told, "c0").into_iter().map(|(_, counted)| counted).collect();
        assert_eq!(counted[..4], [true, false, false, false], "{counted:?}");
    }
}

#[test]
fn whoever_comes_back_unchanged_is_the_same_client() {
    let without = thirty().split_off(1);
    let told = replayed(&[thirty(), without.clone(), thirty(), without]);
    let roots = roots(&told, "c0");
    assert_eq!((roots[0], roots[2]), ((30, true), (30, true)));
    assert!(roots[1].0 <= 26 && !roots[1].1);
    assert_eq!(roots[3].0, roots[1].0, "the same companions leave again: they are one class by now");
}

#[test]
fn every_fault_names_its_place() {
    let base = thirty();
    let with = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut clients = base.clone();
        change(&mut clients);
        file(&[base.clone(), clients])
    };
    let replaced = |from: &str, to: &str| file(std::slice::from_ref(&base)).replace(from, to);
    for (text, expected) in [
        ("{".to_owned(), "the file is not a history: EOF while parsing"),
        (replaced("standard", "lenient"), "profile: \"lenient\" is not one of standard, strict, antitrust"),
        (replaced("0badcafe", "0badcaf"), "key: must be hexadecimal, two digits a byte"),
        (replaced("0badcafe", "0badcafz"), "key: must be hexadecimal, two digits a byte"),
        (replaced("0badcafe", ""), "key: must be hexadecimal, two digits a byte"),
        (replaced("\"key\"", "\"keys\""), "the file is not a history: unknown field `keys`"),
        (with(&|all| all.push(all[3].clone())), "releases[1], client \"c3\": it is listed twice"),
        (
            with(&|all| all[4]["value"] = json!(10_001)),
            "releases[1], client \"c4\": its value 10001 is outside 0..=10000",
        ),
        (with(&|all| all[4]["value"] = json!(-1)), "releases[1], client \"c4\": its value -1 is outside"),
        (
            with(&|all| all[5]["path"] = json!(["A"])),
            "releases[1], client \"c5\": its path has 1 values, others have 2",
        ),
        (with(&|all| all[6]["value"] = json!(0.5)), "releases[1].clients[6], client \"c6\": invalid type"),
        (
            with(&|all| all[7] = json!({"id": "c7", "facilitator": "f", "path": []})),
            "releases[1].clients[7], client \"c7\": missing field `value`",
        ),
        (with(&|all| all[8] = json!(8)), "releases[1].clients[8]: invalid type: integer `8`"),
        (
            with(&|all| all[9]["size"] = json!(8)),
            "releases[1].clients[9], client \"c9\": unknown field `size`",
        ),
    ] {
        let faults = replay(&text).expect_err(expected);
        assert!(faults.starts_with(expected), "{faults}");
        assert_eq!(faults.lines().count(), 1);
    }
    let all = replay(&with(&|all| all.iter_mut().for_each(|client| client["value"] = json!(-5))))
        .expect_err("faults");
    assert_eq!((all.lines().count(), all.lines().last()), (21, Some("and 10 more")));
}
