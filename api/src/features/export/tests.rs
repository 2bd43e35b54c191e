use super::rules::{BYTES, fits, kept, link_ends, parts};
use chrono::{DateTime, Utc};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

#[test]
fn links_end_with_their_export() {
    let expires = at("2026-03-09T09:00:00Z");
    for (now, ends) in
        [("2026-03-02T09:00:00Z", "2026-03-02T09:05:00Z"), ("2026-03-09T08:58:00Z", "2026-03-09T09:00:00Z")]
    {
        assert_eq!(link_ends(at(now), expires), at(ends), "{now}");
    }
    assert!(kept(at("2026-03-09T08:59:59Z"), expires).is_ok());
    assert!(kept(expires, expires).is_err());
}

#[test]
fn parts_are_whole_lines() {
    let line = "x".repeat(200_000);
    let made = parts(vec![line.clone(), line.clone(), line.clone()]);
    assert_eq!(made.iter().map(String::len).collect::<Vec<_>>(), [400_002, 200_001]);
    assert_eq!(parts(vec!["a".into(), "b".into()]), ["a\nb\n"]);
    assert!(fits(BYTES, "input").is_ok() && fits(BYTES + 1, "input").is_err());
}
