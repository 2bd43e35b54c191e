//! How many e-mails go to one address, and how many one person causes. Counted in the database, over all networks and
//! processes. Only e-mails with a link and news are counted; those about someone's own sign-in are never held back.

use super::door::Write;
use crate::{
    access::Role,
    db::statement,
    error::{Code, Error, Message, Refusal},
    message,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Id, email_count, person};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder,
};
use sha2::{Digest, Sha256};

/// E-mails with a link an hour to an address.
const AN_HOUR: u64 = 3;
/// E-mails with a link that one person may cause a day.
const A_DAY: u64 = 50;
/// The same for head office and franchise owners.
const A_DAY_OF_OWNERS: u64 = 500;
/// News reaches one person at most this often; what comes in between is bundled.
const APART: TimeDelta = TimeDelta::minutes(15);

impl Write {
    /// Counts an e-mail with a link, unless a limit is reached. The acting person causes it; without one only the address
    /// counts.
    ///
    /// # Errors
    /// `TOO_MANY_ATTEMPTS` at `path`.
    pub async fn count_link(&self, address: &str, path: &str) -> Result<(), Error> {
        let hash = hash(address);
        let caused_by = self.actor.as_ref().map(|actor| actor.person);
        let day = self.actor.as_ref().map_or(A_DAY, |actor| {
            let many = [Role::HeadOfficeAdmin, Role::FranchiseOwner];
            if many.iter().any(|role| actor.roles().has(*role)) { A_DAY_OF_OWNERS } else { A_DAY }
        });
        self.within_platform(async {
            self.one_at_a_time(&hash).await?;
            let links = || email_count::Entity::find().filter(email_count::Column::Notice.eq(false));
            let to = links()
                .filter(email_count::Column::AddressHash.eq(&hash))
                .filter(email_count::Column::At.gt(self.now - TimeDelta::hours(1)));
            if to.count(&self.transaction).await? >= AN_HOUR {
                let message = message!(
                    PER_ADDRESS,
                    "At most {max} e-mails an hour go to one address. Try again later.",
                    max = AN_HOUR,
                );
                return Err(too_many(path, message));
            }
            if let Some(person) = caused_by {
                let by = links()
                    .filter(email_count::Column::CausedBy.eq(person))
                    .filter(email_count::Column::At.gt(self.now - TimeDelta::days(1)));
                if by.count(&self.transaction).await? >= day {
                    let message = message!(
                        PER_DAY,
                        "You can cause at most {max} e-mails a day. Try again later.",
                        max = day,
                    );
                    return Err(too_many(path, message));
                }
            }
            self.add_count(hash.clone(), caused_by, false).await
        })
        .await
    }

    /// Until when news for an address waits, because other news left lately. `None`: it may leave now.
    pub async fn notice_waits(&self, address: &str) -> Result<Option<DateTime<Utc>>, Error> {
        let last = email_count::Entity::find()
            .filter(email_count::Column::AddressHash.eq(hash(address)))
            .filter(email_count::Column::Notice.eq(true))
            .order_by_desc(email_count::Column::At);
        let last = self.within_platform(async { Ok(last.one(&self.transaction).await?) }).await?;
        Ok(last.map(|last| last.at + APART).filter(|until| *until > self.now))
    }

    /// Counts news that left.
    pub async fn count_notice(&self, address: &str) -> Result<(), Error> {
        self.within_platform(self.add_count(hash(address), None, true)).await
    }

    async fn add_count(
        &self,
        address_hash: String,
        caused_by: Option<Id<person::Entity>>,
        notice: bool,
    ) -> Result<(), Error> {
        let row =
            email_count::Model { id: self.kernel.seams.id(), address_hash, caused_by, notice, at: self.now };
        let insert = email_count::Entity::insert(row.into_active_model().reset_all());
        insert.exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// Two e-mails to one address are counted one after the other. SQLite has one writer anyway.
    async fn one_at_a_time(&self, hash: &str) -> Result<(), Error> {
        if self.kernel.db.is_postgres() {
            let lock = "select pg_advisory_xact_lock(hashtextextended({hash}, 0))";
            self.transaction
                .execute_raw(statement(&self.transaction, lock, &[("hash", hash.into())]))
                .await?;
        }
        Ok(())
    }
}

fn too_many(path: &str, message: Message) -> Error {
    Refusal::new(Code::TooManyAttempts, message).at(path).into()
}

fn hash(address: &str) -> String {
    hex::encode(Sha256::digest(address.as_bytes()))
}
