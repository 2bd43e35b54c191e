//! Erasures: what was said and who somebody was lies all over the network, most of it where whoever erases sees
//! nothing. The door lets an erasure through by the row it is about; from then on its transaction reaches the network.
//! What it blanks is not audited, or the audit would keep it: the erasure is an event of its own.

use super::{door::Write, locked::LockForChange};
use crate::{
    access::Scope,
    error::{Error, Fault},
    stamps,
};
use entity::{
    Erasable, Id, Placement, Replacement, Scoped, Table, Visitor, address_change, audit_event, client,
    data_export, data_export_part, folded, idempotency, identity, network, outbox, password_reset, person,
    refresh_token, sign_in, sign_in_place,
};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait, UpdateMany,
    sea_query::{Alias, Expr, SimpleExpr},
};
use std::str::FromStr;
use uuid::Uuid;

/// An e-mail address that belongs to no one, in place of an erased one.
pub fn no_address(of: Uuid) -> String {
    format!("{}@erased.invalid", of.simple())
}

impl Write {
    /// Changes rows unaudited, which only an erasure may do, and empties the folds of their texts. Returns their number.
    pub async fn blank<E: Scoped>(&self, mut rows: UpdateMany<E>) -> Result<u64, Error> {
        if !self.boundless {
            return Err(Fault::Internal.into());
        }
        for text in E::FOLDED {
            QueryTrait::query(&mut rows).value(Alias::new(folded(text)), Expr::null());
        }
        if stamps::has_version::<E>() {
            QueryTrait::query(&mut rows).value(Alias::new(stamps::UPDATED), self.now());
        }
        Ok(rows.exec(&self.transaction).await?.rows_affected)
    }

    /// Takes the values out of the audit's events, whose chains go on. Those from before there were digests keep theirs.
    pub async fn erase_event_values(&self, subjects: &[Uuid]) -> Result<(), Error> {
        let subject = Expr::col((audit_event::Entity, audit_event::Column::SubjectId));
        self.forget_values(self.among(subject, subjects)).await
    }

    /// The same for all events about a client, and about what else is named.
    pub async fn erase_event_values_at(
        &self,
        client: Id<client::Entity>,
        subjects: &[Uuid],
    ) -> Result<(), Error> {
        let of = Expr::col((audit_event::Entity, audit_event::Column::ClientId)).eq(client.uuid());
        self.forget_values(of).await?;
        self.erase_event_values(subjects).await
    }

    async fn forget_values(&self, which: SimpleExpr) -> Result<(), Error> {
        let none = || Expr::value(Option::<String>::None);
        let events = audit_event::Entity::update_many()
            .col_expr(audit_event::Column::Before, none())
            .col_expr(audit_event::Column::After, none())
            .col_expr(audit_event::Column::Salt, none())
            .filter(audit_event::Column::NetworkId.eq(self.network()?))
            .filter(audit_event::Column::Digest.is_not_null())
            .filter(audit_event::Column::Salt.is_not_null())
            .filter(which);
        self.blank(events).await.map(drop)
    }

    /// Empties what a person has for themselves alone: the words go, and what was chosen, scored and dated stays.
    pub async fn empty_own(&self, person: Id<person::Entity>) -> Result<(), Error> {
        for table in Table::ALL.iter().rev().filter(|table| table.placement() == Placement::Own) {
            table.visit(Empty { write: self, column: "person_id", of: person.uuid() }).await?;
        }
        Ok(())
    }

    /// Empties whatever tells of a client: the words go, in every table that has them and names a client, and what was
    /// done, chosen, counted and dated stays.
    pub async fn empty_client(&self, client: Id<client::Entity>) -> Result<(), Error> {
        for table in Table::ALL.iter().rev() {
            let column = if *table == Table::Client { "id" } else { "client_id" };
            table.visit(Empty { write: self, column, of: client.uuid() }).await?;
        }
        Ok(())
    }

