//! Export: all that somebody may read of a client, or of a person, in one file of JSON lines.
//!
//! The file's first line says what it is; each other line is a row of a table, as it was in one snapshot. Every table
//! that tells of the subject is in it without being named here, each row within the reach of who takes it: content is
//! only for who may read it. The file is its taker's own, is fetched by a link that is good for some minutes, and goes
//! after a week.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{client::Client, person};
use crate::{
    identity::token::OpaqueKind,
    kernel::{
        Caller, Error, Fault, Refusal, Write,
        access::{Permission, Role},
        inner, mutation,
        read::shape::typed,
        refused_id,
    },
    mutations,
    scalar::DateTime,
    shape,
};
use async_graphql::{Context, ID, InputObject, SimpleObject};
use entity::{
    Hang, Id, Scoped, Table, Visitor, client,
    data_export::{self, Entity, ExportKind},
    data_export_part, member,
};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::{Alias, Expr},
};
use serde::Serialize;
use serde_json::json;
use std::str::FromStr;
use uuid::Uuid;

shape! {
    /// A file of what somebody took out: their own, for a week.
    DataExport of data_export {
        /// What it is about.
        kind = closed::<ExportKind, _>(Kind).filter(),
        /// The client it is about; null where it is about a person.
        client = one::<Client, _>(ClientId).or_null(),
        /// Rows of tables in it.
        rows = int(Rows),
        /// Its size in bytes.
        bytes = int(Bytes),
        /// When it was made. It shows everything as it was then.
        createdAt = instant(CreatedAt).order(),
        /// When it goes: seven days later.
        expiresAt = instant(ExpiresAt).order(),
    }
}

/// Which client to export.
#[derive(InputObject)]
pub struct ClientExportInput {
    /// The client.
    pub client_id: ID,
}

/// Which person to export.
#[derive(InputObject)]
pub struct PersonExportInput {
    /// The person: oneself, or anybody for head-office admins.
    pub id: ID,
}

/// Which export to fetch.
#[derive(InputObject)]
pub struct ExportLinkInput {
    /// The export, which the caller made.
    pub id: ID,
}

mutations! {
    ExportMutation: data_export -> DataExport of Entity {
        /// Makes a file of all that the caller may read of a client: JSON lines, kept for seven days.
        client_export(ClientExportInput) -> ClientExportPayload = of_client;
        /// Makes a file of all that the caller may read of a person: what they are, own, did and said. People take out
        /// what there is of themselves.
        person_export(PersonExportInput) -> PersonExportPayload = of_person;
    }
}

/// What `exportLink` answers.
#[derive(SimpleObject)]
pub struct ExportLinkPayload {
    /// Where the file is to be fetched, by GET and without a token. Whoever holds the link can fetch it.
    pub url: Option<String>,
    /// Until when the link is good: five minutes, unless another one is made before.
    pub until: Option<DateTime>,
    /// Why there is no link; empty when there is one.
    pub errors: Vec<Refusal>,
}

#[derive(Default)]
pub struct ExportLinkMutation;

#[async_graphql::Object]
impl ExportLinkMutation {
    /// Makes a link by which an export can be fetched for five minutes. A link made before ends.
    async fn export_link(
        &self,
        context: &Context<'_>,
        input: ExportLinkInput,
    ) -> async_graphql::Result<ExportLinkPayload> {
        let caller = mutation::caller(context)?;
        let (made, errors) = mutation::split(link(&caller, input).await)?;
        let (url, until) = made.unzip();
        Ok(ExportLinkPayload { url, until, errors })
    }
}

async fn of_client(caller: &Caller, input: ClientExportInput) -> Result<Id<Entity>, Error> {
    let (write, client) = caller
        .write::<client::Entity>(Permission::ClientExport, typed(&input.client_id), "input.clientId")
        .await?;
    let actor = write.actor()?;
    let visiting = actor.reach(Permission::ClientExport).wide && actor.is_inside(client.id.uuid());
    rules::stays(visiting)?;
    let about = About::Client(client.id.uuid());
    let id = make(&write, about, Some(client.id), "input.clientId").await?;
    write.commit().await?;
    Ok(id)
}

async fn of_person(caller: &Caller, input: PersonExportInput) -> Result<Id<Entity>, Error> {
    let (write, who) = caller
        .write::<entity::person::Entity>(Permission::PersonExport, typed(&input.id), "input.id")
        .await?;
    let actor = write.actor()?;
    let (own, admin) = (who.id == actor.person, actor.roles().has(Role::HeadOfficeAdmin));
    person::rules::exportable(own, admin, own || admin || person::known(&write, who.id).await?)?;
    let members = member::Entity::find().filter(member::Column::PersonId.eq(who.id));
    let members = write.all(members).await?.iter().map(|member| member.id.uuid()).collect();
    let id = make(&write, About::Person(who.id.uuid(), members), None, "input.id").await?;
    write.commit().await?;
    Ok(id)
}

