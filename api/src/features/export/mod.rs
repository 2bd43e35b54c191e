//! Export: a file of JSON lines with everything that a person may read about a client or a person.
//!
//! The first line describes the file; each other line is a row of a table, as it was in one snapshot. All tables with rows
//! about the subject are included; they are found by their columns. Rows must be within the maker's reach without support
//! visits.
//!
//! A file is made in three steps: a short transaction checks the request and takes the maker's one slot; a snapshot is read
//! and stored part by part; the last change completes the export. Only the maker has access, by a link that works for some
//! minutes, and only while they hold every role that the rows were read with. The file is deleted after a week.

mod link;
pub mod rules;
#[cfg(test)]
mod tests;

pub use link::Link;

use super::{client::Client, person};
use crate::{
    kernel::{
        Caller, Error, Fault, Refusal, Snapshot, TransactionPart, Write,
        access::{Actor, Permission, Role},
        confidential,
        mutation::split,
        read::shape::typed,
        refused_id,
    },
    mutations, payload, price,
    scalar::DateTime,
    shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, Placement, Scoped, Table, Visitor, client,
    data_export::{self, Entity, ExportKind},
    data_export_part, member,
};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, IntoActiveModel, ModelTrait, QueryFilter, QueryOrder,
    QuerySelect, Value,
    sea_query::{Alias, Expr},
};
use serde::Serialize;
use serde_json::json;
use std::{collections::BTreeSet, str::FromStr};
use uuid::Uuid;

shape! {
    /// A file that the caller made with all that they may read of a client or a person. Kept for seven days.
    DataExport of data_export {
        /// Whether the export is about a client or a person.
        kind = closed::<ExportKind, _>(Kind).filter(),
        /// The client that the export is about. Null if the export is about a person.
        client = one::<Client, _>(ClientId).or_null(),
        /// When the export was completed. Null while the export is being made; until then it cannot be fetched.
        madeAt = instant(MadeAt).or_null(),
        /// Number of table rows in the file.
        rows = int(Rows),
        /// Size of the file in bytes.
        bytes = int(Bytes),
        /// When the export was requested. The file shows all data as of this time.
        createdAt = instant(CreatedAt).order(),
        /// When the file is deleted: seven days after `createdAt`.
        expiresAt = instant(ExpiresAt).order(),
    }
}

/// Input for `clientExport`.
#[derive(InputObject)]
pub struct ClientExportInput {
    /// ID of the client.
    pub client_id: ID,
}

/// Input for `personExport`.
#[derive(InputObject)]
pub struct PersonExportInput {
    /// ID of the person: the caller, or anyone for head-office admins.
    pub id: ID,
}

/// Input for `exportLink`.
#[derive(InputObject)]
pub struct ExportLinkInput {
    /// ID of an export that the caller made.
    pub id: ID,
}

mutations! {
    ExportMutation: data_export -> DataExport of Entity {
        /// Makes a file of all that the caller may read of a client, without what support visits show. The file has
        /// JSON lines and is kept for seven days. A person makes one export at a time and keeps five: the sixth removes
        /// the oldest. Fails with `LIMIT_REACHED` if another export is being made, or for more than 64 MiB.
        client_export(ClientExportInput) -> ClientExportPayload = export_client;
        /// Makes a file of all that the caller may read of a person: what the person is, owns, did and said. People
        /// export themselves, and head-office admins export anyone. The limits are those of `clientExport`.
        person_export(PersonExportInput) -> PersonExportPayload = export_person;
    }
}

payload! {
    /// Result of `exportLink`.
    pub struct ExportLinkPayload {
        /// URL of the file, for a GET request without a token. Anyone who has the link can fetch the file. Null if the
        /// link was not made.
        pub url: Option<String>,
        /// When the link expires: after five minutes, or with the export if that is earlier. Null if the link was not
        /// made.
        pub until: Option<DateTime>,
        /// Reasons the link was not made. Empty if it was made.
        pub errors: Vec<Refusal>,
    }
}

