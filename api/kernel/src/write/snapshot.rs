//! Long reads at one instant, whose results are stored part by part.
//!
//! Invariant: all that a [`Snapshot`] reads is of one instant and within the caller's reach without support visits, and
//! no one waits for it who writes.

use super::door::Write;
use crate::{
    access::Actor,
    caller::{Caller, RETRIES},
    db::Access,
    error::{Error, Fault},
    kernel::Kernel,
    load_actor::load_actor,
};
use entity::{Id, Placement, Scoped, person};
use futures::future::BoxFuture;
use sea_orm::{ActiveModelBehavior, Condition, EntityTrait, IntoActiveModel};
use std::sync::Arc;

/// One snapshot to read. Dropped without [`Snapshot::finish`], what PostgreSQL kept rolls back; what SQLite kept stays
/// until it is removed.
pub struct Snapshot {
    read: Write,
    kernel: Arc<Kernel>,
}

impl Caller {
    /// A snapshot within the caller's reach without support visits.
    pub fn snapshot(&self) -> BoxFuture<'_, Result<Snapshot, Error>> {
        Box::pin(async move {
            for _ in 0..RETRIES {
                let actor = Arc::new(self.actor().without_visits());
                let scope = actor.scope().clone();
                let mut read =
                    Write::with(&self.kernel, Access::Snapshot, scope, Some(actor.network)).await?;
                read.now = self.now();
                read.actor = Some(actor.clone());
                if read.epoch().await? == actor.epoch {
                    return Ok(Snapshot { read, kernel: self.kernel.clone() });
                }
                read.roll_back().await?;
                self.refresh().await?;
            }
            Err(Fault::Conflict.into())
        })
    }

    /// Removes a row of the caller's own that came to nothing, unaudited.
    pub async fn abandon<E: Scoped>(&self, row: E::Model) -> Result<(), Error>
    where
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        if E::PLACEMENT != Placement::Own {
            return Err(Fault::Internal.into());
        }
        let write = self.kernel.system(self.actor().network).await?;
        write.discard(row).await?;
        write.commit_quietly().await
    }
}

impl Write {
    /// A person as an actor. `None` if they cannot sign in. For transactions of the system.
    pub async fn actor_of(&self, person: Id<person::Entity>) -> Result<Option<Actor>, Error> {
        load_actor(self, self.network()?, person, self.now).await
    }
}

impl Snapshot {
    /// What is read there.
    pub fn read(&self) -> &Write {
        &self.read
    }

    /// Keeps rows of the caller's own, while the snapshot stays as it is.
    pub async fn keep<E: Scoped>(&self, rows: Vec<E::ActiveModel>) -> Result<(), Error>
    where
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        if E::PLACEMENT != Placement::Own {
            return Err(Fault::Internal.into());
        }
        if self.kernel.db.is_postgres() {
            return self.read.insert_unaudited::<E>(rows).await;
        }
        let write = self.kernel.system(self.read.network()?).await?;
        write.insert_unaudited::<E>(rows).await?;
        write.commit_quietly().await
    }

    /// Ends it with a last change of what was kept: a row that nobody else changes before that.
    pub async fn finish<E: EntityTrait>(self, change: E::ActiveModel) -> Result<(), Error>
    where
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        if self.kernel.db.is_postgres() {
            self.read.change::<E>(change, Condition::all()).await?;
            return self.read.commit_quietly().await;
        }
        let network = self.read.network()?;
        self.read.roll_back().await?;
        let write = self.kernel.system(network).await?;
        write.change::<E>(change, Condition::all()).await?;
        write.commit_quietly().await
    }
}