    /// Removes e-mails that wait for a person or for one of these addresses, or are about one of these rows.
    pub async fn forget_emails(
        &self,
        person: Option<Id<person::Entity>>,
        about: &[Uuid],
        addresses: &[String],
    ) -> Result<(), Error> {
        let theirs = Condition::any()
            .add_option(person.map(|person| outbox::Column::PersonId.eq(person)))
            .add(outbox::Column::SubjectId.is_in(about.iter().copied()))
            .add(Expr::cust("payload ->> 'to'").is_in(addresses));
        let emails = outbox::Entity::delete_many()
            .filter(outbox::Column::NetworkId.eq(self.network()?))
            .filter(theirs);
        self.discard_all(emails).await.map(drop)
    }

    /// Removes e-mails that wait to be sent and in which one of these texts stands.
    pub async fn forget_emails_about(&self, texts: &[String]) -> Result<(), Error> {
        let about = texts.iter().fold(Condition::any(), |any, text| any.add(self.holds("payload", text)));
        let emails =
            outbox::Entity::delete_many().filter(outbox::Column::NetworkId.eq(self.network()?)).filter(about);
        self.discard_all(emails).await.map(drop)
    }

    /// Empties every answer that is kept for a repeated request in the network: which of them tell of a client cannot
    /// be seen. Their effects stay known, and they are kept for a day at most.
    pub async fn forget_answers(&self) -> Result<(), Error> {
        let answers = idempotency::Entity::update_many()
            .col_expr(idempotency::Column::Answer, Expr::value(Option::<String>::None))
            .filter(idempotency::Column::NetworkId.eq(self.network()?))
            .filter(idempotency::Column::Answer.is_not_null());
        self.blank(answers).await.map(drop)
    }

    /// Removes the copies in which one of these texts stands: exports, and answers kept for repeated requests, whose
    /// effect stays known.
    pub async fn forget_copies(&self, texts: &[String]) -> Result<(), Error> {
        let network = self.network()?;
        let holds =
            |column: &str| texts.iter().fold(Condition::any(), |any, text| any.add(self.holds(column, text)));
        let parts = data_export_part::Entity::find()
            .select_only()
            .column(data_export_part::Column::DataExportId)
            .filter(data_export_part::Column::NetworkId.eq(network))
            .filter(holds("text"));
        let exports = data_export::Entity::delete_many()
            .filter(data_export::Column::NetworkId.eq(network))
            .filter(data_export::Column::Id.in_subquery(parts.into_query()));
        self.discard_all(exports).await?;
        let answers = idempotency::Entity::update_many()
            .col_expr(idempotency::Column::Answer, Expr::value(Option::<String>::None))
            .filter(idempotency::Column::NetworkId.eq(network))
            .filter(holds("answer"));
        self.blank(answers).await.map(drop)
    }

    /// Whether a column has a text, as it is written in JSON.
    fn holds(&self, column: &str, text: &str) -> SimpleExpr {
        let json = serde_json::Value::from(text).to_string();
        let json = &json[1..json.len() - 1];
        let column = match self.kernel.db.is_postgres() {
            true => format!("strpos({column}::text, $1) > 0"),
            false => format!("instr({column}, ?) > 0"),
        };
        Expr::cust_with_values(column, [json.to_owned()])
    }

