//! Benchmarks: how a client stands among others like it, without anyone learning anything about anyone.
//!
//! A *release* belongs to a family of metrics and a period. It is closed once, when the period has been over for as long
//! as the network's profile says, and its rows never change: what is corrected, added or erased afterwards is not
//! restated. What may be told is decided in [`mechanism`], which sees places and pseudonyms and no values. A release is
//! stored step by step as a draft that nobody reads, the verifier looks at what was stored, and one transaction publishes
//! the period's releases or, if the verifier finds anything, none of them (`closing`).
//!
//! Counted is who agreed to it, whom head office approved, who has been with the network for 90 days by the period's end,
//! and whose denominators are large enough in every metric of the family; of clients of one legal group the oldest of
//! these counts for all. Where each client stands is settled by the same closing, from its own frozen value and the
//! figures that are published anyway, whether it was counted or not: so that the answer is a look-up, and the same for
//! whoever asks. Nothing here is computed when it is asked for, and nothing can be filtered or left out.
//!
//! Who withdraws, leaves or is erased is not counted from the next release on. Past releases stand.

mod closing;
mod deciding;
pub mod forgetting;
mod history;
pub mod key;
pub mod mechanism;
pub mod rules;
mod storing;
mod taking_part;
#[cfg(test)]
mod tests;

pub use closing::{close, draft};
pub use deciding::anyone;
pub use history::{current_policy, last, policy};
pub use taking_part::{BenchmarkMutation, BenchmarkStep};

use super::metric::rules::Quarter;
use crate::{
    kernel::{
        Caller, Check, Code, Error, Fault, Locked, Refusal, Write,
        access::Permission,
        expect_version,
        mutation::split,
        payload::PayloadObject,
        read::{Field, Shape, Shaped, shape, shape::Ty},
        today,
    },
    mutations, payload, payload_leaves, shape,
};
use async_graphql::InputObject;
use chrono::NaiveDate;
use deciding::Decided;
use entity::{
    Id,
    benchmark_cohort::BenchmarkBand,
    benchmark_policy::{self, BenchmarkProfile, Entity},
    benchmark_release, benchmark_standing,
    benchmark_standing::{BenchmarkPosition, BenchmarkStatus},
    client::SizeBand,
    metric_value::{Metric, MetricFamily, MetricPolarity},
    network,
};
use sea_orm::{ActiveEnum, ActiveValue::Set, IntoActiveModel};
use std::sync::{Arc, OnceLock};

shape! {
    /// How strict a network's benchmarks are.
    BenchmarkPolicy of benchmark_policy {
        /// The conditions for publishing cohorts, and how long after a period its releases are closed.
        profile = closed::<BenchmarkProfile, _>(Profile),
        /// Minimum number of clients, 5 to 100, for a figure that is computed from the clients' results, such as
        /// `DashboardTemplate.pacePercent`. Figures of fewer clients are withheld.
        minimumClients = int(MinimumClients),
        /// Text that says what benchmarks guarantee and what they do not.
        guarantee = said("String!", |_, _| guarantee()),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
    }
}

shape! {
    /// A closed release of the benchmarks of a family of metrics for a period. A release never changes.
    BenchmarkRelease of benchmark_release {
        /// The family of metrics. Metrics of one family count the same clients.
        family = closed::<MetricFamily, _>(Family),
        /// The period, such as `2026-Q3`.
        period = text(Period),
        /// The benchmark profile of the network when the release was closed.
        profile = closed::<BenchmarkProfile, _>(Profile),
        /// When the release was closed.
        closedAt = instant(ClosedAt),
        /// Text that says what benchmarks guarantee and what they do not.
        guarantee = said("String!", |_, _| guarantee()),
        /// The published cohorts of the release, from the whole network to the narrowest cohorts. Only for head office.
        cohorts = pages::<BenchmarkCohort, _>(entity::benchmark_cohort::Column::ReleaseId).by(entity::benchmark_cohort::Column::Metric, Ty::Text).by(entity::benchmark_cohort::Column::Level, Ty::Int).by(entity::benchmark_cohort::Column::Path, Ty::Text),
    }
}

