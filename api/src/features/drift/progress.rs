//! A priority's progress beside the time that has elapsed. Progress is what its measurables show; without measurables, the
//! weights of its milestones; without milestones, its latest check-in. Time runs from the start of the cycle, or from the
//! commitment if that was later, to the end of the cycle, without pauses.

use crate::{
    features::{measurable::rules::priority_percent, programme::rules::paused_between},
    kernel::Zone,
};
use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};
use entity::{
    check_in::CheckInStatus,
    cycle,
    measurable::{self, MeasurablePeriod},
    milestone, programme_pause,
};

/// The time of a cycle: from the start of its first day to the end of its last day, in the client's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CycleSpan {
    pub starts_on: NaiveDate,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

impl CycleSpan {
    pub fn of(cycle: &cycle::Model, zone: Zone) -> CycleSpan {
        let eve = cycle.starts_on.pred_opt().unwrap_or(cycle.starts_on);
        CycleSpan {
            starts_on: cycle.starts_on,
            starts_at: zone.end_of_day(eve),
            ends_at: zone.end_of_day(cycle.ends_on),
        }
    }
}

/// What shows the progress of a priority.
pub struct PriorityEvidence<'a> {
    pub cycle: CycleSpan,
    /// Measurables that are not removed, each with the first day of its latest period with a value.
    pub measurables: Vec<(&'a measurable::Model, Option<NaiveDate>)>,
    pub milestones: Vec<&'a milestone::Model>,
    /// The slot and the status of the latest check-in.
    pub latest_check_in: Option<(NaiveDate, CheckInStatus)>,
}

/// Progress and the elapsed time that it is compared with, both in per cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgressShown {
    pub progress: i32,
    pub elapsed: i32,
}

impl PriorityEvidence<'_> {
    /// The progress of a priority whose time began at `since`. `None` if nothing shows it.
    pub fn shown(
        &self,
        since: DateTime<Utc>,
        pauses: &[&programme_pause::Model],
        zone: Zone,
        now: DateTime<Utc>,
    ) -> Option<ProgressShown> {
        let elapsed_at = |at| elapsed_percent(since, self.cycle.ends_at, pauses, at);
        let measured: Vec<i32> = self.measurables.iter().map(|(measurable, _)| measurable.progress).collect();
        let until = self
            .measurables
            .iter()
            .map(|(measurable, latest)| elapsed_at(measured_until(measurable.period, *latest, zone, now)));
        let elapsed = match measured.len() as i32 {
            0 => elapsed_at(now),
            figures => until.sum::<i32>() / figures,
        };
        let said = self.latest_check_in.map(|(_, status)| status);
        let progress = priority_percent(&measured, &self.milestones, said, elapsed)?;
        Some(ProgressShown { progress, elapsed })
    }
}

/// Until when a measurable shows progress: the end of its latest period with a value. A value is expected one period later
/// at the latest, so time goes on from then on even without one.
fn measured_until(
    period: MeasurablePeriod,
    latest: Option<NaiveDate>,
    zone: Zone,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let (months, days) = match period {
        MeasurablePeriod::Week => (0, 7),
        MeasurablePeriod::Month => (1, 31),
        MeasurablePeriod::Quarter => (3, 92),
    };
    let expected = now - TimeDelta::days(days);
    let measured = latest.and_then(|first| {
        let next = if months > 0 {
            first.checked_add_months(Months::new(months))
        } else {
            first.checked_add_days(Days::new(7))
        };
        Some(zone.end_of_day(next?.pred_opt()?))
    });
    measured.map_or(expected, |measured| measured.max(expected)).min(now)
}

/// The time from an instant to now, without pauses.
pub fn working_time(
    from: DateTime<Utc>,
    now: DateTime<Utc>,
    pauses: &[&programme_pause::Model],
) -> TimeDelta {
    now - from - paused_between(pauses, from, now)
}

