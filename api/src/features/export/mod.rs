//! Export: all that somebody may read of a client, or of a person, in one file of JSON lines.
//!
//! The file's first line says what it is; each other line is a row of a table, as it was in one snapshot. Every table
//! that tells of the subject is in it without being named here, each row within the maker's reach without support
//! visits: what a visit shows is not taken away.
//!
//! A file is made in three steps: a short transaction checks and takes the maker's one place, a snapshot is read and
//! kept part by part, and the last change completes it. The file is its maker's own, is fetched by a link that is good
//! for some minutes, only while its maker holds every role that its rows were read by, and goes after a week.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{client::Client, person};
use crate::{
    identity::token::OpaqueKind,
    kernel::{
        Caller, Error, Fault, Refusal, Snapshot, Write,
        access::{Actor, Permission, Role},
        inner,
        mutation::split,
        price,
        read::shape::typed,
        refused_id,
    },
    mutations, payload,
    scalar::DateTime,
    shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Hang, Id, Scoped, Table, Visitor, client,
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
        client_export(ClientExportInput) -> ClientExportPayload = of_client;
        /// Makes a file of all that the caller may read of a person: what the person is, owns, did and said. People
        /// export themselves, and head-office admins export anyone. The limits are those of `clientExport`.
        person_export(PersonExportInput) -> PersonExportPayload = of_person;
    }
}

payload! {
    /// Result of `exportLink`.
    pub struct ExportLinkPayload {
        /// URL of the file, for a GET request without a token. Anyone who has the link can fetch the file. Null if the
        /// link was not made.
        pub url: Option<String>,
        /// When the link expires: after five minutes, or with the export if that is earlier. A newer link ends this one
        /// at once. Null if the link was not made.
        pub until: Option<DateTime>,
        /// Reasons the link was not made. Empty if it was made.
        pub errors: Vec<Refusal>,
    }
}

mutations! {
    ExportLinkMutation {
        /// Makes a link for fetching an export. The link works for five minutes and replaces an earlier link. Fails
        /// with `NOT_FOUND` if the caller has lost a role that the file was made with. The link stops working when the
        /// caller loses such a role.
        export_link(ExportLinkInput) -> ExportLinkPayload = export_link;
    }
}

async fn export_link(caller: &Caller, input: ExportLinkInput) -> Result<ExportLinkPayload, Fault> {
    let (made, errors) = split(link(caller, input).await)?;
    let (url, until) = made.unzip();
    Ok(ExportLinkPayload { url, until, errors })
}

async fn of_client(caller: &Caller, input: ClientExportInput) -> Result<Id<Entity>, Error> {
    let (write, client) = caller
        .write::<client::Entity>(Permission::ClientExport, typed(&input.client_id), "input.clientId")
        .await?;
    let export = begin(write, About::Client(client.id.uuid())).await?;
    make(caller, export, About::Client(client.id.uuid()), "input.clientId").await
}

async fn of_person(caller: &Caller, input: PersonExportInput) -> Result<Id<Entity>, Error> {
    let (write, who) = caller
        .write::<entity::person::Entity>(Permission::PersonExport, typed(&input.id), "input.id")
        .await?;
    let actor = write.actor()?;
    let (own, admin) = (who.id == actor.person, actor.roles().has(Role::HeadOfficeAdmin));
    person::rules::exportable(own, admin, own || admin || person::known(&write, who.id).await?)?;
    let about = About::Person(who.id.uuid());
    let export = begin(write, about).await?;
    make(caller, export, about, "input.id").await
}

async fn link(caller: &Caller, input: ExportLinkInput) -> Result<(String, DateTime), Error> {
    let (write, export) =
        caller.write::<Entity>(Permission::ExportLink, typed(&input.id), "input.id").await?;
    rules::kept(&export, write.now())?;
    if !is_readable(&export, write.actor()?) {
        return Err(refused_id("input.id").into());
    }
    let token = OpaqueKind::Export.generate(&mut caller.seams().rng());
    let until = rules::link_ends(write.now(), export.expires_at);
    let url = format!("{}/exports/{}/{}", caller.settings().public_url, export.network_id, token.text);
    let mut change = export.clone().into_active_model();
    change.link_hash = Set(Some(token.hash));
    change.link_until = Set(Some(until));
    write.update::<Entity>(&export, change).await?;
    write.commit().await?;
    Ok((url, DateTime(until)))
}

