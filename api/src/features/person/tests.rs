use super::rules::nameable;
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
