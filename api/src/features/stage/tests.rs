use super::rules::{
    OVERDUE_DAYS, StageFacts, Step, decide_passing, is_long_overdue, list_unmet, next_status,
    require_confirmable, stage_to_lock, stage_to_open,
};
use crate::kernel::Code;
use chrono::{DateTime, Duration};
use entity::{
    Id,
    action::ActionStatus,
    programme::ProgrammeStatus,
    stage_criterion::{
        self,
        CriterionKind::{self, *},
    },
    stage_event::StageEventKind,
    stage_run::{
        self,
        StageStatus::{self, *},
    },
};
use sea_orm::Iterable;
use uuid::Uuid;

/// Lists the status after each step in a running programme; `None` if the step is refused.
#[test]
fn each_status_allows_exactly_the_listed_steps() {
    let steps = [Step::Confirm, Step::Pass, Step::Reopen];
    let table = [
        (Locked, [None, None, None]),
        (Open, [Some(Open), Some(Passed), None]),
        (Passed, [None, None, Some(Open)]),
    ];
    assert_eq!(StageStatus::iter().count(), table.len());
    for programme in ProgrammeStatus::iter() {
        for (status, results) in table {
            for (step, result) in steps.into_iter().zip(results) {
                let result = result.filter(|_| programme == ProgrammeStatus::Active);
                let case = format!("{step:?} from {status:?}, {programme:?}");
                assert_eq!(next_status(status, programme, step).ok(), result, "{case}");
            }
        }
    }
}

/// Checks each kind of criterion with a quantity of two, just below and at the quantity.
#[test]
fn each_kind_of_criterion_is_counted() {
    let met = StageFacts {
        confirmed: vec![Id::new(Uuid::from_u128(1))],
        sessions_held: 2,
        priorities_committed: 2,
        actions_accepted: 2,
        actions_overdue: 0,
        actions_done: 2,
        decisions_ratified: 2,
        rounds_revealed: 2,
        sections_unratified: vec![],
    };
    #[rustfmt::skip]
    let table: [(CriterionKind, StageFacts, &str); 8] = [
        (Confirmed, StageFacts { confirmed: vec![], ..met.clone() }, "“Text” (not confirmed)"),
        (SessionsHeld, StageFacts { sessions_held: 1, ..met.clone() }, "“Text” (1 of 2 sessions held)"),
        (PrioritiesCommitted, StageFacts { priorities_committed: 1, ..met.clone() }, "“Text” (1 of 2 priorities committed)"),
        (ActionsAccepted, StageFacts { actions_accepted: 1, ..met.clone() }, "“Text” (1 of 2 actions accepted)"),
        (ActionsDone, StageFacts { actions_done: 1, ..met.clone() }, "“Text” (1 of 2 actions done)"),
        (DecisionsRatified, StageFacts { decisions_ratified: 1, ..met.clone() }, "“Text” (1 of 2 decisions ratified)"),
        (RoundsRevealed, StageFacts { rounds_revealed: 1, ..met.clone() }, "“Text” (1 of 2 rounds revealed)"),
        (ActionsDone, StageFacts { actions_overdue: 3, ..met.clone() }, "“Text” (3 overdue by more than 14 days, 2 of 2 done)"),
    ];
    for kind in CriterionKind::iter() {
        assert!(table.iter().any(|(of, ..)| *of == kind), "{kind:?}");
        assert_eq!(list_unmet(&[criterion(1, kind)], &met), Vec::<String>::new(), "{kind:?}");
    }
    for (kind, facts, message) in table {
        assert_eq!(list_unmet(&[criterion(1, kind)], &facts), [message], "{kind:?}");
    }
    let unratified = StageFacts { sections_unratified: vec!["Vision".into()], ..met.clone() };
    assert_eq!(list_unmet(&[criterion(1, Confirmed)], &unratified), ["“Vision” (not ratified)"]);
    let all: Vec<_> = CriterionKind::iter().map(|kind| criterion(1, kind)).collect();
    assert_eq!(list_unmet(&all, &StageFacts::default()).len(), all.len());
    assert_eq!(list_unmet(&[criterion(2, Confirmed)], &met).len(), 1, "another one was confirmed");
}