/// Whether an export's maker still holds every role that its rows were read by. What was taken out is for someone who
/// could take it out now.
fn is_readable(export: &data_export::Model, maker: &Actor) -> bool {
    serde_json::from_str::<Vec<String>>(&export.held).is_ok_and(|held| maker.still_holds(&held))
}

/// The export that a link's token leads to, while the link and its maker's access last. `write` reads as the system.
pub async fn linked(write: &Write, hash: String) -> Result<Option<data_export::Model>, Error> {
    let export = Entity::find()
        .filter(data_export::Column::LinkHash.eq(hash))
        .filter(data_export::Column::LinkUntil.gt(write.now()));
    let Some(export) = write.one(export).await? else { return Ok(None) };
    let maker = write.actor_of(export.person_id).await?;
    Ok(maker.is_some_and(|maker| is_readable(&export, &maker)).then_some(export))
}

/// A part of an export, from 0; none after the last one. `write` reads as the system.
pub async fn part(write: &Write, of: Id<Entity>, position: i32) -> Result<Option<String>, Error> {
    let part = data_export_part::Entity::find()
        .filter(data_export_part::Column::DataExportId.eq(of))
        .filter(data_export_part::Column::Position.eq(position));
    Ok(write.one(part).await?.map(|part| part.text))
}

/// What an export is about.
#[derive(Clone, Copy)]
enum About {
    Client(Uuid),
    Person(Uuid),
}

/// Takes the one place that a person has for an export in the making, and removes what is beyond those kept.
async fn begin(write: Write, about: About) -> Result<data_export::Model, Error> {
    let (person_id, now) = (write.person()?, write.now());
    // two exports of one person that begin at the same time wait for each other here
    write.lock::<entity::person::Entity>(person_id).await?;
    let own =
        Entity::find().order_by_desc(data_export::Column::CreatedAt).order_by_desc(data_export::Column::Id);
    let own = write.all(own).await?;
    rules::none_running(&own, now)?;
    let gone: Vec<Uuid> = rules::superfluous(&own, now).map(|export| export.id.uuid()).collect();
    write.discard_each::<Entity>(&gone).await?;
    let (kind, subject_id, client_id) = match about {
        About::Client(id) => (ExportKind::Client, id, Some(Id::new(id))),
        About::Person(id) => (ExportKind::Person, id, None),
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
        expires_at: rules::expires(now),
        made_at: None,
        held: "[]".into(),
        link_hash: None,
        link_until: None,
        version: 1,
    };
    let export = write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(export.into_inner())
}

/// Reads everything in one snapshot and keeps it part by part, as the caller's own file.
async fn make(
    caller: &Caller,
    export: data_export::Model,
    about: About,
    path: &str,
) -> Result<Id<Entity>, Error> {
    let id = export.id;
    let made = fill(caller, &export, about, path).await;
    if made.is_err() {
        // it would be in the way of the next one for some minutes
        caller.abandon::<Entity>(export).await?;
    }
    made.map(|()| id)
}

async fn fill(caller: &Caller, export: &data_export::Model, about: About, path: &str) -> Result<(), Error> {
    let snapshot = caller.snapshot().await?;
    // read there, too: a visit would show who someone is in a team
    let members: Vec<Uuid> = match about {
        About::Client(_) => vec![],
        About::Person(id) => {
            let members = member::Entity::find().filter(member::Column::PersonId.eq(id));
            snapshot.read().all(members).await?.iter().map(|member| member.id.uuid()).collect()
        }
    };
    let word = match about {
        About::Client(_) => "client",
        About::Person(_) => "person",
    };
    let head = json!({
        "export": word, "subject": export.subject_id, "network": export.network_id, "takenBy": export.person_id,
        "at": export.created_at,
    });
    let mut file = File {
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
    file.line(&head.to_string()).await?;
    for table in Table::ALL {
        table.visit(Rows { file: &mut file, about, members: &members }).await?;
    }
    file.end_part().await?;
    let mut change = export.clone().into_active_model();
    change.rows = Set(file.rows);
    change.bytes = Set(i32::try_from(file.bytes).map_err(|_| Fault::Internal)?);
    change.made_at = Set(Some(caller.seams().now()));
    let held = snapshot.read().actor()?.held_at(&file.clients);
    change.held = Set(json!(held).to_string());
    snapshot.finish::<Entity>(change).await
}

/// A file in the making: no more of it than a part is in memory.
struct File<'a> {
    caller: &'a Caller,
    snapshot: &'a Snapshot,
    export: &'a data_export::Model,
    path: &'a str,
    part: String,
    parts: i32,
    bytes: usize,
    rows: i32,
    /// The clients whose rows it holds.
    clients: BTreeSet<Uuid>,
}

