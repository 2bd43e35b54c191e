use super::rules::{ATTENDANCE, Step, attendance, near, next, start, takes_sessions};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Id,
    attendance::AttendanceStatus::*,
    member::{self, MemberStatus},
    programme::ProgrammeStatus,
    session::SessionStatus::{self, *},
};
use sea_orm::Iterable;
use uuid::Uuid;

/// What each status becomes by each step; none where the step is refused.
#[test]
fn every_step_from_every_status() {
    let steps = [Step::Update, Step::Start, Step::Attend, Step::Close, Step::Cancel];
    #[rustfmt::skip]
    let table = [
        (Scheduled,  [Some(Scheduled), Some(InProgress), None,             None,       Some(Cancelled)]),
        (InProgress, [None,            None,             Some(InProgress), Some(Held), Some(Cancelled)]),
        (Held,       [None,            None,             None,             None,       None]),
        (Cancelled,  [None,            None,             None,             None,       None]),
        (Missed,     [None,            None,             None,             None,       None]),
    ];
    assert_eq!(SessionStatus::iter().count(), table.len());
    for (status, results) in table {
        for (step, result) in steps.into_iter().zip(results) {
            assert_eq!(next(status, step).ok(), result, "{step:?} from {status:?}");
        }
    }
}

#[test]
fn a_session_is_ahead_and_begins_near_its_time() {
    let now = instant("2026-03-10T09:00:00Z");
    for (at, kept) in [
        ("2026-03-10T09:00:00Z", None),
        ("2026-03-10T09:00:00.001Z", Some("2026-03-10T09:00:00.001Z")),
        ("2026-03-10T10:00:00.123456789Z", Some("2026-03-10T10:00:00.123Z")),
        ("2031-03-10T09:00:00Z", Some("2031-03-10T09:00:00Z")),
        ("2031-03-10T09:00:01Z", None),
    ] {
        assert_eq!(start(instant(at), now).ok(), kept.map(instant), "{at}");
    }
    let starts = now + TimeDelta::days(1);
    assert!(near(starts, now).is_ok());
    assert!(near(starts + TimeDelta::milliseconds(1), now).is_err());
    assert!(near(now - TimeDelta::days(3), now).is_ok());
}

#[test]
fn a_programme_that_ended_takes_no_sessions() {
    for status in ProgrammeStatus::iter() {
        let ended = matches!(status, ProgrammeStatus::Completed | ProgrammeStatus::Terminated);
        assert_eq!(takes_sessions(status).is_err(), ended, "{status:?}");
    }
}

#[test]
fn attendance_is_of_active_members_once_each() {
    let members = [member(1, MemberStatus::Active), member(2, MemberStatus::Removed)];
    let id = |number: u128| Some(Id::new(Uuid::from_u128(number)));
    let wrong = |said: &[_]| -> Vec<String> {
        let refusals = attendance(said, &members).err().unwrap_or_default();
        refusals.into_iter().map(|refusal| refusal.path.join(".")).collect()
    };
    assert_eq!(attendance(&[(id(1), Present)], &members), Ok(vec![(members[0].id, Present)]));
    assert_eq!(attendance(&[], &members), Ok(vec![]));
    assert_eq!(wrong(&[(id(2), Present)]), ["input.attendance.0.memberId"]);
    assert_eq!(wrong(&[(id(1), Absent), (id(3), Present)]), ["input.attendance.1.memberId"]);
    assert_eq!(wrong(&[(id(1), Absent), (id(1), Present)]), ["input.attendance.1.memberId"]);
    assert_eq!(wrong(&[(None, Excused)]), ["input.attendance.0.memberId"]);
    assert_eq!(wrong(&vec![(id(1), Absent); ATTENDANCE + 1])[0], "input.attendance");
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
