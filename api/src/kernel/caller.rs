//! The two doors to data. [`Caller::write`] begins a transaction, authorizes and loads the row acted on in one
//! query; reads are planned and run by [`super::read`]. Both act as an [`Actor`], whose reach is on every statement.

use super::{
    access::{Actor, Grant, Node, Permission, Role, Scope},
    chains::Verified,
    db::Db,
    error::{Error, Fault},
    locked::Locked,
    parts::Part,
    read::{Plans, Shape},
    readiness::Readiness,
    save::{Write, refused_id},
    seal::SecretKeys,
    seams::Seams,
};
use chrono::{DateTime, Utc};
use entity::{
    Id, Scoped, assignment, client, membership, membership::MembershipRole, network, owner_opening, person,
    support_visit,
};
use futures::future::BoxFuture;
use parking_lot::{Mutex, RwLock};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
};
use tokio::sync::Notify;

/// What all requests share.
pub struct Kernel {
    pub(crate) db: Db,
    pub seams: Seams,
    /// What secrets in the database are sealed with.
    pub secrets: SecretKeys,
    pub plans: Plans,
    /// Rung after each commit, so that what it put in the outbox leaves at once.
    pub bell: Notify,
    /// Transactions that writes and looks have begun.
    pub(super) begun: AtomicU64,
    /// Statements that reads have sent.
    pub(super) sent: AtomicU64,
    /// What the daily verification of audit chains found.
    pub(crate) verified: Verified,
    settings: OnceLock<Settings>,
    actors: Mutex<HashMap<Id<person::Entity>, Arc<Actor>>>,
    pub(super) readiness: Readiness,
}

/// What the nouns need to know of the installation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the API is reached from outside: what links to downloads begin with.
    pub public_url: String,
    /// Where the pages are that links in e-mails lead to.
    pub app_url: String,
    /// Days for which an invitation can be answered.
    pub invitation_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        let url = "http://127.0.0.1:8080";
        Settings { public_url: url.into(), app_url: url.into(), invitation_days: 14 }
    }
}

/// What a request says of itself, besides its document.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    /// Ours, unique.
    pub request_id: String,
    /// The one that the caller sent, if any.
    pub caller_request_id: Option<String>,
    /// The caller's own key for this request, and the hash of its body.
    pub idempotency: Option<(String, String)>,
}

/// A signed-in person making one request.
pub struct Caller {
    pub(super) kernel: Arc<Kernel>,
    actor: RwLock<Arc<Actor>>,
    pub(super) asking: Asking,
    now: DateTime<Utc>,
    /// Points for work whose price is known only when it is done.
    spent: AtomicU32,
    /// Whether no answer is kept for the caller's idempotency key.
    pub(super) key_stays_free: AtomicBool,
}

/// A transaction, and the row acted on.
type Opened<E> = (Write, Locked<<E as EntityTrait>::Model>);

/// The writing door's transaction, the row above and the row acted on.
type Under<P, E> = (Write, Locked<<P as EntityTrait>::Model>, Locked<<E as EntityTrait>::Model>);

/// Actors kept in memory at most; beyond that the memory is cleared and fills again.
const ACTORS: usize = 10_000;
/// How often a request starts anew because access changed under it.
pub(super) const RETRIES: usize = 4;

impl Kernel {
    pub fn new(db: Db, seams: Seams, secrets: SecretKeys, root: &'static Shape) -> Arc<Self> {
        Arc::new(Kernel {
            db,
            seams,
            secrets,
            plans: Plans::new(root),
            bell: Notify::new(),
            verified: Verified::default(),
            settings: OnceLock::new(),
            begun: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            actors: Mutex::default(),
            readiness: Readiness::default(),
        })
    }

    /// The installation's settings; those given first stay.
    pub fn settle(&self, settings: Settings) {
        self.settings.get_or_init(|| settings);
    }
    pub fn settings(&self) -> &Settings {
        self.settings.get_or_init(Settings::default)
    }