impl File<'_> {
    async fn line(&mut self, line: &str) -> Result<(), Error> {
        self.bytes += line.len() + 1;
        rules::fits(self.bytes, self.path)?;
        if !self.part.is_empty() && self.part.len() + line.len() > rules::PART {
            self.end_part().await?;
        }
        self.part.push_str(line);
        self.part.push('\n');
        Ok(())
    }

    async fn end_part(&mut self) -> Result<(), Error> {
        self.caller.spend(price::exported(self.part.len()));
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

/// Rows read at a time.
const PAGE: u64 = 500;

/// Adds the rows of a table that tell of the subject and that the caller may read, each as a line.
struct Rows<'a, 'f> {
    file: &'a mut File<'f>,
    about: About,
    /// The members that the person is or was.
    members: &'a [Uuid],
}

impl<'a, 'f> Visitor for Rows<'a, 'f> {
    type Output = BoxFuture<'a, Result<(), Error>>;
    fn visit<E>(self) -> Self::Output
    where
        E: Scoped,
        E::Model: Serialize + Send + Sync,
    {
        let Rows { file, about, members } = self;
        async move {
            // what others follow from, and what was taken out before, is no news
            let derived =
                E::HANG == Hang::Found || [Table::DataExport, Table::DataExportPart].contains(&E::TABLE);
            let Some(condition) = telling::<E>(about, members).filter(|_| !derived) else { return Ok(()) };
            let read = file.snapshot.read();
            let actor = read.actor()?.clone();
            let inside = matches!(about, About::Client(client) if actor.is_inside(client));
            let id = E::Column::from_str("id").ok();
            let mut last: Option<Uuid> = None;
            loop {
                let mut select = E::find().filter(condition.clone());
                if id.is_some() {
                    let after = last.map(|last| column::<E>("id").gt(last));
                    let after = Condition::all().add_option(after);
                    select = select.filter(after).order_by_asc(column::<E>("id")).limit(PAGE);
                }
                let rows = read.all(select).await?;
                for row in &rows {
                    if E::HANG != Hang::Own {
                        file.clients.extend(client_of::<E>(row));
                    }
                    let mut row = serde_json::to_value(row).map_err(|_| Error::from(Fault::Internal))?;
                    if !inside {
                        inner::blank::<E>(&mut row);
                    }
                    file.rows += 1;
                    file.line(&json!({ "table": E::TABLE.name(), "row": row }).to_string()).await?;
                }
                last = id.and_then(|id| rows.last().and_then(|row| uuid_of::<E>(row, id)));
                if last.is_none() || (rows.len() as u64) < PAGE {
                    return Ok(());
                }
            }
        }
        .boxed()
    }
}

/// The client that a row is about, where it is about one.
fn client_of<E: Scoped>(row: &E::Model) -> Option<Uuid> {
    let name = if E::HANG == Hang::Client { "id" } else { "client_id" };
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

/// The condition of a table's rows that tell of the subject; none where no row can.
fn telling<E: Scoped>(about: About, members: &[Uuid]) -> Option<Condition> {
    let has = |name: &str| E::Column::from_str(name).is_ok();
    match about {
        About::Client(id) => {
            let name = if E::HANG == Hang::Client { "id" } else { "client_id" };
            has(name).then(|| Condition::all().add(column::<E>(name).eq(id)))
        }
        About::Person(id) => {
            let person = if E::HANG == Hang::Person { "id" } else { "person_id" };
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
