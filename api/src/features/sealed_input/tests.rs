use super::rules::is_complete;
use entity::Id;
use uuid::Uuid;

#[test]
fn inputs_are_complete_once_everyone_asked_has_given_theirs() {
    for (asked, given, complete) in [
        (&[1, 2][..], &[][..], false),
        (&[1, 2], &[1], false),
        (&[1, 2], &[2, 1], true),
        // one left after they had answered
        (&[1], &[1, 2], true),
        (&[3], &[1, 2], false),
        // one of several subjects each
        (&[1], &[1, 1], true),
        (&[], &[], true),
    ] {
        let people = |ids: &[u128]| ids.iter().map(|id| Id::new(Uuid::from_u128(*id))).collect::<Vec<_>>();
        assert_eq!(is_complete(people(asked), people(given)), complete, "{asked:?}, {given:?}");
    }
}