mutations! {
    ExportLinkMutation {
        /// Makes a link for fetching an export. The link works for five minutes and ends no earlier link. Fails with
        /// `NOT_FOUND` if the caller has lost a role that the file was made with. The link stops working when the
        /// caller loses such a role.
        export_link(ExportLinkInput) -> ExportLinkPayload = export_link;
    }
}

async fn export_link(caller: &Caller, input: ExportLinkInput) -> Result<ExportLinkPayload, Fault> {
    let (made, errors) = split(create_link(caller, input).await)?;
    let (url, until) = made.unzip();
    Ok(ExportLinkPayload { url, until, errors })
}

async fn export_client(caller: &Caller, input: ClientExportInput) -> Result<Id<Entity>, Error> {
    let (write, client) = caller
        .write::<client::Entity>(Permission::ClientExport, typed(&input.client_id), "input.clientId")
        .await?;
    let export = begin_export(write, ExportSubject::Client(client.id.uuid())).await?;
    write_export(caller, export, ExportSubject::Client(client.id.uuid()), "input.clientId").await
}

async fn export_person(caller: &Caller, input: PersonExportInput) -> Result<Id<Entity>, Error> {
    let (write, who) = caller
        .write::<entity::person::Entity>(Permission::PersonExport, typed(&input.id), "input.id")
        .await?;
    let actor = write.actor()?;
    let (own, admin) = (who.id == actor.person, actor.roles().has(Role::HeadOfficeAdmin));
    person::rules::require_exporter(
        own,
        admin,
        own || admin || person::can_see_person(&write, who.id).await?,
    )?;
    let about = ExportSubject::Person(who.id.uuid());
    let export = begin_export(write, about).await?;
    write_export(caller, export, about, "input.id").await
}

async fn create_link(caller: &Caller, input: ExportLinkInput) -> Result<(String, DateTime), Error> {
    let (look, export) = caller
        .write_part::<Entity>(TransactionPart::Look, Permission::ExportLink, typed(&input.id), "input.id")
        .await?;
    rules::require_available(&export, look.now())?;
    if !is_readable(&export, look.actor()?) {
        return Err(refused_id("input.id").into());
    }
    let until = rules::link_ends_at(look.now(), export.expires_at);
    let token = Link { export: export.id, until }.token(look.secrets(), look.bytes());
    look.roll_back().await?;
    let url = format!("{}/exports/{}/{token}", caller.settings().public_url, export.network_id);
    Ok((url, DateTime(until)))
}

/// Whether an export's maker still holds every role that its rows were read with.
fn is_readable(export: &data_export::Model, maker: &Actor) -> bool {
    serde_json::from_str::<Vec<String>>(&export.held).is_ok_and(|held| maker.still_holds(&held))
}

/// Loads the export of a link. `None` if the link or its maker's access has ended. `write` reads as the system.
pub async fn load_linked(write: &Write, link: &Link) -> Result<Option<data_export::Model>, Error> {
    if link.until <= write.now() {
        return Ok(None);
    }
    let Some(export) = write.find::<Entity>(link.export).await? else { return Ok(None) };
    let maker = write.actor_of(export.person_id).await?;
    Ok(maker.is_some_and(|maker| is_readable(&export, &maker)).then_some(export))
}

/// Loads a part of an export. Positions start at 0. `None` after the last part. `write` reads as the system.
pub async fn load_part(write: &Write, of: Id<Entity>, position: i32) -> Result<Option<String>, Error> {
    let part = data_export_part::Entity::find()
        .filter(data_export_part::Column::DataExportId.eq(of))
        .filter(data_export_part::Column::Position.eq(position));
    Ok(write.one(part).await?.map(|part| part.text))
}

/// The subject of an export.
#[derive(Clone, Copy)]
enum ExportSubject {
    Client(Uuid),
    Person(Uuid),
}

