use super::rules::{PER_TEAM, require_in_place, require_room, require_tree};
use chrono::DateTime;
use entity::{
    Id,
    seat::{self, Entity},
};
use uuid::Uuid;

#[test]
fn seats_form_a_tree() {
    // 1 is above 2 and 3, and 3 above 4; 5 stands alone
    let seats = [seat(1, None), seat(2, Some(1)), seat(3, Some(1)), seat(4, Some(3)), seat(5, None)];
    for (moved, below, may) in [
        (4, 2, true),
        (4, 1, true),
        (2, 4, true),
        (1, 5, true),
        (5, 4, true),
        (1, 1, false),
        (1, 3, false),
        (1, 4, false),
        (3, 4, false),
    ] {
        assert_eq!(require_tree(&seats, id(moved), id(below)).is_ok(), may, "{moved} below {below}");
    }
}

/// Rows that already are in a circle do not make the rule run forever.
#[test]
fn a_circle_is_refused() {
    let seats = [seat(1, Some(2)), seat(2, Some(1)), seat(3, None)];
    assert!(require_tree(&seats, id(3), id(1)).is_err());
}

#[test]
fn seats_are_limited_and_removed_ones_stay_removed() {
    assert!(require_room(PER_TEAM - 1).is_ok());
    assert!(require_room(PER_TEAM).is_err());
    let there = seat(1, None);
    let removed = seat::Model { removed_at: Some(DateTime::UNIX_EPOCH), ..seat(1, None) };
    assert!(require_in_place(&there, "input.id").is_ok());
    assert_eq!(
        require_in_place(&removed, "input.parentId").map_err(|refusal| refusal.path),
        Err(vec!["input".into(), "parentId".into()])
    );
}

fn id<N>(number: u128) -> Id<N> {
    Id::new(Uuid::from_u128(number))
}

fn seat(number: u128, parent: Option<u128>) -> seat::Model {
    seat::Model {
        id: id::<Entity>(number),
        network_id: id(0),
        client_id: id(0),
        team_id: id(0),
        parent_id: parent.map(id),
        member_id: None,
        title: "Sales".into(),
        duties: String::new(),
        filled_at: None,
        removed_at: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}
