use super::rules::{MAX_PER_YEAR, require_kept, require_room};
use crate::kernel::Code;
use chrono::DateTime;
use entity::{Id, target};
use uuid::Uuid;

#[test]
fn a_year_has_a_maximum_number_of_targets() {
    assert_eq!(require_room(MAX_PER_YEAR - 1), Ok(()));
    assert_eq!(require_room(MAX_PER_YEAR).err().map(|refusal| refusal.code), Some(Code::LimitReached));
}

#[test]
fn a_removed_target_is_served_no_more() {
    let id = Uuid::from_u128(1);
    let kept = target::Model {
        id: Id::new(id),
        network_id: Id::new(id),
        client_id: Id::new(id),
        team_id: Id::new(id),
        year_id: Id::new(id),
        text: "Two new markets".into(),
        figure: Some("2".into()),
        unit: "markets".into(),
        removed_at: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    };
    let removed = target::Model { removed_at: Some(DateTime::UNIX_EPOCH), ..kept.clone() };
    assert_eq!(require_kept(&kept, "input.id"), Ok(()));
    let refusal = require_kept(&removed, "input.targetId").expect_err("it was removed");
    assert_eq!((refusal.code, refusal.path.join(".")), (Code::WrongState, "input.targetId".to_owned()));
}
