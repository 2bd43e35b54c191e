//! Tests of the definitions and rules of metrics.

use super::{
    definition::{METRICS, MIN_CONTRIBUTION, definition},
    rules::Quarter,
};
use entity::metric_value::Metric;
use sea_orm::Iterable;
use std::collections::BTreeSet;

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().expect("a day")
}

#[test]
fn every_metric_is_defined_once() {
    assert_eq!(METRICS.into_iter().collect::<BTreeSet<_>>(), Metric::iter().collect());
    for metric in METRICS {
        let definition = definition(metric);
        assert_eq!(definition.metric, metric);
        assert!(definition.version >= 1 && definition.low < definition.high, "{metric:?}");
        assert!(
            definition.least_shown >= 3 && definition.least_contributed >= MIN_CONTRIBUTION,
            "{metric:?}"
        );
        assert!(definition.least_shown <= definition.least_contributed, "{metric:?}");
        for text in [definition.name, definition.meaning, definition.formula] {
            assert!(!text.is_empty() && !text.contains("  "), "{metric:?}: {text}");
        }
    }
    let names: BTreeSet<&str> = METRICS.iter().map(|metric| definition(*metric).name).collect();
    assert_eq!(names.len(), 12);
}

#[test]
fn a_contribution_is_basis_points_of_the_public_range() {
    for (metric, value, points) in [
        (Metric::OnTimeActions, 0, 0),
        (Metric::OnTimeActions, 8321, 8321),
        (Metric::OnTimeActions, 10_000, 10_000),
        (Metric::PriorityChurn, 15_000, 10_000),
        (Metric::OverdueAge, 35_000, 389),
        (Metric::OverdueAge, 450_000, 5000),
        (Metric::OverdueAge, 9_999_999, 10_000),
        (Metric::StagePace, 10_000, 3333),
        (Metric::StagePace, 15_000, 5000),
        (Metric::StagePace, -1, 0),
    ] {
        assert_eq!(definition(metric).contribution(value), points, "{metric:?} {value}");
    }
}

#[test]
fn quarters_follow_the_calendar() {
    let quarter = Quarter::of(day("2026-11-26"));
    assert_eq!(quarter.label(), "2026-Q4");
    assert_eq!((quarter.starts_on(), quarter.ends_on()), (day("2026-10-01"), day("2026-12-31")));
    assert_eq!(quarter.next().label(), "2027-Q1");
    assert_eq!(Quarter::of(day("2026-03-31")).before().label(), "2025-Q4");
    assert_eq!(Quarter::of(day("2028-02-29")).ends_on(), day("2028-03-31"));
    assert_eq!(Quarter::parse("2026-Q3"), Some(Quarter::of(day("2026-07-01"))));
    for wrong in [
        "2026-Q0",
        "2026-Q5",
        "2026-3",
        "26-Q3",
        "2026-Q03",
        "2026-Q",
        "",
        "+2026-Q3",
        "9999-Q4",
        "300000-Q1",
        "2147483647-Q4",
    ] {
        assert_eq!(Quarter::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn a_quarter_is_due_when_its_delay_is_over() {
    let quarter = Quarter::of(day("2026-09-30"));
    assert!(!quarter.is_due(day("2026-10-30"), 30));
    assert!(quarter.is_due(day("2026-10-31"), 30));
    assert!(!quarter.is_due(day("2026-12-29"), 90));
    assert!(quarter.is_due(day("2026-12-30"), 90));
}
