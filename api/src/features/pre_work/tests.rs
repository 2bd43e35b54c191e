use super::rules::{
    PER_SESSION, require_respondent, require_room, require_scheduled, require_sealed, require_unanswered,
};
use chrono::DateTime;
use entity::{Id, pre_work_prompt, session::SessionStatus};
use sea_orm::Iterable;
use uuid::Uuid;

fn of<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn prompt() -> pre_work_prompt::Model {
    pre_work_prompt::Model {
        id: of(1),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        session_id: of(2),
        text: "What do we stop?".into(),
        answered: 0,
        unsealed_at: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}

#[test]
fn pre_work_is_answered_before_the_session_starts() {
    let unsealed = pre_work_prompt::Model { unsealed_at: Some(DateTime::UNIX_EPOCH), ..prompt() };
    for status in SessionStatus::iter() {
        let ahead = status == SessionStatus::Scheduled;
        assert_eq!(require_scheduled(status, "input.sessionId").is_ok(), ahead, "{status:?}");
        assert_eq!(require_sealed(&prompt(), status).is_ok(), ahead, "{status:?}");
        assert!(require_sealed(&unsealed, status).is_err(), "{status:?}");
    }
}

#[test]
fn a_prompt_with_answers_keeps_its_text() {
    assert!(require_unanswered(0).is_ok());
    assert!(require_unanswered(1).is_err());
    assert!(require_room(PER_SESSION - 1).is_ok());
    assert!(require_room(PER_SESSION).is_err());
    assert!(require_respondent(of(1), &[]).is_err());
}
