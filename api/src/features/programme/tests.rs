use super::rules::{
    Step, is_sensible_start, next_status, place_stages, require_active_team, require_available_template,
    require_movable, require_published, require_related_versions, require_room_in_team, stage_to_open,
};
use crate::kernel::Code;
use chrono::{DateTime, NaiveDate};
use entity::{
    Id,
    client::ClientStatus,
    programme::{
        self,
        ProgrammeStatus::{self, *},
    },
    stage_run::{self, StageStatus},
    template_stage,
    template_version::{self, TemplateStatus},
};
use sea_orm::Iterable;
use uuid::Uuid;

/// Lists the status after each step; `None` if the step is refused.
#[test]
fn each_status_allows_exactly_the_listed_steps() {
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
            assert_eq!(next_status(status, step).ok(), result, "{step:?} from {status:?}");
        }
    }
}

#[test]
fn a_team_has_one_programme_at_a_time() {
    for status in ProgrammeStatus::iter() {
        let refused = require_room_in_team(&[programme(status)]).err();
        let expected = match status {
            Planned | Active | Paused => Some(Code::WrongState),
            Completed | Terminated => None,
        };
        assert_eq!(refused.map(|refusal| refusal.code), expected, "{status:?}");
    }
    let ended = vec![programme(Completed); 100];
    assert_eq!(require_room_in_team(&ended[1..]), Ok(()));
    assert_eq!(require_room_in_team(&ended).err().map(|refusal| refusal.code), Some(Code::LimitReached));
}

#[test]
fn only_a_published_version_can_run() {
    for status in TemplateStatus::iter() {
        assert_eq!(require_published(status).is_ok(), status == TemplateStatus::Published, "{status:?}");
    }
}

#[test]
fn archived_clients_and_teams_accept_no_work() {
    for (client, archived, takes) in [
        (ClientStatus::Active, None, true),
        (ClientStatus::Active, Some(DateTime::UNIX_EPOCH), false),
        (ClientStatus::Paused, None, true),
        (ClientStatus::Paused, Some(DateTime::UNIX_EPOCH), false),
        (ClientStatus::Prospect, None, false),
        (ClientStatus::Alumni, None, false),
        (ClientStatus::Archived, None, false),
        (ClientStatus::Archived, Some(DateTime::UNIX_EPOCH), false),
    ] {
        assert_eq!(require_active_team(client, archived).is_ok(), takes, "{client:?} {archived:?}");
    }
}

#[test]
fn a_planned_start_is_at_most_a_year_ago_and_five_years_ahead() {
    let today: NaiveDate = "2026-03-10".parse().expect("a date");
    for (on, sensible) in [
        ("2025-03-09", false),
        ("2025-03-10", true),
        ("2026-03-10", true),
        ("2031-03-10", true),
        ("2031-03-11", false),
    ] {
        assert_eq!(is_sensible_start(on.parse().expect("a date"), today), sensible, "{on}");
    }
}

