//! Verifies the audit chains once a day, and shows the digest of their heads in `/metrics`.

use crate::kernel::{Chain, Error, Kernel, LANES, Write};
use futures::{FutureExt, future::BoxFuture};
use std::sync::Arc;
use uuid::Uuid;

/// Events verified in one step.
const STEP: u64 = 500;

/// Verifies some events of one chain. `after` and the result are the numbers of the chain and of the last verified event.
pub fn step(write: &Write, after: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        let (lane, sequence) = after.map_or((0, 0), |after| after.as_u64_pair());
        let lane = lane as i32;
        let next = match write.verify_lane(lane, sequence as i64, STEP).await? {
            Chain::Holds { upto, whole: false } => (lane, upto),
            Chain::Holds { whole: true, .. } => (lane + 1, 0),
            Chain::Breaks { at } => {
                write.record_broken_chain(lane, at)?;
                (lane + 1, 0)
            }
        };
        if next.0 == LANES {
            write.record_verified_chains().await?;
            return Ok(None);
        }
        Ok(Some(Uuid::from_u64_pair(next.0 as u64, next.1 as u64)))
    }
    .boxed()
}

/// Verifies all chains of all networks. Returns a line for each network and each broken chain, and whether all chains
/// are valid.
pub async fn verify_all(kernel: &Arc<Kernel>) -> Result<(Vec<String>, bool), Error> {
    let (mut lines, mut whole) = (vec![], true);
    for network in super::networks(kernel).await? {
        let name = &network.name;
        for lane in 0..LANES {
            let mut after = 0;
            let holds = loop {
                let write = kernel.system_look(network.id).await?;
                let chain = write.verify_lane(lane, after, STEP).await?;
                write.roll_back().await?;
                match chain {
                    Chain::Holds { upto, whole: false } => after = upto,
                    Chain::Holds { whole: true, .. } => break None,
                    Chain::Breaks { at } => break Some(at),
                }
            };
            if let Some(at) = holds {
                whole = false;
                lines.push(format!("{name}: chain {lane} is broken at event {at}"));
            }
        }
        let write = kernel.system_look(network.id).await?;
        let heads = write.heads().await?;
        write.roll_back().await?;
        lines.push(format!("{name}: {} events, heads {}", heads.events, heads.digest));
    }
    Ok((lines, whole))
}
