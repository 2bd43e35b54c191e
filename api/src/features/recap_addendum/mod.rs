//! Addendum to a recap: what is to be said of a held session afterwards, with a reason. The recap itself never changes.
//!
//! An addendum can correct the attendance of one member. The quorum counts as it stood when the session was closed,
//! except for a correction that this member confirms within 48 hours after that: it changes the member's attendance, the
//! session's quorum and that of the review that the session was held as. Without a confirmation, and for a member without
//! a login, the correction stands in the addendum alone.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::rules::require_owner,
    member::Member,
    person::Person,
    review::keeping as reviews,
    session::{AttendanceInput, Session, ending, rules::Quorum, save_attendance},
};
use crate::{
    kernel::{
        Caller, Check, Code, Email, Error, Fault, Write, access::Permission, expect_version,
        read::shape::typed,
    },
    message, mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    attendance::{self, AttendanceStatus},
    client,
    member::{self, MemberStatus},
    outbox::EmailKind,
    person,
    recap_addendum::{self, Entity},
    session,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// An addendum to the recap of a held session.
    RecapAddendum of recap_addendum {
        /// Reason for the addendum.
        reason = text(Reason),
        /// Text of the addendum. May be empty if it corrects attendance.
        text = text(Text),
        /// Corrected attendance of `member`. Null if the addendum corrects no attendance.
        attendance = closed::<AttendanceStatus, _>(Attendance).or_null(),
        /// Time at which the member confirmed the correction, from which on it counts. Null if it is not confirmed.
        confirmedAt = instant(ConfirmedAt).or_null(),
        /// Revision number; increases with every change. Send it as `expectedVersion`.
        version = int(Version),
        /// Session whose recap the addendum adds to.
        session = one::<Session, _>(SessionId),
        /// Member whose attendance is corrected. Null if the addendum corrects no attendance.
        member = one::<Member, _>(MemberId).or_null(),
        /// Person who wrote the addendum. Null if you have no access to this person.
        person = one::<Person, _>(PersonId).or_null(),
    }
}

/// Input for `recapAddendumCreate`.
#[derive(InputObject)]
pub struct RecapAddendumCreateInput {
    /// ID of the session, which must be held and have fewer than 20 addenda.
    pub session_id: ID,
    /// Reason for the addendum: 1 to 1,000 characters.
    pub reason: String,
    /// Text of the addendum: 1 to 4,000 characters. Can be omitted if the addendum corrects attendance.
    pub text: Option<String>,
    /// Corrected attendance of one active member of the team. The member is asked by e-mail to confirm it.
    pub attendance: Option<AttendanceInput>,
}

/// Input for `recapAddendumConfirm`.
#[derive(InputObject)]
pub struct RecapAddendumConfirmInput {
    /// ID of the addendum, which must correct your own attendance.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the addendum has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    RecapAddendumMutation: recap_addendum -> RecapAddendum of Entity {
        /// Adds an addendum to the recap of a held session, with a reason. It can correct the attendance of a member; the
        /// quorum then changes only if the member confirms it within 48 hours after the session was closed.
        recap_addendum_create(RecapAddendumCreateInput) -> RecapAddendumCreatePayload = create;
        /// Confirms a correction of your own attendance, within 48 hours after the session was closed. It then counts for
        /// the session's quorum.
        recap_addendum_confirm(RecapAddendumConfirmInput) -> RecapAddendumConfirmPayload = confirm, on id;
    }
}