#[test]
fn the_time_of_all_pauses_is_added_up() {
    let at = |seconds| DateTime::from_timestamp(seconds, 0).expect("an instant");
    let mut paused = programme(Paused);
    paused.paused_seconds = 60;
    assert_eq!(super::rules::paused_seconds(&paused, at(500)), 60);
    paused.paused_at = Some(at(400));
    assert_eq!(super::rules::paused_seconds(&paused, at(500)), 160);
    assert_eq!(super::rules::paused_seconds(&paused, at(300)), 60);
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

fn run(at: u128, title: &str, status: StageStatus) -> stage_run::Model {
    stage_run::Model {
        id: Id::new(Uuid::from_u128(at)),
        network_id: Id::new(Uuid::nil()),
        client_id: Id::new(Uuid::nil()),
        team_id: Id::new(Uuid::nil()),
        programme_id: Id::new(Uuid::nil()),
        template_stage_id: Id::new(Uuid::nil()),
        position: at as i32,
        title: title.into(),
        purpose: String::new(),
        planned_days: 1,
        status,
        opened_at: None,
        passed_at: None,
        override_reason: None,
        times_reopened: 0,
        version: 1,
    }
}

fn target(key: &str, title: &str) -> template_stage::Model {
    template_stage::Model {
        id: Id::new(Uuid::nil()),
        network_id: Id::new(Uuid::nil()),
        franchise_id: None,
        template_version_id: Id::new(Uuid::nil()),
        position: 1,
        key: key.into(),
        title: title.into(),
        purpose: String::new(),
        planned_days: 1,
        locked: false,
    }
}

/// Each case moves a programme with the stages a, b, c and d: stages of the other version, statuses, linked stages,
/// result, and the stage to open.
#[test]
fn a_move_matches_stages_and_keeps_begun_ones() {
    use StageStatus::{Locked, Open, Passed};
    type Case<'a> = (&'a [&'a str], &'a [StageStatus], &'a [u128], &'a str, Option<usize>);
    #[rustfmt::skip]
    let table: [Case; 9] = [
        (&["a", "b", "c", "d"], &[Passed, Open, Locked, Locked], &[], "1a 2b 3c 4d", None),
        (&["d", "c", "b", "a"], &[Passed, Open, Locked, Locked], &[], "4d 3c 2b 1a", None),
        (&["a", "new", "b"], &[Passed, Open, Locked, Locked], &[], "1a new 2b; -3 -4", None),
        (&["a", "new", "b"], &[Passed, Open, Locked, Locked], &[3], "1a new 2b 3; -4", None),
        (&["b"], &[Passed, Open, Locked, Locked], &[], "1 2b; -3 -4", None),
        (&["new"], &[Passed, Open, Locked, Locked], &[4], "1 2 4 new; -3", None),
        (&["a", "b", "c", "d", "new"], &[Passed, Passed, Passed, Passed], &[], "1a 2b 3c 4d new", Some(4)),
        (&["new", "a", "b"], &[Passed, Passed, Passed, Passed], &[], "new 1a 2b 3 4", Some(0)),
        // matched by title if no key matches
        (&["a", "B"], &[Passed, Open, Locked, Locked], &[], "1a 2B; -3 -4", None),
    ];
    for (wanted, statuses, busy, result, open) in table {
        let names = ["a", "b", "c", "d"];
        let runs: Vec<stage_run::Model> =
            (1..).zip(names).zip(statuses).map(|((at, name), status)| run(at, name, *status)).collect();
        let keys = names.map(str::to_owned);
        let targets: Vec<template_stage::Model> = wanted.iter().map(|key| target(key, key)).collect();
        let busy: Vec<_> = busy.iter().map(|at| Id::new(Uuid::from_u128(*at))).collect();
        let (line, gone) = place_stages(&runs, &keys, &targets, &busy);
        assert!(line.iter().zip(1..).all(|(one, place)| one.position == place));
        let found: Vec<String> = line
            .iter()
            .map(|one| {
                let was = one.run.map(|run| run.position.to_string()).unwrap_or_default();
                was + one.to.map_or("", |to| &to.key)
            })
            .collect();
        let gone: Vec<String> = gone.iter().map(|run| format!("-{}", run.position)).collect();
        let found = if gone.is_empty() {
            found.join(" ")
        } else {
            format!("{}; {}", found.join(" "), gone.join(" "))
        };
        assert_eq!(found, result, "{wanted:?}");
        assert_eq!(stage_to_open(&line, Active), open, "{wanted:?}");
        assert_eq!(stage_to_open(&line, Planned), None);
    }
}

#[test]
fn a_programme_moves_only_between_related_versions() {
    let version = |id: u128, template: u128, number: i32| template_version::Model {
        id: Id::new(Uuid::from_u128(id)),
        network_id: Id::new(Uuid::nil()),
        franchise_id: None,
        template_id: Id::new(Uuid::from_u128(template)),
        number,
        ancestor_id: None,
        status: TemplateStatus::Published,
        priorities_per_team: 5,
        priorities_per_leader: 2,
        limits_locked: false,
        cadence_days: 14,
        cadence_locked: false,
        created_at: DateTime::UNIX_EPOCH,
        published_at: None,
        retired_at: None,
        version: 1,
    };
    let root = |at: u128| Id::new(Uuid::from_u128(at));
    let allowed = |from: (u128, u128, i32, u128), to: (u128, u128, i32, u128)| {
        let (from, a) = (version(from.0, from.1, from.2), root(from.3));
        let (to, b) = (version(to.0, to.1, to.2), root(to.3));
        require_related_versions((&from, a), (&to, b)).is_ok()
    };
    assert!(allowed((1, 1, 1, 1), (2, 1, 2, 1)), "to a later version");
    assert!(!allowed((2, 1, 2, 1), (1, 1, 1, 1)), "not to an earlier version");
    assert!(!allowed((1, 1, 1, 1), (1, 1, 1, 1)), "not to the same version");
    assert!(allowed((1, 1, 3, 1), (2, 7, 1, 1)), "to a derived template");
    assert!(allowed((2, 7, 4, 1), (1, 1, 1, 1)), "from a derived template to the original");
    assert!(!allowed((1, 1, 1, 1), (2, 2, 2, 2)), "not to an unrelated template");
    for status in ProgrammeStatus::iter() {
        assert_eq!(
            require_movable(status).is_ok(),
            matches!(status, Planned | Active | Paused),
            "{status:?}"
        );
    }
    let (ours, theirs) = (Id::new(Uuid::from_u128(1)), Id::new(Uuid::from_u128(2)));
    assert!(
        require_available_template(None, ours, "input").is_ok()
            && require_available_template(Some(ours), ours, "input").is_ok()
    );
    assert_eq!(
        require_available_template(Some(theirs), ours, "input").err().map(|refusal| refusal.code),
        Some(Code::Invalid)
    );
}
