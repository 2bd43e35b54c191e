//! Assignment: a facilitator's dated part in a client's programme.
//!
//! Facilitators belong to the client's franchise, and never to the client. A person has one part at a client; a new
//! part ends the old one. A part of a co-facilitator or observer can be for some days only, such as a cover for the lead's
//! holiday: it gives access from the first to the last of these days, and parts on other days stay beside it.
//!
//! Invariant: a client has exactly one lead at a time. A lead's assignment ends only when another lead is named.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{client::Client, notice::notifying::notify_sponsors, person::Person};
use crate::{
    kernel::{
        Caller, Check, Email, Error, Fault, Locked, Notice, Write, Zone, access::Permission, expect_version,
        read::shape::typed, refused_id,
    },
    mutations,
    scalar::Date,
    shape,
};
use async_graphql::{ID, InputObject};
use chrono::NaiveDate;
use entity::{
    Id,
    assignment::{self, AssignmentPart, Entity},
    client, membership,
    notice::NoticeKind,
    outbox::EmailKind,
    person,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

shape! {
    /// A facilitator's part in a client's programme, for a period of time.
    Assignment of assignment {
        /// Part of the facilitator: lead, co-facilitator or observer.
        part = closed::<AssignmentPart, _>(Part).filter().order(),
        /// Time at which the assignment starts or started.
        startsAt = instant(StartsAt).filter().order(),
        /// Time at which the assignment ends or ended. Null if it has no end.
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
    /// First day of the part, in the client's time zone: today or later. By default it begins now. Not for a lead.
    pub starts_on: Option<Date>,
    /// Last day of the part, in the client's time zone, such as the last day of the lead's holiday. By default it has no
    /// end. Not for a lead.
    pub ends_on: Option<Date>,
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
        /// Assigns a facilitator to a client, and ends any other part of this person there at the same time. A new lead
        /// also ends the current lead's assignment. With `startsOn` and `endsOn`, a co-facilitator or observer stands in
        /// on these days only. Fails with `WRONG_STATE` for another part of the current lead. The current lead
        /// is informed by e-mail of a new lead or co-facilitator, unless the lead makes the assignment, and whoever stands in
        /// on certain days is informed of them.
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
    let mut check = Check::new();
    let (starts_on, ends_on) = (input.starts_on.map(|on| on.0), input.ends_on.map(|on| on.0));
    let zone = Zone::named(&client.time_zone)?;
    let today = zone.today(write.now());
    for (path, on) in [("input.startsOn", starts_on), ("input.endsOn", ends_on)] {
        if let Some(on) = on {
            check.due(path, on, today);
        }
    }
    check.keep(rules::require_days(input.part, starts_on, ends_on));
    check.done()?;
    let later = starts_on.filter(|on| *on > today).and_then(|on| on.pred_opt());
    let starts_at = later.map_or(write.now(), |eve| zone.end_of_day(eve));
    let ends_at = ends_on.map(|on| zone.end_of_day(on));
    let open = Entity::find()
        .filter(assignment::Column::ClientId.eq(client.id))
        .filter(assignment::Entity::lasting(write.now()));
    let open = write.lock_all(open).await?;
    for before in rules::assignments_to_end(&open, person, input.part, (starts_at, ends_at))? {
        end_assignment(&write, before).await?;
    }
    let id = write.id();
    let row = assignment::Model {
        id,
        network_id: client.network_id,
        client_id: client.id,
        person_id: person,
        part: input.part,
        starts_at,
        ends_at,
        version: 1,
    };
    let assignment = write.insert::<Entity>(row).await?;
    let lead = open.iter().find(|open| open.part == AssignmentPart::Lead && open.person_id != person);
    if let Some(lead) = lead.filter(|_| input.part != AssignmentPart::Observer) {
        let days = (later.and(starts_on), ends_on);
        notify_lead(&write, lead.person_id, &assignment, &client, days).await?;
    }
    if (starts_on.is_some() || ends_on.is_some()) && person != write.person()? {
        notify_cover(&write, &assignment, &client, (starts_on, ends_on)).await?;
    }
    if input.part != AssignmentPart::Observer {
        notify_of_facilitator(&write, &assignment).await?;
    }
    write.commit().await?;
    Ok(id)
}

/// Sends whoever has a part on certain days an e-mail about it.
async fn notify_cover(
    write: &Write,
    assignment: &assignment::Model,
    client: &client::Model,
    days: (Option<NaiveDate>, Option<NaiveDate>),
) -> Result<(), Error> {
    let person = write.find::<person::Entity>(assignment.person_id).await?.ok_or(Fault::Internal)?;
    let role = if assignment.part == AssignmentPart::Observer { "an observer" } else { "a co-facilitator" };
    let text = format!(
        "Hello {},\n\nyou are {role} of {}{}. You have access on these days only.\n",
        person.name,
        client.name,
        render_days(days),
    );
    let subject = format!("You stand in at {}", client.name);
    write.post(Email::new(EmailKind::Notice, assignment.id.uuid(), &person, subject, text));
    Ok(())
}

/// The days of a part, as they stand in a sentence.
fn render_days((starts_on, ends_on): (Option<NaiveDate>, Option<NaiveDate>)) -> String {
    let from = starts_on.map(|on| format!(" from {on}")).unwrap_or_default();
    from + &ends_on.map(|on| format!(" until {on}")).unwrap_or_default()
}

/// Tells a new facilitator, and the client's sponsors, of their part.
pub(super) async fn notify_of_facilitator(
    write: &Write,
    assignment: &assignment::Model,
) -> Result<(), Error> {
    let notice = Notice::about(NoticeKind::FacilitatorAssigned, assignment.id).at(assignment.client_id);
    notify_sponsors(write, notice).await?;
    write.notify(notice, assignment.person_id);
    Ok(())
}
/// Sends the lead an e-mail about a co-facilitator or a new lead of the client.
async fn notify_lead(
    write: &Write,
    lead: Id<person::Entity>,
    assignment: &assignment::Model,
    client: &client::Model,
    days: (Option<NaiveDate>, Option<NaiveDate>),
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
            ("co-facilitator", "They read the private notes about this client that are written from then on.")
        }
    };
    let days = render_days(days);
    let text = format!(
        "Hello {},\n\n{} has assigned {} ({}) to {} as {role}{days}. {notes}\n",
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
    change.ends_at = Set(Some(rules::end_of(assignment, write.now())));
    write.update::<Entity>(assignment, change).await?;
    Ok(())
}
