use super::rules::{require_author, thread_start};
use crate::kernel::Code;
use chrono::DateTime;
use entity::{Id, action_comment};
use uuid::Uuid;

#[test]
fn only_the_author_can_change_a_comment() {
    for (person, withdrawn, answer) in [
        (1, false, None),
        (1, true, Some(Code::WrongState)),
        (2, false, Some(Code::NotOwner)),
        (2, true, Some(Code::NotOwner)),
    ] {
        let comment = comment(1, None, withdrawn);
        let refused = require_author(&comment, id_of(person)).err().map(|refusal| refusal.code);
        assert_eq!(refused, answer, "{person} {withdrawn}");
    }
}

#[test]
fn replies_have_one_level_and_stay_on_their_action() {
    assert_eq!(thread_start(&comment(5, None, false), id_of(9)), Ok(id_of(5)));
    assert_eq!(thread_start(&comment(5, Some(4), false), id_of(9)), Ok(id_of(4)));
    // A withdrawn comment keeps its place and can get replies.
    assert_eq!(thread_start(&comment(5, None, true), id_of(9)), Ok(id_of(5)));
    assert!(thread_start(&comment(5, None, false), id_of(8)).is_err());
}

fn id_of<N>(number: u128) -> Id<N> {
    Id::new(Uuid::from_u128(number))
}

fn comment(id: u128, answers: Option<u128>, withdrawn: bool) -> action_comment::Model {
    action_comment::Model {
        id: id_of(id),
        network_id: id_of(0),
        client_id: id_of(0),
        team_id: id_of(0),
        action_id: id_of(9),
        answers_id: answers.map(id_of),
        person_id: id_of(1),
        text: (!withdrawn).then(|| "Well done".to_owned()),
        at: DateTime::UNIX_EPOCH,
        edited_at: None,
        withdrawn_at: withdrawn.then_some(DateTime::UNIX_EPOCH),
        version: 1,
    }
}
