//! The network's secret, which pseudonyms and releases follow from: made at its first use, and never changed.
//!
//! Invariant: what is written is a text that `secret_key` sealed for its network. A plain one, which a version before
//! left, is opened as it is, and sealed at the next start or use.

use super::history::unhex;
use crate::kernel::{
    Error, Fault, Kernel, Write,
    seal::{self, SecretKeys},
};
use entity::{Id, benchmark_key, network};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, Select};
use std::sync::Arc;
use zeroize::Zeroizing;

const TABLE: &str = "benchmark_key";
const BYTES: usize = 32;

/// The network's secret, made now if this is its first use.
pub async fn secret(write: &Write) -> Result<Vec<u8>, Error> {
    let network = write.network()?;
    let kept = match write.one(of(network)).await? {
        Some(kept) => kept,
        None => {
            let fresh = Zeroizing::new(hex::encode(write.bytes::<BYTES>()));
            write.add_once::<benchmark_key::Entity>(row(write, &fresh)?).await?;
            write.one(of(network)).await?.ok_or(Fault::Internal)?
        }
    };
    let Some(text) = opened(write.secrets(), &kept) else {
        tracing::error!(%network, "secret_key does not open the benchmark key of this network");
        return Err(Fault::Internal.into());
    };
    let secret = unhex::<BYTES>(&text)?.to_vec();
    if !seal::is_sealed(&kept.secret) {
        // another process may have sealed it since
        let kept = write.lock_one(of(network)).await?.ok_or(Fault::Internal)?;
        if !seal::is_sealed(&kept.secret) {
            put(write, &text).await?;
        }
    }
    Ok(secret)
}

/// Seals the secrets that a version before left plain, and tells of those that cannot be opened: they are no reason not
/// to start.
pub async fn seal_plain(kernel: &Arc<Kernel>) -> Result<(), Error> {
    for network in networks(kernel).await? {
        let look = kernel.system_look(network.id).await?;
        let kept = look.one(of(network.id)).await?;
        look.leave().await?;
        let Some(kept) = kept else { continue };
        if opened(&kernel.secrets, &kept).is_none_or(|text| unhex::<BYTES>(&text).is_err()) {
            tracing::error!(network = %network.id, "secret_key does not open the benchmark key of this network");
        } else if !seal::is_sealed(&kept.secret) {
            let write = kernel.system(network.id).await?;
            secret(&write).await?;
            write.commit_quietly().await?;
        }
    }
    Ok(())
}

/// Seals with the first secret key what an old one sealed, or none. How many secrets were sealed.
///
/// # Errors
/// A secret cannot be opened by the keys there are, or the database fails.
pub async fn reseal(kernel: &Arc<Kernel>) -> Result<usize, String> {
    let failed = |_: Error| "the benchmark keys cannot be sealed again; the log says why".to_owned();
    let mut sealed = 0;
    for network in networks(kernel).await.map_err(failed)? {
        let write = kernel.system(network.id).await.map_err(failed)?;
        let kept = write.lock_one(of(network.id)).await.map_err(failed)?;
        let current =
            |secret: &str| write.secrets().is_current(TABLE, &network.id.uuid().to_string(), secret);
        let Some(kept) = kept.filter(|kept| !current(&kept.secret)) else {
            write.leave().await.map_err(failed)?;
            continue;
        };
        let Some(text) = opened(write.secrets(), &kept) else {
            write.leave().await.map_err(failed)?;
            return Err(format!(
                "secret_key does not open the benchmark key of the network {}: give the old key, too",
                network.name
            ));
        };
        put(&write, &text).await.map_err(failed)?;
        write.commit_quietly().await.map_err(failed)?;
        sealed += 1;
    }
    Ok(sealed)
}

/// The row that keeps a secret in hex for the network of a transaction: sealed by the first secret key.
pub fn row(write: &Write, secret: &str) -> Result<benchmark_key::Model, Fault> {
    let network_id = write.network()?;
    Ok(benchmark_key::Model { network_id, secret: write.seal(TABLE, &network_id.uuid().to_string(), secret) })
}

/// Puts a secret back, sealed by the first secret key. It is nobody's history.
async fn put(write: &Write, secret: &str) -> Result<(), Error> {
    let sealed = row(write, secret)?;
    let change =
        benchmark_key::ActiveModel { network_id: Set(sealed.network_id), secret: Set(sealed.secret) };
    write.set::<benchmark_key::Entity>(change).await
}

fn opened(secrets: &SecretKeys, row: &benchmark_key::Model) -> Option<Zeroizing<String>> {
    if !seal::is_sealed(&row.secret) {
        return Some(Zeroizing::new(row.secret.clone()));
    }
    secrets.open(TABLE, &row.network_id.uuid().to_string(), &row.secret).ok()
}

fn of(network: Id<network::Entity>) -> Select<benchmark_key::Entity> {
    benchmark_key::Entity::find().filter(benchmark_key::Column::NetworkId.eq(network))
}

async fn networks(kernel: &Arc<Kernel>) -> Result<Vec<network::Model>, Error> {
    let look = kernel.identity_look(None).await?;
    let networks = look.all(network::Entity::find()).await?;
    look.leave().await?;
    Ok(networks)
}
