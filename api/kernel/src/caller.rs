//! The two doors to data. [`Caller::write`] begins a transaction, authorizes and loads the row acted on in one
//! query; reads are planned and run by [`crate::read`]. Both act as an [`Actor`], whose reach is on every statement.

use crate::{
    access::{Actor, Permission},
    error::{Error, Fault},
    kernel::{Kernel, RequestInfo, Settings},
    load_actor::load_actor,
    seams::Seams,
    write::{Locked, TransactionPart, Write, refused_id},
};
use chrono::{DateTime, Utc};
use entity::{Id, Scoped, network, person};
use futures::future::BoxFuture;
use parking_lot::RwLock;
use sea_orm::EntityTrait;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

/// A signed-in person making one request.
pub struct Caller {
    pub(crate) kernel: Arc<Kernel>,
    actor: RwLock<Arc<Actor>>,
    pub(crate) asking: RequestInfo,
    now: DateTime<Utc>,
    /// Points for work whose price is known only when it is done.
    spent: AtomicU32,
    /// Whether no answer is kept for the caller's idempotency key.
    pub(crate) key_stays_free: AtomicBool,
}

/// A transaction, and the row acted on.
type Opened<E> = (Write, Locked<<E as EntityTrait>::Model>);

/// The writing door's transaction, the row above and the row acted on.
type Under<P, E> = (Write, Locked<<P as EntityTrait>::Model>, Locked<<E as EntityTrait>::Model>);

/// How often a request starts anew because access changed under it.
pub(crate) const RETRIES: usize = 4;

