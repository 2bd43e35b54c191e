//! To-do: a private task of a facilitator, about a client or about none.
//!
//! Only its author can read and change it, also after another facilitator took over the client. It is no action: nobody
//! accepts it, no metric and no risk counts it, and the client never sees it. The audit log does not contain its text.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{client::Client, person::Person};
use crate::{
    kernel::{Caller, Check, Error, Locked, Write, access::Permission, expect_version, read::shape::typed},
    mutations,
    scalar::Date,
    shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, client, person,
    to_do::{self, Entity},
};
use rules::Step;
use sea_orm::{ActiveValue::Set, IntoActiveModel};

shape! {
    /// A private task of a facilitator. Only its author can read it.
    ToDo of to_do {
        /// What there is to do: one line of 1 to 200 characters.
        title = text(Title).filter().order(),
        /// Further details, up to 4,000 characters. Empty if there are none.
        detail = text(Detail),
        /// Day by which it is to be done.
        dueOn = date(DueOn).filter().order(),
        /// Time at which it was done. Null while it is open.
        doneAt = instant(DoneAt).or_null().filter(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Client that the to-do is about. Null if it is about none, or you no longer have access to the client.
        client = one::<Client, _>(ClientId).or_null().filter(),
        /// ID of the client that the to-do is about, for filters. Null if it is about none.
        clientId = id::<entity::client::Entity, _>(ClientId).or_null().filter(),
        /// Facilitator who wrote the to-do: you.
        person = one::<Person, _>(PersonId).or_null(),
    }
}

/// Input for `toDoCreate`.
#[derive(InputObject)]
pub struct ToDoCreateInput {
    /// ID of the client that the to-do is about. You must be one of its facilitators. By default it is about no client.
    pub client_id: Option<ID>,
    /// What there is to do: one line of 1 to 200 characters.
    pub title: String,
    /// Further details, up to 4,000 characters.
    #[graphql(default)]
    pub detail: String,
    /// Day by which it is to be done. It may have passed.
    pub due_on: Date,
}

/// Input for `toDoUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct ToDoUpdateInput {
    /// ID of the to-do, which must be open.
    pub id: ID,
    /// New title: one line of 1 to 200 characters.
    pub title: Option<String>,
    /// New details, up to 4,000 characters.
    pub detail: Option<String>,
    /// New day by which it is to be done.
    pub due_on: Option<Date>,
    /// The `version` you last read. Fails with `CONFLICT` if the to-do has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `toDoComplete`.
#[derive(InputObject)]
pub struct ToDoCompleteInput {
    /// ID of the to-do, which must be open.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the to-do has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `toDoReopen`.
#[derive(InputObject)]
pub struct ToDoReopenInput {
    /// ID of the to-do, which must be done.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the to-do has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    ToDoMutation: to_do -> ToDo of Entity {
        /// Writes down a private task. Only you can read it.
        to_do_create(ToDoCreateInput) -> ToDoCreatePayload = create;
        /// Changes one of your open to-dos.
        to_do_update(ToDoUpdateInput) -> ToDoUpdatePayload = update, on id;
        /// Marks one of your to-dos as done.
        to_do_complete(ToDoCompleteInput) -> ToDoCompletePayload = complete, on id;
        /// Marks one of your to-dos as not done after all.
        to_do_reopen(ToDoReopenInput) -> ToDoReopenPayload = reopen, on id;
    }
}

async fn create(caller: &Caller, input: ToDoCreateInput) -> Result<Id<Entity>, Error> {
    let me = caller.actor().person;
    let (write, client_id) = match &input.client_id {
        Some(id) => {
            let (write, client) =
                caller.write::<client::Entity>(Permission::ToDoCreate, typed(id), "input.clientId").await?;
            (write, Some(client.id))
        }
        None => {
            let (write, _) =
                caller.write::<person::Entity>(Permission::ToDoCreate, Some(me), "input").await?;
            (write, None)
        }
    };
    let mut check = Check::new();
    let title = check.line("input.title", &input.title, 1..=200);
    let detail = check.text("input.detail", &input.detail, 0..=4_000);
    check.done()?;
    let id = write.id();
    let row = to_do::Model {
        id,
        network_id: write.network()?,
        person_id: me,
        client_id,
        title,
        detail,
        due_on: input.due_on.0,
        done_at: None,
        created_at: write.now(),
        version: 1,
    };
    write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(id)
}

/// Begins a change of a to-do in one of the states that a step is for.
async fn write_to_do(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
    step: Step,
) -> Result<(Write, Locked<to_do::Model>), Error> {
    let (write, to_do) = caller.write::<Entity>(permission, typed(id), "input.id").await?;
    expect_version(to_do.version, expected)?;
    rules::require_state(to_do.done_at, step)?;
    Ok((write, to_do))
}

async fn update(caller: &Caller, input: ToDoUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, to_do) =
        write_to_do(caller, Permission::ToDoUpdate, &input.id, input.expected_version, Step::Update).await?;
    let mut check = Check::new();
    let title = check.line_if("input.title", input.title.as_ref(), 1..=200);
    let detail = check.text_if("input.detail", input.detail.as_ref(), 0..=4_000);
    check.done()?;
    let mut change = to_do.clone().into_active_model();
    title.into_iter().for_each(|title| change.title = Set(title));
    detail.into_iter().for_each(|detail| change.detail = Set(detail));
    input.due_on.into_iter().for_each(|due_on| change.due_on = Set(due_on.0));
    write.update::<Entity>(&to_do, change).await?;
    write.commit().await?;
    Ok(to_do.id)
}

async fn complete(caller: &Caller, input: ToDoCompleteInput) -> Result<Id<Entity>, Error> {
    let (write, to_do) =
        write_to_do(caller, Permission::ToDoComplete, &input.id, input.expected_version, Step::Complete)
            .await?;
    let mut change = to_do.clone().into_active_model();
    change.done_at = Set(Some(write.now()));
    write.update::<Entity>(&to_do, change).await?;
    write.commit().await?;
    Ok(to_do.id)
}

async fn reopen(caller: &Caller, input: ToDoReopenInput) -> Result<Id<Entity>, Error> {
    let (write, to_do) =
        write_to_do(caller, Permission::ToDoReopen, &input.id, input.expected_version, Step::Reopen).await?;
    let mut change = to_do.clone().into_active_model();
    change.done_at = Set(None);
    write.update::<Entity>(&to_do, change).await?;
    write.commit().await?;
    Ok(to_do.id)
}
