//! Rules of benchmarks around the mechanism: which clients can be counted, when a period can be closed, and how figures
//! are shown.

use super::mechanism::{
    position::Quartile,
    quantile::{Band, ENDS, WHOLE},
    rule::{Profile, WINDOW},
};
use crate::{
    features::metric::{
        definition::{Definition, METRICS, SCALE, definition},
        rules::Quarter,
    },
    kernel::{Code, Fault, Message, Refusal, today},
    message,
};
use chrono::{Days, NaiveDate};
use entity::{
    Id,
    benchmark_cohort::BenchmarkBand,
    benchmark_policy::BenchmarkProfile,
    benchmark_standing::{BenchmarkQuartile, BenchmarkStanding},
    benchmark_step::BenchmarkStepKind::{self, *},
    client::{self, ClientStatus},
    metric_value::{Metric, MetricFamily, MetricPolarity, MetricUnit},
};

/// The text about what benchmarks guarantee and what they do not.
pub const GUARANTEE: &str = "Guaranteed: one release is unchanged by permuting values inside an atom (a published cohort \
    without the published cohorts below it), and an atom counts at least 12 clients of at least 5 franchises' legal groups, \
    none with more than a third; a facilitator who subtracts her own clients still faces at least 8 clients of 4 others. \
    Any 4 releases in a row are unchanged by permuting trajectories inside a class (the clients with the same atoms in all \
    of them). Repeating or adapting queries adds nothing. Not guaranteed: differential privacy; protection where a whole \
    cohort has the same value, against someone who already knows most peers, or beyond four releases together; that nobody \
    learns whether a client takes part.";

/// Minimum number of days that a counted client has been with the network at the end of a period.
pub const ACTIVE_DAYS: u64 = 90;

/// Maximum age of a period in days for closing its releases by hand.
pub const MAX_AGE_DAYS: u64 = 1_826;

/// Number of earlier releases that a new one is compared with.
pub const RELEASES_BEFORE: u64 = WINDOW as u64 - 1;

/// Requires that a step changes something, given the latest step of its kind.
pub fn require_step(last: Option<BenchmarkStepKind>, next: BenchmarkStepKind) -> Result<(), Refusal> {
    let message = match (last, next) {
        (Some(ConsentGiven), ConsentGiven) => {
            message!(CONSENT_GIVEN_ALREADY, "The client has given its consent already.")
        }
        (None | Some(ConsentWithdrawn), ConsentWithdrawn) => {
            message!(
                CONSENT_NOT_GIVEN,
                "The client has not given its consent, so there is no consent to withdraw."
            )
        }
        (Some(ApprovalGiven), ApprovalGiven) => {
            message!(CLIENT_APPROVED_ALREADY, "The client is approved already.")
        }
        (None | Some(ApprovalWithdrawn), ApprovalWithdrawn) => {
            message!(CLIENT_NOT_APPROVED, "The client is not approved, so there is no approval to withdraw.")
        }
        _ => return Ok(()),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.clientId"))
}

/// The latest consent and approval of a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Participation {
    pub consent: bool,
    pub approval: bool,
}

impl Participation {
    /// Applies a step. Steps must come in the order in which they were made.
    pub fn apply(&mut self, step: BenchmarkStepKind) {
        match step {
            ConsentGiven => self.consent = true,
            ConsentWithdrawn => self.consent = false,
            ApprovalGiven => self.approval = true,
            ApprovalWithdrawn => self.approval = false,
        }
    }
}

/// Whether a client can be counted in a period's releases, regardless of its values.
pub fn can_be_counted(
    client: &client::Model,
    participation: Participation,
    ends_on: NaiveDate,
) -> Result<bool, Fault> {
    let since = today(&client.time_zone, client.created_at)?;
    Ok(ClientStatus::ENGAGED.contains(&client.status)
        && participation.consent
        && participation.approval
        && is_established(since, ends_on))
}

/// Whether a client that came on `since` was with the network for long enough at the end of a period.
pub fn is_established(since: NaiveDate, ends_on: NaiveDate) -> bool {
    ends_on.checked_sub_days(Days::new(ACTIVE_DAYS)).is_some_and(|latest| since <= latest)
}

/// The identity from which a client's pseudonym is derived: its own, regardless of its legal group. With a name that can
/// change or pass to another client, the mechanism would not see that one client left and another came.
pub fn identity(client: Id<client::Entity>) -> String {
    format!("client:{}", client.uuid())
}

/// The group of which one client counts for all: the client's legal group, or the client itself.
pub fn group(client: &client::Model) -> String {
    client.legal_group.as_ref().map_or_else(|| identity(client.id), |group| format!("group:{group}"))
}

/// Number of days between a period's end and the closing of its releases.
pub fn delay_days(profile: Profile) -> u64 {
    profile.freeze_days().unsigned_abs()
}