/// Takes the person's one slot for an export in progress, and removes exports beyond the limit.
async fn begin_export(write: Write, about: ExportSubject) -> Result<data_export::Model, Error> {
    let (person_id, now) = (write.person()?, write.now());
    // Serialises exports of one person that begin at the same time.
    write.lock::<entity::person::Entity>(person_id).await?;
    let own =
        Entity::find().order_by_desc(data_export::Column::CreatedAt).order_by_desc(data_export::Column::Id);
    let own = write.all(own).await?;
    rules::require_none_running(&own, now)?;
    let gone: Vec<Uuid> = rules::exports_to_remove(&own, now).map(|export| export.id.uuid()).collect();
    write.discard_each::<Entity>(&gone).await?;
    let (kind, subject_id, client_id) = match about {
        ExportSubject::Client(id) => (ExportKind::Client, id, Some(Id::new(id))),
        ExportSubject::Person(id) => (ExportKind::Person, id, None),
    };
    let row = data_export::Model {
        id: write.id(),
        network_id: write.network()?,
        client_id,
        person_id,
        kind,
        subject_id,
        rows: 0,
        bytes: 0,
        created_at: now,
        expires_at: rules::expires_at(now),
        made_at: None,
        held: "[]".into(),
        version: 1,
    };
    let export = write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(export.into_inner())
}

/// Reads everything in one snapshot and stores it part by part.
async fn write_export(
    caller: &Caller,
    export: data_export::Model,
    about: ExportSubject,
    path: &str,
) -> Result<Id<Entity>, Error> {
    let id = export.id;
    let made = write_file(caller, &export, about, path).await;
    if made.is_err() {
        // Otherwise the export would block the next one for some minutes.
        caller.abandon::<Entity>(export).await?;
    }
    made.map(|()| id)
}

async fn write_file(
    caller: &Caller,
    export: &data_export::Model,
    about: ExportSubject,
    path: &str,
) -> Result<(), Error> {
    let snapshot = caller.snapshot().await?;
    // Read in the snapshot, without support visits, which would reveal the person's teams.
    let members: Vec<Uuid> = match about {
        ExportSubject::Client(_) => vec![],
        ExportSubject::Person(id) => {
            let members = member::Entity::find().filter(member::Column::PersonId.eq(id));
            snapshot.read().all(members).await?.iter().map(|member| member.id.uuid()).collect()
        }
    };
    let word = match about {
        ExportSubject::Client(_) => "client",
        ExportSubject::Person(_) => "person",
    };
    let head = json!({
        "export": word, "subject": export.subject_id, "network": export.network_id, "takenBy": export.person_id,
        "at": export.created_at,
    });
    let mut file = ExportFile {
        caller,
        snapshot: &snapshot,
        export,
        path,
        part: String::new(),
        parts: 0,
        bytes: 0,
        rows: 0,
        clients: BTreeSet::new(),
    };
    file.clients.extend(export.client_id.map(Id::uuid));
    file.write_line(&head.to_string()).await?;
    for table in Table::ALL {
        table.visit(TableRows { file: &mut file, about, members: &members }).await?;
    }
    file.save_part().await?;
    let mut change = export.clone().into_active_model();
    change.rows = Set(file.rows);
    change.bytes = Set(i32::try_from(file.bytes).map_err(|_| Fault::Internal)?);
    change.made_at = Set(Some(caller.seams().now()));
    let held = snapshot.read().actor()?.held_at(&file.clients);
    change.held = Set(json!(held).to_string());
    snapshot.finish::<Entity>(change).await
}

/// A file in progress. Only its last part is in memory.
struct ExportFile<'a> {
    caller: &'a Caller,
    snapshot: &'a Snapshot,
    export: &'a data_export::Model,
    path: &'a str,
    part: String,
    parts: i32,
    bytes: usize,
    rows: i32,
    /// The clients of the rows in the file.
    clients: BTreeSet<Uuid>,
}

impl ExportFile<'_> {
    async fn write_line(&mut self, line: &str) -> Result<(), Error> {
        self.bytes += line.len() + 1;
        rules::require_size(self.bytes, self.path)?;
        if !self.part.is_empty() && self.part.len() + line.len() > rules::MAX_PART_BYTES {
            self.save_part().await?;
        }
        self.part.push_str(line);
        self.part.push('\n');
        Ok(())
    }

    async fn save_part(&mut self) -> Result<(), Error> {
        self.caller.spend(price::export_price(self.part.len()));
        let part = data_export_part::Model {
            data_export_id: self.export.id,
            position: self.parts,
            network_id: self.export.network_id,
            client_id: self.export.client_id,
            person_id: self.export.person_id,
            text: std::mem::take(&mut self.part),
        };
        self.parts += 1;
        self.snapshot.keep::<data_export_part::Entity>(vec![part.into_active_model().reset_all()]).await
    }
}

