//! Classification: the network's own lists of industries and size bands, from which a client's industry and size are taken.
//!
//! Head office maintains them. A new network has the sections of the UK SIC 2007 and the five size bands ([`founding`]). An
//! entry's key never changes, because clients and benchmarks name it; a retired entry stays with the clients that have it
//! and is not given to others.

pub mod founding;
pub mod rules;
#[cfg(test)]
mod tests;

use crate::{
    kernel::{
        Caller, Check, Code, Error, Write, access::Permission, expect_version, fold::same, read::shape::typed,
    },
    message, mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    classification::{self, ClassificationKind, Entity},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// An entry of the network's classification of clients: an industry or a size band.
    Classification of classification {
        /// What the entry describes: an industry or a size band.
        kind = closed::<ClassificationKind, _>(Kind).filter().order(),
        /// Key of the entry, such as `C`, unique in its kind. Clients and benchmarks name the entry by it. It never
        /// changes.
        key = text(Key).filter().order(),
        /// Name of the entry for people, such as `Manufacturing`.
        label = text(Label).filter().order(),
        /// Place of the entry in its kind, from 1. Entries with equal places are sorted by ID.
        position = int(Position).filter().order(),
        /// When the entry was retired. Clients that have it keep it, and no other client gets it. Null if it is in use.
        retiredAt = instant(RetiredAt).or_null().filter(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
    }
}

/// Input for `classificationCreate`.
#[derive(InputObject)]
pub struct ClassificationCreateInput {
    /// What the entry describes: an industry or a size band.
    pub kind: ClassificationKind,
    /// Key of the entry, unique in its kind: 1 to 20 characters. For a size band one of `MICRO`, `SMALL`, `MEDIUM`,
    /// `LARGE` and `ENTERPRISE`. It can never be changed.
    pub key: String,
    /// Name of the entry for people: 1 to 120 characters.
    pub label: String,
    /// Place of the entry in its kind: 1 to 1,000. By default after the last one.
    pub position: Option<i32>,
}

/// Input for `classificationUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct ClassificationUpdateInput {
    /// ID of the entry.
    pub id: ID,
    /// Name of the entry for people: 1 to 120 characters.
    pub label: Option<String>,
    /// Place of the entry in its kind: 1 to 1,000.
    pub position: Option<i32>,
    /// `true` to retire the entry, `false` to use it again.
    pub retired: Option<bool>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    ClassificationMutation: classification -> Classification of Entity {
        /// Adds an entry to the network's classification of clients.
        classification_create(ClassificationCreateInput) -> ClassificationCreatePayload = create;
        /// Changes the name or place of an entry, retires it, or uses it again. A retired entry stays with the clients
        /// that have it, and no other client gets it.
        classification_update(ClassificationUpdateInput) -> ClassificationUpdatePayload = update, on id;
    }
}

async fn create(caller: &Caller, input: ClassificationCreateInput) -> Result<Id<Entity>, Error> {
    let (write, network) = caller.write_network(Permission::ClassificationCreate).await?;
    let entries = entries_of(&write, input.kind).await?;
    let mut check = Check::new();
    let key = check.line("input.key", &input.key, 1..=20);
    let label = check.line("input.label", &input.label, 1..=120);
    let last = entries.iter().map(|entry| entry.position).max().unwrap_or_default();
    let position = check.number("input.position", input.position.unwrap_or((last + 1).min(1000)), 1..=1000);
    check.keep(rules::require_key_of_kind(input.kind, &key));
    check.keep(rules::require_room(entries.len()));
    check_key_is_free(&write, &mut check, input.kind, &key).await?;
    check.done()?;
    let id = write.id();
    let row = classification::Model {
        id,
        network_id: network.id,
        kind: input.kind,
        key,
        label,
        position,
        created_at: write.now(),
        retired_at: None,
        version: 1,
    };
    write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(id)
}

async fn update(caller: &Caller, input: ClassificationUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, entry) =
        caller.write::<Entity>(Permission::ClassificationUpdate, typed(&input.id), "input.id").await?;
    expect_version(entry.version, input.expected_version)?;
    let mut check = Check::new();
    let label = check.line_if("input.label", input.label.as_ref(), 1..=120);
    let position = input.position.map(|position| check.number("input.position", position, 1..=1000));
    check.done()?;
    let mut change = entry.clone().into_active_model();
    label.into_iter().for_each(|label| change.label = Set(label));
    position.into_iter().for_each(|position| change.position = Set(position));
    if let Some(retired) = input.retired.filter(|retired| *retired != entry.retired_at.is_some()) {
        change.retired_at = Set(retired.then(|| write.now()));
    }
    write.update::<Entity>(&entry, change).await?;
    write.commit().await?;
    Ok(entry.id)
}

/// Loads all entries of the network.
pub async fn load_entries(write: &Write) -> Result<Vec<classification::Model>, Error> {
    write.load_all(Entity::find()).await
}

async fn entries_of(write: &Write, kind: ClassificationKind) -> Result<Vec<classification::Model>, Error> {
    write.all(Entity::find().filter(classification::Column::Kind.eq(kind))).await
}

async fn check_key_is_free(
    write: &Write,
    check: &mut Check,
    kind: ClassificationKind,
    key: &str,
) -> Result<(), Error> {
    let others = Entity::find()
        .filter(classification::Column::Kind.eq(kind))
        .filter(same(classification::Column::Key, key));
    let taken = write.count(others).await? > 0;
    check.refuse_if(
        taken,
        Code::Taken,
        "input.key",
        message!(
            CLASSIFICATION_KEY_TAKEN,
            "Another entry of this kind has this key. Change that one (`classificationUpdate`), or choose another key."
        ),
    );
    Ok(())
}