/// Requires that a period can be closed today. `last` is the last closed period.
pub fn require_closable(
    quarter: Quarter,
    last: Option<Quarter>,
    profile: Profile,
    today: NaiveDate,
) -> Result<(), Refusal> {
    let refusal = |message: Message| Err(Refusal::new(Code::WrongState, message).at("input.period"));
    match last {
        Some(last) if last == quarter => {
            return refusal(message!(
                PERIOD_CLOSED,
                "The period's releases are closed. Choose a later period."
            ));
        }
        Some(last) if last > quarter => {
            return refusal(message!(
                LATER_PERIOD_CLOSED,
                "The releases of {period}, a later period, are closed. Choose a later period.",
                period = last.label(),
            ));
        }
        _ => {}
    }
    if quarter.is_due(today, MAX_AGE_DAYS) {
        return refusal(message!(
            PERIOD_TOO_OLD,
            "The period ended more than five years ago. Choose a later one."
        ));
    }
    if !quarter.is_due(today, delay_days(profile)) {
        let from = quarter.ends_on().checked_add_days(Days::new(delay_days(profile) + 1)).unwrap_or(today);
        return refusal(message!(
            NOT_CLOSABLE_YET,
            "The period's releases can be closed from {from} on.",
            from
        ));
    }
    Ok(())
}

/// The period that is due to be closed: the one after the last closed period, or the latest possible one if none was closed.
pub fn due_period(last: Option<Quarter>, profile: Profile, today: NaiveDate) -> Option<Quarter> {
    let next = match last {
        Some(last) => last.next(),
        None => {
            let mut latest = Quarter::of(today);
            while !latest.is_due(today, delay_days(profile)) {
                latest = latest.before();
            }
            latest
        }
    };
    next.is_due(today, delay_days(profile)).then_some(next)
}

/// A network's profile as the mechanism's type.
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

/// A dimension of a cohort tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    Industry,
    Size,
    Region,
    Stage,
}

/// The dimensions of a family's cohort tree, from the network down. Each family has exactly one tree.
pub fn cohort_tree(family: MetricFamily) -> &'static [Dimension] {
    match family {
        MetricFamily::Stages => &[Dimension::Stage, Dimension::Industry],
        _ => &[Dimension::Industry, Dimension::Size, Dimension::Region],
    }
}

/// Number of a tree's first dimensions that change without a move, such as the stage. A client that reaches its next stage
/// has not moved.
pub fn fleeting_levels(family: MetricFamily) -> usize {
    cohort_tree(family).iter().take_while(|dimension| **dimension == Dimension::Stage).count()
}

pub fn band(band: Band) -> BenchmarkBand {
    match band {
        Band::Dozen => BenchmarkBand::Dozen,
        Band::Score => BenchmarkBand::Score,
        Band::Fifty => BenchmarkBand::Fifty,
        Band::Hundred => BenchmarkBand::Hundred,
    }
}

pub fn position(position: Quartile) -> BenchmarkQuartile {
    match position {
        Quartile::Lowest => BenchmarkQuartile::Lowest,
        Quartile::Lower => BenchmarkQuartile::Lower,
        Quartile::Upper => BenchmarkQuartile::Upper,
        Quartile::Highest => BenchmarkQuartile::Highest,
    }
}

/// How a quarter of a cohort compares with the whole.
pub fn standing(quartile: BenchmarkQuartile, polarity: MetricPolarity) -> BenchmarkStanding {
    match (quartile, polarity) {
        (BenchmarkQuartile::Highest, MetricPolarity::Higher)
        | (BenchmarkQuartile::Lowest, MetricPolarity::Lower) => BenchmarkStanding::Better,
        (BenchmarkQuartile::Lowest, MetricPolarity::Higher)
        | (BenchmarkQuartile::Highest, MetricPolarity::Lower) => BenchmarkStanding::Worse,
        (BenchmarkQuartile::Lower | BenchmarkQuartile::Upper, _) => BenchmarkStanding::AboutTheSame,
    }
}

/// A path in its stored form.
pub fn encode_path(path: &[String]) -> String {
    serde_json::to_string(path).unwrap_or_default()
}

/// A published figure in the metric's unit. The lowest and the highest figure stand for everything beyond them.
pub fn format_figure(definition: &Definition, figure: u16) -> String {
    let whole = i64::from(WHOLE);
    let value = definition.low + (definition.high - definition.low) * i64::from(figure) / whole;
    let sign = match figure {
        low if low <= ENDS.0 => "≤ ",
        high if high >= ENDS.1 => "≥ ",
        _ => "",
    };
    match definition.unit {
        MetricUnit::Share => format!("{sign}{} %", format_decimal(value * 100)),
        MetricUnit::Ratio => format!("{sign}{}", format_decimal(value)),
        MetricUnit::Days => format!("{sign}{} days", format_decimal(value)),
    }
}

/// Ten-thousandths as a decimal number with four decimal places.
pub fn format_exact(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}.{:04}", value.abs() / SCALE, value.abs() % SCALE)
}

/// Ten-thousandths as a decimal number without trailing zeros.
pub fn format_decimal(value: i64) -> String {
    format_exact(value).trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The metrics of which lower values are better.
pub fn lower_polarity_metrics() -> Vec<Metric> {
    let lower = |metric: &Metric| definition(*metric).polarity == MetricPolarity::Lower;
    METRICS.into_iter().filter(lower).collect()
}
