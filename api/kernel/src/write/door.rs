//! Transactions: how they begin, and what they find within the caller's reach. [`super::rows`] changes rows,
//! [`super::elevated`] holds everything that reaches further, and [`super::commit`] ends a transaction.
//!
//! Invariant: a transaction that is dropped without [`Write::commit`] rolls back.

use super::{
    locked::{LockForChange, Locked},
    notices::Notice,
};
use crate::{
    access::{Actor, Permission, Reach, Scope, reach},
    audit::Entry,
    db::{Access, Dialect, Transaction},
    email::Email,
    error::{Code, Error, Fault, Refusal},
    kernel::{Kernel, RequestInfo},
    message,
    search::Changed,
};
use chrono::{DateTime, Utc};
use entity::{
    Id, Placement, Scoped, assignment, benchmark_policy,
    member::{self, MemberStatus},
    network, person,
};
use futures::future::BoxFuture;
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult,
    IntoActiveModel, ModelTrait, QueryFilter, QuerySelect, QueryTrait, Select, TryGetableMany,
    sea_query::{Expr, IntoColumnRef, SelectStatement, SimpleExpr},
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use uuid::Uuid;

/// A transaction that writes. Its futures are boxed: unboxed, the compiler would lay out in every mutation all that it
/// awaits, which took a third of the time to build this crate.
pub struct Write {
    pub(crate) transaction: Transaction,
    pub(crate) access: Access,
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) actor: Option<Arc<Actor>>,
    pub(crate) verb: &'static str,
    pub(crate) reach: Arc<Reach>,
    pub(crate) scope: Scope,
    /// Whether it reaches the whole network, whoever acts: an erasure.
    pub(crate) boundless: bool,
    pub(crate) network: Option<Id<network::Entity>>,
    pub(crate) asking: RequestInfo,
    pub(crate) now: DateTime<Utc>,
    pub(crate) trail: parking_lot::Mutex<Vec<Entry>>,
    pub(crate) found: parking_lot::Mutex<BTreeMap<String, Changed>>,
    /// Whether it puts e-mails in the outbox.
    pub(crate) posted: AtomicBool,
    /// Whether the audit events of what is done from now on name nobody.
    pub(crate) nameless: AtomicBool,
    pub(crate) mail: parking_lot::Mutex<Vec<Email>>,
    /// Notices that it adds, and for whom.
    pub(crate) notices: parking_lot::Mutex<Vec<(Notice, Id<person::Entity>)>>,
}

/// Which transaction of a mutation this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionPart {
    /// It only reads and locks nothing. On SQLite it waits for no writer.
    Look,
    /// It writes a portion of the work, and more follows.
    Portion,
    /// It writes all of the work, or its last portion.
    Last,
}

/// What a row must be able to do to be changed.
pub trait Row<E: EntityTrait>:
    ModelTrait<Entity = E> + IntoActiveModel<E::ActiveModel> + Serialize + Send + Sync
{
}
impl<E: EntityTrait, M> Row<E> for M where
    M: ModelTrait<Entity = E> + IntoActiveModel<E::ActiveModel> + Serialize + Send + Sync
{
}

impl Kernel {
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
}

