//! Assignment: a facilitator's dated part in a client's programme. A client has exactly one lead at a time.
//!
//! Facilitators belong to the client's franchise, and never to the client. A person has one part at a client; another
//! one ends it. A lead's assignment ends only by naming the next.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{client::Client, person::Person};
use crate::{
    kernel::{
        Caller, Email, Error, Fault, Locked, Write, access::Permission, expect_version, read::shape::typed,
        refused_id,
    },
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    assignment::{self, AssignmentPart, Entity},
    client, membership,
    outbox::EmailKind,
    person,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

shape! {
    /// A facilitator's part in a client's programme.
    Assignment of assignment {
        /// Which part.
        part = closed::<AssignmentPart, _>(Part).filter().order(),
        /// From when.
        startsAt = instant(StartsAt).filter().order(),
        /// Until when, where it has ended.
        endsAt = instant(EndsAt).or_null().filter(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The facilitator.
        person = one::<Person, _>(PersonId).or_null(),
        /// The client.
        client = one::<Client, _>(ClientId),
    }
}

/// Who is to have which part at a client.
#[derive(InputObject)]
pub struct AssignmentCreateInput {
    /// The client.
    pub client_id: ID,
    /// The person: a facilitator or owner of the client's franchise, who is not one of the client's people.
    pub person_id: ID,
    /// The part. A new lead takes the present one's place.
    pub part: AssignmentPart,
}

/// Which assignment, and nothing more.
#[derive(InputObject)]
pub struct AssignmentEndInput {
    /// The assignment.
    pub id: ID,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

mutations! {
    AssignmentMutation: assignment -> Assignment of Entity {
        /// Assigns a facilitator to a client. It ends the person's other part there, and for a new lead the present
        /// lead's. An e-mail tells the present lead of a new co-facilitator or of the new lead.
        assignment_create(AssignmentCreateInput) -> AssignmentCreatePayload = create;
        /// Ends an assignment now, and with it the access it gave. A lead's ends by naming a new one.
        assignment_end(AssignmentEndInput) -> AssignmentEndPayload = end, on id;
    }
}

async fn create(caller: &Caller, input: AssignmentCreateInput) -> Result<Id<Entity>, Error> {
    let (write, client) = caller
        .write::<client::Entity>(Permission::AssignmentCreate, typed(&input.client_id), "input.clientId")
        .await?;
    let person = typed(&input.person_id).ok_or_else(|| refused_id("input.personId"))?;
    let held = membership::Entity::find().filter(membership::Column::PersonId.eq(person)).lock_shared();
    let held = write.all(held).await?;
    rules::can_facilitate(&held, client.franchise_id, client.id, write.now(), "input.personId")?;
    let open = Entity::find()
        .filter(assignment::Column::ClientId.eq(client.id))
        .filter(assignment::Entity::lasting(write.now()));
    let open = write.lock_all(open).await?;
    for before in rules::ending(&open, person, input.part)? {
        close(&write, before).await?;
    }
    let id = write.id();
    let row = assignment::Model {
        id,
        network_id: client.network_id,
        client_id: client.id,
        person_id: person,
        part: input.part,
        starts_at: write.now(),
        ends_at: None,
        version: 1,
    };
    let assignment = write.insert::<Entity>(row).await?;
    let lead = open.iter().find(|open| open.part == AssignmentPart::Lead && open.person_id != person);
    if let Some(lead) = lead.filter(|_| input.part != AssignmentPart::Observer) {
        tell_lead(&write, lead.person_id, &assignment, &client).await?;
    }
    write.commit().await?;
    Ok(id)
}

/// Writes to the lead that another facilitator runs the client's programme beside them, or in their place.
async fn tell_lead(
    write: &Write,
    lead: Id<person::Entity>,
    assignment: &assignment::Model,
    client: &client::Model,
) -> Result<(), Error> {
    let me = write.person()?;
    if lead == me {
        return Ok(());
    }
    let name = async |id| write.find::<person::Entity>(id).await?.ok_or(Error::from(Fault::Internal));
    let (lead, new, by) = (name(lead).await?, name(assignment.person_id).await?, name(me).await?);
    let (role, notes) = match assignment.part {
        AssignmentPart::Lead => ("lead", "They read all private notes about this client."),
        _ => {
            ("co-facilitator", "They read the private notes about this client that are written from now on.")
        }
    };
    let text = format!(
        "Hello {},\n\n{} has assigned {} ({}) to {} as {role}. {notes}\n",
        lead.name, by.name, new.name, new.email, client.name,
    );
    let subject = format!("A new {role} for {}", client.name);
    write.post(Email::new(EmailKind::Notice, assignment.id.uuid(), &lead, subject, text));
    Ok(())
}

async fn end(caller: &Caller, input: AssignmentEndInput) -> Result<Id<Entity>, Error> {
    let (write, assignment) =
        caller.write::<Entity>(Permission::AssignmentEnd, typed(&input.id), "input.id").await?;
    expect_version(assignment.version, input.expected_version)?;
    rules::endable(&assignment, write.now())?;
    close(&write, &assignment).await?;
    write.commit().await?;
    Ok(assignment.id)
}

async fn close(write: &Write, assignment: &Locked<assignment::Model>) -> Result<(), Error> {
    let mut change = assignment.clone().into_active_model();
    change.ends_at = Set(Some(write.now()));
    write.update::<Entity>(assignment, change).await?;
    Ok(())
}
