use super::rules::{Obligations, require_another_person, require_name_editor, require_no_obligations};
use crate::kernel::Code;

#[test]
fn people_can_rename_themselves_and_head_office_can_rename_anyone() {
    for (own, admin, seen, refusal) in [
        (true, false, true, None),
        (true, true, true, None),
        (false, true, true, None),
        (false, true, false, None),
        (false, false, true, Some(Code::NotOwner)),
        (false, false, false, Some(Code::NotFound)),
    ] {
        let code = require_name_editor(own, admin, seen).err().map(|refusal| refusal.code);
        assert_eq!(code, refusal, "own {own}, admin {admin}, seen {seen}");
    }
}

#[test]
fn a_person_with_obligations_is_not_erased() {
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    for (teams, led, only_admin, messages) in [
        (&[][..], &[][..], false, vec![]),
        (&["Board of Acorn"], &[], false, vec!["Board of Acorn"]),
        (&[], &["Acorn", "Beech"], false, vec!["Acorn, Beech"]),
        (&["Board of Acorn"], &["Beech"], true, vec!["Board of Acorn", "Beech", "only admin"]),
    ] {
        let refusals =
            require_no_obligations(&Obligations { teams: named(teams), led: named(led), only_admin })
                .err()
                .unwrap_or_default();
        assert_eq!(refusals.len(), messages.len(), "{refusals:?}");
        for (refusal, message) in refusals.iter().zip(messages) {
            assert!(refusal.code == Code::WrongState && refusal.message.contains(message), "{refusal:?}");
        }
    }
    assert!(require_another_person(false).is_ok() && require_another_person(true).is_err());
}
