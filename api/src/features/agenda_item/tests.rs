use super::rules::{
    PER_SESSION, Step, carried_item, moved_positions, next_status, require_item_owner, require_open_agenda,
    require_room,
};
use chrono::{DateTime, Utc};
use entity::{
    Id,
    agenda_item::{
        self,
        AgendaItemStatus::{self, *},
    },
    member::{self, MemberStatus},
    session::{self, SessionKind, SessionStatus},
};
use sea_orm::Iterable;
use uuid::Uuid;

const STEPS: [Step; 5] = [Step::Update, Step::Move, Step::Complete, Step::Drop, Step::Carry];

/// The status after each step from each status. `None`: the step is refused.
#[test]
fn every_step_from_every_status() {
    #[rustfmt::skip]
    let table = [
        (Open,    [Some(Open), Some(Open),    Some(Done), Some(Dropped), Some(Carried)]),
        (Done,    [None,       Some(Done),    None,       None,          None]),
        (Dropped, [None,       Some(Dropped), None,       None,          None]),
        (Carried, [None,       None,          None,       None,          None]),
    ];
    assert_eq!(AgendaItemStatus::iter().count(), table.len());
    for (status, results) in table {
        for (step, result) in STEPS.into_iter().zip(results) {
            assert_eq!(next_status(status, step).ok(), result, "{step:?} from {status:?}");
        }
    }
}

#[test]
fn an_agenda_can_change_until_its_session_ends() {
    for status in SessionStatus::iter() {
        for step in STEPS {
            let open = match status {
                SessionStatus::InProgress => true,
                SessionStatus::Scheduled => step != Step::Complete,
                SessionStatus::Held | SessionStatus::Cancelled | SessionStatus::Missed => false,
            };
            assert_eq!(require_open_agenda(status, step, "input.id").is_ok(), open, "{step:?} in {status:?}");
        }
    }
    assert!(require_room(PER_SESSION - 1, "input.sessionId").is_ok());
    assert!(require_room(PER_SESSION, "input.sessionId").is_err());
}

#[test]
fn owners_are_active_members() {
    let members = [member(1, MemberStatus::Active), member(2, MemberStatus::Removed)];
    for (id, fine) in [(Some(1), true), (Some(2), false), (Some(3), false), (None, false)] {
        assert_eq!(require_item_owner(id.map(of), &members, "input.ownerId").is_ok(), fine, "{id:?}");
    }
}

/// The items that change position if one of three items moves.
#[test]
fn positions_start_at_one_without_gaps() {
    let items = [item(1, 1), item(2, 2), item(3, 3)];
    for (id, to, changes) in [
        (1, 1, Some(vec![])),
        (1, 3, Some(vec![(2, 1), (3, 2), (1, 3)])),
        (3, 1, Some(vec![(3, 1), (1, 2), (2, 3)])),
        (2, 3, Some(vec![(3, 2), (2, 3)])),
        (2, 0, None),
        (2, 4, None),
        (2, -1, None),
    ] {
        let result = moved_positions(&items, of(id), to).ok();
        let result: Option<Vec<(u128, i32)>> =
            result.map(|moved| moved.into_iter().map(|(item, to)| (item.id.uuid().as_u128(), to)).collect());
        assert_eq!(result, changes, "{id} to {to}");
    }
}

#[test]
fn a_carried_item_is_open_and_keeps_an_active_owner() {
    let members = [member(1, MemberStatus::Active), member(2, MemberStatus::Removed)];
    let now = DateTime::UNIX_EPOCH;
    for (owner, kept) in [(Some(1), Some(1)), (Some(2), None), (None, None)] {
        let item = agenda_item::Model { owner_id: owner.map(of), status: Carried, ..item(7, 3) };
        let later = carried_item(&item, of(8), &session(9), 2, &members, now);
        assert_eq!(later.owner_id, kept.map(of));
        assert_eq!((later.id, later.session_id, later.position, later.status), (of(8), of(9), 2, Open));
        assert_eq!((later.title, later.minutes, later.version), (item.title, item.minutes, 1));
    }
}

fn of<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn item(id: u128, position: i32) -> agenda_item::Model {
    agenda_item::Model {
        id: of(id),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        session_id: of(1),
        owner_id: None,
        carried_to_id: None,
        position,
        title: "What we stop".into(),
        minutes: 20,
        status: Open,
        outcome: None,
        closed_at: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 4,
    }
}

fn session(id: u128) -> session::Model {
    session::Model {
        id: of(id),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        programme_id: None,
        stage_run_id: None,
        series_id: None,
        occurs_on: None,
        moved_by_hand: false,
        called_off: false,
        rating_until: None,
        rating_closed_at: None,
        rating_halves: None,
        rating_band: None,
        kind: SessionKind::Review,
        title: "Review".into(),
        place: String::new(),
        starts_at: DateTime::<Utc>::UNIX_EPOCH,
        minutes: 60,
        status: SessionStatus::Scheduled,
        started_at: None,
        members_present: None,
        members_active: None,
        summary: None,
        closed_at: None,
        reason: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}

fn member(id: u128, status: MemberStatus) -> member::Model {
    member::Model {
        id: of(id),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        person_id: None,
        name: "Ada".into(),
        job_title: String::new(),
        email: None,
        status,
        created_at: DateTime::UNIX_EPOCH,
        removed_at: None,
        version: 1,
    }
}
