//! How a client's programme went: when it began, which stages it passed, and how it stands.

use super::{
    calendar::{At, working},
    source::Source,
};
use crate::features::template::stratpro::STRATPRO;
use chrono::{Duration, NaiveTime};

/// How a client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// No programme yet.
    Fresh,
    /// A programme is planned.
    Planned,
    /// In the stage of this position, from 0.
    Running(usize),
    /// Halted in this stage.
    Paused(usize),
    /// Through all stages.
    Completed,
    /// Ended early in this stage.
    Terminated(usize),
}

impl Outlook {
    /// Draws how a client of a grown network stands.
    pub fn grown(source: &mut Source) -> Outlook {
        let stage = *source.weigh(STAGES, |(_, weight)| *weight);
        match source.below(100) {
            0..4 => Outlook::Fresh,
            4..11 => Outlook::Planned,
            11..79 => Outlook::Running(stage.0),
            79..84 => Outlook::Paused(stage.0.max(1)),
            84..94 => Outlook::Completed,
            _ => Outlook::Terminated(stage.0.max(2)),
        }
    }
    /// Draws how a client stands whose programme has begun.
    pub fn begun(source: &mut Source) -> Outlook {
        let stage = *source.weigh(STAGES, |(_, weight)| *weight);
        match source.below(100) {
            0..86 => Outlook::Running(stage.0),
            86..91 => Outlook::Paused(stage.0.max(1)),
            91..97 => Outlook::Completed,
            _ => Outlook::Terminated(stage.0.max(2)),
        }
    }
}

const STAGES: &[(usize, u32)] = &[(0, 9), (1, 10), (2, 10), (3, 13), (4, 42), (5, 16)];

/// A programme's stages in time.
pub struct Line {
    pub started: At,
    /// Up to when the team worked: now, or when it was paused, completed or terminated.
    pub end: At,
    /// When each stage was opened and passed.
    pub stages: Vec<(At, Option<At>)>,
}

impl Line {
    /// Draws the past of an outlook, within so many months. `None`: nothing has begun.
    pub fn draw(source: &mut Source, outlook: Outlook, now: At, months: u32) -> Option<Line> {
        let (last, ago, part) = match outlook {
            Outlook::Fresh | Outlook::Planned => return None,
            Outlook::Running(stage) => (stage, 0, 0.15 + 0.8 * source.part()),
            Outlook::Paused(stage) => (stage, source.between(5, 50), 0.2 + 0.6 * source.part()),
            Outlook::Completed => (STRATPRO.stages.len() - 1, source.between(3, 70), 1.0),
            Outlook::Terminated(stage) => (stage, source.between(10, 120), 0.2 + 0.6 * source.part()),
        };
        let mut spans: Vec<f64> = STRATPRO.stages[..=last]
            .iter()
            .map(|stage| f64::from(stage.planned_days) * (0.75 + 0.5 * source.part()))
            .collect();
        spans[last] *= part;
        let room = (f64::from(months) * 30.4 - 45.0).max(30.0);
        let ago = (ago as f64).min(room / 3.0);
        let squeeze = ((room - ago) / spans.iter().sum::<f64>()).min(1.0);
        let end = if ago > 0.0 { office(source, now - days(ago)) } else { now };
        let mut at = office(source, end - days(spans.iter().sum::<f64>() * squeeze)).min(end);
        let started = at;
        let mut stages = Vec::with_capacity(spans.len());
        for (position, span) in spans.iter().enumerate() {
            let opened = at;
            at = if position == last {
                end
            } else {
                office(source, at + days(span * squeeze)).clamp(at + days(0.1), end)
            };
            let passed = position < last || outlook == Outlook::Completed;
            stages.push((opened, passed.then_some(at)));
        }
        Some(Line { started, end, stages })
    }
    /// The stage in which an instant lies.
    pub fn stage(&self, at: At) -> usize {
        self.stages.iter().rposition(|(opened, _)| *opened <= at).unwrap_or(0)
    }
    /// When a stage's work ended, so far.
    pub fn until(&self, stage: usize) -> At {
        self.stages[stage].1.unwrap_or(self.end)
    }
}

/// The same day, or the working day before, in working hours.
fn office(source: &mut Source, at: At) -> At {
    let midnight = working(at.date_naive()).and_time(NaiveTime::MIN).and_utc();
    (midnight + Duration::milliseconds(source.between(8 * 3_600_000, 17 * 3_600_000))).min(at)
}

/// So many days, to the millisecond.
pub fn days(days: f64) -> Duration {
    Duration::milliseconds((days * 86_400_000.0) as i64)
}
