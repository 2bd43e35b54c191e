//! The writing door's transaction. What it changes is audited and announced in the same transaction; dropped
//! without [`Write::commit`], all of it rolls back.

use super::{
    access::{Actor, Permission, Reach, Scope, reach},
    audit::{Entry, Parts, changes, told},
    caller::{Asking, Caller, Kernel},
    db::statement,
    error::{Code, Error, Fault, Refusal},
    inner,
    read::Dialect,
    search::Changed,
    transaction::Transaction,
};
use chrono::{DateTime, Utc};
use entity::{
    Hang, Id, Matter, Scoped, assignment, client, import_key, invitation, membership, network, person,
    programme, team, template_version,
};
use futures::future::BoxFuture;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait, DeleteMany,
    EntityTrait, ExprTrait, FromQueryResult, IntoActiveModel, Iterable, ModelTrait, QueryFilter, QuerySelect,
    QueryTrait, Select, TryGetableMany, Value,
    sea_query::{Expr, OnConflict, SelectStatement, SimpleExpr},
};
use serde::Serialize;
use std::{collections::BTreeMap, str::FromStr, sync::Arc};
use uuid::Uuid;

/// A transaction that writes. Its futures are boxed: unboxed, the compiler would lay out in every mutation all that it
/// awaits, which took a third of the time to build this crate.
pub struct Write {
    pub(super) transaction: Transaction,
    pub(super) kernel: Arc<Kernel>,
    pub(super) actor: Option<Arc<Actor>>,
    pub(super) verb: &'static str,
    pub(super) reach: Arc<Reach>,
    pub(super) scope: Scope,
    /// Whether it reaches the whole network, whoever acts: an erasure.
    pub(super) boundless: bool,
    pub(super) network: Option<Id<network::Entity>>,
    pub(super) asking: Asking,
    pub(super) now: DateTime<Utc>,
    pub(super) trail: parking_lot::Mutex<Vec<Entry>>,
    pub(super) found: parking_lot::Mutex<BTreeMap<String, Changed>>,
    pub(super) mail: parking_lot::Mutex<Vec<(Uuid, serde_json::Value)>>,
}

/// How many committed priorities there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// For a team, in a cycle.
    pub team: i32,
    /// For one owner, in a cycle.
    pub leader: i32,
}

impl Default for Places {
    /// Where no template says otherwise.
    fn default() -> Self {
        Places { team: 5, leader: 2 }
    }
}

/// What a row must be able to do to pass the door.
pub trait Row<E: EntityTrait>:
    ModelTrait<Entity = E> + IntoActiveModel<E::ActiveModel> + Serialize + Send + Sync
{
}
impl<E: EntityTrait, M> Row<E> for M where
    M: ModelTrait<Entity = E> + IntoActiveModel<E::ActiveModel> + Serialize + Send + Sync
{
}

