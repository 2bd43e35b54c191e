//! Reads and writes what later releases need of earlier ones: the window, and the clients that each release counted.

use super::{
    mechanism::{
        past::{Counted, Past, Place},
        pseudonym::{Pseudonym, Unit},
        release::Release,
        rule::Profile,
    },
    rules,
};
use crate::{
    features::metric::rules::Quarter,
    kernel::{Error, Fault, Locked, Write},
};
use entity::{
    Id, benchmark_cohort, benchmark_counted, benchmark_policy, benchmark_release, benchmark_standing,
    metric_value::{Metric, MetricFamily},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

/// Loads the network's policy.
pub async fn load_policy(write: &Write) -> Result<benchmark_policy::Model, Error> {
    let of = benchmark_policy::Column::NetworkId.eq(write.network()?);
    let policy = write.one(benchmark_policy::Entity::find().filter(of)).await?;
    Ok(policy.ok_or(Fault::Internal)?)
}

/// Loads and locks the network's policy. Its lock serialises freezing, closing and forgetting. Invariant: it is locked before
/// the network's row, to which every change refers.
pub async fn lock_policy(write: &Write) -> Result<Locked<benchmark_policy::Model>, Error> {
    let of = benchmark_policy::Column::NetworkId.eq(write.network()?);
    let policy = write.lock_one(benchmark_policy::Entity::find().filter(of)).await?;
    Ok(policy.ok_or(Fault::Internal)?)
}

/// The last period whose releases are published.
pub fn last_published(policy: &benchmark_policy::Model) -> Option<Quarter> {
    policy.published_through.as_deref().and_then(Quarter::parse)
}

/// The latest releases of a family, oldest first.
pub struct Window {
    pub profiles: Vec<Profile>,
    pub pasts: Vec<Past>,
}

/// Loads the published releases that a family's next release is compared with.
pub async fn load_window(
    write: &Write,
    policy: &benchmark_policy::Model,
    family: MetricFamily,
) -> Result<Window, Error> {
    // Before the first release, the empty text sorts before every period.
    let through = policy.published_through.as_deref().unwrap_or_default();
    let last = benchmark_release::Entity::find()
        .filter(benchmark_release::Column::Family.eq(family))
        .filter(benchmark_release::Column::Period.lte(through))
        .order_by_desc(benchmark_release::Column::Period)
        .limit(rules::RELEASES_BEFORE);
    let mut window = Window { profiles: vec![], pasts: vec![] };
    for release in write.all(last).await?.into_iter().rev() {
        window.profiles.push(rules::profile(release.profile));
        window.pasts.push(load_past(write, &release).await?);
    }
    Ok(window)
}

/// Loads the published paths of a release and the clients that it counted.
pub async fn load_past(write: &Write, release: &benchmark_release::Model) -> Result<Past, Error> {
    let metric = rules::metrics_of(release.family).first().map(|definition| definition.metric);
    let paths: Vec<String> =
        write.select_values(select_paths(release.id, metric.ok_or(Fault::Internal)?)).await?;
    let published = paths.iter().map(|path| decode_path(path)).collect::<Result<_, _>>()?;
    let rows = benchmark_counted::Entity::find()
        .filter(benchmark_counted::Column::ReleaseId.eq(release.id))
        .select_only()
        .column(benchmark_counted::Column::Pseudonym)
        .column(benchmark_counted::Column::Unit)
        .column(benchmark_counted::Column::Path)
        .column(benchmark_counted::Column::Depth);
    let rows: Vec<(String, String, String, i32)> = write.select_values(rows).await?;
    let counted = |(pseudonym, unit, path, depth): (String, String, String, i32)| {
        let place = Place {
            pseudonym: Pseudonym(decode_hex(&pseudonym)?),
            unit: Unit(decode_hex(&unit)?),
            path: decode_path(&path)?,
        };
        Ok(Counted { place, depth: usize::try_from(depth).map_err(|_| Fault::Internal)? })
    };
    let counted = rows.into_iter().map(counted).collect::<Result<_, Fault>>()?;
    Ok(Past { published, counted })
}

fn select_paths(
    release: Id<benchmark_release::Entity>,
    metric: Metric,
) -> sea_orm::Select<benchmark_cohort::Entity> {
    benchmark_cohort::Entity::find()
        .filter(benchmark_cohort::Column::ReleaseId.eq(release))
        .filter(benchmark_cohort::Column::Metric.eq(metric))
        .select_only()
        .column(benchmark_cohort::Column::Path)
        .order_by_asc(benchmark_cohort::Column::Path)
}

/// The rows of the clients that a release counted.
pub fn counted_rows(
    of: &benchmark_release::Model,
    release: &Release,
) -> Result<Vec<benchmark_counted::ActiveModel>, Fault> {
    let row = |counted: &Counted| {
        Ok(benchmark_counted::ActiveModel {
            release_id: Set(of.id),
            pseudonym: Set(hex::encode(counted.place.pseudonym.0)),
            network_id: Set(of.network_id),
            unit: Set(hex::encode(counted.place.unit.0)),
            path: Set(rules::encode_path(&counted.place.path)),
            depth: Set(i32::try_from(counted.depth).map_err(|_| Fault::Internal)?),
        })
    };
    release.past.counted.iter().map(row).collect()
}

/// Deletes at most `most` rows of releases that are not published. Returns whether there may be more.
pub async fn discard_some_drafts(
    write: &Write,
    policy: &benchmark_policy::Model,
    most: u64,
) -> Result<bool, Error> {
    use benchmark_cohort::Column as Cohort;
    use benchmark_counted::Column as Counted;
    use benchmark_standing::Column as Standing;
    let last = policy.published_through.as_deref();
    let later = last.map(|last| benchmark_release::Column::Period.gt(last));
    let drafts = benchmark_release::Entity::find()
        .filter(benchmark_release::Column::NetworkId.eq(policy.network_id))
        .filter(Condition::all().add_option(later));
    let mut left = most;
    for draft in write.all(drafts).await? {
        let of = Cohort::ReleaseId.eq(draft.id);
        let cohorts = benchmark_cohort::Entity::find().select_only().column(Cohort::Id).filter(of);
        let standings = benchmark_standing::Entity::find()
            .select_only()
            .column(Standing::Id)
            .filter(Standing::CohortId.in_subquery(cohorts.clone().into_query()))
            .limit(left);
        let standings = benchmark_standing::Entity::delete_many()
            .filter(Standing::Id.in_subquery(standings.into_query()));
        left -= write.discard_all(standings).await?;
        let counted = benchmark_counted::Entity::find()
            .select_only()
            .column(Counted::Pseudonym)
            .filter(Counted::ReleaseId.eq(draft.id))
            .limit(left);
        let counted = benchmark_counted::Entity::delete_many()
            .filter(Counted::ReleaseId.eq(draft.id))
            .filter(Counted::Pseudonym.in_subquery(counted.into_query()));
        left -= write.discard_all(counted).await?;
        if left == 0 {
            return Ok(true);
        }
        let some = cohorts.limit(left).into_query();
        let cohorts = benchmark_cohort::Entity::delete_many().filter(Cohort::Id.in_subquery(some));
        left -= write.discard_all(cohorts).await?;
        if left == 0 {
            return Ok(true);
        }
        write.discard(draft).await?;
    }
    Ok(false)
}

/// Parses a stored path.
pub fn decode_path(path: &str) -> Result<Vec<String>, Fault> {
    serde_json::from_str(path).map_err(|_| Fault::Internal)
}

/// Parses bytes stored in hexadecimal.
pub fn decode_hex<const N: usize>(text: &str) -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| Fault::Internal)?;
    Ok(bytes)
}