async fn link(caller: &Caller, input: ExportLinkInput) -> Result<(String, DateTime), Error> {
    let (write, export) =
        caller.write::<Entity>(Permission::ExportLink, typed(&input.id), "input.id").await?;
    rules::kept(write.now(), export.expires_at)?;
    let reach = write.actor()?.reach(Permission::ClientExport);
    // what was taken out of a client is for who could take it out now
    if !export.client_id.is_none_or(|client| reach.is_around(client.uuid())) {
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

/// What an export is about.
#[derive(Clone)]
enum About {
    Client(Uuid),
    /// A person, and the members that they are or were.
    Person(Uuid, Vec<Uuid>),
}

/// Reads everything, and keeps it as the caller's own file.
async fn make(
    write: &Write,
    about: About,
    client_id: Option<Id<client::Entity>>,
    path: &str,
) -> Result<Id<Entity>, Error> {
    let (network_id, person_id, now) = (write.network()?, write.person()?, write.now());
    let (kind, word, subject) = match &about {
        About::Client(id) => (ExportKind::Client, "client", *id),
        About::Person(id, _) => (ExportKind::Person, "person", *id),
    };
    let head =
        json!({ "export": word, "subject": subject, "network": network_id, "takenBy": person_id, "at": now });
    let mut lines = vec![head.to_string()];
    let mut bytes = lines[0].len() + 1;
    for table in Table::ALL {
        let rows = table.visit(Rows { write, about: about.clone() }).await?;
        bytes += rows.iter().map(|row| row.len() + 1).sum::<usize>();
        rules::fits(bytes, path)?;
        lines.extend(rows);
    }
    let id = write.id();
    let export = data_export::Model {
        id,
        network_id,
        client_id,
        person_id,
        kind,
        subject_id: subject,
        rows: i32::try_from(lines.len() - 1).map_err(|_| Fault::Internal)?,
        bytes: i32::try_from(bytes).map_err(|_| Fault::Internal)?,
        created_at: now,
        expires_at: rules::expires(now),
        link_hash: None,
        link_until: None,
        version: 1,
    };
    write.insert::<Entity>(export).await?;
    let parts = rules::parts(lines).into_iter().enumerate().map(|(position, text)| {
        let part = data_export_part::Model {
            data_export_id: id,
            position: position as i32,
            network_id,
            client_id,
            person_id,
            text,
        };
        part.into_active_model().reset_all()
    });
    write.pour::<data_export_part::Entity>(parts.collect()).await?;
    Ok(id)
}

/// The rows of a table that tell of the subject and that the caller may read, each as a line.
struct Rows<'a> {
    write: &'a Write,
    about: About,
}

impl<'a> Visitor for Rows<'a> {
    type Output = BoxFuture<'a, Result<Vec<String>, Error>>;
    fn visit<E>(self) -> Self::Output
    where
        E: Scoped,
        E::Model: Serialize + Send + Sync,
    {
        let Rows { write, about } = self;
        async move {
            // what others follow from, and what was taken out before, is no news
            let derived =
                E::HANG == Hang::Found || [Table::DataExport, Table::DataExportPart].contains(&E::TABLE);
            let Some(condition) = telling::<E>(&about).filter(|_| !derived) else { return Ok(vec![]) };
            let mut select = E::find().filter(condition);
            if E::Column::from_str("id").is_ok() {
                select = select.order_by_asc(column::<E>("id"));
            }
            let actor = write.actor()?;
            let inside = matches!(about, About::Client(client) if actor.is_inside(client));
            let line = |row: &E::Model| {
                let mut row = serde_json::to_value(row).map_err(|_| Error::from(Fault::Internal))?;
                if !inside {
                    inner::blank::<E>(&mut row);
                }
                Ok(json!({ "table": E::TABLE.name(), "row": row }).to_string())
            };
            write.all(select).await?.iter().map(line).collect()
        }
        .boxed()
    }
}

fn column<E: Scoped>(name: &'static str) -> Expr {
    Expr::col((E::default(), Alias::new(name)))
}

/// The condition of a table's rows that tell of the subject; none where no row can.
fn telling<E: Scoped>(about: &About) -> Option<Condition> {
    let has = |name: &str| E::Column::from_str(name).is_ok();
    match about {
        About::Client(id) => {
            let name = if E::HANG == Hang::Client { "id" } else { "client_id" };
            has(name).then(|| Condition::all().add(column::<E>(name).eq(*id)))
        }
        About::Person(id, members) => {
            let person = if E::HANG == Hang::Person { "id" } else { "person_id" };
            let mut any = Condition::any();
            if has(person) {
                any = any.add(column::<E>(person).eq(*id));
            }
            for name in ["owner_id", "member_id"].into_iter().filter(|name| has(name)) {
                any = any.add(column::<E>(name).is_in(members.iter().copied()));
            }
            (!any.is_empty()).then_some(any)
        }
    }
}
