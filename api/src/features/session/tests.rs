use super::minutes::{Minutes, MinutesRows};
use super::rules::{
    MAX_ATTENDANCE, Quorum, Step, check_attendance, count_quorum, is_missed, next_status, require_near_start,
    require_open_programme, require_valid_start,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Id,
    agenda_item::{self, AgendaItemStatus, AgendaSource},
    attendance::{self, AttendanceStatus, AttendanceStatus::*},
    member::{self, MemberStatus},
    programme::ProgrammeStatus,
    session::{
        self, SessionKind,
        SessionStatus::{self, *},
    },
};
use sea_orm::Iterable;
use uuid::Uuid;

/// Lists the status after each step; `None` if the step is refused.
#[test]
fn each_status_allows_exactly_the_listed_steps() {
    let steps = [Step::Update, Step::Start, Step::Attend, Step::Close, Step::Cancel, Step::Miss];
    #[rustfmt::skip]
    let table = [
        (Scheduled,  [Some(Scheduled), Some(InProgress), None,             None,       Some(Cancelled), Some(Missed)]),
        (InProgress, [None,            None,             Some(InProgress), Some(Held), Some(Cancelled), None]),
        (Held,       [None,            None,             None,             None,       None, None]),
        (Cancelled,  [None,            None,             None,             None,       None, None]),
        (Missed,     [None,            None,             None,             None,       None, None]),
    ];
    assert_eq!(SessionStatus::iter().count(), table.len());
    for (status, results) in table {
        for (step, result) in steps.into_iter().zip(results) {
            assert_eq!(next_status(status, step).ok(), result, "{step:?} from {status:?}");
        }
    }
}

#[test]
fn a_session_is_scheduled_ahead_and_starts_within_a_day_of_its_time() {
    let now = instant("2026-03-10T09:00:00Z");
    for (at, kept) in [
        ("2026-03-10T09:00:00Z", None),
        ("2026-03-10T09:00:00.001Z", Some("2026-03-10T09:00:00.001Z")),
        ("2031-03-10T09:00:00Z", Some("2031-03-10T09:00:00Z")),
        ("2031-03-10T09:00:01Z", None),
    ] {
        assert_eq!(require_valid_start(instant(at), now).ok(), kept.map(instant), "{at}");
    }
    let starts = now + TimeDelta::days(1);
    assert!(require_near_start(starts, now).is_ok());
    assert!(require_near_start(starts + TimeDelta::milliseconds(1), now).is_err());
    assert!(require_near_start(now - TimeDelta::days(3), now).is_ok());
}

#[test]
fn an_ended_programme_has_no_more_sessions() {
    for status in ProgrammeStatus::iter() {
        let ended = matches!(status, ProgrammeStatus::Completed | ProgrammeStatus::Terminated);
        assert_eq!(require_open_programme(status, "input.programmeId").is_err(), ended, "{status:?}");
    }
}

#[test]
fn attendance_names_each_active_member_once() {
    let members = [member(1, MemberStatus::Active), member(2, MemberStatus::Removed)];
    let id = |number: u128| Some(Id::new(Uuid::from_u128(number)));
    let wrong = |entries: &[_]| -> Vec<String> {
        let refusals = check_attendance(entries, &members).err().unwrap_or_default();
        refusals.into_iter().map(|refusal| refusal.path.join(".")).collect()
    };
    assert_eq!(check_attendance(&[(id(1), Present)], &members), Ok(vec![(members[0].id, Present)]));
    assert_eq!(check_attendance(&[], &members), Ok(vec![]));
    assert_eq!(wrong(&[(id(2), Present)]), ["input.attendance.0.memberId"]);
    assert_eq!(wrong(&[(id(1), Absent), (id(3), Present)]), ["input.attendance.1.memberId"]);
    assert_eq!(wrong(&[(id(1), Absent), (id(1), Present)]), ["input.attendance.1.memberId"]);
    assert_eq!(wrong(&[(None, Excused)]), ["input.attendance.0.memberId"]);
    assert_eq!(wrong(&vec![(id(1), Absent); MAX_ATTENDANCE + 1])[0], "input.attendance");
}

#[test]
fn a_session_is_missed_a_day_after_it_was_to_end() {
    // the session starts at nine and lasts an hour
    for (status, now, over) in [
        (Scheduled, "2026-03-10T10:00:00Z", false),
        (Scheduled, "2026-03-11T09:59:59.999Z", false),
        (Scheduled, "2026-03-11T10:00:00Z", true),
        (Scheduled, "2026-04-11T10:00:00Z", true),
        (InProgress, "2026-04-11T10:00:00Z", false),
        (Held, "2026-04-11T10:00:00Z", false),
        (Cancelled, "2026-04-11T10:00:00Z", false),
        (Missed, "2026-04-11T10:00:00Z", false),
    ] {
        assert_eq!(is_missed(&session(status), instant(now)), over, "{status:?} at {now}");
    }
}

