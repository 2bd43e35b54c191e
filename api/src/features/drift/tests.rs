use super::rules::*;
use crate::{features::check_in::rules::week, kernel::Zone};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    Id,
    action::{self, ActionStatus},
    alignment_measure,
    alignment_round::{self, AlignmentStatus},
    check_in_rhythm, drift_policy,
    drift_signal::{self, DriftCause, DriftStatus, DriftUnit},
    milestone,
    priority::{self, PriorityStatus},
    programme_pause,
    review::{self, ReviewStatus},
    review_cadence::{self, CadenceUnit},
};
use sea_orm::Iterable;
use uuid::Uuid;

fn instant(text: &str) -> DateTime<Utc> {
    let text = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    text.parse().expect("an instant")
}
fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}
fn id<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn pause(from: &str, until: Option<&str>) -> programme_pause::Model {
    programme_pause::Model {
        id: id(40),
        network_id: id(1),
        client_id: id(2),
        team_id: id(3),
        programme_id: id(41),
        starts_at: instant(from),
        ends_at: until.map(instant),
    }
}

fn policy() -> drift_policy::Model {
    default_policy(id(1))
}

/// An action that was accepted on 1 March and due on the 10th, its baseline.
fn action(status: ActionStatus, due: &str, moves: i32) -> action::Model {
    action::Model {
        id: id(7),
        network_id: id(1),
        client_id: id(2),
        team_id: id(3),
        priority_id: Some(id(9)),
        session_id: None,
        decision_id: None,
        obstacle_id: None,
        owner_id: id(4),
        title: "Call".into(),
        detail: String::new(),
        status,
        due_on: instant(due).date_naive(),
        due_at: instant(due),
        baseline_on: Some(date("2026-03-10")),
        baseline_at: Some(instant("2026-03-10")),
        moves,
        offered_at: instant("2026-02-27"),
        accepted_at: Some(instant("2026-03-01")),
        closed_at: None,
        first_offered_at: instant("2026-02-27"),
        first_accepted_at: Some(instant("2026-03-01")),
        cancelled_by_id: None,
        reason: None,
        version: 1,
    }
}

#[test]
fn an_action_drifts_if_it_is_late_or_moved_often() {
    use {ActionStatus::*, DriftCause::*};
    for (status, due, moves, now, causes) in [
        (Accepted, "2026-03-10", 0, "2026-03-17T00:00:00Z", &[][..]),
        (Accepted, "2026-03-10", 0, "2026-03-17T00:00:01Z", &[PastBaseline]),
        // Moved to a later day, and late again.
        (Accepted, "2026-03-25", 1, "2026-03-24T00:00:00Z", &[]),
        (Accepted, "2026-03-25", 1, "2026-03-25T00:00:00Z", &[PastBaseline]),
        (Accepted, "2026-03-30", 2, "2026-03-24T00:00:00Z", &[Redated]),
        (Accepted, "2026-03-20", 3, "2026-03-24T00:00:00Z", &[PastBaseline, Redated]),
        (Offered, "2026-03-10", 2, "2026-04-24T00:00:00Z", &[Redated]),
        (Done, "2026-03-10", 3, "2026-04-24T00:00:00Z", &[]),
        (Cancelled, "2026-03-10", 3, "2026-04-24T00:00:00Z", &[]),
        (Declined, "2026-03-10", 3, "2026-04-24T00:00:00Z", &[]),
    ] {
        let (action, now) = (action(status, due, moves), instant(now));
        let found: Vec<DriftCause> =
            find_action_drift(&action, &[], &policy(), now).into_iter().map(|found| found.cause).collect();
        assert_eq!(found, causes, "{status:?}, due {due}, moved {moves} times, at {now}");
        assert!(found.is_empty() || can_drift(&action, now), "what is found was worth a look");
    }
    let late = find_action_drift(
        &action(Accepted, "2026-03-10", 0),
        &[],
        &policy(),
        instant("2026-03-21T12:00:00Z"),
    );
    assert_eq!((late[0].measured, late[0].threshold, late[0].unit), (11, 7, DriftUnit::Days));
    assert_eq!(late[0].since, instant("2026-03-10"));
}

