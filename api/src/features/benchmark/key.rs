//! The network's secret, from which pseudonyms and releases are derived. It is created at its first use and never changes.
//!
//! Invariant: stored secrets are sealed by `secret_key` for their network, and only sealed secrets are opened, so that
//! write access to the database is not enough to give a network a secret. Plain secrets of an earlier version are sealed
//! once, at the first start with a `secret_key`.

use super::history::decode_hex;
use crate::kernel::{
    Error, Fault, Kernel, Locked, Write,
    seal::{self, SecretKeys},
};
use entity::{Id, benchmark_key, network};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, Select};
use std::sync::Arc;
use zeroize::Zeroizing;

const TABLE: &str = "benchmark_key";
const BYTES: usize = 32;

/// Loads the network's secret. Creates it at its first use.
pub async fn load_secret(write: &Write) -> Result<Vec<u8>, Error> {
    let network = write.network()?;
    let kept = match write.one(select_key(network)).await? {
        Some(kept) => kept,
        None => {
            let fresh = Zeroizing::new(hex::encode(write.bytes::<BYTES>()));
            write.add_once::<benchmark_key::Entity>(sealed_row(write, &fresh)?).await?;
            write.one(select_key(network)).await?.ok_or(Fault::Internal)?
        }
    };
    open_secret(write, &kept)
}

fn open_secret(write: &Write, kept: &benchmark_key::Model) -> Result<Vec<u8>, Error> {
    let Some(text) = open_sealed(write.secrets(), kept) else {
        tracing::error!(network = %kept.network_id, "secret_key does not open the benchmark key of this network");
        return Err(Fault::Internal.into());
    };
    Ok(decode_hex::<BYTES>(&text)?.to_vec())
}

/// The network's secret for a preview, which stores nothing. A network without a secret gets a temporary one.
pub async fn secret_for_preview(look: &Write) -> Result<Vec<u8>, Error> {
    match look.one(select_key(look.network()?)).await? {
        Some(kept) => open_secret(look, &kept),
        None => Ok(look.bytes::<BYTES>().to_vec()),
    }
}

/// Seals plain secrets of an earlier version in one transaction, if this is the first start with a `secret_key` and no
/// secret is sealed yet. Logs secrets that cannot be opened; they do not prevent the start.
pub async fn seal_plain(kernel: &Arc<Kernel>, is_first_start: bool) -> Result<(), Error> {
    let mut rows = vec![];
    for network in load_networks(kernel).await? {
        let look = kernel.system_look(network.id).await?;
        rows.extend(look.one(select_key(network.id)).await?);
        look.roll_back().await?;
    }
    let accepts = is_first_start && !rows.iter().any(|row| seal::is_sealed(&row.secret));
    let (plain, rest): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| accepts && decode_hex::<BYTES>(&row.secret).is_ok());
    for row in rest.iter().filter(|row| open_sealed(&kernel.secrets, row).is_none()) {
        tracing::error!(network = %row.network_id, "secret_key does not open the benchmark key of this network");
    }
    if plain.is_empty() {
        return Ok(());
    }
    let mut write = kernel.identity(None).await?;
    for row in plain {
        write.continue_in(row.network_id).await?;
        // Another process may have sealed the secret in the meantime.
        let kept =
            write.lock_one(select_key(row.network_id)).await?.filter(|kept| !seal::is_sealed(&kept.secret));
        if let Some(kept) = kept {
            store_secret(&write, &kept, &kept.secret).await?;
        }
    }
    write.commit().await
}

/// Seals secrets of older secret keys with the first one. Returns their number.
///
/// # Errors
/// A secret cannot be opened with the given keys, or the database fails.
pub async fn reseal(kernel: &Arc<Kernel>) -> Result<usize, String> {
    let failed = |_: Error| "the benchmark keys cannot be sealed again; the log says why".to_owned();
    let mut sealed = 0;
    for network in load_networks(kernel).await.map_err(failed)? {
        let write = kernel.system(network.id).await.map_err(failed)?;
        let kept = write.lock_one(select_key(network.id)).await.map_err(failed)?;
        let current =
            |secret: &str| write.secrets().is_current(TABLE, &network.id.uuid().to_string(), secret);
        let Some(kept) = kept.filter(|kept| !current(&kept.secret)) else {
            write.roll_back().await.map_err(failed)?;
            continue;
        };
        let Some(text) = open_sealed(write.secrets(), &kept) else {
            write.roll_back().await.map_err(failed)?;
            return Err(format!(
                "secret_key does not open the benchmark key of the network {}: give the old key, too",
                network.name
            ));
        };
        store_secret(&write, &kept, &text).await.map_err(failed)?;
        write.commit_quietly().await.map_err(failed)?;
        sealed += 1;
    }
    Ok(sealed)
}

/// The row of a secret in hexadecimal, sealed by the first secret key for the network of the transaction.
pub fn sealed_row(write: &Write, secret: &str) -> Result<benchmark_key::Model, Fault> {
    let network_id = write.network()?;
    Ok(benchmark_key::Model { network_id, secret: write.seal(TABLE, &network_id.uuid().to_string(), secret) })
}

/// Stores a secret again, sealed by the first secret key. The change is not audited.
async fn store_secret(write: &Write, kept: &Locked<benchmark_key::Model>, secret: &str) -> Result<(), Error> {
    let sealed = sealed_row(write, secret)?;
    let change =
        benchmark_key::ActiveModel { network_id: Set(sealed.network_id), secret: Set(sealed.secret) };
    write.set::<benchmark_key::Entity>(kept, change).await
}

fn open_sealed(secrets: &SecretKeys, row: &benchmark_key::Model) -> Option<Zeroizing<String>> {
    secrets.open(TABLE, &row.network_id.uuid().to_string(), &row.secret).ok()
}

fn select_key(network: Id<network::Entity>) -> Select<benchmark_key::Entity> {
    benchmark_key::Entity::find().filter(benchmark_key::Column::NetworkId.eq(network))
}

async fn load_networks(kernel: &Arc<Kernel>) -> Result<Vec<network::Model>, Error> {
    let look = kernel.identity_look(None).await?;
    let networks = look.all(network::Entity::find()).await?;
    look.roll_back().await?;
    Ok(networks)
}