shape! {
    /// The published figures of a cohort in one metric of a release. Unpublished cohorts are not listed.
    BenchmarkCohort of benchmark_cohort {
        /// The metric.
        metric = closed::<entity::metric_value::Metric, _>(Metric),
        /// The period, such as `2026-Q3`.
        period = text(Period),
        /// What the clients of the cohort have in common.
        cohort = virtual_::<BenchmarkDimensions>(),
        /// The number of clients that the cohort counts, as a range.
        band = closed::<BenchmarkBand, _>(Band),
        /// Whether higher or lower values are better.
        polarity = derived(Ty::Closed(register::<MetricPolarity>), polarity()),
        /// The lower decile, as text like `p25`. Null if the cohort counts fewer than 30 clients.
        p10 = text(P10Shown).or_null(),
        /// The lower quartile as text in the metric's unit, rounded to a twentieth of the metric's range, such as `55
        /// %`. The ends of the range are bounds, such as `≤ 5 %` and `≥ 95 %`.
        p25 = text(P25Shown),
        /// The median, as text like `p25`.
        p50 = text(P50Shown),
        /// The upper quartile, as text like `p25`.
        p75 = text(P75Shown),
        /// The upper decile, as text like `p25`. Null if the cohort counts fewer than 30 clients.
        p90 = text(P90Shown).or_null(),
        /// The lower decile in basis points of the metric's range, 500 (at most) to 9,500 (at least). Null if the
        /// cohort counts fewer than 30 clients.
        p10Points = int(P10).or_null(),
        /// The lower quartile in basis points of the metric's range: 500 means at most this value, 9,500 at least this
        /// value.
        p25Points = int(P25),
        /// The median in basis points of the metric's range, 500 (at most) to 9,500 (at least).
        p50Points = int(P50),
        /// The upper quartile in basis points of the metric's range, 500 (at most) to 9,500 (at least).
        p75Points = int(P75),
        /// The upper decile in basis points of the metric's range, 500 (at most) to 9,500 (at least). Null if the
        /// cohort counts fewer than 30 clients.
        p90Points = int(P90).or_null(),
        /// The release that published the cohort.
        release = one::<BenchmarkRelease, _>(ReleaseId),
    }
}

/// What the clients of a cohort have in common.
pub struct BenchmarkDimensions;

impl Shaped for BenchmarkDimensions {
    fn shape() -> &'static Shape {
        use shape::{derived, of_view, register};
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let field = |name, doc, kind: Field| Field::new(name, doc, kind);
            let size = Ty::Closed(register::<SizeBand>);
            let fields = vec![
                field(
                    "level",
                    "Number of dimensions that narrow the cohort, from 0 for the whole network.",
                    of_view("level", Ty::Int),
                ),
                field(
                    "industry",
                    "The industry of the cohort's clients. Null if they are in several.",
                    of_view("industry", Ty::Text).or_null(),
                ),
                field(
                    "sizeBand",
                    "The size by headcount of the cohort's clients. Null if they differ.",
                    of_view("size_band", size).or_null(),
                ),
                field(
                    "region",
                    "Code of the region of the cohort's clients. Null if they are in several.",
                    of_view("region", Ty::Text).or_null(),
                ),
                field(
                    "stage",
                    "The stage that the clients' programmes are in, or `none` for clients in no stage. Null if they differ.",
                    of_view("stage", Ty::Text).or_null(),
                ),
                field("name", "Name of the cohort in words, such as `industry C, size medium`.", derived(Ty::Text, NAME)),
            ];
            Shape::virtual_("BenchmarkDimensions", "What the clients of a cohort have in common.", fields)
        })
    }
}

/// A cohort's name: `the whole network`, `industry C, size medium`.
const NAME: &str = "case when {t}.level = 0 then 'the whole network' else ltrim(\
    coalesce(', stage ' || {t}.stage, '') || coalesce(', industry ' || {t}.industry, '') || \
    coalesce(', size ' || {t}.size_band, '') || coalesce(', region ' || {t}.region, ''), ', ') end";

/// How a client compares with others in one metric and period.
pub struct ClientBenchmark;

