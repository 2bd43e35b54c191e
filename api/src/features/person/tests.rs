use super::rules::{Ties, another, nameable, untied};
use crate::kernel::Code;

#[test]
fn people_name_themselves_and_head_office_names_anybody() {
    for (own, admin, seen, refusal) in [
        (true, false, true, None),
        (true, true, true, None),
        (false, true, true, None),
        (false, true, false, None),
        (false, false, true, Some(Code::NotOwner)),
        (false, false, false, Some(Code::NotFound)),
    ] {
        let code = nameable(own, admin, seen).err().map(|refusal| refusal.code);
        assert_eq!(code, refusal, "own {own}, admin {admin}, seen {seen}");
    }
}

#[test]
fn nothing_is_left_without_its_owner() {
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    for (teams, led, only_admin, messages) in [
        (&[][..], &[][..], false, vec![]),
        (&["Board of Acorn"], &[], false, vec!["Board of Acorn"]),
        (&[], &["Acorn", "Beech"], false, vec!["Acorn, Beech"]),
        (&["Board of Acorn"], &["Beech"], true, vec!["Board of Acorn", "Beech", "only admin"]),
    ] {
        let refusals =
            untied(&Ties { teams: named(teams), led: named(led), only_admin }).err().unwrap_or_default();
        assert_eq!(refusals.len(), messages.len(), "{refusals:?}");
        for (refusal, message) in refusals.iter().zip(messages) {
            assert!(refusal.code == Code::WrongState && refusal.message.contains(message), "{refusal:?}");
        }
    }
    assert!(another(false).is_ok() && another(true).is_err());
}
