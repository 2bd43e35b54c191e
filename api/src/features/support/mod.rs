//! Support access: a client's permission for head office to read its content for a limited time.
//!
//! Head office sees progress but no content. Where it must help, the client's sponsor gives access: to one person by
//! e-mail address, or to every head-office admin, with a reason, for at most thirty days. The sponsor can revoke it at
//! any time. Access alone shows nothing. A person who uses it *enters* for some hours with a purpose, and can read the
//! client's content like an observer until the visit ends. The client can see each visit. A visit ends by itself, when
//! the visitor leaves, with the access, or with the visitor's membership of head office.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    client::Client,
    notice::notifying::{notify_all, notify_facilitators, notify_sponsors},
};
use crate::{
    inputs,
    kernel::{
        Caller, Check, Error, Fault, Locked, Notice, Write,
        access::{Permission, Role},
        expect_version,
        read::shape::typed,
    },
    mutations, scalar, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, client,
    notice::NoticeKind,
    person,
    support_access::{self, Entity},
    support_visit,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// A client's permission for head office to read its content for a limited time.
    SupportAccess of support_access {
        /// E-mail address of the person at head office who may use the access. Null if every head-office admin may.
        email = text(Email).or_null().filter(),
        /// Reason for the access, as given by the client.
        reason = text(Reason),
        /// Start of the access.
        startsAt = instant(StartsAt).filter().order(),
        /// End of the access, unless it is revoked before.
        endsAt = instant(EndsAt).filter().order(),
        /// When the access was revoked. Null if it was not.
        revokedAt = instant(RevokedAt).or_null().filter(),
        /// `true` if the access can be used now: it is not revoked and has not ended.
        active = derived(Ty::Flag, "({t}.revoked_at is null and {t}.ends_at > {now})").filter(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Client that gave the access.
        client = one::<Client, _>(ClientId),
        /// Visits made with this access, latest first by default.
        visits = pages::<SupportVisit, _>(entity::support_visit::Column::AccessId).by_last(entity::support_visit::Column::StartsAt, Ty::Instant),
    }
}

shape! {
    /// A use of support access, during which a person at head office can read the client's content.
    SupportVisit of support_visit {
        /// The visitor's name when the visit began. People choose their names; `visitorEmail` identifies the visitor.
        visitorName = text(Visitor).filter(),
        /// The visitor's e-mail address when the visit began.
        visitorEmail = text(Email),
        /// Purpose of the visit, as given by the visitor.
        purpose = text(Purpose),
        /// Start of the visit.
        startsAt = instant(StartsAt).filter().order(),
        /// End of the visit.
        endsAt = instant(EndsAt).filter().order(),
        /// Support access that the visit used.
        supportAccess = one::<SupportAccess, _>(AccessId),
    }
}

/// Input for `supportAccessGrant`.
#[derive(InputObject)]
pub struct SupportAccessGrantInput {
    /// ID of the client whose content may be read.
    pub client_id: ID,
    /// E-mail address of the person at head office who may use the access. If omitted, every head-office admin may.
    pub email: Option<String>,
    /// Reason for the access: 1 to 1,000 characters.
    pub reason: String,
    /// End of the access: in the future, within 30 days.
    pub ends_at: scalar::DateTime,
}

/// Input for `supportAccessEnter`.
#[derive(InputObject)]
pub struct SupportAccessEnterInput {
    /// ID of the support access. It must be active and given to the caller.
    pub id: ID,
    /// Purpose of the visit: 1 to 1,000 characters. The client can read it.
    pub purpose: String,
    /// Duration of the visit: 5 to 480 minutes. The visit ends with the access at the latest.
    #[graphql(default = 60)]
    pub minutes: i32,
    /// The `version` you last read. Fails with `CONFLICT` if the support access has changed since.
    pub expected_version: Option<i32>,
}

inputs! {
    /// Identifies the support access to revoke or leave.
    [SupportAccessRevokeInput, SupportAccessLeaveInput] {
        /// ID of the support access.
        pub id: ID,
        /// The `version` you last read. Fails with `CONFLICT` if the support access has changed since.
        pub expected_version: Option<i32>,
    }
}

mutations! {
    SupportMutation: support_access -> SupportAccess of Entity {
        /// Lets head office read the client's content for a limited time, during visits (`supportAccessEnter`).
        support_access_grant(SupportAccessGrantInput) -> SupportAccessGrantPayload = grant;
        /// Revokes support access before its end, and ends current visits.
        support_access_revoke(SupportAccessRevokeInput) -> SupportAccessRevokePayload = revoke, on id;
        /// Begins a visit. Until it ends, the caller can read the client's content like an observer. The client sees
        /// the visitor, the time and the purpose.
        support_access_enter(SupportAccessEnterInput) -> SupportAccessEnterPayload = enter, on id;
        /// Ends the caller's current visit early. Fails with `WRONG_STATE` if there is none.
        support_access_leave(SupportAccessLeaveInput) -> SupportAccessLeavePayload = leave, on id;
    }
}

async fn grant(caller: &Caller, input: SupportAccessGrantInput) -> Result<Id<Entity>, Error> {
    let (write, client) = caller
        .write::<client::Entity>(Permission::SupportAccessGrant, typed(&input.client_id), "input.clientId")
        .await?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    let email = input.email.as_ref().map(|email| check.email("input.email", email));
    let ends_at = check.take(rules::require_valid_end(input.ends_at.0, write.now()));
    check.done()?;
    let ends_at = ends_at.ok_or(Fault::Internal)?;
    let person_id = match &email {
        Some(email) => Some(find_head_office_person(&write, email).await?),
        None => None,
    };
    let id = write.id();
    let row = support_access::Model {
        id,
        network_id: client.network_id,
        client_id: client.id,
        granted_by: write.person()?,
        person_id,
        email,
        reason,
        starts_at: write.now(),
        ends_at,
        revoked_at: None,
        version: 1,
    };
    let access = write.insert::<Entity>(row).await?;
    let notice = Notice::about(NoticeKind::SupportGiven, access.id).at(access.client_id);
    notify_facilitators(&write, notice).await?;
    notify_all(&write, notice, access.person_id);
    write.commit().await?;
    Ok(id)
}

/// Finds the head-office person with an e-mail address. Fails for other people as for unknown addresses.
async fn find_head_office_person(write: &Write, email: &str) -> Result<Id<person::Entity>, Error> {
    let found = write.person_by_email(email).await?;
    match found {
        Some(person) if write.at_head_office(person.id).await? => Ok(person.id),
        _ => Err(rules::unknown_address().into()),
    }
}

async fn revoke(caller: &Caller, input: SupportAccessRevokeInput) -> Result<Id<Entity>, Error> {
    let (write, access) =
        caller.write::<Entity>(Permission::SupportAccessRevoke, typed(&input.id), "input.id").await?;
    expect_version(access.version, input.expected_version)?;
    rules::require_active(&access, write.now())?;
    let mut change = access.clone().into_active_model();
    change.revoked_at = Set(Some(write.now()));
    write.update::<Entity>(&access, change).await?;
    for visit in lock_open_visits(&write, &access).await? {
        end_visit(&write, &visit).await?;
    }
    write.commit().await?;
    Ok(access.id)
}

async fn enter(caller: &Caller, input: SupportAccessEnterInput) -> Result<Id<Entity>, Error> {
    // locked exclusively, as by a revocation, so that no visit begins while its access ends
    let (write, access) =
        caller.write::<Entity>(Permission::SupportAccessEnter, typed(&input.id), "input.id").await?;
    expect_version(access.version, input.expected_version)?;
    let mut check = Check::new();
    let purpose = check.text("input.purpose", &input.purpose, 1..=1000);
    let minutes = check.number("input.minutes", input.minutes, 5..=480);
    check.done()?;
    let me = write.person()?;
    rules::require_active(&access, write.now())?;
    rules::require_recipient(&access, me, write.actor()?.roles().has(Role::HeadOfficeAdmin))?;
    let visits = lock_open_visits(&write, &access).await?;
    rules::require_no_visit(visits.iter().find(|visit| visit.person_id == me).map(|visit| &**visit))?;
    let visitor = write.find::<person::Entity>(me).await?.ok_or(Fault::Internal)?;
    let row = support_visit::Model {
        id: write.id(),
        network_id: access.network_id,
        client_id: access.client_id,
        access_id: access.id,
        person_id: me,
        visitor: visitor.name,
        email: visitor.email,
        purpose,
        starts_at: write.now(),
        ends_at: rules::visit_end(&access, write.now(), minutes),
        version: 1,
    };
    let visit = write.insert::<support_visit::Entity>(row).await?;
    let notice = Notice::about(NoticeKind::SupportEntered, visit.id).at(visit.client_id);
    notify_sponsors(&write, notice).await?;
    notify_facilitators(&write, notice).await?;
    write.commit().await?;
    Ok(access.id)
}

async fn leave(caller: &Caller, input: SupportAccessLeaveInput) -> Result<Id<Entity>, Error> {
    let (write, access) =
        caller.write::<Entity>(Permission::SupportAccessLeave, typed(&input.id), "input.id").await?;
    expect_version(access.version, input.expected_version)?;
    let me = write.person()?;
    let visits = lock_open_visits(&write, &access).await?;
    let visit = rules::require_visit(visits.into_iter().find(|visit| visit.person_id == me))?;
    end_visit(&write, &visit).await?;
    write.commit().await?;
    Ok(access.id)
}

/// Locks the open visits of an access.
async fn lock_open_visits(
    write: &Write,
    access: &support_access::Model,
) -> Result<Vec<Locked<support_visit::Model>>, Error> {
    let visits = support_visit::Entity::find()
        .filter(support_visit::Column::AccessId.eq(access.id))
        .filter(support_visit::Column::EndsAt.gt(write.now()));
    write.lock_all(visits).await
}

async fn end_visit(write: &Write, visit: &Locked<support_visit::Model>) -> Result<(), Error> {
    let mut change = visit.clone().into_active_model();
    change.ends_at = Set(write.now());
    write.update::<support_visit::Entity>(visit, change).await?;
    Ok(())
}