impl Shaped for ClientBenchmark {
    #[expect(clippy::too_many_lines, reason = "a list of fields with their descriptions")]
    fn shape() -> &'static Shape {
        use shape::{derived, of_view, register, said, virtual_};
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let field = |name, doc, kind: Field| Field::new(name, doc, kind);
            let figure = |column| of_view(column, Ty::Text);
            let points = |column| of_view(column, Ty::Int);
            let fields = vec![
                field("metric", "The metric.", of_view("metric", Ty::Closed(register::<Metric>))),
                field("period", "The period, such as `2026-Q3`.", of_view("period", Ty::Text)),
                field(
                    "status",
                    "Whether the cohort is the client's exact cohort or a broader one.",
                    of_view("status", Ty::Closed(register::<BenchmarkStatus>)),
                ),
                field("cohort", "What the clients of the cohort have in common.", virtual_::<BenchmarkDimensions>()),
                field(
                    "band",
                    "The number of clients that the cohort counts, as a range.",
                    of_view("band", Ty::Closed(register::<BenchmarkBand>)),
                ),
                field(
                    "polarity",
                    "Whether higher or lower values are better.",
                    derived(Ty::Closed(register::<MetricPolarity>), polarity()),
                ),
                field(
                    "value",
                    "The client's own frozen value, in the metric's unit. Null if it has none.",
                    of_view("value", Ty::Decimal).or_null(),
                ),
                field(
                    "position",
                    "The quarter of the cohort that the client's own value lies in, by the published quartiles. This is not a \
                     rank. Null if the client has no value.",
                    of_view("position", Ty::Closed(register::<BenchmarkPosition>)).or_null(),
                ),
                field(
                    "p10",
                    "The lower decile, as text like `p25`. Null if the cohort counts fewer than 30 clients.",
                    figure("p10_shown").or_null(),
                ),
                field(
                    "p25",
                    "The lower quartile as text in the metric's unit, rounded to a twentieth of the metric's range, such as \
                     `55 %`. The ends of the range are bounds, such as `≤ 5 %` and `≥ 95 %`.",
                    figure("p25_shown"),
                ),
                field("p50", "The median, as text like `p25`.", figure("p50_shown")),
                field("p75", "The upper quartile, as text like `p25`.", figure("p75_shown")),
                field(
                    "p90",
                    "The upper decile, as text like `p25`. Null if the cohort counts fewer than 30 clients.",
                    figure("p90_shown").or_null(),
                ),
                field(
                    "p10Points",
                    "The lower decile in basis points of the metric's range, 500 (at most) to 9,500 (at least). Null if the \
                     cohort counts fewer than 30 clients.",
                    points("p10").or_null(),
                ),
                field(
                    "p25Points",
                    "The lower quartile in basis points of the metric's range: 500 means at most this value, 9,500 at \
                     least this value.",
                    points("p25"),
                ),
                field(
                    "p50Points",
                    "The median in basis points of the metric's range, 500 (at most) to 9,500 (at least).",
                    points("p50"),
                ),
                field(
                    "p75Points",
                    "The upper quartile in basis points of the metric's range, 500 (at most) to 9,500 (at least).",
                    points("p75"),
                ),
                field(
                    "p90Points",
                    "The upper decile in basis points of the metric's range, 500 (at most) to 9,500 (at least). Null if the \
                     cohort counts fewer than 30 clients.",
                    points("p90").or_null(),
                ),
                field(
                    "guarantee",
                    "Text that says what benchmarks guarantee and what they do not.",
                    said("String!", |_, _| guarantee()),
                ),
            ];
            Shape::view::<benchmark_standing::Entity>("ClientBenchmark", doc(), "client_benchmark", fields)
        })
    }
}

fn doc() -> &'static str {
    static DOC: OnceLock<String> = OnceLock::new();
    DOC.get_or_init(|| {
        format!(
            "How a client compares with similar clients in one metric and period. Computed when the release was closed, \
             and the same for everyone who may see it.\n\n{}",
            rules::GUARANTEE
        )
    })
}

fn guarantee() -> String {
    serde_json::Value::from(rules::GUARANTEE).to_string()
}

/// Which way is better, as SQL over a row's metric.
fn polarity() -> &'static str {
    static SQL: OnceLock<String> = OnceLock::new();
    SQL.get_or_init(|| {
        let lower: Vec<String> =
            rules::of_lower_polarity().iter().map(|metric| format!("'{}'", metric.to_value())).collect();
        format!("case when {{t}}.metric in ({}) then 'lower' else 'higher' end", lower.join(", "))
    })
}