/// Share of the time between two instants that has elapsed, in per cent. Pauses do not count as elapsed, and do not shorten
/// the whole time.
fn elapsed_percent(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    pauses: &[&programme_pause::Model],
    now: DateTime<Utc>,
) -> i32 {
    let (whole, part) = ((to - from).num_seconds().max(1), working_time(from, now, pauses).num_seconds());
    (100 * part / whole).clamp(0, 100) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use entity::{
        Id,
        measurable::{MeasurableDirection, MeasurableTotal},
    };
    use uuid::Uuid;

    fn id<E>(number: u128) -> Id<E> {
        Id::new(Uuid::from_u128(number))
    }
    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }
    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}T00:00:00Z").parse().expect("an instant")
    }

    fn milestone(weight: i32, done: bool, removed: bool) -> milestone::Model {
        milestone::Model {
            id: id(30),
            network_id: id(1),
            client_id: id(2),
            team_id: id(3),
            priority_id: id(9),
            carried_from_id: None,
            title: "Signed".into(),
            weight,
            due_on: date("2026-03-20"),
            done_at: done.then(|| at("2026-03-05")),
            removed_at: removed.then(|| at("2026-03-05")),
            created_at: at("2026-03-01"),
            version: 1,
        }
    }

    fn measurable(progress: i32) -> measurable::Model {
        measurable::Model {
            id: id(31),
            network_id: id(1),
            client_id: id(2),
            team_id: id(3),
            priority_id: Some(id(9)),
            owner_id: None,
            name: "Sales".into(),
            unit: "EUR".into(),
            direction: MeasurableDirection::Up,
            period: MeasurablePeriod::Month,
            baseline: "0".into(),
            target: "100".into(),
            green_bound: None,
            amber_bound: None,
            total: MeasurableTotal::Last,
            progress,
            removed_at: None,
            created_at: at("2026-01-01"),
            version: 1,
        }
    }

    fn zone() -> Zone {
        Zone::find("Europe/London").expect("a zone")
    }

    /// The progress and the elapsed time of a priority of the first quarter at the end of February: 59 of 90 days.
    fn shown(
        measurables: &[(&measurable::Model, Option<NaiveDate>)],
        milestones: &[milestone::Model],
        said: Option<CheckInStatus>,
    ) -> Option<(i32, i32)> {
        let evidence = PriorityEvidence {
            cycle: CycleSpan {
                starts_on: date("2026-01-01"),
                starts_at: at("2026-01-01"),
                ends_at: at("2026-04-01"),
            },
            measurables: measurables.to_vec(),
            milestones: milestones.iter().collect(),
            latest_check_in: said.map(|status| (date("2026-02-16"), status)),
        };
        let shown = evidence.shown(at("2026-01-01"), &[], zone(), at("2026-03-01"))?;
        Some((shown.progress, shown.elapsed))
    }

    #[test]
    fn measurables_come_before_milestones_and_these_before_check_ins() {
        use CheckInStatus::*;
        let sales = measurable(30);
        let february = Some(date("2026-02-01"));
        let half = [milestone(1, true, false), milestone(1, false, false)];
        assert_eq!(shown(&[], &[], None), None);
        assert_eq!(shown(&[], &[], Some(OnTrack)), Some((65, 65)));
        assert_eq!(shown(&[], &[], Some(AtRisk)), Some((48, 65)));
        assert_eq!(shown(&[], &[], Some(OffTrack)), Some((32, 65)));
        assert_eq!(shown(&[], &[milestone(3, false, true)], Some(OnTrack)), Some((65, 65)));
        assert_eq!(shown(&[], &half, Some(OnTrack)), Some((50, 65)));
        assert_eq!(shown(&[(&sales, february)], &half, Some(OnTrack)), Some((30, 65)));
    }

    #[test]
    fn a_figure_is_compared_with_the_time_that_it_covers() {
        use MeasurablePeriod::*;
        for (period, latest, until) in [
            (Month, Some("2026-02-01"), "2026-03-01"),
            // a month's value may come as late as a month later
            (Month, Some("2026-01-01"), "2026-02-01"),
            (Month, Some("2025-12-01"), "2026-01-29"),
            (Month, None, "2026-01-29"),
            // of the present period
            (Month, Some("2026-03-01"), "2026-03-01"),
            (Week, Some("2026-02-16"), "2026-02-23"),
            (Week, Some("2026-02-09"), "2026-02-22"),
            (Quarter, Some("2025-10-01"), "2026-01-01"),
            (Quarter, None, "2025-11-29"),
        ] {
            let told = measured_until(period, latest.map(date), zone(), at("2026-03-01"));
            assert_eq!(told, at(until), "{period:?} {latest:?}");
        }
    }

    #[test]
    fn several_figures_count_alike() {
        let (one, other) = (measurable(90), measurable(21));
        let figures = [(&one, Some(date("2026-02-01"))), (&other, Some(date("2026-01-01")))];
        // to the end of February 65 per cent, to the end of January 34
        assert_eq!(shown(&figures, &[], None), Some(((90 + 21) / 2, (65 + 34) / 2)));
    }
}