impl Write {
    pub(super) fn open<'a>(
        caller: &'a Caller,
        actor: &'a Arc<Actor>,
        permission: Permission,
    ) -> BoxFuture<'a, Result<Write, Error>> {
        Box::pin(async move {
            let mut write = Self::begin(&caller.kernel, actor.scope().clone(), Some(actor.network)).await?;
            write.actor = Some(actor.clone());
            write.verb = permission.field();
            write.reach = actor.reach(permission);
            write.asking = caller.asking.clone();
            write.now = caller.now();
            write.claim().await?;
            Ok(write)
        })
    }

    /// A transaction that no person makes.
    pub(super) async fn begin(
        kernel: &Arc<Kernel>,
        scope: Scope,
        network: Option<Id<network::Entity>>,
    ) -> Result<Write, Error> {
        let transaction = kernel.db.begin(&scope).await?;
        let reach = Reach { wide: true, ..Reach::default() };
        Ok(Write {
            transaction,
            kernel: kernel.clone(),
            actor: None,
            verb: "system",
            reach: Arc::new(reach),
            scope,
            boundless: false,
            network,
            asking: Asking::default(),
            now: kernel.seams.now(),
            trail: Default::default(),
            found: Default::default(),
            mail: Default::default(),
        })
    }

    /// Names what is being done, where no permission does.
    pub fn doing(mut self, verb: &'static str, asking: &Asking) -> Self {
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
    pub(super) async fn epoch(&self) -> Result<i64, Error> {
        let Some(network) = self.network else { return Ok(0) };
        let row = self.transaction.query_one(&epoch_of(network)).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0))
    }

    /// The row acted on: locked, and within the reach of the permission. None where there is none, or where the
    /// actor's access has changed since it was read: the same statement says both.
    pub(super) fn acted_on<E: Scoped>(&self, id: Id<E>) -> BoxFuture<'_, Result<Option<E::Model>, Error>> {
        Box::pin(async move {
            let actor = self.actor()?;
            let epoch = SimpleExpr::SubQuery(None, Box::new(epoch_of(actor.network).into()));
            let select = E::find().filter(is(id)).filter(self.within::<E>(&self.reach)).lock_exclusive();
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
    pub(super) fn lock_above<P: Scoped, E: Scoped>(
        &self,
        column: E::Column,
        id: Id<E>,
    ) -> BoxFuture<'_, Result<Option<P::Model>, Error>> {
        Box::pin(async move {
            let below = E::find().select_only().column(column).filter(is(id)).filter(self.readable::<E>());
            let above = Expr::col((P::default(), sea_orm::sea_query::Alias::new("id")));
            let select = P::find()
                .filter(above.in_subquery(below.into_query()))
                .filter(self.readable::<P>())
                .lock_exclusive();
            Ok(select.one(&self.transaction).await?)
        })
    }

    /// Another row the change refers to, within what the caller may read. Shared-locked, so that it stays as it is.
    pub fn load<'a, E: Scoped>(
        &'a self,
        id: Option<Id<E>>,
        path: &'a str,
    ) -> BoxFuture<'a, Result<E::Model, Error>> {
        Box::pin(async move {
            let Some(id) = id else { return Err(refused_id(path).into()) };
            let select = E::find().filter(is(id)).filter(self.readable::<E>()).lock_shared();
            select.one(&self.transaction).await?.ok_or_else(|| refused_id(path).into())
        })
    }

    /// Another row that the change changes too.
    pub fn lock<E: Scoped>(&self, id: Id<E>) -> BoxFuture<'_, Result<E::Model, Error>> {
        Box::pin(async move {
            let select = E::find().filter(is(id)).filter(self.readable::<E>()).lock_exclusive();
            select.one(&self.transaction).await?.ok_or_else(|| Fault::Internal.into())
        })
    }

    /// A row, where there is one.
    pub fn find<E: Scoped>(&self, id: Id<E>) -> BoxFuture<'_, Result<Option<E::Model>, Error>> {
        Box::pin(async move {
            Ok(E::find().filter(is(id)).filter(self.readable::<E>()).one(&self.transaction).await?)
        })
    }

    /// All rows of a query, within what the caller may read.
    pub fn all<E: Scoped>(&self, select: Select<E>) -> BoxFuture<'_, Result<Vec<E::Model>, Error>> {
        Box::pin(async move { Ok(select.filter(self.readable::<E>()).all(&self.transaction).await?) })
    }

    /// The first row of a query, within what the caller may read.
    pub fn one<E: Scoped>(&self, select: Select<E>) -> BoxFuture<'_, Result<Option<E::Model>, Error>> {
        Box::pin(async move { Ok(select.filter(self.readable::<E>()).one(&self.transaction).await?) })
    }

    /// What a query chooses of its rows, or makes of groups of them, within what the caller may read.
    pub fn chosen<E: Scoped, T: TryGetableMany + Send + Sync>(
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
            let select = select.filter(self.readable::<E>()).select_only().expr(Expr::cust("count(*)"));
            Ok(select.into_tuple().one(&self.transaction).await?.unwrap_or(0))
        })
    }

    /// How many priorities the template of a team's programme lets it commit; the usual number without a programme.
    /// Sponsors commit priorities and may not read templates, so of the version only these two numbers come through,
    /// also where it is their facilitators' own.
    pub fn limits_of(&self, team: Id<team::Entity>) -> BoxFuture<'_, Result<Places, Error>> {
        Box::pin(async move {
            use programme::{Column, ProgrammeStatus::*};
            let running = programme::Entity::find()
                .filter(Column::TeamId.eq(team))
                .filter(Column::Status.is_in([Planned, Active, Paused]));
            let Some(running) = self.one(running).await? else { return Ok(Places::default()) };
            let version = template_version::Entity::find().filter(is(running.template_version_id));
            let version = self.anywhere(version).await?.ok_or(Fault::Internal)?;
            Ok(Places { team: version.priorities_per_team, leader: version.priorities_per_leader })
        })
    }

    /// The person of the network with an e-mail address, in the caller's reach or not: there is one person to an
    /// address in a network, so an invitation must find her. Nothing of her may be told; the name in the invitation
    /// is the caller's. The fence around people is the network, so this needs no other rights.
    pub fn person_by_email<'a>(
        &'a self,
        email: &'a str,
    ) -> BoxFuture<'a, Result<Option<person::Model>, Error>> {
        Box::pin(async move {
            let select = person::Entity::find()
                .filter(person::Column::Email.eq(email))
                .filter(person::Column::NetworkId.eq(self.network()?));
            Ok(select.one(&self.transaction).await?)
        })
    }

    /// Whether another client of the network, in the caller's reach or not, has this name: it is unique in the
    /// network, and the answer says so to whoever tries it anyway.
    pub fn client_name_taken<'a>(
        &'a self,
        name: &'a str,
        but: Option<Id<client::Entity>>,
    ) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async move {
            let select = client::Entity::find()
                .filter(client::Column::Name.eq(name))
                .filter(Condition::all().add_option(but.map(|client| client::Column::Id.ne(client))));
            self.exists_anywhere(select).await
        })
    }

    /// Whether a person works for a client: is assigned to it, belongs to its franchise, or is invited there. A
    /// sponsor sees only the first, and must not make a member of her facilitator by not seeing the others.
    pub fn works_for<'a>(
        &'a self,
        person: Id<person::Entity>,
        client: &'a client::Model,
    ) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async move {
            let assigned = assignment::Entity::find()
                .filter(assignment::Column::PersonId.eq(person))
                .filter(assignment::Column::ClientId.eq(client.id))
                .filter(assignment::Entity::lasting(self.now));
            let belongs = membership::Entity::find()
                .filter(membership::Column::PersonId.eq(person))
                .filter(membership::Column::FranchiseId.eq(client.franchise_id))
                .filter(membership::Entity::lasting(self.now));
            let invited = invitation::Entity::find()
                .filter(invitation::Column::PersonId.eq(person))
                .filter(invitation::Column::FranchiseId.eq(client.franchise_id))
                .filter(invitation::Column::AcceptedAt.is_null())
                .filter(invitation::Column::RevokedAt.is_null())
                .filter(invitation::Column::ExpiresAt.gt(self.now));
            Ok(self.exists_anywhere(assigned).await?
                || self.exists_anywhere(belongs).await?
                || self.exists_anywhere(invited).await?)
        })
    }

    /// Whether a person belongs to head office: a client gives it access by name, and sees none of its people.
    pub fn at_head_office(&self, person: Id<person::Entity>) -> BoxFuture<'_, Result<bool, Error>> {
        Box::pin(async move {
            let belongs = membership::Entity::find()
                .filter(membership::Column::PersonId.eq(person))
                .filter(membership::Column::FranchiseId.is_null())
                .filter(membership::Column::ClientId.is_null())
                .filter(membership::Entity::lasting(self.now));
            self.exists_anywhere(belongs).await
        })
    }

    /// Whether the network has a row like this, whoever asks. Only yes or no leaves here. Row-level security is the
    /// system's for this one statement; should it fail, the transaction is over anyway.
    async fn exists_anywhere<E: Scoped>(&self, select: Select<E>) -> Result<bool, Error> {
        Ok(self.anywhere(select).await?.is_some())
    }

    /// The first such row of the network, whoever asks: for methods here that let little of it through.
    fn anywhere<E: Scoped>(&self, select: Select<E>) -> BoxFuture<'_, Result<Option<E::Model>, Error>> {
        Box::pin(async move {
            let network = self.network()?;
            self.transaction.settle(&Scope::system(network.uuid())).await?;
            let select = select.filter(Condition::all().add_option(of_network::<E>(network)));
            let found = select.one(&self.transaction).await?;
            self.transaction.settle(&self.scope).await?;
            Ok(found)
        })
    }

    /// What was imported before into a place that the caller has come through the door to, in the caller's reach or
    /// not: a client may have gone elsewhere since.
    pub fn imported(
        &self,
        select: Select<import_key::Entity>,
    ) -> BoxFuture<'_, Result<Vec<import_key::Model>, Error>> {
        Box::pin(async move {
            let network = self.network()?;
            self.transaction.settle(&Scope::system(network.uuid())).await?;
            let rows =
                select.filter(import_key::Column::NetworkId.eq(network)).all(&self.transaction).await?;
            self.transaction.settle(&self.scope).await?;
            Ok(rows)
        })
    }

    /// Everyone's rows of a table whose rows are each their writer's own: for the step that ends a secret, and for
    /// what may be told of it. The select names what the rows belong to, which the caller has loaded before.
    pub fn unseal<E: Scoped>(&self, select: Select<E>) -> BoxFuture<'_, Result<Vec<E::Model>, Error>> {
        Box::pin(async move {
            if E::HANG != Hang::Own {
                return Err(Fault::Internal.into());
            }
            let network = self.network()?;
            self.transaction.settle(&Scope::system(network.uuid())).await?;
            let select = select.filter(Condition::all().add_option(of_network::<E>(network)));
            let rows = select.all(&self.transaction).await?;
            self.transaction.settle(&self.scope).await?;
            Ok(rows)
        })
    }

    /// Adds a row, audited. Answers what was given: both databases keep a value as it is.
    pub fn insert<E>(&self, row: E::Model) -> BoxFuture<'_, Result<E::Model, Error>>
    where
        E: Scoped,
        E::Model: Row<E>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            let insert = E::insert(row.clone().into_active_model().reset_all());
            insert.exec_without_returning(&self.transaction).await?;
            self.note::<E>(None, Some(&row))?;
            Ok(row)
        })
    }

    /// Changes a row that was loaded in this transaction, audited; counts its version up.
    pub fn update<'a, E>(
        &'a self,
        before: &'a E::Model,
        mut change: E::ActiveModel,
    ) -> BoxFuture<'a, Result<E::Model, Error>>
    where
        E: Scoped,
        E::Model: Row<E>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            if let Ok(version) = E::Column::from_str("version") {
                let Value::Int(Some(now)) = before.get(version) else { return Err(Fault::Internal.into()) };
                change.set(version, (now + 1).into());
            }
            let mut after = before.clone();
            for column in E::Column::iter() {
                if let ActiveValue::Set(value) = change.get(column) {
                    after.try_set(column, value)?;
                }
            }
            E::update(change).exec_without_returning(&self.transaction).await?;
            self.note::<E>(Some(before), Some(&after))?;
            Ok(after)
        })
    }

    /// Deletes rows that are no history: drafts, confirmations withdrawn, spent tokens. Audited.
    pub fn delete<E>(&self, row: E::Model) -> BoxFuture<'_, Result<(), Error>>
    where
        E: Scoped,
        E::Model: Row<E>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            self.note::<E>(Some(&row), None)?;
            row.delete(&self.transaction).await?;
            Ok(())
        })
    }

    /// Removes a row that is nobody's history, unaudited: what the outbox has delivered.
    pub fn discard<M>(&self, row: M) -> BoxFuture<'_, Result<(), Error>>
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + 'static,
        <M::Entity as EntityTrait>::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            row.delete(&self.transaction).await?;
            Ok(())
        })
    }

    /// Removes rows that are nobody's history by their ids, unaudited.
    pub fn discard_each<'a, E: Scoped>(&'a self, ids: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let id = Expr::col((E::default(), sea_orm::sea_query::Alias::new("id")));
            E::delete_many().filter(self.among(id, ids)).exec(&self.transaction).await?;
            Ok(())
        })
    }

    /// Removes rows that have served their time, unaudited.
    pub fn discard_all<E: EntityTrait>(&self, rows: DeleteMany<E>) -> BoxFuture<'_, Result<u64, Error>> {
        Box::pin(async move { Ok(rows.exec(&self.transaction).await?.rows_affected) })
    }

    /// Changes a row that is nobody's history, unaudited.
    pub fn set<E: EntityTrait>(&self, change: E::ActiveModel) -> BoxFuture<'_, Result<(), Error>>
    where
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            E::update(change).exec(&self.transaction).await?;
            Ok(())
        })
    }

    /// Adds a row unless there is one with its keys, unaudited: what must be there once, whoever comes first.
    /// Whether it was added.
    pub fn add_once<E: EntityTrait>(&self, row: E::Model) -> BoxFuture<'_, Result<bool, Error>>
    where
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            let unless = OnConflict::new().do_nothing().to_owned();
            let insert = E::insert_many([row.into_active_model().reset_all()]).on_conflict(unless);
            Ok(insert.exec_without_returning(&self.transaction).await? > 0)
        })
    }

    /// The same, audited where it was added.
    pub fn insert_once<E>(&self, row: E::Model) -> BoxFuture<'_, Result<bool, Error>>
    where
        E: Scoped,
        E::Model: Row<E>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            let added = self.add_once::<E>(row.clone()).await?;
            if added {
                self.note::<E>(None, Some(&row))?;
            }
            Ok(added)
        })
    }

    /// Adds many rows without auditing each, for seeds.
    pub fn pour<E: EntityTrait>(&self, rows: Vec<E::ActiveModel>) -> BoxFuture<'_, Result<(), Error>>
    where
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            let columns = E::Column::iter().count().max(1);
            // both databases bound the number of bound values in a statement; SQLite's 32,766 is the lower
            for chunk in Chunks::new(rows, (30_000 / columns).min(1_000)) {
                E::insert_many(chunk).exec_without_returning(&self.transaction).await?;
            }
            Ok(())
        })
    }

    /// Adds the rows that are not there yet, without auditing: what follows from other rows, and is made by whoever
    /// comes first.
    pub fn pour_missing<E: EntityTrait>(&self, rows: Vec<E::ActiveModel>) -> BoxFuture<'_, Result<(), Error>>
    where
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            let columns = E::Column::iter().count().max(1);
            for chunk in Chunks::new(rows, (30_000 / columns).min(1_000)) {
                let missing = E::insert_many(chunk).on_conflict_do_nothing();
                missing.exec_without_returning(&self.transaction).await?;
            }
            Ok(())
        })
    }

    /// Lets this transaction reach the client it is about to create.
    pub fn admit_client(&mut self, client: Id<client::Entity>) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            self.scope.include(client.uuid());
            self.transaction.settle(&self.scope).await
        })
    }

    /// Goes on as the system in this transaction's network: what a proven identity may not touch itself.
    pub fn as_system(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            self.scope = Scope::system(self.network()?.uuid());
            self.transaction.settle(&self.scope).await
        })
    }

    /// Puts a letter in the outbox.
    pub fn post(&self, subject: Uuid, letter: serde_json::Value) {
        self.mail.lock().push((subject, letter));
    }

    /// Audits what no row shows: a password change, a sign-out.
    pub fn mark(&self, noun: &'static str, subject: Uuid, after: Option<serde_json::Value>) {
        let after = after.map(|value| value.to_string());
        let entry = Entry { noun, subject, client: None, content: false, secret: false, before: None, after };
        self.trail.lock().push(entry);
    }

    /// Audits, announces and commits.
    pub fn commit(self) -> BoxFuture<'static, Result<(), Error>> {
        Box::pin(async move {
            let entries = std::mem::take(&mut *self.trail.lock());
            for entry in entries {
                self.chain(entry).await?;
            }
            self.enter_seen().await?;
            let letters = std::mem::take(&mut *self.mail.lock());
            for (subject, letter) in letters {
                self.announce("mail", subject, &letter.to_string()).await?;
            }
            self.transaction.commit().await?;
            self.kernel.bell.notify_one();
            Ok(())
        })
    }

    /// Commits what is neither audited nor announced, and rings no bell.
    pub fn commit_quietly(self) -> BoxFuture<'static, Result<(), Error>> {
        Box::pin(async move { Ok(self.transaction.commit().await?) })
    }

    /// Ends a transaction that changed nothing.
    pub fn leave(self) -> BoxFuture<'static, Result<(), Error>> {
        Box::pin(async move { Ok(self.transaction.rollback().await?) })
    }

    /// The condition of a table's rows that the caller may read.
    fn readable<E: Scoped>(&self) -> Condition {
        match &self.actor {
            _ if self.boundless => self.within::<E>(&self.reach),
            // the terms below are for who may read the table at all; a directory's would let anyone through
            Some(actor) if !actor.may(Permission::Read(E::TABLE)) => {
                Condition::all().add(Expr::cust("1 = 0"))
            }
            Some(actor) => self.within::<E>(&actor.reach(Permission::Read(E::TABLE))),
            None => self.within::<E>(&self.reach),
        }
    }

    fn within<E: Scoped>(&self, reach: &Reach) -> Condition {
        if self.actor.is_none() || self.boundless {
            // the doors of identity and system reach one network, or none in particular
            return Condition::all().add_option(self.network.and_then(|network| of_network::<E>(network)));
        }
        let terms = reach::terms(E::HANG, reach.wide, !reach.teams.is_empty());
        terms.into_iter().fold(Condition::any(), |any, term| any.add(self.term::<E>(term, reach)))
    }

    fn term<E: Scoped>(&self, term: reach::Term, reach: &Reach) -> SimpleExpr {
        use reach::Term::*;
        let column = |name: &str| Expr::col((E::default(), sea_orm::sea_query::Alias::new(name)));
        let me = self.actor.as_ref().map(|actor| actor.person.uuid()).unwrap_or_default();
        match term {
            Network => {
                let name = if E::HANG == Hang::Network { "id" } else { "network_id" };
                column(name).eq(self.network.map(Id::uuid).unwrap_or_default())
            }
            Clients(name) => self.among(column(name), &reach.clients),
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
        }
    }

    /// One parameter whatever the list's length, so that the statement stays the same prepared one.
    pub(super) fn among(&self, column: Expr, list: &[Uuid]) -> SimpleExpr {
        let sql = match self.dialect() {
            Dialect::Postgres => "$1 = any ($2::uuid[])",
            Dialect::Sqlite => "? in (select unhex(value) from json_each(?))",
        };
        Expr::cust_with_exprs(sql, [column, Expr::val(self.ids(list))])
    }

    fn note<E>(&self, before: Option<&E::Model>, after: Option<&E::Model>) -> Result<(), Fault>
    where
        E: Scoped,
        E::Model: Row<E>,
    {
        if E::HANG == Hang::Platform {
            return Ok(());
        }
        let Some(row) = after.or(before) else { return Ok(()) };
        self.seen::<E>(before, after);
        let uuid = |name: &str| match E::Column::from_str(name).ok().map(|column| row.get(column)) {
            Some(Value::Uuid(id)) => id,
            _ => None,
        };
        let secret = E::HANG.is_secret();
        let content = matches!(E::HANG, Hang::OfClient(Matter::Content) | Hang::OfTeam(Matter::Content));
        // that someone wrote what is theirs alone is in the chain, and never what
        let mut parts = if secret { [None, None] } else { changes(before, after)? };
        // of facts that head office reads, too, the words are an event of their own
        let inner = inner::taken_out::<E>(&mut parts);
        let entry = |content, [before, after]: [Option<Parts>; 2]| Entry {
            noun: E::PREFIX,
            subject: uuid("id").or(uuid("client_id")).unwrap_or_default(),
            client: E::HANG.client_column().or(secret.then_some("client_id")).and_then(uuid),
            content,
            secret,
            before: told(before),
            after: told(after),
        };
        let mut trail = self.trail.lock();
        trail.push(entry(content || secret, parts));
        trail.extend(inner.map(|inner| entry(true, inner)));
        Ok(())
    }

    pub(super) async fn announce(&self, kind: &str, subject: Uuid, payload: &str) -> Result<(), Error> {
        let network = self.network()?;
        let id: Id<entity::outbox::Entity> = self.kernel.seams.id();
        let marks: Vec<String> = (1..=6).map(|at| mark(&self.transaction, at)).collect();
        let json = if self.kernel.db.is_postgres() { "::jsonb" } else { "" };
        let sql = format!(
            "insert into outbox (id, network_id, kind, subject_id, payload, created_at, attempts, available_at)
             values ({}, {}, {}, {}, {}{json}, {}, 0, {})",
            marks[0], marks[1], marks[2], marks[3], marks[4], marks[5], marks[5]
        );
        let values: Vec<Value> =
            vec![id.into(), network.into(), kind.into(), subject.into(), payload.into(), self.now.into()];
        self.transaction.execute_raw(statement(&self.transaction, &sql, values)).await?;
        Ok(())
    }
}