/// Input for `benchmarkPolicyUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct BenchmarkPolicyUpdateInput {
    /// The conditions for publishing cohorts, and how long after a period its releases are closed. Applies from the
    /// next release.
    pub profile: Option<BenchmarkProfile>,
    /// Minimum number of clients, 5 to 100, for a figure that is computed from the clients' results, such as
    /// `DashboardTemplate.pacePercent`. Figures of fewer clients are withheld.
    pub minimum_clients: Option<i32>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `benchmarkReleaseClose`.
#[derive(InputObject)]
pub struct BenchmarkReleaseCloseInput {
    /// The period, such as `2026-Q3`. It must be over for the days that the network's profile sets, have ended less
    /// than five years ago, and be later than the last closed period.
    pub period: String,
}

/// Input for `benchmarkReleasePreview`.
#[derive(InputObject)]
pub struct BenchmarkReleasePreviewInput {
    /// The period, such as `2026-Q3`. It must be over and later than the last closed period.
    pub period: String,
}

mutations! {
    BenchmarkPolicyMutation: benchmark_policy -> BenchmarkPolicy of Entity {
        /// Changes how strict the benchmarks of the caller's network are. Closed releases do not change.
        benchmark_policy_update(BenchmarkPolicyUpdateInput) -> BenchmarkPolicyUpdatePayload = update_policy;
    }
}

payload! {
    /// Result of `benchmarkReleaseClose`.
    pub struct BenchmarkReleaseClosePayload {
        /// The releases of the period, one for each family of metrics. Empty if no release was closed.
        pub releases: Vec<PayloadObject<BenchmarkRelease>>,
        /// Reasons the releases were not closed. Empty if they were closed.
        pub errors: Vec<Refusal>,
    }
}

payload! {
    /// Result of `benchmarkReleasePreview`.
    pub struct BenchmarkReleasePreviewPayload {
        /// The cohorts that would be published, for each family of metrics. Empty if the preview was rejected.
        pub families: Vec<BenchmarkPreview>,
        /// Reasons the preview was rejected. Empty if there is a preview.
        pub errors: Vec<Refusal>,
    }
}

payload_leaves!(MetricFamily, BenchmarkBand);

payload! {
    /// The cohorts that a release of a family of metrics would publish now, with the numbers of their clients as ranges
    /// and without figures.
    pub struct BenchmarkPreview {
        /// The family of metrics.
        pub family: MetricFamily,
        /// The cohorts that would be published, from the whole network to the narrowest cohorts.
        pub cohorts: Vec<BenchmarkPreviewCohort>,
    }
}

payload! {
    /// A cohort that would be published.
    pub struct BenchmarkPreviewCohort {
        /// The cohort's dimensions, from the broadest to the narrowest. Empty for the whole network.
        pub path: Vec<String>,
        /// The number of clients that the cohort would count, as a range.
        pub band: BenchmarkBand,
    }
}

mutations! {
    BenchmarkReleaseMutation {
        /// Closes the releases of a period: freezes the period's metrics if they are not frozen yet, and publishes the
        /// permitted cohorts. This cannot be undone. A background job closes releases by itself when they are due. In a
        /// network of tens of thousands of clients, closing takes longer than a request may: it continues after the
        /// response, and `benchmarkReleases` lists the releases when they are published.
        benchmark_release_close(BenchmarkReleaseCloseInput) -> BenchmarkReleaseClosePayload = close_release;
        /// Returns the cohorts that the releases of a period would publish, with the numbers of their clients as ranges
        /// and without figures. Changes nothing. If the period is not frozen yet, its metrics are computed first, which
        /// takes longer than a request may in a network of thousands of clients.
        benchmark_release_preview(BenchmarkReleasePreviewInput) -> BenchmarkReleasePreviewPayload = preview_release;
    }
}

async fn close_release(
    caller: &Arc<Caller>,
    input: BenchmarkReleaseCloseInput,
) -> Result<BenchmarkReleaseClosePayload, Fault> {
    let caller = Arc::clone(caller);
    // a large network's takes longer than a request may, and would come to nothing each time
    let closing = tokio::spawn(async move { close_period(&caller, input).await });
    let (ids, errors) = split(closing.await.map_err(|_| Fault::Internal)?)?;
    let releases = ids.unwrap_or_default().into_iter().map(PayloadObject::saved).collect();
    Ok(BenchmarkReleaseClosePayload { releases, errors })
}