    /// The caller behind a verified token. `None`: the person is no more.
    pub fn caller(
        self: &Arc<Self>,
        network: Id<network::Entity>,
        person: Id<person::Entity>,
        asking: Asking,
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

    /// How many statements planned reads have sent: what a test of their number counts.
    pub fn statements(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// How many transactions were begun on connections that write: what a test of their number counts.
    pub fn transactions(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// How many statements the connections for reads keep prepared on PostgreSQL, all together.
    pub fn prepared(&self) -> usize {
        self.db.prepared()
    }

    /// Whether every migration of this program has run.
    pub async fn migrated(&self) -> Result<(), String> {
        super::db::migrated(&self.db).await
    }

    /// A transaction of the identity door: sign-in and what belongs to it.
    pub fn identity(
        self: &Arc<Self>,
        network: Option<Id<network::Entity>>,
    ) -> BoxFuture<'_, Result<Write, Error>> {
        Box::pin(async move { Write::begin(self, Scope::identity(network.map(Id::uuid)), network).await })
    }

    /// A transaction of the system door: jobs, seeds and commands, within one network.
    pub fn system(self: &Arc<Self>, network: Id<network::Entity>) -> BoxFuture<'_, Result<Write, Error>> {
        Box::pin(async move { Write::begin(self, Scope::system(network.uuid()), Some(network)).await })
    }

    /// A look through the identity door: it reads one snapshot, changes nothing and, on SQLite, waits for no writer.
    pub fn identity_look(
        self: &Arc<Self>,
        network: Option<Id<network::Entity>>,
    ) -> BoxFuture<'_, Result<Write, Error>> {
        Box::pin(async move { Write::look(self, Scope::identity(network.map(Id::uuid)), network).await })
    }