#[test]
fn a_stage_is_passed_by_its_criteria_or_over_them() {
    let (none, some) = (vec![], vec!["“Text” (not confirmed)".to_owned()]);
    let cases = [
        (&none, None, false, Ok(StageEventKind::Passed)),
        (&none, Some("why"), false, Ok(StageEventKind::Passed)),
        (&none, Some("why"), true, Ok(StageEventKind::Passed)),
        (&some, None, false, Err(Code::CriteriaNotMet)),
        (&some, None, true, Err(Code::CriteriaNotMet)),
        (&some, Some("why"), false, Err(Code::NotOwner)),
        (&some, Some("why"), true, Ok(StageEventKind::Overridden)),
    ];
    for (unmet, reason, may, result) in cases {
        let got = decide_passing(unmet, reason, may);
        if let Err(refusal) = &got {
            assert!(refusal.message.contains("“Text” (not confirmed)"), "{}", refusal.message);
        }
        assert_eq!(got.map_err(|refusal| refusal.code), result, "{reason:?} {may}");
    }
}

#[test]
fn only_confirmable_criteria_of_the_stage_are_confirmed() {
    let stage = stage(1, Open);
    for kind in CriterionKind::iter() {
        assert_eq!(require_confirmable(&criterion(1, kind), &stage).is_ok(), kind == Confirmed, "{kind:?}");
    }
    let mut foreign = criterion(1, Confirmed);
    foreign.template_stage_id = Id::new(Uuid::from_u128(9));
    assert!(require_confirmable(&foreign, &stage).is_err());
}

#[test]
fn the_open_stage_is_the_first_that_is_not_passed() {
    let line = |statuses: &[StageStatus]| -> Vec<stage_run::Model> {
        (1..).zip(statuses).map(|(position, status)| stage(position, *status)).collect()
    };
    for (statuses, passed, opens) in [
        (vec![Open, Locked, Locked], 1, Some(2)),
        (vec![Passed, Passed, Open], 3, None),
        (vec![Open, Passed, Locked], 1, Some(3)),
        (vec![Open, Passed, Passed], 1, None),
    ] {
        let stages = line(&statuses);
        let next = stage_to_open(&stages, &stages[passed - 1]).map(|stage| stage.position);
        assert_eq!(next, opens, "{statuses:?}");
    }
    for (statuses, reopened, locks) in [
        (vec![Passed, Passed, Open], 1, Ok(Some(3))),
        (vec![Passed, Passed, Open], 2, Ok(Some(3))),
        (vec![Passed, Passed, Passed], 2, Ok(None)),
        (vec![Passed, Open, Passed], 3, Err(Code::WrongState)),
        (vec![Open, Passed, Locked], 2, Err(Code::WrongState)),
    ] {
        let stages = line(&statuses);
        let locked =
            stage_to_lock(&stages, &stages[reopened - 1]).map(|stage| stage.map(|stage| stage.position));
        assert_eq!(locked.map_err(|refusal| refusal.code), locks, "{statuses:?}");
    }
}

fn criterion(id: u128, kind: CriterionKind) -> stage_criterion::Model {
    stage_criterion::Model {
        id: Id::new(Uuid::from_u128(id)),
        network_id: Id::new(Uuid::nil()),
        franchise_id: None,
        template_stage_id: Id::new(Uuid::nil()),
        position: 1,
        kind,
        quantity: 2,
        text: "Text".into(),
    }
}

fn stage(position: i32, status: StageStatus) -> stage_run::Model {
    stage_run::Model {
        id: Id::new(Uuid::from_u128(position.unsigned_abs().into())),
        network_id: Id::new(Uuid::nil()),
        client_id: Id::new(Uuid::nil()),
        team_id: Id::new(Uuid::nil()),
        programme_id: Id::new(Uuid::nil()),
        template_stage_id: Id::new(Uuid::nil()),
        position,
        title: format!("Stage {position}"),
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

/// Actions hold a stage back only while they are to be done, and only after the days of grace.
#[test]
fn actions_hold_a_stage_back_when_they_are_long_overdue() {
    let due = DateTime::from_timestamp(1_750_000_000, 0).expect("a time");
    let last = due + Duration::days(OVERDUE_DAYS);
    for status in ActionStatus::iter() {
        assert!(!is_long_overdue(status, due, last), "{status:?}");
        let late = is_long_overdue(status, due, last + Duration::seconds(1));
        assert_eq!(late, ActionStatus::TO_BE_DONE.contains(&status), "{status:?}");
    }
}
