//! Work on much of a network in many short transactions that gives way between them.
//!
//! Invariant: over all processes, one transaction of heavy work is open at a time, and after each the work rests as long
//! as it took. What must hold from one transaction to the next is up to the work: others write in between.

use super::door::Write;
use crate::{
    access::{Permission, Scope},
    caller::Caller,
    db::Access,
    error::{Error, Fault},
    kernel::{Kernel, RequestInfo},
    seams::Seams,
};
use entity::{Id, network};
use futures::future::BoxFuture;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Longest rest after a transaction.
const LONGEST_REST: Duration = Duration::from_millis(250);
/// How long to wait while other heavy work has its transaction.
const BUSY: Duration = Duration::from_millis(20);

/// How long a step of a job begins further portions of its work. A portion takes less than the 100 ms that are left of
/// a step's 250 ms.
const STEP: Duration = Duration::from_millis(150);

/// The time that a step of a job has, from when it began.
pub struct StepTime {
    seams: Seams,
    began: Instant,
}

impl StepTime {
    /// Whether the step begins no further portion of its work.
    pub fn is_over(&self) -> bool {
        self.seams.instant().saturating_duration_since(self.began) >= STEP
    }
}

impl Write {
    /// The time of a step that begins now.
    pub fn step_time(&self) -> StepTime {
        StepTime { seams: self.kernel.seams.clone(), began: self.kernel.seams.instant() }
    }
}

/// The transactions of such work: the system's, in one network.
pub struct Stepwise {
    kernel: Arc<Kernel>,
    network: Id<network::Entity>,
    verb: &'static str,
    asking: RequestInfo,
}

impl Kernel {
    /// Work of a job's, or of a command's.
    pub fn stepwise(
        self: &Arc<Self>,
        network: Id<network::Entity>,
        verb: &'static str,
        asking: &RequestInfo,
    ) -> Stepwise {
        Stepwise { kernel: self.clone(), network, verb, asking: asking.clone() }
    }
}

impl Caller {
    /// Work that a person may start, and that the system does for them ([`Permission::is_stepwise`]).
    pub fn stepwise(&self, permission: Permission) -> Result<Stepwise, Error> {
        let actor = self.actor();
        if !permission.is_stepwise() || !actor.may(permission) {
            return Err(Fault::Forbidden.into());
        }
        Ok(self.kernel.stepwise(actor.network, permission.field(), &self.asking))
    }
}

impl Stepwise {
    /// A snapshot to read, for as long as it takes. On SQLite it takes no write lock.
    pub fn look(&self) -> BoxFuture<'_, Result<Write, Error>> {
        Box::pin(async move {
            let scope = Scope::system(self.network.uuid());
            Write::with(&self.kernel, Access::Snapshot, scope, Some(self.network)).await
        })
    }

    /// The next transaction that writes, once no other heavy work has one.
    pub fn begin(&self) -> BoxFuture<'_, Result<Write, Error>> {
        Box::pin(async move {
            loop {
                let write = self.kernel.system(self.network).await?.with_verb(self.verb, &self.asking);
                if write.claim_large_work().await? {
                    return Ok(write);
                }
                write.roll_back().await?;
                sleep(BUSY).await;
            }
        })
    }

    /// Rests after a transaction that took so long.
    pub async fn rest(&self, took: Duration) {
        sleep(took.min(LONGEST_REST)).await;
    }

    /// A new id.
    pub fn id<N>(&self) -> Id<N> {
        self.kernel.seams.id()
    }

    pub fn network(&self) -> Id<network::Entity> {
        self.network
    }
}
