//! Every look-up beyond the caller's reach. Other code reads and writes only what the caller can reach. A method here looks
//! further, for one stated reason, and returns as little as that reason needs.
//!
//! Invariant: no other file of the kernel changes a transaction's scope, but [`super::erase`], which ends sign-ins.

use super::{
    door::{Write, is, of_network},
    fold,
    locked::{LockForChange, Locked},
};
use crate::{
    access::{Permission, Scope},
    check::Taken,
    error::{Error, Fault},
};
use entity::{
    Id, Placement, Scoped, assignment, client, client::ClientStatus, import_key, invitation, membership,
    network, person,
};
use futures::future::BoxFuture;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, Select};
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

impl Write {
    /// A row of the library, whoever may read it: for what it lays down for teams that follow it. No answer may hold more
    /// of it.
    pub fn library_row<E: Scoped>(&self, id: Id<E>) -> BoxFuture<'_, Result<Option<E::Model>, Error>> {
        Box::pin(async move {
            if E::PLACEMENT != Placement::Library {
                return Err(Fault::Internal.into());
            }
            self.first_of_everyones(E::find().filter(is(id))).await
        })
    }

    /// The person of the network with an e-mail address, in the caller's reach or not: a network has one person to an
    /// address, so an invitation must find them. No answer may hold anything of them; the name in the invitation is
    /// the caller's. Row-level security fences people by network alone, so this needs no other rights.
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

    /// The same for many addresses.
    pub fn people_by_email<'a>(
        &'a self,
        emails: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<person::Model>, Error>> {
        Box::pin(async move {
            let select = person::Entity::find()
                .filter(self.among_texts(person::Column::Email, emails))
                .filter(person::Column::NetworkId.eq(self.network()?));
            Ok(select.all(&self.transaction).await?)
        })
    }

    /// Whether another client of the network, in the caller's reach or not, has this name: it is unique in the
    /// network, and the refusal says so to whoever tries it anyway.
    pub fn client_name_taken<'a>(
        &'a self,
        name: &'a str,
        but: Option<Id<client::Entity>>,
    ) -> BoxFuture<'a, Result<Taken, Error>> {
        Box::pin(async move {
            let select = client::Entity::find()
                .filter(fold::same(client::Column::Name, name))
                .filter(Condition::all().add_option(but.map(|client| client::Column::Id.ne(client))));
            Ok(self.first_of_everyones(select).await?.map_or(Taken::No, |other| taken(&other)))
        })
    }

    /// Which of these names other clients of the network have, in the caller's reach or not: their folds.
    pub fn client_names_taken<'a>(
        &'a self,
        names: &'a [String],
    ) -> BoxFuture<'a, Result<HashMap<String, Taken>, Error>> {
        Box::pin(async move {
            let folds: Vec<String> = names.iter().map(|name| entity::fold(name)).collect();
            let select =
                client::Entity::find().filter(self.among_texts(fold::kept(client::Column::Name), &folds));
            let others = self.everyones(select).await?.into_iter();
            Ok(others.map(|client| (entity::fold(&client.name), taken(&client))).collect())
        })
    }

    /// Which of these people work for a client: are assigned to it, belong to its franchise, or are invited there.
    pub fn who_work_for<'a>(
        &'a self,
        people: &'a [Id<person::Entity>],
        client: &'a client::Model,
    ) -> BoxFuture<'a, Result<HashSet<Id<person::Entity>>, Error>> {
        Box::pin(async move {
            if people.is_empty() {
                return Ok(HashSet::new());
            }
            let ids: Vec<_> = people.iter().map(|person| person.uuid()).collect();
            let assigned = assignment::Entity::find()
                .filter(self.among_ids(assignment::Column::PersonId, &ids))
                .filter(assignment::Column::ClientId.eq(client.id))
                .filter(assignment::Entity::lasting(self.now));
            let belongs = membership::Entity::find()
                .filter(self.among_ids(membership::Column::PersonId, &ids))
                .filter(membership::Column::FranchiseId.eq(client.franchise_id))
                .filter(membership::Entity::lasting(self.now));
            let invited = invitation::Entity::find()
                .filter(self.among_ids(invitation::Column::PersonId, &ids))
                .filter(invitation::Column::FranchiseId.eq(client.franchise_id))
                .filter(invitation::Column::AcceptedAt.is_null())
                .filter(invitation::Column::RevokedAt.is_null())
                .filter(invitation::Column::ExpiresAt.gt(self.now));
            let assigned = self.everyones(assigned).await?.into_iter().map(|row| row.person_id);
            let belongs = self.everyones(belongs).await?.into_iter().map(|row| row.person_id);
            let invited = self.everyones(invited).await?.into_iter().map(|row| row.person_id);
            Ok(assigned.chain(belongs).chain(invited).collect())
        })
    }

    /// Whether a person works for a client. Sponsors see only assignments, and must not make a member of their facilitator
    /// because they do not see the rest.
    pub fn works_for<'a>(
        &'a self,
        person: Id<person::Entity>,
        client: &'a client::Model,
    ) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async move { Ok(!self.who_work_for(&[person], client).await?.is_empty()) })
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

    /// What was imported before into a place that the caller has come through the door to, in the caller's reach or
    /// not: a client may have gone elsewhere since.
    pub fn imported(
        &self,
        select: Select<import_key::Entity>,
    ) -> BoxFuture<'_, Result<Vec<import_key::Model>, Error>> {
        self.everyones(select)
    }

    /// Everyone's rows of a table whose rows are each their writer's own: for the step that ends a secret, and for
    /// what may be told of it. The select names what the rows belong to, which the caller has loaded before.
    pub fn read_everyones<E: Scoped>(
        &self,
        select: Select<E>,
    ) -> BoxFuture<'_, Result<Vec<E::Model>, Error>> {
        Box::pin(async move {
            if E::PLACEMENT != Placement::Own {
                return Err(Fault::Internal.into());
            }
            self.everyones(select).await
        })
    }

    /// [`Write::read_everyones`] for one row that the step changes: locked.
    pub fn lock_everyones<E: Scoped>(
        &self,
        select: Select<E>,
    ) -> BoxFuture<'_, Result<Option<Locked<E::Model>>, Error>> {
        Box::pin(async move {
            let rows = self.read_everyones(select.limit(1).lock_for_change()).await?;
            Ok(rows.into_iter().next().map(Locked::new))
        })
    }

    /// From here on this transaction reaches no clients but these: clients that it creates, or those that its rows belong to.
    /// Triggers run under row-level security, and PostgreSQL reads the list of clients in each of their statements: for
    /// many rows it must be short.
    pub fn reach_only(
        &mut self,
        clients: impl Iterator<Item = Id<client::Entity>>,
    ) -> BoxFuture<'_, Result<(), Error>> {
        let clients: BTreeSet<Uuid> = clients.map(Id::uuid).collect();
        self.scope.narrow(&clients.into_iter().collect::<Vec<_>>());
        Box::pin(async move { self.transaction.apply_scope(&self.scope).await })
    }

    /// Goes on as the system in this transaction's network: what a proven identity may not touch itself.
    pub fn as_system(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            self.scope = Scope::system(self.network()?.uuid());
            self.transaction.apply_scope(&self.scope).await
        })
    }

    /// Ends what was done in this network with its audit and its e-mails, and goes on as the system in another one, in the same
    /// transaction: for what one identity changes of itself everywhere.
    pub fn continue_in(&mut self, network: Id<network::Entity>) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            if self.network.is_some() {
                self.finish().await?;
            }
            self.network = Some(network);
            self.as_system().await
        })
    }

    /// From here on the transaction reaches the whole network, for the mutations that need it
    /// ([`Permission::reaches_network`]).
    pub async fn reach_all(&mut self) -> Result<(), Error> {
        let mut reaching = Permission::MUTATIONS.iter().filter(|permission| permission.reaches_network());
        if !reaching.any(|permission| permission.field() == self.verb) {
            return Err(Fault::Internal.into());
        }
        self.boundless = true;
        self.as_system().await
    }

    /// A row that is no tenant's, for a job that sends e-mails: it acts for no person.
    pub async fn platform_row<E: Scoped>(&self, select: Select<E>) -> Result<Option<E::Model>, Error> {
        if E::PLACEMENT != Placement::Platform || self.actor.is_some() {
            return Err(Fault::Internal.into());
        }
        self.within_platform(async { Ok(select.one(&self.transaction).await?) }).await
    }

    /// Does something to rows that are no tenant's, for the kernel's own counts. If it fails, the transaction is over.
    pub(crate) async fn within_platform<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.transaction.apply_scope(&Scope::identity(self.network.map(Id::uuid))).await?;
        let done = work.await;
        if !matches!(done, Err(Error::Fault(_))) {
            self.transaction.apply_scope(&self.scope).await?;
        }
        done
    }

    /// Whether the network has a row like this, whoever asks.
    async fn exists_anywhere<E: Scoped>(&self, select: Select<E>) -> Result<bool, Error> {
        Ok(self.first_of_everyones(select).await?.is_some())
    }

    /// The first such row of the network, whoever asks.
    async fn first_of_everyones<E: Scoped>(&self, select: Select<E>) -> Result<Option<E::Model>, Error> {
        Ok(self.everyones(select.limit(1)).await?.into_iter().next())
    }

    /// The rows of the network that a query finds, whoever asks: for methods of this file, which let little of them
    /// through. Row-level security is the system's for this one statement; if it fails, the transaction is over.
    fn everyones<E: Scoped>(&self, select: Select<E>) -> BoxFuture<'_, Result<Vec<E::Model>, Error>> {
        Box::pin(async move {
            let network = self.network()?;
            self.transaction.apply_scope(&Scope::system(network.uuid())).await?;
            let select = select.filter(Condition::all().add_option(of_network::<E>(network)));
            let rows = select.all(&self.transaction).await?;
            self.transaction.apply_scope(&self.scope).await?;
            Ok(rows)
        })
    }
}

/// What the name of a client that has one already is refused with.
fn taken(client: &client::Model) -> Taken {
    match client.status {
        ClientStatus::Archived => Taken::Archived("archived"),
        _ => Taken::Active,
    }
}
