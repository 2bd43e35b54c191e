//! Verifying the audit's chains, some events at a time, and what is known of them in this process.

use super::door::Write;
use crate::{
    audit::{Heads, verify_after},
    error::{Error, Fault},
};
use entity::{audit_event, audit_lane};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};

/// What part of a chain was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// It holds up to this event, which is its end or not.
    Holds { upto: i64, whole: bool },
    /// It does not hold from this event on.
    Breaks { at: i64 },
}

impl Write {
    /// Verifies at most so many events of a chain, those after one that was verified.
    pub async fn verify_lane(&self, lane: i32, after: i64, most: u64) -> Result<Chain, Error> {
        let of = audit_lane::Entity::find().filter(audit_lane::Column::Lane.eq(lane));
        // before its events, which may become more meanwhile
        let head = self.one(of).await?.ok_or(Fault::Internal)?;
        let events = || {
            audit_event::Entity::find()
                .filter(audit_event::Column::NetworkId.eq(head.network_id))
                .filter(audit_event::Column::Lane.eq(lane))
                .order_by_asc(audit_event::Column::Sequence)
        };
        let mut previous = String::new();
        if after > 0 {
            let last = events().filter(audit_event::Column::Sequence.eq(after));
            match self.one(last).await? {
                Some(last) => previous = last.hash,
                None => return Ok(Chain::Breaks { at: after }),
            }
        }
        let some = events()
            .filter(audit_event::Column::Sequence.gt(after))
            .filter(audit_event::Column::Sequence.lte(head.sequence))
            .limit(most);
        let some = self.all(some).await?;
        if let Err(at) = verify_after(previous.clone(), after, &some) {
            return Ok(Chain::Breaks { at });
        }
        let (upto, hash) = some.last().map_or((after, previous), |last| (last.sequence, last.hash.clone()));
        if some.len() as u64 == most && upto < head.sequence {
            return Ok(Chain::Holds { upto, whole: false });
        }
        // a chain whose end is cut off verifies, and its head tells
        let whole = (upto, hash) == (head.sequence, head.hash);
        Ok(if whole { Chain::Holds { upto, whole } } else { Chain::Breaks { at: upto + 1 } })
    }

    /// The heads of the network's chains.
    pub async fn heads(&self) -> Result<Heads, Error> {
        let lanes = audit_lane::Entity::find()
            .filter(audit_lane::Column::NetworkId.eq(self.network()?))
            .order_by_asc(audit_lane::Column::Lane);
        let (mut heads, mut all) = (Heads::default(), Sha256::new());
        for lane in self.all(lanes).await? {
            heads.events += lane.sequence;
            all.update(format!("{}:{}:{}\n", lane.lane, lane.sequence, lane.hash));
        }
        heads.digest = hex::encode(all.finalize());
        Ok(heads)
    }

    /// Notes that a chain is broken.
    pub fn record_broken_chain(&self, lane: i32, at: i64) -> Result<(), Error> {
        let network = self.network()?;
        tracing::error!(%network, lane, event = at, "an audit chain is broken");
        self.kernel.verified.lock().entry(network).or_default().broken.insert(lane, at);
        Ok(())
    }

    /// Notes that all chains have been looked at.
    pub async fn record_verified_chains(&self) -> Result<(), Error> {
        let (network, heads) = (self.network()?, self.heads().await?);
        let mut verified = self.kernel.verified.lock();
        let known = verified.entry(network).or_default();
        (known.events, known.digest) = (heads.events, heads.digest);
        tracing::info!(%network, events = known.events, heads = known.digest, "the audit chains were verified");
        Ok(())
    }
}
