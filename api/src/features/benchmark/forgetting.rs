//! Forgets an erased client. Its values are deleted, and a random pseudonym replaces its own in the history.

use super::{closing, history, key, mechanism::pseudonym::Pseudonym, rules};
use crate::kernel::{Error, Write};
use entity::{benchmark_counted, benchmark_release, benchmark_standing, client, metric_value};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use std::collections::BTreeSet;

/// Forgets an erased client. Deletes its frozen values and standings, and replaces its pseudonym in all releases by the same
/// random one, with no more of its path than its atoms. Published releases do not change. The transaction must reach the
/// network.
pub async fn forget(write: &Write, client: &client::Model) -> Result<(), Error> {
    // A closing in progress has the client in memory.
    closing::cancel_closing(write).await?;
    let standings = benchmark_standing::Entity::delete_many()
        .filter(benchmark_standing::Column::NetworkId.eq(client.network_id))
        .filter(benchmark_standing::Column::ClientId.eq(client.id));
    write.discard_all(standings).await?;
    let values = metric_value::Entity::delete_many()
        .filter(metric_value::Column::NetworkId.eq(client.network_id))
        .filter(metric_value::Column::ClientId.eq(client.id));
    write.discard_all(values).await?;
    let secret = key::load_secret(write).await?;
    let pseudonym = hex::encode(Pseudonym::of(&secret, rules::identity(client.id).as_bytes()).0);
    let tombstone = hex::encode(write.bytes::<32>());
    // The primary key begins with the release.
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
        let mut atom = history::decode_path(&path)?;
        atom.truncate(usize::try_from(depth).unwrap_or(0));
        let rows = benchmark_counted::Entity::update_many()
            .col_expr(benchmark_counted::Column::Pseudonym, Expr::value(&tombstone))
            .col_expr(benchmark_counted::Column::Path, Expr::value(rules::encode_path(&atom)))
            .filter(benchmark_counted::Column::NetworkId.eq(client.network_id))
            .filter(counted.clone())
            .filter(benchmark_counted::Column::Path.eq(path))
            .filter(benchmark_counted::Column::Depth.eq(depth));
        write.blank(rows).await?;
    }
    Ok(())
}
