//! Tests of the rules around the mechanism.

use super::rules::{
    Participation, can_be_counted, cohort_tree, due_period, format_decimal, format_figure, group, identity,
    is_established, require_closable, require_step, standing,
};
use crate::features::{
    benchmark::mechanism::rule::Profile,
    metric::{definition::definition, rules::Quarter},
};
use chrono::NaiveDate;
use entity::{
    Id,
    benchmark_standing::{BenchmarkQuartile::*, BenchmarkStanding::*},
    benchmark_step::BenchmarkStepKind::*,
    client::{self, ClientStatus, SizeBand},
    metric_value::{Metric, MetricFamily, MetricPolarity},
};
use uuid::Uuid;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn quarter(text: &str) -> Quarter {
    Quarter::parse(text).expect("a quarter")
}

fn client() -> client::Model {
    client::Model {
        id: Id::new(Uuid::from_u128(7)),
        network_id: Id::new(Uuid::from_u128(1)),
        franchise_id: Id::new(Uuid::from_u128(2)),
        region_id: Id::new(Uuid::from_u128(3)),
        name: "Client".into(),
        industry: "C".into(),
        size_band: SizeBand::Medium,
        time_zone: "Europe/London".into(),
        status: ClientStatus::Active,
        created_at: "2026-01-05T09:00:00Z".parse().expect("an instant"),
        erased_at: None,
        legal_group: None,
        contract_starts_on: None,
        contract_ends_on: None,
        paused_at: None,
        archived_at: None,
        archived_from: None,
        version: 1,
    }
}

#[test]
fn a_step_changes_something() {
    for (last, next, done) in [
        (None, ConsentGiven, true),
        (None, ConsentWithdrawn, false),
        (Some(ConsentGiven), ConsentGiven, false),
        (Some(ConsentGiven), ConsentWithdrawn, true),
        (Some(ConsentWithdrawn), ConsentWithdrawn, false),
        (Some(ConsentWithdrawn), ConsentGiven, true),
        (None, ApprovalGiven, true),
        (None, ApprovalWithdrawn, false),
        (Some(ApprovalGiven), ApprovalGiven, false),
        (Some(ApprovalGiven), ApprovalWithdrawn, true),
        (Some(ApprovalWithdrawn), ApprovalGiven, true),
    ] {
        assert_eq!(require_step(last, next).is_ok(), done, "{last:?} then {next:?}");
    }
}

#[test]
fn counted_clients_consented_are_approved_and_established() {
    let ends_on = day("2026-06-30");
    let both = Participation { consent: true, approval: true };
    assert_eq!(can_be_counted(&client(), both, ends_on), Ok(true));
    assert_eq!(can_be_counted(&client(), Participation { consent: false, ..both }, ends_on), Ok(false));
    assert_eq!(can_be_counted(&client(), Participation { approval: false, ..both }, ends_on), Ok(false));
    for (status, counts) in [
        (ClientStatus::Paused, true),
        (ClientStatus::Prospect, false),
        (ClientStatus::Alumni, false),
        (ClientStatus::Archived, false),
    ] {
        let client = client::Model { status, ..client() };
        assert_eq!(can_be_counted(&client, both, ends_on), Ok(counts), "{status:?}");
    }
    assert_eq!(can_be_counted(&client(), both, day("2026-03-31")), Ok(false), "85 days");
    let mut participation = Participation::default();
    for step in [ConsentGiven, ApprovalGiven, ConsentWithdrawn, ConsentGiven] {
        participation.apply(step);
    }
    assert_eq!(participation, both);
}

#[test]
fn ninety_days_are_full_days() {
    assert!(is_established(day("2026-04-01"), day("2026-06-30")));
    assert!(!is_established(day("2026-04-02"), day("2026-06-30")));
}