async fn preview_release(
    caller: &Caller,
    input: BenchmarkReleasePreviewInput,
) -> Result<BenchmarkReleasePreviewPayload, Fault> {
    let (families, errors) = split(preview(caller, input).await)?;
    Ok(BenchmarkReleasePreviewPayload { families: families.unwrap_or_default(), errors })
}

/// The writing door at the network's policy, which is called by the network's id.
async fn of_network(
    caller: &Caller,
    permission: Permission,
) -> Result<(Write, Locked<benchmark_policy::Model>), Error> {
    caller.write::<Entity>(permission, Some(Id::new(caller.actor().network.uuid())), "input").await
}

async fn update_policy(caller: &Caller, input: BenchmarkPolicyUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, policy) = of_network(caller, Permission::BenchmarkPolicyUpdate).await?;
    expect_version(policy.version, input.expected_version)?;
    let mut check = Check::new();
    let least = input.minimum_clients.map(|least| check.number("input.minimumClients", least, 5..=100));
    check.done()?;
    let mut change = policy.clone().into_active_model();
    input.profile.into_iter().for_each(|profile| change.profile = Set(profile));
    least.into_iter().for_each(|least| change.minimum_clients = Set(least));
    write.update::<Entity>(&policy, change).await?;
    write.commit().await?;
    Ok(policy.id)
}

async fn close_period(
    caller: &Caller,
    input: BenchmarkReleaseCloseInput,
) -> Result<Vec<Id<benchmark_release::Entity>>, Error> {
    let (write, policy) = of_network(caller, Permission::BenchmarkReleaseClose).await?;
    let quarter = quarter(&input.period)?;
    let network = write.find::<network::Entity>(policy.network_id).await?.ok_or(Fault::Internal)?;
    let today = today(&network.time_zone, write.now())?;
    rules::closable(quarter, last(&policy), rules::profile(policy.profile), today)?;
    write.leave().await?;
    let steps = caller.stepwise(Permission::BenchmarkReleaseClose)?;
    let closed = close(&steps, quarter, Some(caller)).await?;
    let busy = "Releases are being closed already. `benchmarkReleases` lists them once they are published.";
    closed.ok_or_else(|| Refusal::new(Code::WrongState, busy).at("input.period").into())
}

async fn preview(
    caller: &Caller,
    input: BenchmarkReleasePreviewInput,
) -> Result<Vec<BenchmarkPreview>, Error> {
    let (mut write, policy) = of_network(caller, Permission::BenchmarkReleasePreview).await?;
    let quarter = quarter(&input.period)?;
    let network = write.find::<network::Entity>(policy.network_id).await?.ok_or(Fault::Internal)?;
    previewable(&policy, today(&network.time_zone, write.now())?, quarter)?;
    write.reach_all().await?;
    let decided = deciding::preview(&write, quarter).await?;
    write.leave().await?;
    // nothing of it stays but that it was asked for
    let (asked, _) = of_network(caller, Permission::BenchmarkReleasePreview).await?;
    asked.mark("network", network.id.uuid(), Some(serde_json::json!({ "period": input.period })));
    asked.commit().await?;
    Ok(decided.iter().map(told).collect())
}

fn previewable(policy: &benchmark_policy::Model, today: NaiveDate, quarter: Quarter) -> Result<(), Refusal> {
    let closed = last(policy).is_some_and(|last| last >= quarter);
    if closed || quarter.ends_on() >= today {
        let message = "What a period's releases would publish is told from its end until they are closed.";
        return Err(Refusal::new(Code::WrongState, message).at("input.period"));
    }
    Ok(())
}

fn quarter(period: &str) -> Result<Quarter, Refusal> {
    let wrong = || Refusal::new(Code::Invalid, "This is no period, like 2026-Q3.").at("input.period");
    Quarter::parse(period).ok_or_else(wrong)
}

fn told(decided: &Decided) -> BenchmarkPreview {
    let cohort = |cohort: &mechanism::release::Cohort| BenchmarkPreviewCohort {
        path: cohort.path.clone(),
        band: rules::band(cohort.band),
    };
    BenchmarkPreview { family: decided.family, cohorts: decided.release.cohorts.iter().map(cohort).collect() }
}
