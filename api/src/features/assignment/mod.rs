//! Assignment: a facilitator's dated part in a client's programme.
//!
//! Facilitators belong to the client's franchise, and never to the client. A person has one part at a client; a new
//! part ends the old one.
//!
//! Invariant: a client has exactly one lead at a time. A lead's assignment ends only when another lead is named.

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
    /// A facilitator's part in a client's programme, for a period of time.
    Assignment of assignment {
        /// Part of the facilitator: lead, co-facilitator or observer.
        part = closed::<AssignmentPart, _>(Part).filter().order(),
        /// Time at which the assignment started.
        startsAt = instant(StartsAt).filter().order(),
        /// Time at which the assignment ended. Null if it has not ended.
        endsAt = instant(EndsAt).or_null().filter(),
        /// Revision number; increases with every change. Send it as `expectedVersion`.
        version = int(Version),
        /// Assigned facilitator. Null if you have no access to this person.
        person = one::<Person, _>(PersonId).or_null(),
        /// Client that the facilitator is assigned to.
        client = one::<Client, _>(ClientId),
    }
}

/// Input for `assignmentCreate`.
#[derive(InputObject)]
pub struct AssignmentCreateInput {
    /// ID of the client.
    pub client_id: ID,
    /// ID of the person: a facilitator or owner of the client's franchise, without a role at the client itself.
    pub person_id: ID,
    /// Part of the person. A new lead replaces the current lead.
    pub part: AssignmentPart,
}

/// Input for `assignmentEnd`.
#[derive(InputObject)]
pub struct AssignmentEndInput {
    /// ID of the assignment, which must not be a lead's.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    AssignmentMutation: assignment -> Assignment of Entity {
        /// Assigns a facilitator to a client, and ends any other part of this person there. A new lead also ends the
        /// current lead's assignment. Fails with `WRONG_STATE` for another part of the current lead. The current lead
        /// is informed by e-mail of a new lead or co-facilitator, unless the lead makes the assignment.
        assignment_create(AssignmentCreateInput) -> AssignmentCreatePayload = create;
        /// Ends an assignment and the access that came with it, immediately. Fails with `WRONG_STATE` for a lead, whose
        /// assignment ends when a new lead is assigned.
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
    rules::require_facilitator(&held, client.franchise_id, client.id, write.now(), "input.personId")?;
    let open = Entity::find()
        .filter(assignment::Column::ClientId.eq(client.id))
        .filter(assignment::Entity::lasting(write.now()));
    let open = write.lock_all(open).await?;
    for before in rules::assignments_to_end(&open, person, input.part)? {
        end_assignment(&write, before).await?;
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
        notify_lead(&write, lead.person_id, &assignment, &client).await?;
    }
    write.commit().await?;
    Ok(id)
}

/// Sends the lead an e-mail about a co-facilitator or a new lead of the client.
async fn notify_lead(
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
    rules::require_endable(&assignment, write.now())?;
    end_assignment(&write, &assignment).await?;
    write.commit().await?;
    Ok(assignment.id)
}

async fn end_assignment(write: &Write, assignment: &Locked<assignment::Model>) -> Result<(), Error> {
    let mut change = assignment.clone().into_active_model();
    change.ends_at = Set(Some(write.now()));
    write.update::<Entity>(assignment, change).await?;
    Ok(())
}
