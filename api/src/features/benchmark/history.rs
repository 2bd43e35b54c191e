//! What releases leave behind for the ones after them, as it is stored: the window, and whom each counted.

use super::{
    mechanism::{
        pseudonym::{Pseudonym, Unit},
        release::{Counted, Past, Place, Release},
        rule::Profile,
    },
    rules,
};
use crate::{
    features::metric::rules::Quarter,
    kernel::{Error, Fault, LockForChange, Write},
};
use entity::{
    Id, benchmark_cohort, benchmark_counted, benchmark_policy, benchmark_release, benchmark_standing,
    metric_value::{Metric, MetricFamily},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

/// The network's policy as it is.
pub async fn current_policy(write: &Write) -> Result<benchmark_policy::Model, Error> {
    let of = benchmark_policy::Column::NetworkId.eq(write.network()?);
    let policy = write.one(benchmark_policy::Entity::find().filter(of)).await?;
    Ok(policy.ok_or(Fault::Internal)?)
}

/// The network's policy, locked: freezing, closing and forgetting take turns by it. It is locked before the network's own
/// row, on which everything that is written leans.
pub async fn policy(write: &Write) -> Result<benchmark_policy::Model, Error> {
    let of = benchmark_policy::Column::NetworkId.eq(write.network()?);
    let policy = write.one(benchmark_policy::Entity::find().filter(of).lock_for_change()).await?;
    Ok(policy.ok_or(Fault::Internal)?)
}

/// The last period whose releases are published.
pub fn last(policy: &benchmark_policy::Model) -> Option<Quarter> {
    policy.published_through.as_deref().and_then(Quarter::parse)
}

/// A family's last releases, oldest first.
pub struct Window {
    pub profiles: Vec<Profile>,
    pub pasts: Vec<Past>,
}

/// The releases that a family's next one is held against. Drafts are none of them.
pub async fn window(
    write: &Write,
    policy: &benchmark_policy::Model,
    family: MetricFamily,
) -> Result<Window, Error> {
    // before the first there is no period as early as an empty one
    let through = policy.published_through.as_deref().unwrap_or_default();
    let last = benchmark_release::Entity::find()
        .filter(benchmark_release::Column::Family.eq(family))
        .filter(benchmark_release::Column::Period.lte(through))
        .order_by_desc(benchmark_release::Column::Period)
        .limit(rules::BEFORE);
    let mut window = Window { profiles: vec![], pasts: vec![] };
    for release in write.all(last).await?.into_iter().rev() {
        window.profiles.push(rules::profile(release.profile));
        window.pasts.push(past(write, &release).await?);
    }
    Ok(window)
}

/// What a release left behind, from its rows.
pub async fn past(write: &Write, release: &benchmark_release::Model) -> Result<Past, Error> {
    let metric = rules::metrics_of(release.family).first().map(|definition| definition.metric);
    let paths: Vec<String> = write.chosen(paths_of(release.id, metric.ok_or(Fault::Internal)?)).await?;
    let published = paths.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    let rows = benchmark_counted::Entity::find()
        .filter(benchmark_counted::Column::ReleaseId.eq(release.id))
        .select_only()
        .column(benchmark_counted::Column::Pseudonym)
        .column(benchmark_counted::Column::Unit)
        .column(benchmark_counted::Column::Path)
        .column(benchmark_counted::Column::Depth);
    let rows: Vec<(String, String, String, i32)> = write.chosen(rows).await?;
    let counted = |(pseudonym, unit, path, depth): (String, String, String, i32)| {
        let place =
            Place { pseudonym: Pseudonym(unhex(&pseudonym)?), unit: Unit(unhex(&unit)?), path: read(&path)? };
        Ok(Counted { place, depth: usize::try_from(depth).map_err(|_| Fault::Internal)? })
    };
    let counted = rows.into_iter().map(counted).collect::<Result<_, Fault>>()?;
    Ok(Past { published, counted })
}

fn paths_of(
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

/// The rows of whom a release counted.
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
            path: Set(rules::written(&counted.place.path)),
            depth: Set(i32::try_from(counted.depth).map_err(|_| Fault::Internal)?),
        })
    };
    release.past.counted.iter().map(row).collect()
}

/// Removes some of what is stored of releases that are not published, at most so many rows. Whether there may be more.
pub async fn discard_some(write: &Write, policy: &benchmark_policy::Model, most: u64) -> Result<bool, Error> {
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

/// Reads a path that was kept.
pub fn read(path: &str) -> Result<Vec<String>, Fault> {
    serde_json::from_str(path).map_err(|_| Fault::Internal)
}

/// Reads bytes that were kept in hex.
pub fn unhex<const N: usize>(text: &str) -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| Fault::Internal)?;
    Ok(bytes)
}