/// A priority that was committed on 1 March and is due at the end of the month.
fn priority(status: PriorityStatus) -> priority::Model {
    priority::Model {
        id: id(9),
        network_id: id(1),
        client_id: id(2),
        team_id: id(3),
        stage_run_id: None,
        decision_id: None,
        owner_id: id(4),
        cycle_id: id(8),
        cycle: "2026-Q1".into(),
        title: "Grow".into(),
        outcome: "We grew".into(),
        rank: 1,
        status,
        due_on: date("2026-03-30"),
        due_at: instant("2026-03-31"),
        committed_at: (status != PriorityStatus::Proposed).then(|| instant("2026-03-01")),
        closed_at: None,
        reason: None,
        carried_from_id: None,
        added_after_lock: false,
        dropped_after_lock: false,
        created_at: instant("2026-02-20"),
        version: 1,
    }
}

#[test]
fn a_priority_drifts_if_progress_is_behind_elapsed_time() {
    use ActionStatus::*;
    for (statuses, now, behind) in [
        (&[][..], "2026-03-30", None),
        (&[Cancelled, Declined], "2026-03-30", None),
        (&[Accepted, Accepted], "2026-03-06", None),
        (&[Accepted, Accepted], "2026-03-07", Some((20, 0, 20))),
        (&[Done, Accepted], "2026-03-16", None),
        (&[Done, Accepted, Offered, Cancelled], "2026-03-22", Some((37, 33, 70))),
        (&[Done, Done], "2026-04-30", None),
        (&[Done, Accepted], "2026-04-30", Some((50, 50, 100))),
    ] {
        let actions: Vec<_> = statuses.iter().map(|status| action(*status, "2026-03-10", 0)).collect();
        let actions: Vec<_> = actions.iter().collect();
        let found = find_priority_drift(
            &priority(PriorityStatus::Committed),
            &[],
            &actions,
            &[],
            &policy(),
            instant(now),
        );
        let told =
            found.map(|found| (found.measured, found.progress.unwrap_or(-1), found.elapsed.unwrap_or(-1)));
        assert_eq!(told, behind, "{statuses:?} at {now}");
        for status in PriorityStatus::iter().filter(|status| *status != PriorityStatus::Committed) {
            assert_eq!(
                find_priority_drift(&priority(status), &[], &actions, &[], &policy(), instant(now)),
                None
            );
        }
    }
}

#[test]
fn progress_follows_the_weights_of_milestones() {
    let milestone = |weight, done: bool, removed: bool| milestone::Model {
        id: id(30),
        network_id: id(1),
        client_id: id(2),
        team_id: id(3),
        priority_id: id(9),
        title: "Signed".into(),
        weight,
        due_on: date("2026-03-20"),
        done_at: done.then(|| instant("2026-03-05")),
        removed_at: removed.then(|| instant("2026-03-05")),
        created_at: instant("2026-03-01"),
        version: 1,
    };
    let actions = [action(ActionStatus::Done, "2026-03-10", 0)];
    let actions: Vec<_> = actions.iter().collect();
    for (milestones, done) in [
        (vec![], Some(100)),
        (vec![milestone(3, false, true)], Some(100)),
        (vec![milestone(3, false, false)], Some(0)),
        (vec![milestone(3, false, false), milestone(1, true, false)], Some(25)),
        (vec![milestone(3, false, true), milestone(1, true, false)], Some(100)),
        (vec![milestone(2, true, false), milestone(1, false, false)], Some(66)),
    ] {
        let milestones: Vec<_> = milestones.iter().collect();
        assert_eq!(progress_percent(&milestones, &actions), done, "{} milestones", milestones.len());
    }
}