    /// Ends every way in which a person can sign in here. An identity that is nobody else, in no other network, is gone
    /// with its address and its password. The person has been parted from it before.
    pub async fn end_identity(
        &self,
        person: Id<person::Entity>,
        of: Option<Id<identity::Entity>>,
    ) -> Result<(), Error> {
        self.transaction.apply_scope(&Scope::identity(Some(self.network()?.uuid()))).await?;
        let families = || sign_in::Entity::find().filter(sign_in::Column::PersonId.eq(person));
        let known = families().select_only().column(sign_in::Column::Id).into_query();
        let tokens =
            refresh_token::Entity::delete_many().filter(refresh_token::Column::SignInId.in_subquery(known));
        self.discard_all(tokens).await?;
        let ended = sign_in::Entity::update_many()
            .col_expr(sign_in::Column::RevokedAt, Expr::value(self.now))
            .filter(sign_in::Column::PersonId.eq(person))
            .filter(sign_in::Column::RevokedAt.is_null());
        self.blank(ended).await?;
        let letters =
            password_reset::Entity::delete_many().filter(password_reset::Column::PersonId.eq(person));
        self.discard_all(letters).await?;
        let changes = address_change::Entity::delete_many();
        self.discard_all(changes.filter(address_change::Column::PersonId.eq(person))).await?;
        if let Some(id) = of {
            // two networks that erase the same human at the same time wait for each other here
            let locked = identity::Entity::find().filter(identity::Column::Id.eq(id)).lock_for_change();
            locked.one(&self.transaction).await?;
            let others = person::Entity::find().filter(person::Column::IdentityId.eq(id));
            if others.one(&self.transaction).await?.is_none() {
                let gone = identity::Entity::update_many()
                    .col_expr(identity::Column::Email, Expr::value(no_address(id.uuid())))
                    .col_expr(identity::Column::PasswordHash, Expr::value(""))
                    .col_expr(identity::Column::Version, Expr::col(identity::Column::Version).add(1))
                    .filter(identity::Column::Id.eq(id));
                self.blank(gone).await?;
                let changes = address_change::Entity::delete_many();
                self.discard_all(changes.filter(address_change::Column::IdentityId.eq(id))).await?;
                let places = sign_in_place::Entity::delete_many();
                self.discard_all(places.filter(sign_in_place::Column::IdentityId.eq(id))).await?;
            }
        }
        self.transaction.apply_scope(&self.scope).await
    }

    /// Counts the network's access epoch up: whoever is kept in memory is read anew.
    pub async fn end_access(&self) -> Result<(), Error> {
        let epoch = network::Column::AccessEpoch;
        let later = network::Entity::update_many()
            .col_expr(epoch, Expr::col(epoch).add(1))
            .filter(network::Column::Id.eq(self.network()?));
        self.blank(later).await.map(drop)
    }
}

/// Empties the words of a table's rows that a column names, where the table has the column.
struct Empty<'a> {
    write: &'a Write,
    column: &'static str,
    of: Uuid,
}

impl<'a> Visitor for Empty<'a> {
    type Output = BoxFuture<'a, Result<(), Error>>;
    fn visit<E>(self) -> Self::Output
    where
        E: Scoped,
        E::Model: serde::Serialize + Send + Sync,
    {
        let Empty { write, column, of } = self;
        async move {
            if E::Column::from_str(column).is_err() {
                return Ok(());
            }
            let named = |name: &'static str| Expr::col((E::default(), Alias::new(name)));
            let network = write.network()?;
            let own = Condition::all().add(named(column).eq(of)).add(named("network_id").eq(network.uuid()));
            let words = match E::ERASABLE {
                Erasable::None => return Ok(()),
                Erasable::Rows => {
                    write.discard_all(E::delete_many().filter(own)).await?;
                    return Ok(());
                }
                Erasable::Columns(words) => words,
            };
            let mut rows = E::update_many().filter(own);
            for (name, left) in words {
                let column = E::Column::from_str(name).map_err(|_| Fault::Internal)?;
                rows = rows.col_expr(column, write.left(*left));
            }
            if let Ok(version) = E::Column::from_str("version") {
                rows = rows.col_expr(version, Expr::col(Alias::new("version")).add(1));
            }
            write.blank(rows).await.map(drop)
        }
        .boxed()
    }
}

impl Write {
    fn left(&self, left: Replacement) -> SimpleExpr {
        match left {
            Replacement::Nothing => Expr::value(Option::<String>::None),
            Replacement::Text(text) => Expr::value(text),
            Replacement::Name(name) if self.kernel.db.is_postgres() => {
                Expr::cust_with_values("$1 || ' ' || right(replace(id::text, '-', ''), 12)", [name])
            }
            Replacement::Name(name) => {
                Expr::cust_with_values("? || ' ' || lower(substr(hex(id), -12))", [name])
            }
        }
    }
}
