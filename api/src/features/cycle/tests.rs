use super::rules::{
    CycleQuarter, Span, Step, Verdict, check_span, choose, committed_count, decide_priorities,
    is_ended_by_closing, next_cycle, next_status, overload_refusal, require_apart, require_empty,
    require_last_committed, status_before_closing,
};
use crate::{features::priority::limits::PriorityLimits, kernel::Code};
use chrono::{DateTime, NaiveDate};
use entity::{
    Id,
    cycle::{
        self,
        CycleStatus::{self, *},
    },
    member::{self, MemberStatus},
    priority::{self, PriorityStatus},
};
use sea_orm::Iterable;
use uuid::Uuid;

/// The status after each step from each status. `None`: the step is refused.
#[test]
fn every_step_from_every_status() {
    let steps = [Step::Update, Step::Remove, Step::Open, Step::Commit, Step::Close, Step::Reopen];
    let table = [
        (Planned, [Some(Planned), Some(Planned), Some(Open), Some(Locked), None, None]),
        (Open, [Some(Open), Some(Open), None, Some(Locked), None, None]),
        (Locked, [None, None, None, None, Some(Closed), None]),
        (Closed, [None, None, None, None, None, Some(Locked)]),
    ];
    assert_eq!(CycleStatus::iter().count(), table.len());
    for (status, results) in table {
        for (step, result) in steps.into_iter().zip(results) {
            assert_eq!(next_status(status, step).ok(), result, "{step:?} from {status:?}");
        }
    }
}

