//! Benchmarks: what was said about a client's part in them, and a release with a cohort, of a period long ago.

use super::{Plot, add};
use concord::kernel::Write;
use entity::{
    Id, benchmark_cohort,
    benchmark_cohort::BenchmarkBand,
    benchmark_counted,
    benchmark_policy::{self, BenchmarkProfile},
    benchmark_release, benchmark_step,
    benchmark_step::BenchmarkStepKind,
    metric_value::Metric,
    metric_value::MetricFamily,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

/// A word on the client's part in benchmarks.
pub async fn said(write: &Write, plot: &Plot, kind: BenchmarkStepKind) -> String {
    let row = benchmark_step::Model {
        id: write.id(),
        network_id: plot.network,
        client_id: plot.client,
        kind,
        person_id: Some(plot.person),
        at: write.now(),
    };
    let id = row.id.to_string();
    add::<benchmark_step::Entity>(write, row).await;
    id
}

/// The network's release of the first quarter of 2020 with what it tells of the whole network, made once.
pub async fn release(write: &Write, plot: &Plot) -> [String; 2] {
    let known = benchmark_cohort::Entity::find().filter(benchmark_cohort::Column::NetworkId.eq(plot.network));
    if let Some(known) = write.one(known).await.expect("a look") {
        return [known.release_id.to_string(), known.id.to_string()];
    }
    let release = benchmark_release::Model {
        id: write.id(),
        network_id: plot.network,
        family: MetricFamily::Actions,
        period: "2020-Q1".into(),
        profile: BenchmarkProfile::Standard,
        closed_at: write.now(),
    };
    let cohort = benchmark_cohort::Model {
        id: write.id(),
        network_id: plot.network,
        release_id: release.id,
        metric: Metric::OnTimeActions,
        period: release.period.clone(),
        path: "[]".into(),
        level: 0,
        industry: None,
        size_band: None,
        region: None,
        stage: None,
        band: BenchmarkBand::Dozen,
        p10: None,
        p25: 5_000,
        p50: 7_000,
        p75: 8_500,
        p90: None,
        p10_shown: None,
        p25_shown: "50 %".into(),
        p50_shown: "70 %".into(),
        p75_shown: "85 %".into(),
        p90_shown: None,
    };
    let ids = [release.id.to_string(), cohort.id.to_string()];
    let published = benchmark_policy::ActiveModel {
        id: Set(Id::new(plot.network.uuid())),
        published_through: Set(Some(release.period.clone())),
        ..Default::default()
    };
    write.set::<benchmark_policy::Entity>(published).await.expect("a policy");
    add::<benchmark_release::Entity>(write, release).await;
    add::<benchmark_cohort::Entity>(write, cohort).await;
    // whom it counted, so that the releases after it can be held against it
    for at in 0..12_u8 {
        let counted = benchmark_counted::Model {
            release_id: Id::parse(&ids[0]).expect("an id"),
            pseudonym: format!("{at:02x}").repeat(32),
            network_id: plot.network,
            unit: format!("{:02x}", at % 6).repeat(32),
            path: r#"["C","medium","TLI"]"#.into(),
            depth: 0,
        };
        add::<benchmark_counted::Entity>(write, counted).await;
    }
    ids
}