#[test]
fn a_priority_drifts_without_check_ins() {
    let zone = Zone::find("Europe/London").expect("a zone");
    // Committed on Sunday, 1 March: the first week that counts begins on Monday.
    let paused = |from: &str, until: Option<&str>| vec![pause(from, until)];
    for (checked, pauses, now, weeks) in [
        (None, vec![], "2026-03-15", None),
        (None, vec![], "2026-03-16", Some((2, "2026-03-02"))),
        (None, vec![], "2026-03-23", Some((3, "2026-03-02"))),
        (Some("2026-03-02"), vec![], "2026-03-16", None),
        (Some("2026-03-02"), vec![], "2026-03-23", Some((2, "2026-03-09"))),
        (Some("2026-03-09"), vec![], "2026-03-29", None),
        (Some("2026-03-09"), vec![], "2026-03-30", Some((2, "2026-03-16"))),
        // A check-in of the present week counts at once.
        (Some("2026-03-30"), vec![], "2026-03-30", None),
        (None, paused("2026-03-04", Some("2026-03-11")), "2026-03-23", None),
        (None, paused("2026-03-04", Some("2026-03-11")), "2026-03-30", Some((2, "2026-03-16"))),
        (None, paused("2026-03-04", None), "2026-05-30", None),
        // A pause before the priority was committed, and a future one.
        (None, paused("2026-01-04", Some("2026-02-11")), "2026-03-16", Some((2, "2026-03-02"))),
        (None, paused("2026-03-17", Some("2026-04-11")), "2026-03-16", Some((2, "2026-03-02"))),
    ] {
        let latest = checked.map(date);
        let now = instant(now) + TimeDelta::hours(12);
        let pauses: Vec<_> = pauses.iter().collect();
        let of =
            |status| find_missed_check_ins(&priority(status), latest, &[], &pauses, &policy(), zone, now);
        let found = of(PriorityStatus::Committed);
        let told = found.map(|found| (found.measured, found.since));
        assert_eq!(told, weeks.map(|(weeks, since)| (weeks, instant(since))), "{checked:?} at {now}");
        assert_eq!(of(PriorityStatus::Missed), None);
    }
}

/// Slots have four weeks from 2 March to 24 May, then one, and thirteen from 8 June on.
#[test]
fn slots_follow_the_review_interval() {
    let rhythm = |weeks, from: &str, until: Option<&str>| check_in_rhythm::Model {
        id: id(8),
        network_id: id(1),
        client_id: id(2),
        team_id: id(3),
        weeks,
        first_week: week(date(from)),
        last_week: until.map(|until| week(date(until))),
    };
    let rhythms = [rhythm(4, "2026-03-02", Some("2026-05-24")), rhythm(13, "2026-06-08", None)];
    let rhythms: Vec<_> = rhythms.iter().collect();
    for (checked, paused, now, slots) in [
        (None, None, "2026-04-26", None),
        (None, None, "2026-04-27", Some((2, "2026-03-02"))),
        (None, None, "2026-05-24", Some((2, "2026-03-02"))),
        (None, None, "2026-05-25", Some((3, "2026-03-02"))),
        (None, None, "2026-06-01", Some((4, "2026-03-02"))),
        (None, None, "2026-09-06", Some((5, "2026-03-02"))),
        (None, None, "2026-09-07", Some((6, "2026-03-02"))),
        (Some("2026-03-02"), None, "2026-05-24", None),
        (Some("2026-03-02"), None, "2026-05-25", Some((2, "2026-03-30"))),
        (Some("2026-04-27"), None, "2026-05-25", None),
        (Some("2026-04-27"), None, "2026-06-08", Some((2, "2026-05-25"))),
        (Some("2026-06-08"), None, "2026-09-06", None),
        (Some("2026-06-08"), None, "2026-12-06", None),
        (Some("2026-06-08"), None, "2026-12-07", None),
        (Some("2026-06-08"), None, "2027-03-08", Some((2, "2026-09-07"))),
        // A pause excludes the slot that it touches and all slots before it.
        (None, Some(("2026-03-20", "2026-04-01")), "2026-05-25", None),
        (None, Some(("2026-03-20", "2026-04-01")), "2026-06-01", Some((2, "2026-04-27"))),
    ] {
        let (latest, now) = (checked.map(date), instant(now) + TimeDelta::hours(12));
        let pauses: Vec<_> = paused.iter().map(|(from, until)| pause(from, Some(until))).collect();
        let pauses: Vec<_> = pauses.iter().collect();
        let committed = priority(PriorityStatus::Committed);
        let zone = Zone::find("Europe/London").expect("a zone");
        let found = find_missed_check_ins(&committed, latest, &rhythms, &pauses, &policy(), zone, now);
        let told = found.map(|found| (found.measured, found.unit, found.since));
        let midnight = |on: &str| zone.end_of_day(date(on).pred_opt().expect("a day before"));
        assert_eq!(
            told,
            slots.map(|(slots, since)| (slots, DriftUnit::Slots, midnight(since))),
            "{checked:?} at {now}"
        );
    }
}

