use super::rules::{Step, can_run, next, room_in_team, sensible_start, takes_work};
use crate::kernel::Code;
use chrono::{DateTime, NaiveDate};
use entity::{
    Id,
    client::ClientStatus,
    programme::{
        self,
        ProgrammeStatus::{self, *},
    },
    template_version::TemplateStatus,
};
use sea_orm::Iterable;
use uuid::Uuid;

/// What each status becomes by each step; none where the step is refused.
#[test]
fn every_step_from_every_status() {
    let steps = [Step::Start, Step::Pause, Step::Resume, Step::Complete, Step::Terminate];
    #[rustfmt::skip]
    let table = [
        (Planned,    [Some(Active), None,         None,         None,            Some(Terminated)]),
        (Active,     [None,         Some(Paused), None,         Some(Completed), Some(Terminated)]),
        (Paused,     [None,         None,         Some(Active), None,            Some(Terminated)]),
        (Completed,  [None,         None,         None,         None,            None]),
        (Terminated, [None,         None,         None,         None,            None]),
    ];
    assert_eq!(ProgrammeStatus::iter().count(), table.len());
    for (status, results) in table {
        for (step, result) in steps.into_iter().zip(results) {
            assert_eq!(next(status, step).ok(), result, "{step:?} from {status:?}");
        }
    }
}

#[test]
fn a_team_has_one_programme_at_a_time() {
    for status in ProgrammeStatus::iter() {
        let refused = room_in_team(&[programme(status)]).err();
        let expected = match status {
            Planned | Active | Paused => Some(Code::WrongState),
            Completed | Terminated => None,
        };
        assert_eq!(refused.map(|refusal| refusal.code), expected, "{status:?}");
    }
    let ended = vec![programme(Completed); 100];
    assert_eq!(room_in_team(&ended[1..]), Ok(()));
    assert_eq!(room_in_team(&ended).err().map(|refusal| refusal.code), Some(Code::LimitReached));
}

#[test]
fn only_a_published_version_can_run() {
    for status in TemplateStatus::iter() {
        assert_eq!(can_run(status).is_ok(), status == TemplateStatus::Published, "{status:?}");
    }
}

#[test]
fn what_is_archived_takes_no_work() {
    for (client, archived, takes) in [
        (ClientStatus::Active, None, true),
        (ClientStatus::Active, Some(DateTime::UNIX_EPOCH), false),
        (ClientStatus::Archived, None, false),
        (ClientStatus::Archived, Some(DateTime::UNIX_EPOCH), false),
    ] {
        assert_eq!(takes_work(client, archived).is_ok(), takes, "{client:?} {archived:?}");
    }
}

#[test]
fn a_start_is_planned_within_sight() {
    let today: NaiveDate = "2026-03-10".parse().expect("a date");
    for (on, sensible) in [
        ("2025-03-09", false),
        ("2025-03-10", true),
        ("2026-03-10", true),
        ("2031-03-10", true),
        ("2031-03-11", false),
    ] {
        assert_eq!(sensible_start(on.parse().expect("a date"), today), sensible, "{on}");
    }
}

#[test]
fn pauses_add_up() {
    let at = |seconds| DateTime::from_timestamp(seconds, 0).expect("an instant");
    let mut paused = programme(Paused);
    paused.paused_seconds = 60;
    assert_eq!(super::rules::paused_for(&paused, at(500)), 60);
    paused.paused_at = Some(at(400));
    assert_eq!(super::rules::paused_for(&paused, at(500)), 160);
    assert_eq!(super::rules::paused_for(&paused, at(300)), 60);
}

fn programme(status: ProgrammeStatus) -> programme::Model {
    programme::Model {
        id: Id::new(Uuid::nil()),
        network_id: Id::new(Uuid::nil()),
        client_id: Id::new(Uuid::nil()),
        team_id: Id::new(Uuid::nil()),
        template_version_id: Id::new(Uuid::nil()),
        name: "StratPro".into(),
        status,
        planned_start_on: NaiveDate::default(),
        started_at: None,
        paused_at: None,
        paused_seconds: 0,
        ended_at: None,
        reason: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}
