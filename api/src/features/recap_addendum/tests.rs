use super::rules::{PER_SESSION, require_confirmable, require_held, require_room};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Id,
    attendance::AttendanceStatus,
    recap_addendum,
    session::{self, SessionKind, SessionStatus},
};
use sea_orm::Iterable;
use uuid::Uuid;

#[test]
fn only_a_held_session_has_a_recap_to_add_to() {
    for status in SessionStatus::iter() {
        assert_eq!(require_held(status).is_ok(), status == SessionStatus::Held, "{status:?}");
    }
    assert!(require_room(PER_SESSION - 1).is_ok());
    assert!(require_room(PER_SESSION).is_err());
}

#[test]
fn a_correction_is_confirmed_once_within_two_days() {
    let closed = instant("2026-03-03T10:00:00Z");
    for (corrects, confirmed, at, fine) in [
        (true, false, "2026-03-03T10:00:00Z", true),
        (true, false, "2026-03-05T10:00:00Z", true),
        (true, false, "2026-03-05T10:00:00.001Z", false),
        (true, true, "2026-03-03T11:00:00Z", false),
        (false, false, "2026-03-03T11:00:00Z", false),
    ] {
        let addendum = addendum(corrects, confirmed.then_some(closed));
        let found = require_confirmable(&addendum, &held(closed), instant(at));
        assert_eq!(found.is_ok(), fine, "{corrects} {confirmed} {at}");
    }
}

fn addendum(corrects: bool, confirmed_at: Option<DateTime<Utc>>) -> recap_addendum::Model {
    recap_addendum::Model {
        id: of(1),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        session_id: of(9),
        person_id: of(2),
        reason: "A slip".into(),
        text: String::new(),
        member_id: corrects.then(|| of(3)),
        attendance: corrects.then_some(AttendanceStatus::Present),
        confirmed_at,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}

fn held(closed_at: DateTime<Utc>) -> session::Model {
    session::Model {
        id: of(9),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        programme_id: None,
        stage_run_id: None,
        series_id: None,
        occurs_on: None,
        moved_by_hand: false,
        called_off: false,
        rating_until: None,
        rating_closed_at: None,
        rating_halves: None,
        rating_band: None,
        kind: SessionKind::Review,
        title: "Review".into(),
        place: String::new(),
        starts_at: closed_at - TimeDelta::hours(1),
        minutes: 60,
        status: SessionStatus::Held,
        started_at: Some(closed_at - TimeDelta::hours(1)),
        members_present: Some(1),
        members_active: Some(3),
        summary: None,
        closed_at: Some(closed_at),
        reason: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}

fn of<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}