/// A pause of the programme delays findings by its length.
#[test]
fn pauses_delay_findings() {
    let now = instant("2026-03-18T00:00:01Z");
    for (pauses, late, behind, gap) in [
        (vec![], Some(8), Some((56, 56)), Some(17)),
        (vec![pause("2026-02-01", Some("2026-02-20"))], Some(8), Some((56, 56)), Some(17)),
        // Before the action was due, and since the priority was committed.
        (vec![pause("2026-03-03", Some("2026-03-09"))], Some(8), Some((36, 36)), Some(11)),
        (vec![pause("2026-03-03", Some("2026-03-12"))], None, Some((26, 26)), None),
        (vec![pause("2026-03-03", Some("2026-03-05")), pause("2026-03-06", None)], None, None, None),
    ] {
        let pauses: Vec<_> = pauses.iter().collect();
        let action = action(ActionStatus::Accepted, "2026-03-10", 0);
        let told = find_action_drift(&action, &pauses, &policy(), now).first().map(|found| found.measured);
        assert_eq!(told, late, "{pauses:?}");
        let priority = priority(PriorityStatus::Committed);
        let found = find_priority_drift(&priority, &[], &[&action], &pauses, &policy(), now);
        assert_eq!(found.map(|found| (found.measured, found.elapsed.unwrap_or(-1))), behind, "{pauses:?}");
        let weekly = review_cadence::Model { every: 1, ..fortnightly() };
        let found = find_review_gap(id(3), &weekly, &[], &pauses, &policy(), now);
        assert_eq!(found.map(|found| found.measured), gap, "{pauses:?}");
    }
}

fn fortnightly() -> review_cadence::Model {
    review_cadence::Model {
        id: id(6),
        network_id: id(1),
        client_id: id(2),
        team_id: id(3),
        unit: CadenceUnit::Week,
        every: 2,
        anchor_on: date("2026-03-01"),
        local_time: "09:00".into(),
        next_number: 3,
        top_up_at: instant("2027-01-01"),
        created_at: instant("2026-03-01"),
        ended_at: None,
        version: 1,
    }
}

fn review(status: ReviewStatus, due: &str, held: Option<&str>) -> review::Model {
    review::Model {
        id: id(5),
        network_id: id(1),
        client_id: id(2),
        team_id: id(3),
        review_cadence_id: id(6),
        number: 0,
        due_on: date(due),
        due_at: instant(due),
        opens_at: instant(due),
        grace_ends_at: instant(due),
        closes_at: instant(due),
        status,
        session_id: None,
        held_at: held.map(instant),
        quorate: None,
        version: 1,
    }
}

#[test]
fn a_team_drifts_without_reviews() {
    use ReviewStatus::*;
    let cadence = fortnightly();
    for (reviews, now, gap) in [
        (vec![], "2026-03-22", None),
        (vec![], "2026-03-23", Some((22, 21, "2026-03-01"))),
        (
            vec![review(Missed, "2026-03-10", None), review(Due, "2026-03-24", None)],
            "2026-03-23",
            Some((22, 21, "2026-03-01")),
        ),
        (vec![review(Met, "2026-03-10", Some("2026-03-11"))], "2026-04-01", None),
        (vec![review(Late, "2026-03-10", Some("2026-03-11"))], "2026-04-02", Some((22, 21, "2026-03-11"))),
        (vec![review(Excused, "2026-03-20", None)], "2026-04-02", None),
        // A review before the cadence was set does not count.
        (vec![review(Met, "2026-01-10", Some("2026-01-11"))], "2026-03-22", None),
    ] {
        let reviews: Vec<_> = reviews.iter().collect();
        let found = find_review_gap(id(3), &cadence, &reviews, &[], &policy(), instant(now));
        let told = found.map(|found| (found.measured, found.threshold, found.since));
        let expected = gap.map(|(days, most, since)| (days, most, instant(since)));
        assert_eq!(told, expected, "{} reviews at {now}", reviews.len());
    }
}