/// The refusal of an id that names nothing in reach.
pub fn refused_id(path: &str) -> Refusal {
    Refusal::new(Code::NotFound, "There is nothing by this id that you can reach.").at(path)
}

fn epoch_of(network: Id<network::Entity>) -> SelectStatement {
    let row = network::Entity::find().filter(network::Column::Id.eq(network));
    row.select_only().column(network::Column::AccessEpoch).into_query()
}

fn is<E: Scoped>(id: Id<E>) -> SimpleExpr {
    Expr::col((E::default(), sea_orm::sea_query::Alias::new("id"))).eq(id.uuid())
}

fn of_network<E: Scoped>(network: Id<network::Entity>) -> Option<SimpleExpr> {
    let name = match E::HANG {
        Hang::Platform => return None,
        Hang::Network => "id",
        _ => "network_id",
    };
    Some(Expr::col((E::default(), sea_orm::sea_query::Alias::new(name))).eq(network.uuid()))
}

/// The dialect's mark of the nth bound value.
pub(super) fn mark(transaction: &Transaction, at: usize) -> String {
    match transaction.get_database_backend() {
        sea_orm::DbBackend::Postgres => format!("${at}"),
        _ => format!("?{at}"),
    }
}

struct Chunks<T> {
    rest: std::vec::IntoIter<T>,
    size: usize,
}

impl<T> Chunks<T> {
    fn new(rows: Vec<T>, size: usize) -> Self {
        Chunks { rest: rows.into_iter(), size: size.max(1) }
    }
}

impl<T> Iterator for Chunks<T> {
    type Item = Vec<T>;
    fn next(&mut self) -> Option<Vec<T>> {
        let chunk: Vec<T> = self.rest.by_ref().take(self.size).collect();
        (!chunk.is_empty()).then_some(chunk)
    }
}
