use super::{
    rules::{
        MAX_EXTENDED, PER_SESSION, Step, carried_item, extended_minutes, moved_positions, next_status,
        require_item_owner, require_open_agenda, require_room, stop_clock,
    },
    topics::{TopicRows, choose_topics, find_continuation, takes_topics},
};
use crate::kernel::Zone;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Id,
    agenda_item::{
        self,
        AgendaItemStatus::{self, *},
        AgendaSource,
    },
    drift_signal::{self, DriftCause, DriftStatus, DriftUnit},
    member::{self, MemberStatus},
    obstacle::{self, ObstacleStatus, Severity},
    session::{self, SessionKind, SessionStatus},
};
use sea_orm::{IntoActiveModel, Iterable, TryIntoModel};
use std::collections::BTreeMap;
use uuid::Uuid;

const STEPS: [Step; 7] =
    [Step::Update, Step::Move, Step::Discuss, Step::Extend, Step::Complete, Step::Drop, Step::Carry];

/// The status after each step from each status. `None`: the step is refused.
#[test]
fn every_step_from_every_status() {
    #[rustfmt::skip]
    let table = [
        (Open,    [Some(Open), Some(Open),    Some(Open), Some(Open), Some(Done), Some(Dropped), Some(Carried)]),
        (Done,    [None,       Some(Done),    None,       None,       None,       None,          None]),
        (Dropped, [None,       Some(Dropped), None,       None,       None,       None,          None]),
        (Carried, [None,       None,          None,       None,       None,       None,          None]),
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
                SessionStatus::Scheduled => !matches!(step, Step::Complete | Step::Discuss | Step::Extend),
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
        assert_eq!(later.source, AgendaSource::Carried);
        assert_eq!((later.title, later.minutes, later.version), (item.title, item.minutes, 1));
    }
}

#[test]
fn the_clock_adds_up_what_an_item_took() {
    let start = DateTime::UNIX_EPOCH;
    for (since, before, seconds) in
        [(None, 0, 0), (None, 90, 90), (Some(start), 0, 125), (Some(start), 60, 185)]
    {
        let item = agenda_item::Model { discussed_since: since, discussed_seconds: before, ..item(1, 1) };
        let mut change = item.clone().into_active_model();
        stop_clock(&mut change, &item, start + TimeDelta::seconds(125));
        let after: agenda_item::Model = change.try_into_model().expect("a row");
        assert_eq!((after.discussed_since, after.discussed_seconds), (None, seconds), "{since:?} {before}");
    }
    let extended = agenda_item::Model { extended_minutes: MAX_EXTENDED - 10, ..item(1, 1) };
    assert_eq!(extended_minutes(&extended, 10).ok(), Some(MAX_EXTENDED));
    assert!(extended_minutes(&extended, 11).is_err());
}

/// Which topics an agenda takes: the gravest and oldest of each kind, each thing once.
#[test]
fn topics_are_bounded_and_never_double() {
    let obstacles: Vec<obstacle::Model> = [
        (1, Severity::Low, ObstacleStatus::Raised),
        (2, Severity::Critical, ObstacleStatus::Raised),
        (3, Severity::High, ObstacleStatus::Prioritised),
        (4, Severity::High, ObstacleStatus::Raised),
        (5, Severity::Critical, ObstacleStatus::Resolved),
    ]
    .map(|(id, severity, status)| obstacle(id, severity, status))
    .into();
    let handed = drift_signal::Model { on_next_agenda: true, ..signal(23, 33, None, DriftStatus::Explained) };
    let signals = [
        signal(20, 30, None, DriftStatus::Open),
        signal(21, 31, Some(31), DriftStatus::Open),
        signal(22, 32, None, DriftStatus::Acknowledged),
    ];
    let titles =
        BTreeMap::from([(Uuid::from_u128(30), "Call".to_owned()), (Uuid::from_u128(31), "Win".into())]);
    let rows = TopicRows {
        zone: Zone::named("Europe/London").expect("a zone"),
        now: "2026-03-10T09:00:00Z".parse().expect("an instant"),
        signals: &signals,
        titles: &titles,
        obstacles: &obstacles,
        decisions: &[],
        reviewed: &[],
        priorities: &[],
        check_ins: &[],
    };
    let about_signal = agenda_item::Model { drift_signal_id: Some(of(20)), ..item(7, 1) };
    let about_obstacle = agenda_item::Model { obstacle_id: Some(of(2)), status: Dropped, ..item(8, 2) };
    for (there, room, expected) in [
        (vec![], 50, vec!["Call", "Win", "Obstacle 2", "Obstacle 3", "Obstacle 4"]),
        (vec![], 3, vec!["Call", "Win", "Obstacle 2"]),
        (vec![], 0, vec![]),
        (vec![about_signal], 50, vec!["Win", "Obstacle 2", "Obstacle 3", "Obstacle 4"]),
        (vec![about_obstacle], 50, vec!["Call", "Win", "Obstacle 3", "Obstacle 4"]),
    ] {
        let chosen = choose_topics(&there, &rows, room);
        let titles: Vec<&str> = chosen.iter().map(|topic| topic.title.as_str()).collect();
        assert_eq!(titles, expected);
    }
    let chosen = choose_topics(&[], &rows, 50);
    assert_eq!((chosen[1].source, chosen[1].subject.priority), (AgendaSource::DriftSignal, Some(of(31))));
    let rows = TopicRows { signals: &[signals[0].clone(), handed], ..rows };
    let first = choose_topics(&[], &rows, 2).into_iter().map(|topic| topic.subject.drift_signal);
    assert_eq!(
        first.collect::<Vec<_>>(),
        [Some(of(23)), Some(of(20))],
        "what was handed to the agenda is first"
    );
}