/// Number of rows that one query reads.
const ROWS_PER_QUERY: u64 = 500;

/// Writes the rows of a table about the subject that the caller may read, one line for each.
struct TableRows<'a, 'f> {
    file: &'a mut ExportFile<'f>,
    about: ExportSubject,
    /// All present and past members of teams that are the person.
    members: &'a [Uuid],
}

impl<'a, 'f> Visitor for TableRows<'a, 'f> {
    type Output = BoxFuture<'a, Result<(), Error>>;
    fn visit<E>(self) -> Self::Output
    where
        E: Scoped,
        E::Model: Serialize + Send + Sync,
    {
        let TableRows { file, about, members } = self;
        async move {
            // Search entries are derived from other rows, and exports are copies.
            let derived = E::PLACEMENT == Placement::Found
                || [Table::DataExport, Table::DataExportPart].contains(&E::TABLE);
            let Some(condition) = subject_condition::<E>(about, members).filter(|_| !derived) else {
                return Ok(());
            };
            let read = file.snapshot.read();
            let actor = read.actor()?.clone();
            let inside = matches!(about, ExportSubject::Client(client) if actor.is_inside(client));
            let id = E::Column::from_str("id").ok();
            let mut last: Option<Uuid> = None;
            loop {
                let mut select = E::find().filter(condition.clone());
                if id.is_some() {
                    let after = last.map(|last| column::<E>("id").gt(last));
                    let after = Condition::all().add_option(after);
                    select = select.filter(after).order_by_asc(column::<E>("id")).limit(ROWS_PER_QUERY);
                }
                let rows = read.all(select).await?;
                for row in &rows {
                    if E::PLACEMENT != Placement::Own {
                        file.clients.extend(client_of::<E>(row));
                    }
                    let mut row = serde_json::to_value(row).map_err(|_| Error::from(Fault::Internal))?;
                    if !inside {
                        confidential::blank::<E>(&mut row);
                    }
                    file.rows += 1;
                    file.write_line(&json!({ "table": E::TABLE.name(), "row": row }).to_string()).await?;
                }
                last = id.and_then(|id| rows.last().and_then(|row| uuid_of::<E>(row, id)));
                if last.is_none() || (rows.len() as u64) < ROWS_PER_QUERY {
                    return Ok(());
                }
            }
        }
        .boxed()
    }
}

/// The client of a row, if it has one.
fn client_of<E: Scoped>(row: &E::Model) -> Option<Uuid> {
    let name = if E::PLACEMENT == Placement::Client { "id" } else { "client_id" };
    uuid_of::<E>(row, E::Column::from_str(name).ok()?)
}

fn uuid_of<E: Scoped>(row: &E::Model, column: E::Column) -> Option<Uuid> {
    match row.get(column) {
        Value::Uuid(id) => id,
        _ => None,
    }
}

fn column<E: Scoped>(name: &'static str) -> Expr {
    Expr::col((E::default(), Alias::new(name)))
}

/// Condition of a table's rows about the subject. `None` if the table has no such rows.
fn subject_condition<E: Scoped>(about: ExportSubject, members: &[Uuid]) -> Option<Condition> {
    let has = |name: &str| E::Column::from_str(name).is_ok();
    match about {
        ExportSubject::Client(id) => {
            let name = if E::PLACEMENT == Placement::Client { "id" } else { "client_id" };
            has(name).then(|| Condition::all().add(column::<E>(name).eq(id)))
        }
        ExportSubject::Person(id) => {
            let person = if E::PLACEMENT == Placement::Person { "id" } else { "person_id" };
            let mut any = Condition::any();
            if has(person) {
                any = any.add(column::<E>(person).eq(id));
            }
            for name in ["owner_id", "member_id"].into_iter().filter(|name| has(name)) {
                any = any.add(column::<E>(name).is_in(members.iter().copied()));
            }
            (!any.is_empty()).then_some(any)
        }
    }
}
