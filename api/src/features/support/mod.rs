//! Support access: a client's leave for head office to read its content, for a time.
//!
//! Head office sees progress and no content. Where it must help, the client's sponsor gives access: to one person by
//! their address, or to every head-office admin; with a reason; for thirty days at the longest; and takes it back at
//! any time. Access by itself shows nothing. Who uses it *enters* for some hours, saying what for, and reads the
//! client's content as an observer does until the visit ends; each visit stays for the client to see. A visit ends by
//! itself, by leaving, with the access, or with the visitor's place at head office.

pub mod rules;
#[cfg(test)]
mod tests;

use super::client::Client;
use crate::{
    inputs,
    kernel::{
        Caller, Check, Error, Fault, Locked, Write,
        access::{Permission, Role},
        expect_version,
        read::shape::typed,
    },
    mutations, scalar, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, client, person,
    support_access::{self, Entity},
    support_visit,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// A client's leave for head office to read its content, for a time.
    SupportAccess of support_access {
        /// Whom it is for, by their address; null where it is for every head-office admin.
        email = text(Email).or_null().filter(),
        /// Why it was given.
        reason = text(Reason),
        /// From when.
        startsAt = instant(StartsAt).filter().order(),
        /// Until when, unless it is revoked before.
        endsAt = instant(EndsAt).filter().order(),
        /// When it was revoked.
        revokedAt = instant(RevokedAt).or_null().filter(),
        /// Whether it can be used now.
        active = derived(Ty::Flag, "({t}.revoked_at is null and {t}.ends_at > {now})").filter(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The client.
        client = one::<Client, _>(ClientId),
        /// Each use of it, latest first.
        visits = pages::<SupportVisit, _>(entity::support_visit::Column::AccessId).by_last(entity::support_visit::Column::StartsAt, Ty::Instant),
    }
}

shape! {
    /// A use of support access: someone of head office could read the client's content.
    SupportVisit of support_visit {
        /// The visitor's name when they entered. People choose their names: `visitorEmail` says who it was.
        visitor = text(Visitor).filter(),
        /// The visitor's e-mail address when they entered.
        visitorEmail = text(Email),
        /// What for.
        purpose = text(Purpose),
        /// From when.
        startsAt = instant(StartsAt).filter().order(),
        /// Until when.
        endsAt = instant(EndsAt).filter().order(),
    }
}

/// Access to give.
#[derive(InputObject)]
pub struct SupportAccessGrantInput {
    /// The client whose content may be read.
    pub client_id: ID,
    /// The address of the person at head office it is for. Left out: every head-office admin.
    pub email: Option<String>,
    /// Why: 1 to 1,000 characters.
    pub reason: String,
    /// Until when: in the future, within 30 days.
    pub ends_at: scalar::DateTime,
}

/// A visit to begin.
#[derive(InputObject)]
pub struct SupportAccessEnterInput {
    /// The access: active, and given to the caller.
    pub id: ID,
    /// What for: 1 to 1,000 characters. The client reads it.
    pub purpose: String,
    /// How long: 5 to 480 minutes, and never longer than the access.
    #[graphql(default = 60)]
    pub minutes: i32,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

inputs! {
    /// Which access, and nothing more.
    [SupportAccessRevokeInput, SupportAccessLeaveInput] {
        /// The access.
        pub id: ID,
        /// The version this was decided on.
        pub expected_version: Option<i32>,
    }
}

mutations! {
    SupportMutation: support_access -> SupportAccess of Entity {
        /// Lets head office read the client's content, for a time. Nothing is seen until somebody enters.
        support_access_grant(SupportAccessGrantInput) -> SupportAccessGrantPayload = grant;
        /// Takes access back before its time, and ends the visits under way.
        support_access_revoke(SupportAccessRevokeInput) -> SupportAccessRevokePayload = revoke, on id;
        /// Begins a visit: until it ends, the caller reads the client's content as an observer does. The client sees
        /// who came, when and what for.
        support_access_enter(SupportAccessEnterInput) -> SupportAccessEnterPayload = enter, on id;
        /// Ends the caller's visit before its time.
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
    let ends_at = check.take(rules::lasting(input.ends_at.0, write.now()));
    check.done()?;
    let ends_at = ends_at.ok_or(Fault::Internal)?;
    let person_id = match &email {
        Some(email) => Some(guest(&write, email).await?),
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
    write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(id)
}

/// The person of head office with an address. Whoever else has it is as unknown as nobody.
async fn guest(write: &Write, email: &str) -> Result<Id<person::Entity>, Error> {
    let found = write.person_by_email(email).await?;
    match found {
        Some(person) if write.at_head_office(person.id).await? => Ok(person.id),
        _ => Err(rules::unknown().into()),
    }
}

async fn revoke(caller: &Caller, input: SupportAccessRevokeInput) -> Result<Id<Entity>, Error> {
    let (write, access) =
        caller.write::<Entity>(Permission::SupportAccessRevoke, typed(&input.id), "input.id").await?;
    expect_version(access.version, input.expected_version)?;
    rules::active(&access, write.now())?;
    let mut change = access.clone().into_active_model();
    change.revoked_at = Set(Some(write.now()));
    write.update::<Entity>(&access, change).await?;
    for visit in visits(&write, &access).await? {
        end(&write, &visit).await?;
    }
    write.commit().await?;
    Ok(access.id)
}

async fn enter(caller: &Caller, input: SupportAccessEnterInput) -> Result<Id<Entity>, Error> {
    // locked exclusively, as for revoking: a visit cannot begin beside the end of its access
    let (write, access) =
        caller.write::<Entity>(Permission::SupportAccessEnter, typed(&input.id), "input.id").await?;
    expect_version(access.version, input.expected_version)?;
    let mut check = Check::new();
    let purpose = check.text("input.purpose", &input.purpose, 1..=1000);
    let minutes = check.number("input.minutes", input.minutes, 5..=480);
    check.done()?;
    let me = write.person()?;
    rules::active(&access, write.now())?;
    rules::given_to(&access, me, write.actor()?.roles().has(Role::HeadOfficeAdmin))?;
    let there = visits(&write, &access).await?;
    rules::away(there.iter().find(|visit| visit.person_id == me).map(|visit| &**visit))?;
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
        ends_at: rules::until(&access, write.now(), minutes),
        version: 1,
    };
    write.insert::<support_visit::Entity>(row).await?;
    write.commit().await?;
    Ok(access.id)
}

async fn leave(caller: &Caller, input: SupportAccessLeaveInput) -> Result<Id<Entity>, Error> {
    let (write, access) =
        caller.write::<Entity>(Permission::SupportAccessLeave, typed(&input.id), "input.id").await?;
    expect_version(access.version, input.expected_version)?;
    let me = write.person()?;
    let there = visits(&write, &access).await?;
    let visit = rules::present(there.into_iter().find(|visit| visit.person_id == me))?;
    end(&write, &visit).await?;
    write.commit().await?;
    Ok(access.id)
}

/// The visits under way.
async fn visits(
    write: &Write,
    access: &support_access::Model,
) -> Result<Vec<Locked<support_visit::Model>>, Error> {
    let visits = support_visit::Entity::find()
        .filter(support_visit::Column::AccessId.eq(access.id))
        .filter(support_visit::Column::EndsAt.gt(write.now()));
    write.lock_all(visits).await
}

async fn end(write: &Write, visit: &Locked<support_visit::Model>) -> Result<(), Error> {
    let mut change = visit.clone().into_active_model();
    change.ends_at = Set(write.now());
    write.update::<support_visit::Entity>(visit, change).await?;
    Ok(())
}
