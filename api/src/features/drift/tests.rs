use super::{
    progress::{CycleSpan, PriorityEvidence},
    rules::*,
};
use crate::{features::check_in::rules::week, kernel::Zone};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    Id,
    action::{self, ActionStatus},
    alignment_round::{self, AlignmentStatus},
    alignment_statement::{self, ConsensusBand::*},
    check_in::CheckInStatus,
    check_in_rhythm, drift_policy,
    drift_signal::{self, DriftCause, DriftStatus, DriftUnit},
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
        target_id: None,
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

/// The cycle of March, in Greenwich.
fn march() -> CycleSpan {
    CycleSpan {
        starts_on: date("2026-03-01"),
        starts_at: instant("2026-03-01"),
        ends_at: instant("2026-03-31"),
    }
}

fn london() -> Zone {
    Zone::find("Europe/London").expect("a zone")
}

/// What shows progress: the latest check-in alone.
fn checked_in(latest: Option<(NaiveDate, CheckInStatus)>) -> PriorityEvidence<'static> {
    PriorityEvidence { cycle: march(), measurables: vec![], milestones: vec![], latest_check_in: latest }
}

#[test]
fn a_priority_drifts_if_progress_is_behind_elapsed_time() {
    use CheckInStatus::*;
    let february = CycleSpan { starts_on: date("2026-02-01"), starts_at: instant("2026-02-01"), ..march() };
    let mid_march = CycleSpan { starts_on: date("2026-03-16"), starts_at: instant("2026-03-16"), ..march() };
    for (cycle, said, now, behind) in [
        (march(), None, "2026-03-30", None),
        (march(), Some(OnTrack), "2026-03-30", None),
        (march(), Some(AtRisk), "2026-03-24", None),
        (march(), Some(AtRisk), "2026-03-25", Some((20, 60, 80, "2026-03-01"))),
        (march(), Some(OffTrack), "2026-03-12", None),
        (march(), Some(OffTrack), "2026-03-13", Some((20, 20, 40, "2026-03-01"))),
        (march(), Some(OffTrack), "2026-04-30", Some((50, 50, 100, "2026-03-01"))),
        // committed when the cycle was half over
        (february, Some(OffTrack), "2026-03-13", Some((20, 20, 40, "2026-03-01"))),
        // committed before the cycle began
        (mid_march, Some(OffTrack), "2026-03-15", None),
        (mid_march, Some(OffTrack), "2026-03-21", None),
        (mid_march, Some(OffTrack), "2026-03-22", Some((20, 20, 40, "2026-03-16"))),
    ] {
        let said = said.map(|status| (date("2026-03-02"), status));
        let evidence = PriorityEvidence { cycle, ..checked_in(said) };
        let of = |status| {
            find_priority_drift(&priority(status), &evidence, &[], &policy(), london(), instant(now))
        };
        let told = of(PriorityStatus::Committed).map(|found| {
            (found.measured, found.progress.unwrap_or(-1), found.elapsed.unwrap_or(-1), found.since)
        });
        let behind =
            behind.map(|(behind, progress, elapsed, since)| (behind, progress, elapsed, instant(since)));
        assert_eq!(told, behind, "{said:?} at {now}");
        for status in PriorityStatus::iter().filter(|status| *status != PriorityStatus::Committed) {
            assert_eq!(of(status), None);
        }
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
        let evidence = checked_in(latest.map(|on| (on, CheckInStatus::OnTrack)));
        let of =
            |status| find_missed_check_ins(&priority(status), &evidence, &[], &pauses, &policy(), zone, now);
        let found = of(PriorityStatus::Committed);
        let told = found.map(|found| (found.measured, found.since));
        assert_eq!(told, weeks.map(|(weeks, since)| (weeks, instant(since))), "{checked:?} at {now}");
        assert_eq!(of(PriorityStatus::Missed), None);
    }
}

