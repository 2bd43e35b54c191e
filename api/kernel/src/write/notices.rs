//! Notices that a change causes. [`Write::notify`] keeps one with the transaction, and the commit inserts all of them by one
//! statement: no notice of a change that was rolled back is ever seen.
//!
//! Invariant: a notice names an object and has none of its texts.

use super::door::Write;
use crate::error::Error;
use entity::{
    Id, Scoped, client,
    notice::{self, NoticeKind},
    person, team,
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use uuid::Uuid;

/// What a notice says, whoever it is for.
#[derive(Clone, Copy, Debug)]
pub struct Notice {
    kind: NoticeKind,
    noun: &'static str,
    subject: Uuid,
    client: Option<Id<client::Entity>>,
    team: Option<Id<team::Entity>>,
    mailed: bool,
}

impl Notice {
    /// A notice about an object.
    pub fn about<E: Scoped>(kind: NoticeKind, id: Id<E>) -> Notice {
        Notice { kind, noun: E::PREFIX, subject: id.uuid(), client: None, team: None, mailed: true }
    }
    /// The object is a client's: the notice is for people who have access to the client.
    pub fn at(mut self, client: Id<client::Entity>) -> Notice {
        self.client = Some(client);
        self
    }
    /// The object is a team's: the notice is for people who have access to the team.
    pub fn of_team(mut self, client: Id<client::Entity>, team: Id<team::Entity>) -> Notice {
        (self.client, self.team) = (Some(client), Some(team));
        self
    }
    /// No e-mail follows: the change sends one of its own.
    pub fn without_email(mut self) -> Notice {
        self.mailed = false;
        self
    }
    /// The client that it is about.
    pub fn client(&self) -> Option<Id<client::Entity>> {
        self.client
    }
    /// The team that it is about.
    pub fn team(&self) -> Option<Id<team::Entity>> {
        self.team
    }
}

impl Write {
    /// Adds a notice for a person with this transaction's commit; none for the acting person.
    pub fn notify(&self, notice: Notice, person: Id<person::Entity>) {
        if self.person().ok() != Some(person) {
            self.notices.lock().push((notice, person));
        }
    }

    /// Inserts the notices, one for each person, kind and object.
    pub(crate) async fn store_notices(&self) -> Result<(), Error> {
        let mut told = std::mem::take(&mut *self.notices.lock());
        if told.is_empty() {
            return Ok(());
        }
        told.sort_by_key(|(notice, person)| (person.uuid(), notice.kind, notice.subject));
        told.dedup_by_key(|(notice, person)| (person.uuid(), notice.kind, notice.subject));
        let network = self.network()?;
        let rows = told.into_iter().map(|(notice, person)| notice::Model {
            id: self.kernel.seams.id(),
            network_id: network,
            person_id: person,
            client_id: notice.client,
            team_id: notice.team,
            kind: notice.kind,
            noun: notice.noun.into(),
            subject_id: notice.subject,
            caused_by_id: self.person().ok(),
            created_at: self.now,
            read_at: None,
            mail_at: notice.mailed.then_some(self.now),
        });
        let rows = rows.map(|row| row.into_active_model().reset_all()).collect();
        self.insert_unaudited::<notice::Entity>(rows).await
    }
}
