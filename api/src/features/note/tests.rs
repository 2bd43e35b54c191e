use super::rules::{changeable, written_by};
use chrono::DateTime;
use entity::{Id, client_note};
use uuid::Uuid;

#[test]
fn authors_change_notes_until_they_are_archived() {
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
    assert!(written_by(&note, me).is_ok() && written_by(&note, other).is_err());
    assert!(changeable(&note).is_ok());
    note.archived_at = Some(DateTime::UNIX_EPOCH);
    assert!(changeable(&note).is_err());
}
