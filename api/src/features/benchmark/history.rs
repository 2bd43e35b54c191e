//! What releases leave behind for the ones after them, as it is stored: the secret, the window, and whom each counted.

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
    kernel::{Error, Fault, Write},
};
use entity::{
    Id, benchmark_cohort, benchmark_counted, benchmark_key, benchmark_policy, benchmark_release,
    metric_value::{Metric, MetricFamily},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// The network's policy, locked: freezing, closing and forgetting take turns by it. It is locked before the network's own
/// row, on which everything that is written leans.
pub async fn policy(write: &Write) -> Result<benchmark_policy::Model, Error> {
    let of = benchmark_policy::Column::NetworkId.eq(write.network()?);
    let policy = write.one(benchmark_policy::Entity::find().filter(of).lock_exclusive()).await?;
    Ok(policy.ok_or(Fault::Internal)?)
}

/// The network's secret, made now if this is its first use.
pub async fn secret(write: &Write) -> Result<Vec<u8>, Error> {
    let network_id = write.network()?;
    let of = || benchmark_key::Entity::find().filter(benchmark_key::Column::NetworkId.eq(network_id));
    let kept = match write.one(of()).await? {
        Some(kept) => kept,
        None => {
            let fresh = benchmark_key::Model { network_id, secret: hex::encode(write.bytes::<32>()) };
            write.add_once::<benchmark_key::Entity>(fresh).await?;
            write.one(of()).await?.ok_or(Fault::Internal)?
        }
    };
    Ok(unhex::<32>(&kept.secret)?.to_vec())
}

/// The last period whose releases are closed.
pub async fn last(write: &Write) -> Result<Option<Quarter>, Error> {
    let last = benchmark_release::Entity::find().order_by_desc(benchmark_release::Column::Period).limit(1);
    let last = write.one(last).await?;
    Ok(last.and_then(|release| Quarter::parse(&release.period)))
}

/// A family's last releases, oldest first.
pub struct Window {
    pub profiles: Vec<Profile>,
    pub pasts: Vec<Past>,
}

/// The releases that a family's next one is held against.
pub async fn window(write: &Write, family: MetricFamily) -> Result<Window, Error> {
    let last = benchmark_release::Entity::find()
        .filter(benchmark_release::Column::Family.eq(family))
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

/// Keeps whom a release counted.
pub async fn keep(write: &Write, of: Id<benchmark_release::Entity>, release: &Release) -> Result<(), Error> {
    let network_id = write.network()?;
    let mut rows = Vec::with_capacity(release.past.counted.len());
    for counted in &release.past.counted {
        rows.push(benchmark_counted::ActiveModel {
            release_id: Set(of),
            pseudonym: Set(hex::encode(counted.place.pseudonym.0)),
            network_id: Set(network_id),
            unit: Set(hex::encode(counted.place.unit.0)),
            path: Set(rules::written(&counted.place.path)),
            depth: Set(i32::try_from(counted.depth).map_err(|_| Fault::Internal)?),
        });
    }
    write.pour::<benchmark_counted::Entity>(rows).await
}

/// Reads a path that was kept.
pub fn read(path: &str) -> Result<Vec<String>, Fault> {
    serde_json::from_str(path).map_err(|_| Fault::Internal)
}

fn unhex<const N: usize>(text: &str) -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| Fault::Internal)?;
    Ok(bytes)
}