    /// The same through the system door.
    pub fn system_look(
        self: &Arc<Self>,
        network: Id<network::Entity>,
    ) -> BoxFuture<'_, Result<Write, Error>> {
        Box::pin(async move { Write::look(self, Scope::system(network.uuid()), Some(network)).await })
    }

    async fn actor(
        self: &Arc<Self>,
        network: Id<network::Entity>,
        person: Id<person::Entity>,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<Actor>>, Error> {
        let kept = self.actors.lock().get(&person).cloned();
        match kept {
            Some(actor) if actor.network == network && actor.good_until.is_none_or(|until| now < until) => {
                Ok(Some(actor))
            }
            _ => self.reload(network, person, now).await,
        }
    }

    async fn reload(
        self: &Arc<Self>,
        network: Id<network::Entity>,
        person: Id<person::Entity>,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<Actor>>, Error> {
        let door = self.system_look(network).await?;
        let actor = load(&door, network, person, now).await?.map(Arc::new);
        door.leave().await?;
        let mut actors = self.actors.lock();
        if actors.len() >= ACTORS {
            actors.clear();
        }
        match &actor {
            Some(actor) => actors.insert(person, actor.clone()),
            None => actors.remove(&person),
        };
        Ok(actor)
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
    /// Adds the price of work that is priced apart: see [`super::price`].
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
                    None => self.refused_or_stale(write, path).await?,
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
                    _ => self.refused_or_stale(write, path).await?,
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
        self.open_part(Part::Last, permission, id, path).await
    }

    /// The same for one transaction of several.
    pub(super) async fn open_part<E>(
        &self,
        part: Part,
        permission: Permission,
        id: Option<Id<E>>,
        path: &str,
    ) -> Result<(Write, Id<E>), Error> {
        let actor = self.require(permission)?;
        let id = id.ok_or_else(|| refused_id(path))?;
        Ok((Write::open(self, &actor, permission, part).await?, id))
    }

    /// The row was not found: refuses its id, unless access has changed meanwhile; then it may be found anew.
    pub(super) async fn refused_or_stale(&self, write: Write, path: &str) -> Result<(), Error> {
        let fresh = write.epoch().await? == self.actor().epoch;
        write.leave().await?;
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
    pub(super) fn refresh(&self) -> BoxFuture<'_, Result<(), Error>> {
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

pub(super) async fn load(
    door: &Write,
    network: Id<network::Entity>,
    person: Id<person::Entity>,
    now: DateTime<Utc>,
) -> Result<Option<Actor>, Error> {
    // first, so that what changes meanwhile makes this stale
    let epoch = door.epoch().await?;
    let Some(found) = door.find::<person::Entity>(person).await? else { return Ok(None) };
    let Some(identity) = found.identity_id else { return Ok(None) };
    let memberships = door
        .all(
            membership::Entity::find()
                .filter(membership::Column::PersonId.eq(person))
                .filter(membership::Entity::lasting(now)),
        )
        .await?;
    let assignments = door
        .all(
            assignment::Entity::find()
                .filter(assignment::Column::PersonId.eq(person))
                .filter(assignment::Entity::lasting(now)),
        )
        .await?;
    let visits = support_visit::Entity::find()
        .filter(support_visit::Column::PersonId.eq(person))
        .filter(support_visit::Column::EndsAt.gt(now));
    let visits = door.all(visits).await?;
    let shut = owner_opening::Entity::find()
        .filter(owner_opening::Column::PersonId.eq(person))
        .filter(owner_opening::Column::OpensAt.gt(now));
    let shut = door.all(shut).await?;
    let owned = memberships
        .iter()
        .filter(|held| held.role == MembershipRole::FranchiseOwner)
        .filter_map(|held| held.franchise_id);
    let named = memberships
        .iter()
        .filter_map(|held| held.client_id)
        .chain(assignments.iter().map(|part| part.client_id))
        .chain(visits.iter().map(|visit| visit.client_id));
    let clients = door
        .all(
            client::Entity::find().filter(
                Condition::any()
                    .add(client::Column::FranchiseId.is_in(owned))
                    .add(client::Column::Id.is_in(named)),
            ),
        )
        .await?;
    let changes = memberships
        .iter()
        .flat_map(|held| [Some(held.starts_at), held.ends_at])
        .chain(assignments.iter().flat_map(|part| [Some(part.starts_at), part.ends_at]))
        .chain(visits.iter().map(|visit| Some(visit.ends_at)))
        .chain(shut.iter().map(|opening| Some(opening.opens_at)))
        .flatten();
    let good_until = changes.filter(|at| *at > now).min();
    let shut: Vec<_> = shut.iter().map(|opening| opening.client_id).collect();
    let grants = grants(&memberships, &assignments, &clients, &shut, now);
    let lent = visiting(&grants, &visits, &clients);
    Ok(Some(Actor::new(identity, person, network, epoch, good_until, grants, lent)))
}

fn grants(
    memberships: &[membership::Model],
    assignments: &[assignment::Model],
    clients: &[client::Model],
    shut: &[Id<client::Entity>],
    now: DateTime<Utc>,
) -> Vec<Grant> {
    let mut grants = Vec::new();
    let client = |id: Id<client::Entity>| clients.iter().find(|client| client.id == id);
    let node = |client: &client::Model| Node::Client {
        client: client.id.uuid(),
        franchise: client.franchise_id.uuid(),
    };
    let held = || memberships.iter().filter(|held| held.starts_at <= now);
    for held in held() {
        let role = role(held.role);
        match (held.franchise_id, held.client_id, held.team_id) {
            (None, None, _) => grants.push(Grant { role, node: Node::Network }),
            (Some(franchise), None, _) => {
                grants.push(Grant { role, node: Node::Franchise(franchise.uuid()) });
                if role == Role::FranchiseOwner {
                    let own = clients.iter().filter(|client| client.franchise_id == franchise);
                    // a client that has yet to open to an owner whom head office named
                    let own = own.filter(|client| !shut.contains(&client.id));
                    grants.extend(own.map(|client| Grant { role, node: node(client) }));
                }
            }
            (_, Some(of), None) => grants.extend(client(of).map(|client| Grant { role, node: node(client) })),
            (_, Some(of), Some(team)) => grants.extend(client(of).map(|client| Grant {
                role,
                node: Node::Team {
                    team: team.uuid(),
                    client: client.id.uuid(),
                    franchise: client.franchise_id.uuid(),
                },
            })),
        }
    }
    for part in assignments.iter().filter(|part| part.starts_at <= now) {
        let Some(client) = client(part.client_id) else { continue };
        // an assignment lasts no longer than the facilitator's membership of the client's franchise
        let belongs = held().any(|held| held.franchise_id == Some(client.franchise_id));
        let role = match part.part {
            assignment::AssignmentPart::Observer => Role::Observer,
            assignment::AssignmentPart::Lead | assignment::AssignmentPart::Co => Role::Facilitator,
        };
        grants.extend(belongs.then(|| Grant { role, node: node(client) }));
    }
    grants
}

/// What clients let head office see: as long as a visit lasts, and for who is still of head office.
fn visiting(grants: &[Grant], visits: &[support_visit::Model], clients: &[client::Model]) -> Vec<Grant> {
    if !grants.iter().any(|grant| grant.node == Node::Network) {
        return vec![];
    }
    let visited = clients.iter().filter(|client| visits.iter().any(|visit| visit.client_id == client.id));
    visited
        .map(|client| Grant {
            role: Role::Observer,
            node: Node::Client { client: client.id.uuid(), franchise: client.franchise_id.uuid() },
        })
        .collect()
}

fn role(held: MembershipRole) -> Role {
    match held {
        MembershipRole::HeadOfficeAdmin => Role::HeadOfficeAdmin,
        MembershipRole::HeadOfficeAnalyst => Role::HeadOfficeAnalyst,
        MembershipRole::FranchiseOwner => Role::FranchiseOwner,
        MembershipRole::Facilitator => Role::Facilitator,
        MembershipRole::Sponsor => Role::Sponsor,
        MembershipRole::Leader => Role::Leader,
        MembershipRole::Observer => Role::Observer,
    }
}
