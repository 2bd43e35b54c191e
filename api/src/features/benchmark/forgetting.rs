//! How a client is forgotten: what told of its values goes, and in the history a name that nobody can make stands for it.

use super::{closing, history, key, mechanism::pseudonym::Pseudonym, rules};
use crate::kernel::{Error, Write};
use entity::{benchmark_counted, benchmark_release, benchmark_standing, client, metric_value};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use std::collections::BTreeSet;

/// Forgets a client, for its erasure: its frozen values and where it stood are deleted, and its pseudonym becomes a
/// random one, the same in all releases, that keeps no more of its place than its atoms. What was published stands. The
/// transaction reaches the network.
pub async fn forget(write: &Write, client: &client::Model) -> Result<(), Error> {
    // it has the client in memory
    closing::end_under_way(write).await?;
    let standings = benchmark_standing::Entity::delete_many()
        .filter(benchmark_standing::Column::NetworkId.eq(client.network_id))
        .filter(benchmark_standing::Column::ClientId.eq(client.id));
    write.discard_all(standings).await?;
    let values = metric_value::Entity::delete_many()
        .filter(metric_value::Column::NetworkId.eq(client.network_id))
        .filter(metric_value::Column::ClientId.eq(client.id));
    write.discard_all(values).await?;
    let secret = key::secret(write).await?;
    let pseudonym = hex::encode(Pseudonym::of(&secret, rules::identity(client.id).as_bytes()).0);
    let tombstone = hex::encode(write.bytes::<32>());
    // release by release, as the key has them
    let releases = benchmark_release::Entity::find()
        .filter(benchmark_release::Column::NetworkId.eq(client.network_id))
        .select_only()
        .column(benchmark_release::Column::Id)
        .into_query();
    let counted = benchmark_counted::Column::ReleaseId
        .in_subquery(releases)
        .and(benchmark_counted::Column::Pseudonym.eq(&pseudonym));
    let rows = write.all(benchmark_counted::Entity::find().filter(counted.clone())).await?;
    let places: BTreeSet<(String, i32)> = rows.into_iter().map(|row| (row.path, row.depth)).collect();
    for (path, depth) in places {
        let mut atom = history::read(&path)?;
        atom.truncate(usize::try_from(depth).unwrap_or(0));
        let rows = benchmark_counted::Entity::update_many()
            .col_expr(benchmark_counted::Column::Pseudonym, Expr::value(&tombstone))
            .col_expr(benchmark_counted::Column::Path, Expr::value(rules::written(&atom)))
            .filter(benchmark_counted::Column::NetworkId.eq(client.network_id))
            .filter(counted.clone())
            .filter(benchmark_counted::Column::Path.eq(path))
            .filter(benchmark_counted::Column::Depth.eq(depth));
        write.blank(rows).await?;
    }
    Ok(())
}
