//! Client note: what the facilitators of a client keep to themselves about it. Neither the client nor the owner of the
//! franchise nor head office reads it, and the audit does not show it.
//!
//! The client's lead reads all notes. A co-facilitator reads the notes written since they were assigned, so nobody
//! opens what was written before to themselves; the lead is told by e-mail of each new co-facilitator. The author of a
//! note changes its text. Each facilitator who reads it pins it, or archives it, which is final.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{client::Client, person::Person};
use crate::{
    kernel::{Caller, Check, Error, access::Permission, expect_version, read::shape::typed},
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, client,
    client_note::{self, Entity},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

shape! {
    /// A private note of a client's facilitators. The lead reads all notes of the client, and a co-facilitator reads the
    /// notes written since they were assigned. Nobody else reads it.
    ClientNote of client_note {
        /// What it says.
        text = text(Text).filter(),
        /// Whether it is to stay in view.
        pinned = flag(Pinned).filter(),
        /// When it was written.
        createdAt = instant(CreatedAt).filter().order(),
        /// When it was archived.
        archivedAt = instant(ArchivedAt).or_null().filter(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The client it is about.
        client = one::<Client, _>(ClientId),
        /// The facilitator who wrote it; null where they are no longer in the caller's sight.
        author = one::<Person, _>(PersonId).or_null(),
    }
}

/// A note to write.
#[derive(InputObject)]
pub struct ClientNoteCreateInput {
    /// The client it is about: one that the caller facilitates.
    pub client_id: ID,
    /// What it says: 1 to 10,000 characters.
    pub text: String,
    /// Whether it is to stay in view.
    #[graphql(default)]
    pub pinned: bool,
}

/// What to change of a note. What is left out stays.
#[derive(InputObject)]
pub struct ClientNoteUpdateInput {
    /// The note: not archived.
    pub id: ID,
    /// What it says: 1 to 10,000 characters. Only its author changes it.
    pub text: Option<String>,
    /// Whether it is to stay in view.
    pub pinned: Option<bool>,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

/// Which note, and nothing more.
#[derive(InputObject)]
pub struct ClientNoteArchiveInput {
    /// The note: not archived.
    pub id: ID,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

mutations! {
    NoteMutation: client_note -> ClientNote of Entity {
        /// Writes a private note about a client, for its facilitators alone.
        client_note_create(ClientNoteCreateInput) -> ClientNoteCreatePayload = create;
        /// Changes what a note says, or pins it.
        client_note_update(ClientNoteUpdateInput) -> ClientNoteUpdatePayload = update, on id;
        /// Archives a note: it stays to be read, and changes no more.
        client_note_archive(ClientNoteArchiveInput) -> ClientNoteArchivePayload = archive, on id;
    }
}

async fn create(caller: &Caller, input: ClientNoteCreateInput) -> Result<Id<Entity>, Error> {
    let (write, client) = caller
        .write::<client::Entity>(Permission::ClientNoteCreate, typed(&input.client_id), "input.clientId")
        .await?;
    let mut check = Check::new();
    let text = check.text("input.text", &input.text, 1..=10_000);
    check.done()?;
    let id = write.id();
    let row = client_note::Model {
        id,
        network_id: client.network_id,
        client_id: client.id,
        person_id: write.person()?,
        text,
        pinned: input.pinned,
        created_at: write.now(),
        archived_at: None,
        version: 1,
    };
    write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(id)
}

async fn update(caller: &Caller, input: ClientNoteUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, note) =
        caller.write::<Entity>(Permission::ClientNoteUpdate, typed(&input.id), "input.id").await?;
    expect_version(note.version, input.expected_version)?;
    let mut check = Check::new();
    let text = check.text_if("input.text", input.text.as_ref(), 1..=10_000);
    check.done()?;
    rules::changeable(&note)?;
    if text.is_some() {
        rules::written_by(&note, write.person()?)?;
    }
    let mut change = note.clone().into_active_model();
    text.into_iter().for_each(|text| change.text = Set(text));
    input.pinned.into_iter().for_each(|pinned| change.pinned = Set(pinned));
    write.update::<Entity>(&note, change).await?;
    write.commit().await?;
    Ok(note.id)
}

async fn archive(caller: &Caller, input: ClientNoteArchiveInput) -> Result<Id<Entity>, Error> {
    let (write, note) =
        caller.write::<Entity>(Permission::ClientNoteArchive, typed(&input.id), "input.id").await?;
    expect_version(note.version, input.expected_version)?;
    rules::changeable(&note)?;
    let mut change = note.clone().into_active_model();
    change.archived_at = Set(Some(write.now()));
    change.pinned = Set(false);
    write.update::<Entity>(&note, change).await?;
    write.commit().await?;
    Ok(note.id)
}