#[test]
fn what_is_carried_goes_on_where_it_stands_already() {
    let standing = agenda_item::Model { source: AgendaSource::Series, ..item(1, 1) };
    let topic = agenda_item::Model { obstacle_id: Some(of(5)), title: "Plan".into(), ..item(2, 2) };
    let added = agenda_item::Model { title: "Prices".into(), ..item(3, 3) };
    let dropped = agenda_item::Model { status: Dropped, title: "Vans".into(), ..standing.clone() };
    let there = [standing, topic, added, dropped];
    for (title, obstacle, found) in [
        ("What we stop", None, Some(1)),
        ("Nobody plans", Some(5), Some(2)),
        ("Plan", None, None),
        ("Prices", None, None),
        ("Vans", None, None),
    ] {
        let left = agenda_item::Model { obstacle_id: obstacle.map(of), title: title.into(), ..item(9, 1) };
        assert_eq!(find_continuation(&left, &there).map(|row| row.id), found.map(of), "{title}");
    }
}

#[test]
fn workshops_by_themselves_take_no_topics() {
    let workshop = session::Model { kind: SessionKind::Workshop, ..session(1) };
    assert!(!takes_topics(&workshop));
    assert!(takes_topics(&session::Model { series_id: Some(of(2)), ..workshop }));
    assert!(takes_topics(&session(1)));
}

fn obstacle(id: u128, severity: Severity, status: ObstacleStatus) -> obstacle::Model {
    obstacle::Model {
        id: of(id),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        priority_id: None,
        session_id: None,
        raised_by_id: None,
        title: format!("Obstacle {id}"),
        detail: String::new(),
        severity,
        status,
        raised_at: DateTime::UNIX_EPOCH,
        discussed_at: DateTime::UNIX_EPOCH,
        discussions: 0,
        prioritised_at: None,
        resolved_at: None,
        reason: None,
        version: 1,
    }
}

fn signal(id: u128, subject: u128, priority: Option<u128>, status: DriftStatus) -> drift_signal::Model {
    drift_signal::Model {
        id: of(id),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        cause: DriftCause::Redated,
        subject_id: Uuid::from_u128(subject),
        action_id: None,
        priority_id: priority.map(of),
        alignment_round_id: None,
        status,
        measured: 2,
        threshold: 2,
        unit: DriftUnit::Moves,
        since: DateTime::UNIX_EPOCH,
        progress: None,
        elapsed: None,
        current_measured: 2,
        current_progress: None,
        current_elapsed: None,
        answered_measured: None,
        on_next_agenda: false,
        note: None,
        raised_at: DateTime::UNIX_EPOCH,
        acknowledged_at: None,
        answered_at: None,
        ended_at: None,
        version: 1,
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
        source: AgendaSource::Added,
        drift_signal_id: None,
        obstacle_id: None,
        decision_id: None,
        priority_id: None,
        discussed_since: None,
        discussed_seconds: 0,
        extended_minutes: 0,
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