impl Write {
    /// A transaction of one actor, for one permission. The last of a mutation claims the idempotency key.
    pub(crate) fn open<'a>(
        kernel: &'a Arc<Kernel>,
        actor: &'a Arc<Actor>,
        asking: &'a RequestInfo,
        now: DateTime<Utc>,
        permission: Permission,
        part: TransactionPart,
    ) -> BoxFuture<'a, Result<Write, Error>> {
        Box::pin(async move {
            let access = if part == TransactionPart::Look { Access::Read } else { Access::Write };
            let scope = actor.scope().clone();
            let mut write = Self::with(kernel, access, scope, Some(actor.network)).await?;
            write.actor = Some(actor.clone());
            write.verb = permission.field();
            write.reach = actor.working_reach(permission);
            write.asking = asking.clone();
            write.now = now;
            if part == TransactionPart::Last {
                write.claim().await?;
            }
            Ok(write)
        })
    }

    /// A transaction that no person makes.
    pub(crate) async fn begin(
        kernel: &Arc<Kernel>,
        scope: Scope,
        network: Option<Id<network::Entity>>,
    ) -> Result<Write, Error> {
        Self::with(kernel, Access::Write, scope, network).await
    }

    /// A transaction that only reads, with the methods of one that writes. The database rejects every change.
    pub(crate) async fn look(
        kernel: &Arc<Kernel>,
        scope: Scope,
        network: Option<Id<network::Entity>>,
    ) -> Result<Write, Error> {
        Self::with(kernel, Access::Read, scope, network).await
    }

    pub(crate) async fn with(
        kernel: &Arc<Kernel>,
        access: Access,
        scope: Scope,
        network: Option<Id<network::Entity>>,
    ) -> Result<Write, Error> {
        kernel.begun.fetch_add(1, Ordering::Relaxed);
        if access == Access::Write {
            kernel.writing.fetch_add(1, Ordering::Relaxed);
        }
        let transaction = kernel.db.begin(access, &scope).await?;
        let reach = Reach { wide: true, ..Reach::default() };
        Ok(Write {
            transaction,
            access,
            kernel: kernel.clone(),
            actor: None,
            verb: "system",
            reach: Arc::new(reach),
            scope,
            boundless: false,
            network,
            asking: RequestInfo::default(),
            now: kernel.seams.now(),
            trail: Default::default(),
            found: Default::default(),
            posted: AtomicBool::new(false),
            nameless: AtomicBool::new(false),
            mail: Default::default(),
            notices: Default::default(),
        })
    }

    /// Sets the verb of the audit events, for a transaction without a permission.
    pub fn with_verb(mut self, verb: &'static str, asking: &RequestInfo) -> Self {
        (self.verb, self.asking) = (verb, asking.clone());
        self
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }
    pub fn id<E>(&self) -> Id<E> {
        self.kernel.seams.id()
    }
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        self.kernel.seams.bytes()
    }
    /// Seals a secret for one row of one table.
    pub fn seal(&self, table: &str, row: &str, secret: &str) -> String {
        self.kernel.secrets.seal(table, row, secret, &mut self.kernel.seams.rng())
    }
    /// The acting person. System transactions have none.
    pub fn person(&self) -> Result<Id<person::Entity>, Fault> {
        self.actor.as_ref().map(|actor| actor.person).ok_or(Fault::Internal)
    }
    pub fn actor(&self) -> Result<&Arc<Actor>, Fault> {
        self.actor.as_ref().ok_or(Fault::Internal)
    }
    pub fn network(&self) -> Result<Id<network::Entity>, Fault> {
        self.network.ok_or(Fault::Internal)
    }
    /// The network's access epoch as it is now.
    pub(crate) async fn epoch(&self) -> Result<i64, Error> {
        let Some(network) = self.network else { return Ok(0) };
        let row = self.transaction.query_one(&epoch_of(network)).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0))
    }

    /// The row acted on: locked, and within the reach of the permission. `None` if there is no such row, or if the
    /// actor's access has changed since the actor was read: one statement checks both.
    pub(crate) fn acted_on<E: Scoped>(
        &self,
        id: Id<E>,
    ) -> BoxFuture<'_, Result<Option<Locked<E::Model>>, Error>> {
        Box::pin(async move {
            let found = self.in_reach(E::find().filter(is(id)).lock_for_change()).await?;
            Ok(found.map(Locked::new))
        })
    }

    /// What [`Write::acted_on`] finds by a query.
    pub(crate) fn in_reach<E: Scoped>(
        &self,
        select: Select<E>,
    ) -> BoxFuture<'_, Result<Option<E::Model>, Error>> {
        self.within(select, self.reach.clone())
    }

    /// Requires that a row which was not found is none of a client that is alumni: its work does not change any more. The
    /// row is one that the caller could change if the client were not.
    pub(crate) fn require_no_alumni<'a, E: Scoped>(
        &'a self,
        permission: Permission,
        id: Id<E>,
        path: &'a str,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let actor = self.actor()?;
            if !actor.is_kept_from_alumni(permission) {
                return Ok(());
            }
            match self.within(E::find().filter(is(id)), actor.reach(permission)).await? {
                None => Ok(()),
                Some(_) => {
                    let message = message!(
                        CLIENT_ALUMNI,
                        "The client is alumni: its work stays as it is. Make the client active first (`clientActivate`)."
                    );
                    Err(Refusal::new(Code::WrongState, message).at(path).into())
                }
            }
        })
    }

    /// The first row of a query that a reach covers. `None` also if the actor's access has changed since it was read.
    fn within<E: Scoped>(
        &self,
        select: Select<E>,
        reach: Arc<Reach>,
    ) -> BoxFuture<'_, Result<Option<E::Model>, Error>> {
        Box::pin(async move {
            let actor = self.actor()?;
            let epoch = SimpleExpr::SubQuery(None, Box::new(epoch_of(actor.network).into()));
            let select = select.filter(self.reach_condition::<E>(&reach));
            let select = select.expr_as(epoch, "epoch_now").limit(1).into_query();
            match self.transaction.query_one(&select).await? {
                Some(row) if row.try_get::<i64>("", "epoch_now")? == actor.epoch => {
                    Ok(Some(E::Model::from_query_result(&row, "")?))
                }
                _ => Ok(None),
            }
        })
    }

    /// The row that another one names by `column`, locked. Both are within what the caller may read.
    pub(crate) fn lock_above<P: Scoped, E: Scoped>(
        &self,
        column: E::Column,
        id: Id<E>,
    ) -> BoxFuture<'_, Result<Option<Locked<P::Model>>, Error>> {
        Box::pin(async move {
            let below = E::find().select_only().column(column).filter(is(id)).filter(self.readable::<E>());
            let above = Expr::col((P::default(), sea_orm::sea_query::Alias::new("id")));
            let select = P::find()
                .filter(above.in_subquery(below.into_query()))
                .filter(self.readable::<P>())
                .lock_for_change();
            Ok(select.one(&self.transaction).await?.map(Locked::new))
        })
    }

    /// Another row the change refers to, within what the caller may read. Shared-locked, so that it stays as it is; a
    /// look locks nothing.
    pub fn load<'a, E: Scoped>(
        &'a self,
        id: Option<Id<E>>,
        path: &'a str,
    ) -> BoxFuture<'a, Result<E::Model, Error>> {
        Box::pin(async move {
            let Some(id) = id else { return Err(refused_id(path).into()) };
            let select = self.shared(E::find().filter(is(id)).filter(self.readable::<E>()));
            select.one(&self.transaction).await?.ok_or_else(|| refused_id(path).into())
        })
    }

    /// Another row that the change changes too.
    pub fn lock<E: Scoped>(&self, id: Id<E>) -> BoxFuture<'_, Result<Locked<E::Model>, Error>> {
        Box::pin(async move {
            self.lock_one(E::find().filter(is(id))).await?.ok_or_else(|| Fault::Internal.into())
        })
    }

    /// [`Write::one`], locked for a change.
    pub fn lock_one<E: Scoped>(
        &self,
        select: Select<E>,
    ) -> BoxFuture<'_, Result<Option<Locked<E::Model>>, Error>> {
        Box::pin(async move { Ok(self.lock_all(select.limit(1)).await?.into_iter().next()) })
    }

    /// [`Write::all`], locked for changes.
    pub fn lock_all<E: Scoped>(
        &self,
        select: Select<E>,
    ) -> BoxFuture<'_, Result<Vec<Locked<E::Model>>, Error>> {
        Box::pin(async move {
            let rows = self.all(select.lock_for_change()).await?;
            Ok(rows.into_iter().map(Locked::new).collect())
        })
    }

    /// [`Write::lock_all`] without the rows that other transactions have locked: they are being taken care of.
    pub fn lock_free<E: Scoped>(
        &self,
        select: Select<E>,
    ) -> BoxFuture<'_, Result<Vec<Locked<E::Model>>, Error>> {
        Box::pin(async move {
            let select = select.lock_free_for_change();
            Ok(self.all(select).await?.into_iter().map(Locked::new).collect())
        })
    }

    /// A row, where there is one, to read it. A change starts from a row under a lock: [`Write::lock`].
    pub fn find<E: Scoped>(&self, id: Id<E>) -> BoxFuture<'_, Result<Option<E::Model>, Error>> {
        Box::pin(async move {
            Ok(E::find().filter(is(id)).filter(self.readable::<E>()).one(&self.transaction).await?)
        })
    }

    /// All rows of a query, within what the caller may read.
    pub fn all<E: Scoped>(&self, select: Select<E>) -> BoxFuture<'_, Result<Vec<E::Model>, Error>> {
        Box::pin(async move { Ok(select.filter(self.readable::<E>()).all(&self.transaction).await?) })
    }

    /// [`Write::all`], shared-locked as by [`Write::load`].
    pub fn load_all<E: Scoped>(&self, select: Select<E>) -> BoxFuture<'_, Result<Vec<E::Model>, Error>> {
        self.all(self.shared(select))
    }

    fn shared<E: Scoped>(&self, select: Select<E>) -> Select<E> {
        if self.access == Access::Read { select } else { select.lock_shared() }
    }

    /// The first row of a query, within what the caller may read.
    pub fn one<E: Scoped>(&self, select: Select<E>) -> BoxFuture<'_, Result<Option<E::Model>, Error>> {
        Box::pin(async move { Ok(select.filter(self.readable::<E>()).one(&self.transaction).await?) })
    }

    /// The selected values of a query, for each row or group of rows, within what the caller may read.
    pub fn select_values<E: Scoped, T: TryGetableMany + Send + Sync>(
        &self,
        select: Select<E>,
    ) -> BoxFuture<'_, Result<Vec<T>, Error>> {
        Box::pin(
            async move { Ok(select.filter(self.readable::<E>()).into_tuple().all(&self.transaction).await?) },
        )
    }

    /// How many rows a query has, within what the caller may read.
    pub fn count<E: Scoped>(&self, select: Select<E>) -> BoxFuture<'_, Result<i64, Error>> {
        Box::pin(async move {
            let mut select = select.filter(self.readable::<E>()).select_only().expr(Expr::cust("count(*)"));
            // PostgreSQL rejects an order of rows that are counted
            QuerySelect::query(&mut select).clear_order_by();
            Ok(select.into_tuple().one(&self.transaction).await?.unwrap_or(0))
        })
    }

    /// The condition of a table's rows that the caller may read.
    fn readable<E: Scoped>(&self) -> Condition {
        match &self.actor {
            _ if self.boundless => self.reach_condition::<E>(&self.reach),
            // the terms below are for who may read the table at all; a directory's would let anyone through
            Some(actor) if !actor.may(Permission::Read(E::TABLE)) => {
                Condition::all().add(Expr::cust("1 = 0"))
            }
            Some(actor) => self.reach_condition::<E>(&actor.reach(Permission::Read(E::TABLE))),
            None => self.reach_condition::<E>(&self.reach),
        }
    }

    fn reach_condition<E: Scoped>(&self, reach: &Reach) -> Condition {
        if self.actor.is_none() || self.boundless {
            // the doors of identity and system reach one network, or none in particular
            return Condition::all().add_option(self.network.and_then(|network| of_network::<E>(network)));
        }
        let terms = reach::terms(E::PLACEMENT, reach.wide, !reach.teams.is_empty());
        terms.into_iter().fold(Condition::any(), |any, term| any.add(self.term::<E>(term, reach)))
    }

    fn term<E: Scoped>(&self, term: reach::Term, reach: &Reach) -> SimpleExpr {
        use reach::Term::*;
        let column = |name: &str| Expr::col((E::default(), sea_orm::sea_query::Alias::new(name)));
        let me = self.actor.as_ref().map(|actor| actor.person.uuid()).unwrap_or_default();
        match term {
            Network => {
                let name = if E::PLACEMENT == Placement::Network { "id" } else { "network_id" };
                column(name).eq(self.network.map(Id::uuid).unwrap_or_default())
            }
            Clients(name) => self.among(column(name), &reach.clients),
            Facilitated(name) => {
                use assignment::{AssignmentPart, Column};
                let own = |column: Column| Expr::col((assignment::Entity, column));
                let (started, written) = (own(Column::StartsAt), column("created_at"));
                let since = started.clone().lt(written.clone());
                let since = since.or(started.eq(written).and(own(Column::Id).lt(column("id"))));
                let part = |part: AssignmentPart| own(Column::Part).eq(part.to_value());
                let held = assignment::Entity::find()
                    .select_only()
                    .expr(Expr::val(1))
                    .filter(own(Column::ClientId).eq(column(name)))
                    .filter(Column::PersonId.eq(me))
                    .filter(Column::StartsAt.lte(self.now))
                    .filter(assignment::Entity::lasting(self.now))
                    .filter(part(AssignmentPart::Lead).or(part(AssignmentPart::Co).and(since)));
                self.among(column(name), &reach.clients).and(Expr::exists(held.into_query()))
            }
            Participant(name) => {
                let own = |column: member::Column| Expr::col((member::Entity, column));
                let member = member::Entity::find()
                    .select_only()
                    .expr(Expr::val(1))
                    .filter(own(member::Column::TeamId).eq(column(name)))
                    .filter(member::Column::PersonId.eq(me))
                    .filter(member::Column::Status.eq(MemberStatus::Active));
                let team = self.among(column(name), &reach.teams);
                let covered = self.among(column("client_id"), &reach.clients).or(team);
                covered.and(Expr::exists(member.into_query()))
            }
            Around(name) => self.among(column(name), &reach.around),
            Teams(name) => self.among(column(name), &reach.teams),
            Franchises(name) => self.among(column(name), &reach.franchises),
            Practices(name) => self.among(column(name), &reach.practices),
            Me(name) => column(name).eq(me),
            Shared(name) => column("network_id")
                .eq(self.network.map(Id::uuid).unwrap_or_default())
                .and(column(name).is_null()),
            Facts => column("network_id")
                .eq(self.network.map(Id::uuid).unwrap_or_default())
                .and(column("content").eq(false)),
            Known(name) => self.among(column(name), &reach.around).and(column("content").eq(false)),
            // a mutation names people through members, assignments and memberships, whose reach counts
            People(_) => column("network_id").eq(self.network.map(Id::uuid).unwrap_or_default()),
            Published => column("network_id")
                .eq(self.network.map(Id::uuid).unwrap_or_default())
                .and(self.published(column("period"))),
            PublishedAround(name) => {
                self.among(column(name), &reach.around).and(self.published(column("period")))
            }
        }
    }

    /// Whether a period is one whose benchmarks are published.
    fn published(&self, period: Expr) -> SimpleExpr {
        let network = self.network.map(Id::uuid).unwrap_or_default();
        let through = benchmark_policy::Entity::find()
            .select_only()
            .column(benchmark_policy::Column::PublishedThrough)
            .filter(benchmark_policy::Column::NetworkId.eq(network));
        period.lte(SimpleExpr::SubQuery(None, Box::new(through.into_query().into())))
    }

    /// [`Write::among`] for a column of ids.
    pub fn among_ids(&self, column: impl IntoColumnRef, list: &[Uuid]) -> SimpleExpr {
        self.among(Expr::col(column), list)
    }

    /// [`Write::among`] for a column of texts.
    pub fn among_texts(&self, column: impl IntoColumnRef, list: &[String]) -> SimpleExpr {
        let sql = match self.dialect() {
            Dialect::Postgres => "$1 = any (select jsonb_array_elements_text($2::jsonb))",
            Dialect::Sqlite => "? in (select value from json_each(?))",
        };
        Expr::cust_with_exprs(sql, [Expr::col(column), Expr::val(serde_json::json!(list).to_string())])
    }

    /// One parameter whatever the list's length, so that the statement stays the same prepared one. PostgreSQL reads the
    /// list in a sub-select, once a statement: a bare cast is read anew for each row that is filtered, which took 0.7 ms
    /// a row for a facilitator of 1,500 clients.
    pub(crate) fn among(&self, column: Expr, list: &[Uuid]) -> SimpleExpr {
        let sql = match self.dialect() {
            Dialect::Postgres => "$1 = any ((select $2::uuid[])::uuid[])",
            Dialect::Sqlite => "? in (select unhex(value) from json_each(?))",
        };
        Expr::cust_with_exprs(sql, [column, Expr::val(self.ids(list))])
    }
}

/// The refusal of an id that names nothing in reach.
pub fn refused_id(path: &str) -> Refusal {
    Refusal::new(
        Code::NotFound,
        crate::message!(NOT_FOUND, "No object has this ID, or you have no access to it."),
    )
    .at(path)
}

fn epoch_of(network: Id<network::Entity>) -> SelectStatement {
    let row = network::Entity::find().filter(network::Column::Id.eq(network));
    row.select_only().column(network::Column::AccessEpoch).into_query()
}

pub(crate) fn is<E: Scoped>(id: Id<E>) -> SimpleExpr {
    Expr::col((E::default(), sea_orm::sea_query::Alias::new("id"))).eq(id.uuid())
}

pub(crate) fn of_network<E: Scoped>(network: Id<network::Entity>) -> Option<SimpleExpr> {
    let name = match E::PLACEMENT {
        Placement::Platform => return None,
        Placement::Network => "id",
        _ => "network_id",
    };
    Some(Expr::col((E::default(), sea_orm::sea_query::Alias::new(name))).eq(network.uuid()))
}
