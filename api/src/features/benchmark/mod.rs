//! Benchmarks: how a client compares with similar clients, without revealing anything about any of them.
//!
//! A *release* belongs to a family of metrics and a period. It is closed once, some time after the end of the period that
//! depends on the network's profile. The [`mechanism`] decides which cohorts are published; it reads pseudonyms and paths,
//! and no values. `closing` stores a release as a draft that is not readable; the verifier checks the stored rows; one
//! transaction publishes all releases of the period, or none if the verifier finds a violation.
//!
//! A client counts if it consented, head office approved it, it has been with the network for 90 days at the period's end,
//! and its denominators are large enough in every metric of the family. Of clients of one legal group, only the oldest
//! counts. The closing also computes the standing of every client, counted or not, from the client's own frozen value and
//! the published figures. Reading a benchmark is a look-up with the same result for every reader, without filters.
//!
//! Invariant: the rows of a published release never change. Later corrections, additions and erasures change only later
//! releases. A client that withdraws, leaves or is erased is not counted from the next release on.

mod closing;
mod deciding;
mod figures;
pub mod forgetting;
mod history;
pub mod key;
pub mod mechanism;
mod participation;
pub mod rules;
mod storing;
#[cfg(test)]
mod tests;

pub use closing::{close_releases, draft_releases};
pub use deciding::has_established_client;
pub use history::{last_published, load_policy, lock_policy};
pub use participation::{BenchmarkMutation, BenchmarkStep};

use super::metric::rules::Quarter;
use crate::{
    kernel::{
        Caller, Check, Code, Error, Fault, Locked, Refusal, TransactionPart, Write,
        access::Permission,
        expect_version,
        mutation::split,
        payload::Leaf,
        payload_object::PayloadObject,
        read::{Field, Shape, Shaped, shape, shape::Ty},
        today,
    },
    message, mutations, payload, shape,
};
use async_graphql::InputObject;
use chrono::NaiveDate;
use deciding::Decided;
use entity::{
    Id,
    benchmark_cohort::BenchmarkBand,
    benchmark_policy::{self, BenchmarkProfile, Entity},
    benchmark_release, benchmark_standing,
    benchmark_standing::{BenchmarkQuartile, BenchmarkStatus},
    client::SizeBand,
    metric_value::{Metric, MetricFamily, MetricPolarity},
    network,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
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
        guarantee = from_request("String!", |_, _| guarantee_json()),
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
        guarantee = from_request("String!", |_, _| guarantee_json()),
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
        polarity = derived(Ty::Closed(register::<MetricPolarity>), polarity_sql()),
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

/// The dimensions that the clients of a cohort have in common.
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
                    "regionCode",
                    "Code of the region of the cohort's clients. Null if they are in several.",
                    of_view("region", Ty::Text).or_null(),
                ),
                field(
                    "stageTitle",
                    "Title of the stage that the clients' programmes are in, or `none` for clients in no stage. Null if they differ.",
                    of_view("stage", Ty::Text).or_null(),
                ),
                field("name", "Name of the cohort in words, such as `industry C, size medium`.", derived(Ty::Text, NAME)),
                field(
                    "label",
                    "Name of the cohort for people, in the words of the network's regions and classifications, such as                      `Manufacturing, 50 to 249 people`.",
                    derived(Ty::Text, LABEL),
                ),
            ];
            Shape::virtual_("BenchmarkDimensions", "What the clients of a cohort have in common.", fields)
        })
    }
}

/// SQL for a cohort's name, such as `the whole network` or `industry C, size medium`.
const NAME: &str = "case when {t}.level = 0 then 'the whole network' else ltrim(\
    coalesce(', stage ' || {t}.stage, '') || coalesce(', industry ' || {t}.industry, '') || \
    coalesce(', size ' || {t}.size_band, '') || coalesce(', region ' || {t}.region, ''), ', ') end";