#[test]
fn the_names_of_quarters_have_one_form() {
    for (name, first, last) in [
        ("2026-Q1", "2026-01-01", "2026-03-31"),
        ("2026-Q2", "2026-04-01", "2026-06-30"),
        ("2026-Q3", "2026-07-01", "2026-09-30"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
    ] {
        let span = CycleQuarter::parse(name).and_then(CycleQuarter::span);
        let days = Span { label: name.into(), starts_on: date(first), ends_on: date(last) };
        assert_eq!(span, Some(days), "{name}");
    }
    for text in ["", "2026", "2026-Q0", "2026-Q5", "2026-Q01", "2026-q1", "26-Q1", "+026-Q1", "2026-Q1 "] {
        assert_eq!(CycleQuarter::parse(text), None, "{text}");
    }
}

#[test]
fn no_cycle_comes_into_being_by_itself() {
    let cycle = cycle("2026-Q3", "2026-07-01", "2026-09-30", Planned);
    for (cycles, asked, reason) in [
        (vec![], None, "NO_PRESENT_CYCLE"),
        (vec![cycle.clone()], None, "NO_PRESENT_CYCLE"),
        (vec![], Some("2026-Q2"), "NOT_A_CYCLE"),
        (vec![cycle], Some("2026-Q2"), "NOT_A_CYCLE"),
    ] {
        let refusal = choose(&cycles, asked, date("2026-05-20")).expect_err("there is none");
        assert_eq!((refusal.code, refusal.reason.as_str()), (Code::Invalid, reason), "{asked:?}");
        assert!(refusal.message.contains("`cycleCreate`"), "{}", refusal.message);
    }
}

#[test]
fn a_priority_goes_to_a_cycle_of_the_team_that_has_not_ended() {
    let cycles = [
        cycle("Spring", "2026-03-01", "2026-05-31", Locked),
        cycle("Summer", "2026-06-01", "2026-08-31", Planned),
        cycle("Winter", "2025-12-01", "2026-02-28", Locked),
        cycle("2027-Q1", "2027-01-01", "2027-03-31", Closed),
    ];
    for (asked, answer) in [
        (None, Some("Spring")),
        (Some("Summer"), Some("Summer")),
        // Ended, closed, unknown.
        (Some("Winter"), None),
        (Some("2027-Q1"), None),
        (Some("summer"), Some("Summer")),
        (Some("2026-Q2"), None),
        (Some("Autumn"), None),
    ] {
        assert_eq!(chosen(&cycles, asked).as_deref(), answer, "{asked:?}");
    }
}

#[test]
fn cycles_have_distinct_labels_and_days() {
    for (label, from, to, right) in [
        ("Spring", "2026-03-01", "2026-05-31", true),
        ("Sprint", "2026-03-01", "2026-03-07", true),
        ("Year", "2026-01-01", "2026-12-31", true),
        ("Sprint", "2026-03-01", "2026-03-06", false),
        ("Backwards", "2026-03-01", "2026-02-01", false),
        ("Long", "2026-01-01", "2027-01-02", false),
        ("2026-Q1", "2026-01-01", "2026-03-31", true),
        ("2026-Q1", "2026-01-01", "2026-03-30", false),
    ] {
        assert_eq!(check_span(label, date(from), date(to)).is_ok(), right, "{label} {from} {to}");
    }
    let cycles = [cycle("Spring", "2026-03-01", "2026-05-31", Closed)];
    for (label, from, to, right) in [
        ("Summer", "2026-06-01", "2026-08-31", true),
        ("Summer", "2026-05-31", "2026-08-31", false),
        ("Winter", "2026-01-01", "2026-02-28", true),
        ("Winter", "2026-01-01", "2026-03-01", false),
        ("Spring", "2027-03-01", "2027-05-31", false),
    ] {
        let span = Span { label: label.into(), starts_on: date(from), ends_on: date(to) };
        let refused =
            require_apart(&cycles, &span, "input.label", "input.startsOn").err().map(|refusal| refusal.code);
        assert_eq!(refused, (!right).then_some(Code::Taken), "{label} {from} {to}");
    }
}

#[test]
fn priorities_are_carried_to_the_next_cycle_that_has_not_ended() {
    let first = cycle("2026-Q1", "2026-01-01", "2026-03-31", Locked);
    let odd = cycle("Spring", "2026-04-01", "2026-05-15", Locked);
    let done = cycle("2026-Q2", "2026-04-01", "2026-06-30", Closed);
    let later = cycle("2026-Q3", "2026-07-01", "2026-09-30", Planned);
    for (cycles, of, today, answer) in [
        (vec![first.clone()], &first, "2026-03-30", None),
        (vec![first.clone(), later.clone()], &first, "2026-03-30", Some("2026-Q3")),
        (vec![first.clone(), done.clone(), later], &first, "2026-04-03", Some("2026-Q3")),
        // One that is closed is not available.
        (vec![first.clone(), done], &first, "2026-04-03", None),
        (vec![odd.clone()], &odd, "2026-05-10", None),
    ] {
        let answered = next_cycle(&cycles, of, date(today)).ok().map(|cycle| cycle.label.as_str());
        assert_eq!(answered, answer, "{today}");
    }
}

#[test]
fn a_cycle_with_priorities_stays() {
    assert_eq!(require_empty(0), Ok(()));
    assert_eq!(require_empty(1).err().map(|refusal| refusal.code), Some(Code::WrongState));
}

#[test]
fn a_cycle_is_reopened_until_a_later_one_is_committed() {
    let of = cycle("2026-Q2", "2026-04-01", "2026-06-30", Closed);
    let earlier = cycle("2026-Q1", "2026-01-01", "2026-03-31", Closed);
    for (status, right) in [(Planned, true), (Open, true), (Locked, false), (Closed, false)] {
        let later = cycle("2026-Q3", "2026-07-01", "2026-09-30", status);
        let cycles = [earlier.clone(), of.clone(), later];
        assert_eq!(require_last_committed(&cycles, &of).is_ok(), right, "{status:?}");
    }
}

#[test]
fn reopening_a_cycle_opens_what_its_closing_ended() {
    let at = |second| DateTime::from_timestamp(second, 0);
    let of = cycle::Model { closed_at: at(2), ..cycle("2026-Q2", "2026-04-01", "2026-06-30", Closed) };
    for (status, closed_at, ended) in [
        (PriorityStatus::Achieved, at(2), true),
        (PriorityStatus::Achieved, at(1), false),
        (PriorityStatus::Committed, None, false),
    ] {
        let row = priority::Model { closed_at, ..priority(status) };
        assert_eq!(is_ended_by_closing(&row, &of), ended, "{status:?} {closed_at:?}");
    }
    assert_eq!(status_before_closing(&priority(PriorityStatus::Missed)), PriorityStatus::Committed);
    let never = priority::Model { committed_at: None, ..priority(PriorityStatus::Dropped) };
    assert_eq!(status_before_closing(&never), PriorityStatus::Proposed);
}

#[test]
fn every_open_priority_is_decided_once() {
    use Verdict::*;
    let open = [priority(PriorityStatus::Committed), priority(PriorityStatus::Proposed)];
    for (said, answer) in [
        (vec![(0, Achieved)], Some([Achieved, Dropped])),
        (vec![(0, Missed), (1, Carried)], Some([Missed, Carried])),
        (vec![(0, Carried)], Some([Carried, Dropped])),
        (vec![], None),
        (vec![(1, Carried)], None),
        (vec![(0, Missed), (0, Missed)], None),
        (vec![(0, Missed), (1, Achieved)], None),
        (vec![(0, Missed), (1, Missed)], None),
    ] {
        let answered = decide_priorities(&open, &said).ok();
        let answered: Option<Vec<Verdict>> = answered.map(|all| all.into_iter().map(|one| one.1).collect());
        assert_eq!(answered, answer.map(Vec::from), "{said:?}");
    }
    assert_eq!(decide_priorities(&open, &[(1, Achieved)]).err().map(|refusals| refusals.len()), Some(2));
}

#[test]
fn a_cycle_is_committed_with_its_committed_priorities() {
    use PriorityStatus::*;
    for (priorities, answer) in [
        (vec![], None),
        (vec![Proposed, Dropped], None),
        (vec![Committed], Some(1)),
        (vec![Committed, Proposed, Achieved, Missed, Dropped], Some(3)),
    ] {
        let rows: Vec<_> = priorities.iter().map(|status| priority(*status)).collect();
        assert_eq!(committed_count(&rows).ok(), answer, "{priorities:?}");
    }
}

#[test]
fn owners_have_a_limited_number_of_priorities_and_actions() {
    let owner = member::Model {
        id: id_of(1),
        network_id: id_of(0),
        client_id: id_of(0),
        team_id: id_of(0),
        person_id: None,
        name: "Ada".into(),
        job_title: String::new(),
        email: None,
        status: MemberStatus::Active,
        created_at: DateTime::UNIX_EPOCH,
        removed_at: None,
        version: 1,
    };
    let limits = PriorityLimits { team: 5, leader: 2 };
    for (owned, open, fits) in [(0, 0, true), (2, 15, true), (3, 0, false), (2, 16, false)] {
        assert_eq!(overload_refusal(&owner, owned, open, limits).is_none(), fits, "{owned} {open}");
    }
}

/// The label of the cycle chosen on 20 May 2026.
fn chosen(cycles: &[cycle::Model], asked: Option<&str>) -> Option<String> {
    choose(cycles, asked, date("2026-05-20")).ok().map(|cycle| cycle.label.clone())
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn id_of<N>(number: u128) -> Id<N> {
    Id::new(Uuid::from_u128(number))
}

fn cycle(label: &str, from: &str, to: &str, status: CycleStatus) -> cycle::Model {
    cycle::Model {
        id: id_of(date(from).to_epoch_days().unsigned_abs().into()),
        network_id: id_of(0),
        client_id: id_of(0),
        team_id: id_of(0),
        year_id: None,
        label: label.into(),
        starts_on: date(from),
        ends_on: date(to),
        status,
        committed: 0,
        added: 0,
        dropped: 0,
        achieved: 0,
        missed: 0,
        locked_at: None,
        closed_at: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}

fn priority(status: PriorityStatus) -> priority::Model {
    priority::Model {
        id: id_of(1),
        network_id: id_of(0),
        client_id: id_of(0),
        team_id: id_of(0),
        stage_run_id: None,
        decision_id: None,
        target_id: None,
        owner_id: id_of(0),
        cycle_id: id_of(0),
        cycle: "2026-Q1".into(),
        title: "Grow".into(),
        outcome: String::new(),
        rank: 1,
        status,
        due_on: NaiveDate::default(),
        due_at: DateTime::UNIX_EPOCH,
        committed_at: (status != PriorityStatus::Proposed).then_some(DateTime::UNIX_EPOCH),
        closed_at: None,
        reason: None,
        carried_from_id: None,
        added_after_lock: false,
        dropped_after_lock: false,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}
