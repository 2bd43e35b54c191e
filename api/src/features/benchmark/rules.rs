//! The law of benchmarks around the mechanism: who may be counted, when a period may be closed, and how figures are shown.

use super::mechanism::{
    position::Quarter as Position,
    quantile::{Band, ENDS, WHOLE},
    rule::{Profile, WINDOW},
};
use crate::{
    features::metric::{
        definition::{Definition, METRICS, SCALE, definition},
        rules::Quarter,
    },
    kernel::{Code, Fault, Refusal, today},
};
use chrono::{Days, NaiveDate};
use entity::{
    Id,
    benchmark_cohort::BenchmarkBand,
    benchmark_policy::BenchmarkProfile,
    benchmark_standing::BenchmarkPosition,
    benchmark_step::BenchmarkStepKind::{self, *},
    client::{self, ClientStatus},
    metric_value::{Metric, MetricFamily, MetricUnit},
};

/// What is guaranteed and what is not, as everyone who reads a benchmark is told.
pub const GUARANTEE: &str = "Guaranteed: one release is unchanged by permuting values inside an atom (a published cohort \
    without the published cohorts below it), and an atom counts at least 12 clients of at least 5 franchises' legal groups, \
    none with more than a third; a facilitator who subtracts her own clients still faces at least 8 clients of 4 others. \
    Any 4 releases in a row are unchanged by permuting trajectories inside a class (the clients with the same atoms in all \
    of them). Repeating or adapting queries adds nothing. Not guaranteed: differential privacy; protection where a whole \
    cohort has the same value, against someone who already knows most peers, or beyond four releases together; that nobody \
    learns whether a client takes part.";

/// Days for which a client has to be with the network by the end of a period to be counted.
pub const ACTIVE_DAYS: u64 = 90;

/// Days after which a period is too long over for its releases to be closed by hand.
pub const OLDEST_DAYS: u64 = 1_826;

/// Releases before a new one that it is held against.
pub const BEFORE: u64 = WINDOW as u64 - 1;

/// Whether a step can follow what was said last of its kind.
pub fn step(last: Option<BenchmarkStepKind>, next: BenchmarkStepKind) -> Result<(), Refusal> {
    let message = match (last, next) {
        (Some(ConsentGiven), ConsentGiven) => "The client has given its consent already.",
        (None | Some(ConsentWithdrawn), ConsentWithdrawn) => "The client has not given its consent.",
        (Some(ApprovalGiven), ApprovalGiven) => "The client is approved already.",
        (None | Some(ApprovalWithdrawn), ApprovalWithdrawn) => "The client is not approved.",
        _ => return Ok(()),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.clientId"))
}

/// What was last said of a client, of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub consent: bool,
    pub approval: bool,
}

impl Said {
    /// Steps in the order in which they were made.
    pub fn hear(&mut self, step: BenchmarkStepKind) {
        match step {
            ConsentGiven => self.consent = true,
            ConsentWithdrawn => self.consent = false,
            ApprovalGiven => self.approval = true,
            ApprovalWithdrawn => self.approval = false,
        }
    }
}

/// Whether a client may be counted in a period's releases, as far as it is not a matter of values.
pub fn eligible(client: &client::Model, said: Said, ends_on: NaiveDate) -> Result<bool, Fault> {
    let since = today(&client.time_zone, client.created_at)?;
    Ok(client.status == ClientStatus::Active && said.consent && said.approval && settled(since, ends_on))
}

/// Whether who came on this day was there for long enough when a period ended.
pub fn settled(since: NaiveDate, ends_on: NaiveDate) -> bool {
    ends_on.checked_sub_days(Days::new(ACTIVE_DAYS)).is_some_and(|latest| since <= latest)
}

/// Whose pseudonym a client has: its own, whatever group it is said to belong to. A name that others could take over, or
/// that could be changed, would hide from the mechanism that somebody left and somebody came.
pub fn identity(client: Id<client::Entity>) -> String {
    format!("client:{}", client.uuid())
}

/// For whom a client is counted: its legal group, of which one counts for all.
pub fn group(client: &client::Model) -> String {
    client.legal_group.as_ref().map_or_else(|| identity(client.id), |group| format!("group:{group}"))
}

/// The days after a period's end before which its releases are not closed.
pub fn delay(profile: Profile) -> u64 {
    profile.freeze_days().unsigned_abs()
}