/// SQL for the same in the network's own words, as they are now.
const LABEL: &str = "case when {t}.level = 0 then 'The whole network' else ltrim(\
    coalesce(', ' || {t}.stage, '') || coalesce(', ' || coalesce((select max(k.label) from classification k \
    where k.network_id = {t}.network_id and k.kind = {ClassificationKind::Industry} and k.key = {t}.industry), \
    {t}.industry), '') || coalesce(', ' || coalesce((select max(k.label) from classification k \
    where k.network_id = {t}.network_id and k.kind = {ClassificationKind::SizeBand} and k.key = upper({t}.size_band)), \
    {t}.size_band), '') || coalesce(', ' || coalesce((select max(g.name) from region g \
    where g.network_id = {t}.network_id and g.code = {t}.region), {t}.region), ''), ', ') end";

/// How a client compares with others in one metric and period.
pub struct ClientBenchmark;

impl Shaped for ClientBenchmark {
    #[expect(clippy::too_many_lines, reason = "a list of fields with their descriptions")]
    fn shape() -> &'static Shape {
        use shape::{derived, from_request, of_view, register, virtual_};
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let field = |name, doc, kind: Field| Field::new(name, doc, kind);
            let figure = |column| of_view(column, Ty::Text);
            let points = |column| of_view(column, Ty::Int);
            let mut fields = vec![
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
                    derived(Ty::Closed(register::<MetricPolarity>), polarity_sql()),
                ),
                field(
                    "value",
                    "The client's own frozen value, in the metric's unit. Null if it has none.",
                    of_view("value", Ty::Decimal).or_null(),
                ),
                field(
                    "quartile",
                    "The quarter of the cohort that the client's own value lies in, by the published quartiles. This is not a \
                     rank. Null if the client has no value.",
                    of_view("position", Ty::Closed(register::<BenchmarkQuartile>)).or_null(),
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
                    from_request("String!", |_, _| guarantee_json()),
                ),
            ];
            fields.extend(figures::fields());
            Shape::view::<benchmark_standing::Entity>("ClientBenchmark", client_benchmark_doc(), "client_benchmark", fields)
        })
    }
}

fn client_benchmark_doc() -> &'static str {
    static DOC: OnceLock<String> = OnceLock::new();
    DOC.get_or_init(|| {
        format!(
            "How a client compares with similar clients in one metric and period. Computed when the release was closed, \
             and the same for everyone who may see it.\n\n{}",
            rules::GUARANTEE
        )
    })
}

fn guarantee_json() -> String {
    serde_json::Value::from(rules::GUARANTEE).to_string()
}

