use super::rules::{require_author, require_not_archived};
use chrono::DateTime;
use entity::{Id, client_note};
use uuid::Uuid;

#[test]
fn only_the_author_can_change_a_note_until_it_is_archived() {
    let (me, other) = (Id::new(Uuid::from_u128(1)), Id::new(Uuid::from_u128(2)));
    let mut note = client_note::Model {
        id: Id::new(Uuid::nil()),
        network_id: Id::new(Uuid::nil()),
        client_id: Id::new(Uuid::nil()),
        person_id: me,
        text: "The sponsor is leaving".into(),
        pinned: false,
        created_at: DateTime::UNIX_EPOCH,
        archived_at: None,
        version: 1,
    };
    assert!(require_author(&note, me).is_ok() && require_author(&note, other).is_err());
    assert!(require_not_archived(&note).is_ok());
    note.archived_at = Some(DateTime::UNIX_EPOCH);
    assert!(require_not_archived(&note).is_err());
}