async fn create(caller: &Caller, input: RecapAddendumCreateInput) -> Result<Id<Entity>, Error> {
    let (write, session) = caller
        .write::<session::Entity>(
            Permission::RecapAddendumCreate,
            typed(&input.session_id),
            "input.sessionId",
        )
        .await?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    let text = check.text_if("input.text", input.text.as_ref(), 1..=4000);
    let nothing = text.is_none() && input.attendance.is_none();
    let message = message!(NOTHING_TO_ADD, "Give a text or a corrected attendance.");
    check.refuse_if(nothing, Code::Invalid, "input.text", message);
    check.done()?;
    rules::require_held(session.status)?;
    let there = Entity::find().filter(recap_addendum::Column::SessionId.eq(session.id));
    rules::require_room(usize::try_from(write.count(there).await?).map_err(|_| Fault::Internal)?)?;
    let member = match &input.attendance {
        Some(entry) => Some(load_member(&write, &session, &entry.member_id).await?),
        None => None,
    };
    let row = recap_addendum::Model {
        id: write.id(),
        network_id: session.network_id,
        client_id: session.client_id,
        team_id: session.team_id,
        session_id: session.id,
        person_id: write.person()?,
        reason,
        text: text.unwrap_or_default(),
        member_id: member.as_ref().map(|member| member.id),
        attendance: input.attendance.as_ref().map(|entry| entry.status),
        confirmed_at: None,
        created_at: write.now(),
        version: 1,
    };
    let addendum = write.insert::<Entity>(row).await?;
    if let Some(person) = member.and_then(|member| member.person_id) {
        ask_to_confirm(&write, &session, &addendum, person).await?;
    }
    write.commit().await?;
    Ok(addendum.id)
}

async fn load_member(write: &Write, session: &session::Model, id: &ID) -> Result<member::Model, Error> {
    let path = "input.attendance.memberId";
    let member = write.load::<member::Entity>(typed(id), path).await?;
    let mut check = Check::new();
    let wrong = member.team_id != session.team_id || member.status != MemberStatus::Active;
    let message = message!(NOT_A_MEMBER, "This is no active member of the team. Name one.");
    check.refuse_if(wrong, Code::Invalid, path, message);
    check.done()?;
    Ok(member)
}

/// Asks a member by e-mail to confirm the correction of their attendance.
async fn ask_to_confirm(
    write: &Write,
    session: &session::Model,
    addendum: &recap_addendum::Model,
    person: Id<person::Entity>,
) -> Result<(), Error> {
    let client = write.find::<client::Entity>(session.client_id).await?.ok_or(Fault::Internal)?;
    let to = write.find::<person::Entity>(person).await?.filter(|person| person.identity_id.is_some());
    let Some(to) = to else { return Ok(()) };
    let subject = format!("{}: your attendance was corrected", client.name);
    let text = format!(
        "The attendance list of \"{}\" was corrected for you:\n\n{}\n\nConfirm the correction within {} hours after \
         the session was closed, so that it counts.\n",
        session.title,
        addendum.reason,
        rules::CONFIRM_WITHIN.num_hours()
    );
    write.post(Email::new(EmailKind::Notice, addendum.id.uuid(), &to, subject, text).at(client.id));
    Ok(())
}

async fn confirm(caller: &Caller, input: RecapAddendumConfirmInput) -> Result<Id<Entity>, Error> {
    let column = recap_addendum::Column::SessionId;
    let (write, session, addendum) = caller
        .write_under::<session::Entity, Entity>(
            Permission::RecapAddendumConfirm,
            column,
            typed(&input.id),
            "input.id",
        )
        .await?;
    expect_version(addendum.version, input.expected_version)?;
    let member = match addendum.member_id {
        Some(id) => write.find::<member::Entity>(id).await?,
        None => None,
    };
    require_owner(member.as_ref(), write.person()?)?;
    rules::require_confirmable(&addendum, &session, write.now())?;
    let (Some(member), Some(status)) = (member, addendum.attendance) else {
        return Err(Fault::Internal.into());
    };
    let before = ending::load_quorum(&write, &session).await?;
    let there = attendance::Entity::find()
        .filter(attendance::Column::SessionId.eq(session.id))
        .filter(attendance::Column::MemberId.eq(member.id));
    let there = write.lock_one(there).await?;
    save_attendance(&write, &session, there.as_ref(), (member.id, status)).await?;
    let after = ending::load_quorum(&write, &session).await?;
    // the quorum stands as it was when the session was closed, but for this member
    let present = session.members_present.unwrap_or(0) + after.present - before.present;
    let mut change = session.clone().into_active_model();
    change.members_present = Set(Some(present));
    write.update::<session::Entity>(&session, change).await?;
    let quorum = Quorum::of(present, session.members_active.unwrap_or(0));
    reviews::correct_quorum(&write, session.id, quorum.reached).await?;
    let mut change = addendum.clone().into_active_model();
    change.confirmed_at = Set(Some(write.now()));
    write.update::<Entity>(&addendum, change).await?;
    write.commit().await?;
    Ok(addendum.id)
}
