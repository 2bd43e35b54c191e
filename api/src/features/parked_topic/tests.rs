use super::rules::{PER_SESSION, require_in_progress, require_parked, require_room};
use entity::{parked_topic::ParkedTopicStatus, session::SessionStatus};
use sea_orm::Iterable;

#[test]
fn a_topic_leaves_the_parking_lot_once() {
    for status in ParkedTopicStatus::iter() {
        assert_eq!(require_parked(status).is_ok(), status == ParkedTopicStatus::Parked, "{status:?}");
    }
}

#[test]
fn topics_are_parked_while_a_session_is_in_progress() {
    for status in SessionStatus::iter() {
        assert_eq!(require_in_progress(status).is_ok(), status == SessionStatus::InProgress, "{status:?}");
    }
    assert!(require_room(PER_SESSION - 1).is_ok());
    assert!(require_room(PER_SESSION).is_err());
}