#[test]
fn no_check_in_is_missed_before_the_cycle() {
    let now = instant("2026-03-30T12:00:00Z");
    for (starts_on, slots) in [
        ("2026-03-01", Some((4, "2026-03-02"))),
        ("2026-03-02", Some((4, "2026-03-02"))),
        ("2026-03-03", Some((3, "2026-03-09"))),
        ("2026-03-16", Some((2, "2026-03-16"))),
        ("2026-03-17", None),
        ("2026-04-01", None),
    ] {
        let cycle = CycleSpan { starts_on: date(starts_on), starts_at: instant(starts_on), ..march() };
        let evidence = PriorityEvidence { cycle, ..checked_in(None) };
        let committed = priority(PriorityStatus::Committed);
        let found = find_missed_check_ins(&committed, &evidence, &[], &[], &policy(), london(), now);
        let told = found.map(|found| (found.measured, found.since));
        assert_eq!(told, slots.map(|(slots, since)| (slots, instant(since))), "{starts_on}");
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
        let evidence = checked_in(latest.map(|on| (on, CheckInStatus::OnTrack)));
        let found = find_missed_check_ins(&committed, &evidence, &rhythms, &pauses, &policy(), zone, now);
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
        (vec![], Some(8), Some((28, 56)), Some(17)),
        (vec![pause("2026-02-01", Some("2026-02-20"))], Some(8), Some((28, 56)), Some(17)),
        // Before the action was due, and since the priority was committed.
        (vec![pause("2026-03-03", Some("2026-03-06"))], Some(8), Some((23, 46)), Some(14)),
        (vec![pause("2026-03-03", Some("2026-03-12"))], None, None, None),
        (vec![pause("2026-03-03", Some("2026-03-05")), pause("2026-03-06", None)], None, None, None),
    ] {
        let pauses: Vec<_> = pauses.iter().collect();
        let action = action(ActionStatus::Accepted, "2026-03-10", 0);
        let told = find_action_drift(&action, &pauses, &policy(), now).first().map(|found| found.measured);
        assert_eq!(told, late, "{pauses:?}");
        let priority = priority(PriorityStatus::Committed);
        let evidence = checked_in(Some((date("2026-03-02"), CheckInStatus::OffTrack)));
        let found = find_priority_drift(&priority, &evidence, &pauses, &policy(), london(), now);
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
        revote_of_id: None,
        pulse_days: None,
        next_pulse_at: None,
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
    let statement = |of, core, before, now| alignment_statement::Model {
        id: id(30),
        network_id: id(1),
        client_id: id(2),
        team_id: id(3),
        round_id: id(of),
        position: 1,
        key: "we-decide-fast".into(),
        text: "We decide fast".into(),
        low: 1,
        high: 5,
        core,
        mean: None,
        band: now,
        mean_before: None,
        band_before: before,
    };
    let core = |before, now| statement(20, true, Some(before), Some(now));
    let fell = |statements: &[alignment_statement::Model], policy: &drift_policy::Model| {
        find_agreement_drop(&round, statements, policy).map(|found| (found.measured, found.threshold))
    };
    for (statements, drop) in [
        (vec![], None),
        (vec![core(Mixed, Mixed), core(Low, High)], None),
        (vec![core(High, Mixed), core(High, High)], Some((25, 25))),
        (vec![core(High, Mixed), core(Mixed, High)], None),
        (vec![core(High, Low), core(Mixed, Low)], Some((75, 25))),
        // what was not published then or now is compared with nothing
        (vec![statement(20, true, None, Some(Low)), statement(20, true, Some(High), None)], None),
        (vec![statement(20, false, Some(High), Some(Low)), statement(21, true, Some(High), Some(Low))], None),
    ] {
        assert_eq!(fell(&statements, &policy()), drop, "{statements:?}");
    }
    let tolerant = drift_policy::Model { agreement_drop: 26, ..policy() };
    assert_eq!(fell(&[core(High, Mixed)], &tolerant), None);
    assert_eq!(fell(&[core(High, Low)], &tolerant), Some((50, 50)));
}

/// The status after each step from each status. `None`: the step is refused.
#[test]
fn every_step_from_every_status() {
    use DriftStatus::*;
    #[rustfmt::skip]
    let table = [
        (Open,         [Some(Acknowledged), Some(Explained), Some(Replanned), Some(Accepted), Some(Acknowledged)]),
        (Acknowledged, [None,               Some(Explained), Some(Replanned), Some(Accepted), Some(Acknowledged)]),
        (Explained,    [None,               None,            Some(Replanned), Some(Accepted), Some(Explained)]),
        (Replanned,    [None,               None,            None,            None,           None]),
        (Accepted,     [None,               None,            None,            None,           None]),
        (Cleared,      [None,               None,            None,            None,           None]),
    ];
    assert_eq!(DriftStatus::iter().count(), table.len());
    for (status, results) in table {
        let steps = [Step::Acknowledge, Step::Explain, Step::Replan, Step::Accept, Step::Discuss];
        for (step, result) in steps.into_iter().zip(results) {
            assert_eq!(next_status(status, step).ok(), result, "{step:?} from {status:?}");
        }
        let by_itself = if matches!(status, Open | Acknowledged) { Cleared } else { status };
        assert_eq!(ended_status(status), by_itself);
    }
}

/// A signal that an action was moved.
fn signal(status: DriftStatus, measured: i32) -> drift_signal::Model {
    drift_signal::Model {
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
        current_measured: measured,
        current_progress: None,
        current_elapsed: None,
        answered_measured: None,
        on_next_agenda: false,
        note: None,
        raised_at: instant("2026-03-02"),
        acknowledged_at: None,
        answered_at: None,
        ended_at: None,
        version: 1,
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

#[test]
fn what_was_lived_with_comes_again_when_it_is_worse_by_half() {
    use DriftStatus::*;
    let late = |days| DriftFinding {
        cause: DriftCause::PastBaseline,
        measured: days,
        unit: DriftUnit::Days,
        ..find_action_drift(
            &action(ActionStatus::Accepted, "2026-05-10", 2),
            &[],
            &policy(),
            instant("2026-03-02"),
        )
        .remove(0)
    };
    for (status, answered, days, change) in [
        (Accepted, Some(8), 11, SignalChange::Keep),
        (Accepted, Some(8), 12, SignalChange::Renew),
        (Accepted, Some(9), 13, SignalChange::Keep),
        (Accepted, Some(9), 14, SignalChange::Renew),
        (Explained, Some(8), 12, SignalChange::Renew),
        // a new plan is measured by its own dates
        (Replanned, Some(8), 40, SignalChange::Keep),
        (Acknowledged, None, 40, SignalChange::Keep),
        (Open, None, 40, SignalChange::Keep),
    ] {
        let lasting = drift_signal::Model {
            cause: DriftCause::PastBaseline,
            answered_measured: answered,
            ..signal(status, 8)
        };
        assert_eq!(signal_change(Some(&lasting), Some(&late(days))), change, "{status:?}, {days} days");
    }
}