impl Kernel {
    /// The caller behind a verified token. `None`: the person is no more.
    pub fn caller(
        self: &Arc<Self>,
        network: Id<network::Entity>,
        person: Id<person::Entity>,
        asking: RequestInfo,
    ) -> BoxFuture<'_, Result<Option<Caller>, Error>> {
        Box::pin(async move {
            let now = self.seams.now();
            let Some(actor) = self.actor(network, person, now).await? else { return Ok(None) };
            Ok(Some(Caller {
                kernel: self.clone(),
                actor: RwLock::new(actor),
                asking,
                now,
                spent: AtomicU32::new(0),
                key_stays_free: AtomicBool::new(false),
            }))
        })
    }

    /// The actor as kept, or else as loaded; requests that need the same one at once wait for one load.
    async fn actor(
        self: &Arc<Self>,
        network: Id<network::Entity>,
        person: Id<person::Entity>,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<Actor>>, Error> {
        let load = async {
            match self.load(network, person, now).await {
                Ok(Some(actor)) => Ok(actor),
                Ok(None) => Err(None),
                Err(error) => Err(Some(error)),
            }
        };
        match self.actors.get_or_insert_async(&person, load).await {
            Ok(actor) if actor.network == network && actor.good_until.is_none_or(|until| now < until) => {
                Ok(Some(actor))
            }
            Ok(_) => self.reload(network, person, now).await,
            Err(None) => Ok(None),
            Err(Some(error)) => Err(error),
        }
    }

    /// The actor as it is now, which takes the place of what was kept.
    async fn reload(
        self: &Arc<Self>,
        network: Id<network::Entity>,
        person: Id<person::Entity>,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<Actor>>, Error> {
        let actor = self.load(network, person, now).await?;
        match &actor {
            Some(actor) => self.actors.insert(person, actor.clone()),
            None => drop(self.actors.remove(&person)),
        }
        Ok(actor)
    }

    async fn load(
        self: &Arc<Self>,
        network: Id<network::Entity>,
        person: Id<person::Entity>,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<Actor>>, Error> {
        let door = self.system_look(network).await?;
        let actor = load_actor(&door, network, person, now).await?;
        door.roll_back().await?;
        Ok(actor.map(Arc::new))
    }
}

impl Caller {
    pub fn actor(&self) -> Arc<Actor> {
        self.actor.read().clone()
    }
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }
    pub fn seams(&self) -> &Seams {
        &self.kernel.seams
    }
    pub fn settings(&self) -> &Settings {
        self.kernel.settings()
    }
    /// The caller's own key for this request, and the hash of its body.
    pub fn idempotency(&self) -> Option<&(String, String)> {
        self.asking.idempotency.as_ref()
    }
    /// Adds the price of work that is priced apart, when it is known.
    pub fn spend(&self, points: u32) {
        let add = |spent: u32| Some(spent.saturating_add(points));
        self.spent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).unwrap_or_default();
    }
    /// What [`Caller::spend`] came to.
    pub fn spent(&self) -> u32 {
        self.spent.load(Ordering::Relaxed)
    }

    /// The writing door: begins a transaction and fetches the row acted on, locked and within the reach of
    /// `permission`. Without the permission anywhere: forbidden. Out of reach: as if it were not there, at `path`.
    pub fn write<'a, E: Scoped>(
        &'a self,
        permission: Permission,
        id: Option<Id<E>>,
        path: &'a str,
    ) -> BoxFuture<'a, Result<Opened<E>, Error>> {
        Box::pin(async move {
            for _ in 0..RETRIES {
                let (write, id) = self.open(permission, id, path).await?;
                match write.acted_on(id).await? {
                    Some(row) => return Ok((write, row)),
                    None => {
                        write.require_no_alumni(permission, id, path).await?;
                        self.refused_or_stale(write, path).await?;
                    }
                }
            }
            Err(Fault::Conflict.into())
        })
    }

    /// The same for a row whose siblings the change may touch: what `column` names is locked first, so that two
    /// changes below it follow each other instead of each holding a row that the other one needs.
    pub fn write_under<'a, P: Scoped, E: Scoped>(
        &'a self,
        permission: Permission,
        column: E::Column,
        id: Option<Id<E>>,
        path: &'a str,
    ) -> BoxFuture<'a, Result<Under<P, E>, Error>> {
        Box::pin(async move {
            for _ in 0..RETRIES {
                let (write, id) = self.open(permission, id, path).await?;
                let parent = write.lock_above::<P, E>(column, id).await?;
                match (parent, write.acted_on(id).await?) {
                    (Some(parent), Some(row)) => return Ok((write, parent, row)),
                    _ => {
                        write.require_no_alumni(permission, id, path).await?;
                        self.refused_or_stale(write, path).await?;
                    }
                }
            }
            Err(Fault::Conflict.into())
        })
    }

    /// Who asks, if they hold the permission anywhere.
    pub fn require(&self, permission: Permission) -> Result<Arc<Actor>, Fault> {
        let actor = self.actor();
        if actor.may(permission) { Ok(actor) } else { Err(Fault::Forbidden) }
    }

    /// Begins the only transaction of a mutation, for someone who holds the permission.
    async fn open<E>(
        &self,
        permission: Permission,
        id: Option<Id<E>>,
        path: &str,
    ) -> Result<(Write, Id<E>), Error> {
        self.open_part(TransactionPart::Last, permission, id, path).await
    }

    /// The same for one transaction of several.
    pub(crate) async fn open_part<E>(
        &self,
        part: TransactionPart,
        permission: Permission,
        id: Option<Id<E>>,
        path: &str,
    ) -> Result<(Write, Id<E>), Error> {
        let actor = self.require(permission)?;
        let id = id.ok_or_else(|| refused_id(path))?;
        let write = Write::open(&self.kernel, &actor, &self.asking, self.now, permission, part).await?;
        Ok((write, id))
    }

    /// The row was not found: refuses its id, unless access has changed meanwhile; then it may be found anew.
    pub(crate) async fn refused_or_stale(&self, write: Write, path: &str) -> Result<(), Error> {
        let fresh = write.epoch().await? == self.actor().epoch;
        write.roll_back().await?;
        if fresh { Err(refused_id(path).into()) } else { self.refresh().await }
    }

    /// The writing door for what hangs on the network as a whole.
    pub fn write_network(
        &self,
        permission: Permission,
    ) -> BoxFuture<'_, Result<(Write, Locked<network::Model>), Error>> {
        Box::pin(async move {
            self.write::<network::Entity>(permission, Some(self.actor().network), "input").await
        })
    }

    /// Reads the actor again because access changed.
    pub(crate) fn refresh(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let (network, person) = {
                let actor = self.actor();
                (actor.network, actor.person)
            };
            let actor = self.kernel.reload(network, person, self.now).await?.ok_or(Fault::Unauthenticated)?;
            *self.actor.write() = actor;
            Ok(())
        })
    }
}