/// Whether a period can be closed on a day, after the last one that was.
pub fn closable(
    quarter: Quarter,
    last: Option<Quarter>,
    profile: Profile,
    today: NaiveDate,
) -> Result<(), Refusal> {
    let refusal = |message: String| Err(Refusal::new(Code::WrongState, message).at("input.period"));
    match last {
        Some(last) if last == quarter => return refusal("The period's releases are closed.".into()),
        Some(last) if last > quarter => {
            return refusal(format!("The releases of {}, a later period, are closed.", last.label()));
        }
        _ => {}
    }
    if quarter.is_due(today, OLDEST_DAYS) {
        return refusal("The period ended more than five years ago.".into());
    }
    if !quarter.is_due(today, delay(profile)) {
        let from = quarter.ends_on().checked_add_days(Days::new(delay(profile) + 1)).unwrap_or(today);
        return refusal(format!("The period's releases can be closed from {from} on."));
    }
    Ok(())
}

/// The period that is due to be closed next, if one is: the one after the last, or to begin with the latest that can be.
pub fn due(last: Option<Quarter>, profile: Profile, today: NaiveDate) -> Option<Quarter> {
    let next = match last {
        Some(last) => last.next(),
        None => {
            let mut latest = Quarter::of(today);
            while !latest.is_due(today, delay(profile)) {
                latest = latest.before();
            }
            latest
        }
    };
    next.is_due(today, delay(profile)).then_some(next)
}

/// A network's profile as the mechanism knows it.
pub fn profile(profile: BenchmarkProfile) -> Profile {
    match profile {
        BenchmarkProfile::Standard => Profile::Standard,
        BenchmarkProfile::Strict => Profile::Strict,
        BenchmarkProfile::Antitrust => Profile::Antitrust,
    }
}

/// The metrics of a family.
pub fn metrics_of(family: MetricFamily) -> Vec<Definition> {
    METRICS.into_iter().map(definition).filter(|definition| definition.family == family).collect()
}

/// The places of a cohort tree's dimensions, from the network down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    Industry,
    Size,
    Region,
    Stage,
}

/// A family's cohort tree. One for each, and no second one that crosses it.
pub fn tree(family: MetricFamily) -> &'static [Dimension] {
    match family {
        MetricFamily::Stages => &[Dimension::Stage, Dimension::Industry],
        _ => &[Dimension::Industry, Dimension::Size, Dimension::Region],
    }
}

/// How many of a tree's first dimensions pass by themselves: a client goes on to its next stage where it is, and is counted
/// there with whom it goes or waits with.
pub fn fleeting(family: MetricFamily) -> usize {
    tree(family).iter().take_while(|dimension| **dimension == Dimension::Stage).count()
}

pub fn band(band: Band) -> BenchmarkBand {
    match band {
        Band::Dozen => BenchmarkBand::Dozen,
        Band::Score => BenchmarkBand::Score,
        Band::Fifty => BenchmarkBand::Fifty,
        Band::Hundred => BenchmarkBand::Hundred,
    }
}

pub fn position(position: Position) -> BenchmarkPosition {
    match position {
        Position::Lowest => BenchmarkPosition::Lowest,
        Position::Lower => BenchmarkPosition::Lower,
        Position::Upper => BenchmarkPosition::Upper,
        Position::Highest => BenchmarkPosition::Highest,
    }
}

/// A path as it is kept.
pub fn written(path: &[String]) -> String {
    serde_json::to_string(path).unwrap_or_default()
}

/// A published figure in the metric's unit. The ends stand for everything beyond them.
pub fn shown(definition: &Definition, figure: u16) -> String {
    let whole = i64::from(WHOLE);
    let value = definition.low + (definition.high - definition.low) * i64::from(figure) / whole;
    let sign = match figure {
        low if low <= ENDS.0 => "≤ ",
        high if high >= ENDS.1 => "≥ ",
        _ => "",
    };
    match definition.unit {
        MetricUnit::Share => format!("{sign}{} %", decimal(value * 100)),
        MetricUnit::Ratio => format!("{sign}{}", decimal(value)),
        MetricUnit::Days => format!("{sign}{} days", decimal(value)),
    }
}

/// Ten-thousandths as a decimal number, as metrics tell their values.
pub fn exact(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}.{:04}", value.abs() / SCALE, value.abs() % SCALE)
}

/// Ten-thousandths as a decimal number, without noughts at its end.
pub fn decimal(value: i64) -> String {
    exact(value).trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The metrics whose less is better, as a list for SQL.
pub fn of_lower_polarity() -> Vec<Metric> {
    let lower = |metric: &Metric| definition(*metric).polarity == entity::metric_value::MetricPolarity::Lower;
    METRICS.into_iter().filter(lower).collect()
}