#[test]
fn a_team_drifts_if_agreement_drops() {
    let round = alignment_round::Model {
        id: id(20),
        network_id: id(1),
        client_id: id(2),
        team_id: id(3),
        session_id: None,
        compared_id: Some(id(10)),
        title: "Spring".into(),
        status: AlignmentStatus::Revealed,
        disclosure: None,
        closes_on: None,
        closes_at: None,
        answered: 6,
        counting: 6,
        members: 6,
        opened_at: instant("2026-03-01"),
        sealed_at: None,
        revealed_at: Some(instant("2026-03-08")),
        ratings: None,
        level: None,
        agreement: None,
        version: 3,
    };
    let measure = |of, agreement| alignment_measure::Model {
        id: id(of),
        network_id: id(1),
        client_id: id(2),
        team_id: id(3),
        person_id: id(4),
        round_id: id(of),
        respondents: 6,
        members: 6,
        level: 5_000,
        agreement,
    };
    for (before, now, drop) in [
        (8_000, 8_500, None),
        (8_000, 6_501, None),
        (8_000, 6_500, Some(15)),
        (8_000, 5_900, Some(20)),
        (9_000, 4_000, Some(50)),
    ] {
        let found = find_agreement_drop(&round, &[measure(10, before), measure(20, now)], &policy());
        assert_eq!(found.map(|found| found.measured), drop, "from {before} to {now}");
    }
    assert_eq!(find_agreement_drop(&round, &[measure(20, 1)], &policy()), None, "nothing to compare with");
    let alone = alignment_round::Model { compared_id: None, ..round };
    assert_eq!(find_agreement_drop(&alone, &[measure(10, 9_000), measure(20, 1)], &policy()), None);
}

/// The status after each step from each status. `None`: the step is refused.
#[test]
fn every_step_from_every_status() {
    use DriftStatus::*;
    #[rustfmt::skip]
    let table = [
        (Open,         [Some(Acknowledged), Some(Replanned), Some(Accepted)]),
        (Acknowledged, [None,               Some(Replanned), Some(Accepted)]),
        (Replanned,    [None,               None,            None]),
        (Accepted,     [None,               None,            None]),
        (Cleared,      [None,               None,            None]),
    ];
    assert_eq!(DriftStatus::iter().count(), table.len());
    for (status, results) in table {
        for (step, result) in [Step::Acknowledge, Step::Replan, Step::Accept].into_iter().zip(results) {
            assert_eq!(next_status(status, step).ok(), result, "{step:?} from {status:?}");
        }
        let by_itself = if matches!(status, Open | Acknowledged) { Cleared } else { status };
        assert_eq!(ended_status(status), by_itself);
    }
}

#[test]
fn one_signal_lasts_until_its_cause_is_gone() {
    let found = |moves| {
        find_action_drift(
            &action(ActionStatus::Accepted, "2026-05-10", moves),
            &[],
            &policy(),
            instant("2026-03-02"),
        )
        .remove(0)
    };
    let signal = |status, measured| drift_signal::Model {
        id: id(1),
        network_id: id(1),
        client_id: id(2),
        team_id: id(3),
        cause: DriftCause::Redated,
        subject_id: Uuid::from_u128(7),
        action_id: Some(id(7)),
        priority_id: None,
        alignment_round_id: None,
        status,
        measured,
        threshold: 2,
        unit: DriftUnit::Moves,
        since: instant("2026-03-01"),
        progress: None,
        elapsed: None,
        note: None,
        raised_at: instant("2026-03-02"),
        acknowledged_at: None,
        answered_at: None,
        ended_at: None,
        version: 1,
    };
    assert_eq!(signal_change(None, None), SignalChange::Keep);
    assert_eq!(signal_change(None, Some(&found(2))), SignalChange::Raise);
    for status in DriftStatus::iter() {
        assert_eq!(signal_change(Some(&signal(status, 2)), None), SignalChange::End, "{status:?}");
        assert_eq!(
            signal_change(Some(&signal(status, 2)), Some(&found(2))),
            SignalChange::Keep,
            "{status:?}"
        );
        assert_eq!(
            signal_change(Some(&signal(status, 2)), Some(&found(3))),
            SignalChange::Renew,
            "{status:?}"
        );
    }
}
