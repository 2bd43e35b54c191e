//! Client note: a private note of a client's facilitators. The client, the franchise owner and head office cannot read
//! it, and the audit log does not contain its text.
//!
//! The client's lead can read all notes. A co-facilitator can read the notes written since they were assigned, so that
//! making yourself a co-facilitator does not open earlier notes. The lead is notified by e-mail of each new
//! co-facilitator. Only the author can change a note's text. Each facilitator who can read a note can pin or archive
//! it; archiving is final.

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
    /// A private note of a client's facilitators. The lead can read all notes on the client; a co-facilitator can read
    /// those written since they were assigned. All other users have no access.
    ClientNote of client_note {
        /// Text of the note.
        text = text(Text).filter(),
        /// Whether the note is pinned, so that it stays in view.
        pinned = flag(Pinned).filter(),
        /// Time the note was archived. Null if not archived.
        archivedAt = instant(ArchivedAt).or_null().filter(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Client that the note is about.
        client = one::<Client, _>(ClientId),
        /// Facilitator who wrote the note. Null if you no longer have access to them.
        person = one::<Person, _>(PersonId).or_null(),
    }
}

/// Input for `clientNoteCreate`.
#[derive(InputObject)]
pub struct ClientNoteCreateInput {
    /// ID of the client. You must be one of its facilitators.
    pub client_id: ID,
    /// Text of the note: 1 to 10,000 characters.
    pub text: String,
    /// Whether to pin the note, so that it stays in view.
    #[graphql(default)]
    pub pinned: bool,
}

/// Input for `clientNoteUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct ClientNoteUpdateInput {
    /// ID of the note, which must not be archived.
    pub id: ID,
    /// New text: 1 to 10,000 characters. Only the author can change the text.
    pub text: Option<String>,
    /// Whether to pin the note, so that it stays in view.
    pub pinned: Option<bool>,
    /// The `version` you last read. Fails with `CONFLICT` if the note has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `clientNoteArchive`.
#[derive(InputObject)]
pub struct ClientNoteArchiveInput {
    /// ID of the note, which must not be archived.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the note has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    NoteMutation: client_note -> ClientNote of Entity {
        /// Writes a private note about a client. Only the client's facilitators can read it.
        client_note_create(ClientNoteCreateInput) -> ClientNoteCreatePayload = create;
        /// Changes a note's text, or pins or unpins the note. Only the author can change the text.
        client_note_update(ClientNoteUpdateInput) -> ClientNoteUpdatePayload = update, on id;
        /// Archives and unpins a note. An archived note stays readable and can no longer change.
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
    rules::require_not_archived(&note)?;
    if text.is_some() {
        rules::require_author(&note, write.person()?)?;
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
    rules::require_not_archived(&note)?;
    let mut change = note.clone().into_active_model();
    change.archived_at = Set(Some(write.now()));
    change.pinned = Set(false);
    write.update::<Entity>(&note, change).await?;
    write.commit().await?;
    Ok(note.id)
}