#[test]
fn half_of_the_participants_are_a_quorum() {
    let active = |id| member(id, MemberStatus::Active);
    for (members, attended, present, reached) in [
        (vec![], vec![], 0, false),
        (vec![active(1)], vec![], 0, false),
        (vec![active(1)], vec![(1, Present)], 1, true),
        (vec![active(1), active(2)], vec![(1, Present), (2, Absent)], 1, true),
        (vec![active(1), active(2), active(3)], vec![(1, Present), (2, Excused)], 1, false),
        (vec![active(1), active(2), active(3)], vec![(1, Present), (2, Present)], 2, true),
        // the third is an observer, or has left
        (vec![active(1), active(2)], vec![(3, Present)], 0, false),
        (vec![active(1), active(2)], vec![(1, Present), (3, Present)], 1, true),
    ] {
        let count = members.len() as i32;
        let attended: Vec<_> = attended.into_iter().map(|(id, status)| attended_by(id, status)).collect();
        assert_eq!(
            count_quorum(&members, &attended),
            Quorum { present, active: count, reached },
            "{attended:?}"
        );
    }
}

#[test]
fn the_order_of_rows_does_not_change_the_minutes() {
    let mut held = session(Held);
    held.title = "Review *of* <everything>".into();
    held.place = "Room 4".into();
    held.summary = Some("1. We agreed\n # not a heading\n\t- no item".into());
    held.closed_at = Some(instant("2026-03-10T10:05:00Z"));
    let mut members = [member(1, MemberStatus::Active), member(2, MemberStatus::Active)];
    members[0].name = "Zoe".into();
    members[0].job_title = "Buyer".into();
    let mut attended = [attended_by(1, Present), attended_by(2, Excused)];
    let mut agenda =
        [item(2, AgendaItemStatus::Carried, None), item(1, AgendaItemStatus::Done, Some("Yes\nat once"))];
    let page = |members: &[member::Model], attended: &[attendance::Model], agenda: &[agenda_item::Model]| {
        let quorum = count_quorum(members, attended);
        let (session, zone) = (&held, "Asia/Singapore");
        let minutes = Minutes::of(&MinutesRows {
            session,
            zone,
            quorum,
            members,
            attendance: attended,
            agenda,
            decisions: &[],
            positions: &[],
            obstacles: &[],
            votes: &[],
            vote_options: &[],
            rounds: &[],
            statements: &[],
            priorities: &[],
            actions: &[],
        });
        (serde_json::to_string(&minutes).expect("JSON"), minutes.markdown().expect("a known zone"))
    };
    let (json, markdown) = page(&members, &attended, &agenda);
    assert_eq!(
        markdown,
        "# Review \\*of\\* \\<everything\\>\n\nTuesday, 10 March 2026, 17:00 to 18:00 (Asia/Singapore), Room 4\n\n\
         Held from 17:00 to 18:05.\n\n\
         1 of 2 participants present: quorum reached.\n\n## Summary\n\n1\\. We agreed\\\n\\# not a heading\\\n\\- no item\n\n\
         ## Attendance\n\n- Ada: excused\n- Zoe, Buyer: present\n\n\
         ## Agenda\n\n1. Item 1 (20 min, Zoe): done\n   Yes\\\n   at once\n\
         2. Item 2 (20 min, Zoe): carried to the next session\n"
    );
    assert!(json.contains(r#""closedAt":"2026-03-10T10:05:00Z""#), "{json}");
    members.reverse();
    attended.reverse();
    agenda.reverse();
    assert_eq!(page(&members, &attended, &agenda), (json, markdown));
}

fn of<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn session(status: SessionStatus) -> session::Model {
    session::Model {
        id: of(9),
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
        starts_at: instant("2026-03-10T09:00:00Z"),
        minutes: 60,
        status,
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

fn attended_by(member: u128, status: AttendanceStatus) -> attendance::Model {
    attendance::Model {
        id: of(100 + member),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        session_id: of(9),
        member_id: of(member),
        status,
        version: 1,
    }
}

fn item(position: u128, status: AgendaItemStatus, outcome: Option<&str>) -> agenda_item::Model {
    agenda_item::Model {
        id: of(position),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        session_id: of(9),
        owner_id: Some(of(1)),
        carried_to_id: None,
        position: position as i32,
        title: format!("Item {position}"),
        minutes: 20,
        status,
        outcome: outcome.map(str::to_owned),
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
        version: 1,
    }
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn member(id: u128, status: MemberStatus) -> member::Model {
    member::Model {
        id: Id::new(Uuid::from_u128(id)),
        network_id: Id::new(Uuid::nil()),
        client_id: Id::new(Uuid::nil()),
        team_id: Id::new(Uuid::nil()),
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
