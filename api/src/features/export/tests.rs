use super::rules::{
    MAX_BYTES, exports_to_remove, link_ends_at, require_available, require_none_running, require_size,
};
use chrono::{DateTime, Utc};
use entity::{
    Id,
    data_export::{self, ExportKind},
};
use uuid::Uuid;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn export(created: &str, made: bool) -> data_export::Model {
    data_export::Model {
        id: Id::new(Uuid::nil()),
        network_id: Id::new(Uuid::nil()),
        client_id: None,
        person_id: Id::new(Uuid::nil()),
        kind: ExportKind::Person,
        subject_id: Uuid::nil(),
        rows: 0,
        bytes: 0,
        created_at: at(created),
        expires_at: super::rules::expires_at(at(created)),
        made_at: made.then(|| at(created)),
        held: "[]".into(),
        version: 1,
    }
}

#[test]
fn links_end_with_their_export() {
    let expires = at("2026-03-09T09:00:00Z");
    for (now, ends) in
        [("2026-03-02T09:00:00Z", "2026-03-02T09:05:00Z"), ("2026-03-09T08:58:00Z", "2026-03-09T09:00:00Z")]
    {
        assert_eq!(link_ends_at(at(now), expires), at(ends), "{now}");
    }
    let made = export("2026-03-02T09:00:00Z", true);
    assert!(require_available(&made, at("2026-03-09T08:59:59Z")).is_ok());
    assert!(require_available(&made, expires).is_err());
    assert!(require_available(&export("2026-03-02T09:00:00Z", false), at("2026-03-02T09:00:00Z")).is_err());
    assert!(require_size(MAX_BYTES, "input").is_ok() && require_size(MAX_BYTES + 1, "input").is_err());
}

#[test]
fn one_export_is_made_at_a_time_and_five_are_kept() {
    let running = export("2026-03-02T09:00:00Z", false);
    assert!(require_none_running(std::slice::from_ref(&running), at("2026-03-02T09:01:59Z")).is_err());
    assert!(
        require_none_running(std::slice::from_ref(&running), at("2026-03-02T09:02:00Z")).is_ok(),
        "it was given up"
    );
    let days = ["06", "05", "04", "03", "02", "01"];
    let own: Vec<_> = days.iter().map(|day| export(&format!("2026-03-{day}T09:00:00Z"), true)).collect();
    let gone = |own: &[data_export::Model], now: &str| {
        exports_to_remove(own, at(now)).map(|gone| gone.created_at).collect::<Vec<_>>()
    };
    assert!(gone(&own[2..], "2026-03-06T10:00:00Z").is_empty());
    assert_eq!(gone(&own[1..], "2026-03-06T10:00:00Z"), [own[5].created_at]);
    assert_eq!(gone(&own, "2026-03-06T10:00:00Z"), [own[4].created_at, own[5].created_at]);
    assert_eq!(
        gone(&own[3..], "2026-03-09T09:00:00Z"),
        [own[4].created_at, own[5].created_at],
        "they are over"
    );
}
