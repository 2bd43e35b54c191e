//! The values of the closed enums, by the names under which SQL templates have them: `ActionStatus::Accepted`. So no template
//! holds a value that the enum does not have.

use sea_orm::ActiveEnum;
use std::{collections::BTreeMap, fmt::Debug, sync::LazyLock};

macro_rules! values {
    ($($module:ident::$name:ident),* $(,)?) => {
        static VALUES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
            let mut values = BTreeMap::new();
            $(add::<crate::$module::$name>(&mut values, stringify!($name));)*
            values
        });
    };
}

values! {
    action::ActionStatus,
    agenda_item::AgendaItemStatus,
    agenda_item::AgendaSource,
    alignment_round::AlignmentStatus,
    alignment_round::AlignmentDisclosure,
    alignment_statement::ConsensusBand,
    assignment::AssignmentPart,
    attendance::AttendanceStatus,
    benchmark_cohort::BenchmarkBand,
    benchmark_cohort::BenchmarkBound,
    benchmark_policy::BenchmarkProfile,
    benchmark_standing::BenchmarkStatus,
    benchmark_standing::BenchmarkQuartile,
    benchmark_standing::BenchmarkStanding,
    benchmark_step::BenchmarkStepKind,
    check_in::CheckInStatus,
    classification::ClassificationKind,
    client::SizeBand,
    client::ClientStatus,
    client_due::DueKind,
    client_risk::RiskComponent,
    client_transfer::TransferStatus,
    cycle::CycleStatus,
    data_export::ExportKind,
    decision::DecisionStatus,
    decision_event::DecisionEventKind,
    decision_restatement::ReadBackStatus,
    decision_stance::Stance,
    dot_vote::DotVoteStatus,
    drift_signal::DriftCause,
    drift_signal::DriftStatus,
    drift_signal::DriftUnit,
    franchise::FranchiseStatus,
    measurable::MeasurableDirection,
    measurable::MeasurablePeriod,
    measurable::MeasurableTotal,
    measurable_value::MeasurableColour,
    member::MemberStatus,
    membership::MembershipRole,
    metric_value::Metric,
    metric_value::MetricFamily,
    metric_value::MetricUnit,
    metric_value::MetricPolarity,
    metric_value::MetricReason,
    network::Locale,
    notice::NoticeKind,
    notice_preference::NoticeDelivery,
    obstacle::ObstacleStatus,
    obstacle::Severity,
    obstacle_event::ObstacleEventKind,
    outbox::EmailKind,
    parked_topic::ParkedTopicStatus,
    priority::PriorityStatus,
    programme::ProgrammeStatus,
    review::ReviewStatus,
    review_cadence::CadenceUnit,
    search_entry::SearchKind,
    session::SessionKind,
    session::SessionStatus,
    session::RatingBand,
    session_series::SeriesStatus,
    stage_criterion::CriterionKind,
    stage_event::StageEventKind,
    stage_run::StageStatus,
    strategy_item::SwotQuadrant,
    strategy_section::SectionForm,
    strategy_version::StrategyStatus,
    template_resource::ResourceKind,
    template_version::TemplateStatus,
}

/// The values as the database has them, by their names: `ActionStatus::Accepted` is `accepted`.
pub fn values() -> &'static BTreeMap<String, String> {
    &VALUES
}

fn add<T: ActiveEnum<Value = String> + Debug>(values: &mut BTreeMap<String, String>, name: &str) {
    values.extend(T::iter().map(|value| (format!("{name}::{value:?}"), value.to_value())));
}