/// SQL for the polarity of a row's metric.
fn polarity_sql() -> &'static str {
    static SQL: OnceLock<String> = OnceLock::new();
    SQL.get_or_init(|| {
        let lower: Vec<String> =
            rules::lower_polarity_metrics().iter().map(|metric| format!("{{Metric::{metric:?}}}")).collect();
        format!(
            "case when {{t}}.metric in ({}) then {{MetricPolarity::Lower}} else {{MetricPolarity::Higher}} end",
            lower.join(", ")
        )
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

payload! {
    /// The cohorts that a release of a family of metrics would publish now, with the numbers of their clients as ranges
    /// and without figures.
    pub struct BenchmarkPreview {
        /// The family of metrics.
        pub family: Leaf<MetricFamily>,
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
        pub band: Leaf<BenchmarkBand>,
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
    // In a task of its own: in a large network it takes longer than a request may, and must not end with the request.
    let closing = tokio::spawn(async move { close_period(&caller, input).await });
    let (ids, errors) = split(closing.await.map_err(|_| Fault::Internal)?)?;
    let releases = ids.unwrap_or_default().into_iter().map(PayloadObject::saved).collect();
    Ok(BenchmarkReleaseClosePayload { releases, errors })
}

async fn preview_release(
    caller: &Caller,
    input: BenchmarkReleasePreviewInput,
) -> Result<BenchmarkReleasePreviewPayload, Fault> {
    let (families, errors) = split(preview_families(caller, input).await)?;
    Ok(BenchmarkReleasePreviewPayload { families: families.unwrap_or_default(), errors })
}

/// Begins a change of the network's policy, whose ID is the network's.
async fn write_policy(
    caller: &Caller,
    permission: Permission,
) -> Result<(Write, Locked<benchmark_policy::Model>), Error> {
    caller.write::<Entity>(permission, Some(Id::new(caller.actor().network.uuid())), "input").await
}

async fn update_policy(caller: &Caller, input: BenchmarkPolicyUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, policy) = write_policy(caller, Permission::BenchmarkPolicyUpdate).await?;
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
    let (write, policy) = write_policy(caller, Permission::BenchmarkReleaseClose).await?;
    let quarter = parse_quarter(&input.period)?;
    let network = write.find::<network::Entity>(policy.network_id).await?.ok_or(Fault::Internal)?;
    let today = today(&network.time_zone, write.now())?;
    rules::require_closable(quarter, last_published(&policy), rules::profile(policy.profile), today)?;
    write.roll_back().await?;
    let steps = caller.stepwise(Permission::BenchmarkReleaseClose)?;
    let closed = close_releases(&steps, quarter, Some(caller)).await?;
    let busy = message!(
        RELEASES_CLOSING,
        "Releases are being closed already. `benchmarkReleases` lists them once they are published."
    );
    closed.ok_or_else(|| Refusal::new(Code::WrongState, busy).at("input.period").into())
}

async fn preview_families(
    caller: &Caller,
    input: BenchmarkReleasePreviewInput,
) -> Result<Vec<BenchmarkPreview>, Error> {
    let permission = Permission::BenchmarkReleasePreview;
    let id = Some(Id::new(caller.actor().network.uuid()));
    let (mut look, policy) =
        caller.write_part::<Entity>(TransactionPart::Look, permission, id, "input").await?;
    let quarter = parse_quarter(&input.period)?;
    let network = look.find::<network::Entity>(policy.network_id).await?.ok_or(Fault::Internal)?;
    require_previewable(&policy, today(&network.time_zone, look.now())?, quarter)?;
    look.reach_all().await?;
    let decided = deciding::preview_releases(&look, &policy, quarter).await?;
    look.roll_back().await?;
    // Only the request for the preview is recorded.
    let (asked, _) = write_policy(caller, permission).await?;
    asked.record_event("network", network.id.uuid(), Some(serde_json::json!({ "period": input.period })));
    asked.commit().await?;
    Ok(decided.iter().map(render_preview).collect())
}

fn require_previewable(
    policy: &benchmark_policy::Model,
    today: NaiveDate,
    quarter: Quarter,
) -> Result<(), Refusal> {
    let closed = last_published(policy).is_some_and(|last| last >= quarter);
    if closed || quarter.ends_on() >= today {
        let message = message!(
            PERIOD_NOT_PREVIEWABLE,
            "A preview exists from the end of the period until its releases are closed. Choose another period."
        );
        return Err(Refusal::new(Code::WrongState, message).at("input.period"));
    }
    Ok(())
}

fn parse_quarter(period: &str) -> Result<Quarter, Refusal> {
    let wrong = || {
        let message =
            message!(NOT_A_PERIOD, "`period` must be a quarter such as {example}.", example = "2026-Q3");
        Refusal::new(Code::Invalid, message).at("input.period")
    };
    Quarter::parse(period).ok_or_else(wrong)
}

fn render_preview(decided: &Decided) -> BenchmarkPreview {
    let cohort = |cohort: &mechanism::release::Cohort| BenchmarkPreviewCohort {
        path: cohort.path.clone(),
        band: Leaf(rules::band(cohort.band)),
    };
    BenchmarkPreview {
        family: Leaf(decided.family),
        cohorts: decided.release.cohorts.iter().map(cohort).collect(),
    }
}