#[test]
fn clients_of_one_legal_group_count_once() {
    let grouped = |id: u128| client::Model {
        id: Id::new(Uuid::from_u128(id)),
        legal_group: Some("Acorn Holdings".into()),
        ..client()
    };
    assert_eq!(group(&grouped(1)), group(&grouped(2)));
    assert_ne!(group(&client()), group(&client::Model { id: Id::new(Uuid::from_u128(8)), ..client() }));
    // A group that is named like an identity of another client is still a group.
    let sly = client::Model { legal_group: Some(group(&client())), ..client() };
    assert_ne!(group(&sly), group(&client()));
    // Each client keeps its own identity in the history, regardless of its group.
    assert_ne!(identity(grouped(1).id), identity(grouped(2).id));
    assert_eq!(identity(grouped(1).id), identity(client::Model { legal_group: None, ..grouped(1) }.id));
}

#[test]
fn a_period_is_closed_once_in_order_and_not_too_early() {
    let standard = Profile::Standard;
    let q3 = quarter("2026-Q3");
    assert!(require_closable(q3, None, standard, day("2026-10-31")).is_ok());
    let early = require_closable(q3, None, standard, day("2026-10-30")).expect_err("too early");
    assert!(early.message.contains("2026-10-31"), "{}", early.message);
    assert!(require_closable(q3, None, Profile::Antitrust, day("2026-12-29")).is_err());
    assert!(require_closable(q3, None, Profile::Antitrust, day("2026-12-30")).is_ok());
    assert!(require_closable(q3, Some(quarter("2026-Q2")), standard, day("2026-10-31")).is_ok());
    assert!(require_closable(q3, Some(q3), standard, day("2026-10-31")).is_err());
    assert!(require_closable(q3, Some(quarter("2026-Q4")), standard, day("2027-10-31")).is_err());
    assert!(require_closable(q3, None, standard, day("2031-09-30")).is_ok());
    assert!(require_closable(q3, None, standard, day("2031-10-02")).is_err(), "too long over");
}

#[test]
fn periods_are_due_one_after_the_other() {
    let standard = Profile::Standard;
    for (last, today, next) in [
        (None, "2026-10-31", Some("2026-Q3")),
        (None, "2026-10-30", Some("2026-Q2")),
        (Some("2026-Q3"), "2026-11-26", None),
        (Some("2026-Q2"), "2026-11-26", Some("2026-Q3")),
        (Some("2025-Q4"), "2026-11-26", Some("2026-Q1")),
    ] {
        let due = due_period(last.map(quarter), standard, day(today));
        assert_eq!(due.map(Quarter::label).as_deref(), next, "{last:?} {today}");
    }
}

#[test]
fn figures_are_shown_in_their_unit() {
    for (metric, figure, text) in [
        (Metric::OnTimeActions, 500, "≤ 5 %"),
        (Metric::OnTimeActions, 6500, "65 %"),
        (Metric::OnTimeActions, 9500, "≥ 95 %"),
        (Metric::OverdueAge, 500, "≤ 4.5 days"),
        (Metric::OverdueAge, 2000, "18 days"),
        (Metric::OverdueAge, 9500, "≥ 85.5 days"),
        (Metric::StagePace, 3500, "1.05"),
        (Metric::PriorityChurn, 4500, "0.45"),
    ] {
        assert_eq!(format_figure(&definition(metric), figure), text);
    }
    for (value, text) in [(0, "0"), (10_000, "1"), (8_321, "0.8321"), (-2_500, "-0.25"), (1_005, "0.1005")] {
        assert_eq!(format_decimal(value), text);
    }
}

#[test]
fn the_best_quarter_is_better_whichever_way_a_metric_points() {
    for (quartile, higher, lower) in [
        (Highest, Better, Worse),
        (Upper, AboutTheSame, AboutTheSame),
        (Lower, AboutTheSame, AboutTheSame),
        (Lowest, Worse, Better),
    ] {
        assert_eq!(standing(quartile, MetricPolarity::Higher), higher);
        assert_eq!(standing(quartile, MetricPolarity::Lower), lower);
    }
}

#[test]
fn every_family_has_a_tree() {
    assert_eq!(cohort_tree(MetricFamily::Actions).len(), 3);
    assert_eq!(cohort_tree(MetricFamily::Stages).len(), 2);
}
