//! Invitation: an offer of a login. The link in the e-mail works once and expires.
//!
//! A network has one person for each e-mail address. An invitation reveals nothing about an existing person with the
//! address. A person cannot be a facilitator and one of a client's people.
//!
//! Head office cannot give itself access: it names an owner only for a franchise without one, and owners invite everyone
//! else at a franchise. An e-mail notifies former owners, facilitators and the sponsors of the franchise's clients of the
//! new owner, and the clients open to the owner later ([`super::owner_opening`]).

pub mod bulk;
mod email;
pub mod keeping;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    client::{Client, rules as clients},
    franchise::Franchise,
    person::Person,
};
use crate::{
    inputs,
    kernel::{
        Caller, Check, Email, Error, Fault, Write,
        access::{Permission, Role},
        expect_version,
        read::shape::typed,
    },
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, client, franchise,
    invitation::{self, Entity},
    member,
    membership::{self, MembershipRole},
    outbox::EmailKind,
    owner_opening, person, team,
};
use keeping::{NewInvitation, find_or_insert_person, require_one_side};
use rules::RoleScope;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::collections::BTreeSet;

shape! {
    /// An invitation to sign in with a role.
    Invitation of invitation {
        /// The e-mail address that the invitation was sent to.
        email = text(Email).filter().order(),
        /// The name of the invited person.
        name = text(Name).filter().order(),
        /// The role that the person gets by accepting.
        role = closed::<MembershipRole, _>(Role).filter().order(),
        /// When the invitation expires.
        expiresAt = instant(ExpiresAt).filter().order(),
        /// When the invitation was accepted. Null if it was not accepted.
        acceptedAt = instant(AcceptedAt).or_null().filter(),
        /// When the invitation was revoked. Null if it was not revoked.
        revokedAt = instant(RevokedAt).or_null().filter(),
        /// When the e-mail was given up: the mail server rejected it for good, or every attempt failed for three days.
        /// Null otherwise. Correct the address, or send the e-mail again with `invitationResend`.
        deliveryFailedAt = instant(DeliveryFailedAt).or_null().filter(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// The invited person. Null if the caller has no access to the person.
        person = one::<Person, _>(PersonId).or_null(),
        /// The franchise where the person gets the role. Null for a role at a client or at head office.
        franchise = one::<Franchise, _>(FranchiseId).or_null(),
        /// The client where the person gets the role. Null for a role at a franchise or at head office.
        client = one::<Client, _>(ClientId).or_null(),
    }
}

/// Input for `facilitatorInvite`.
#[derive(InputObject)]
pub struct FacilitatorInviteInput {
    /// ID of the franchise.
    pub franchise_id: ID,
    /// The person's name: 1 to 120 characters. Ignored if a person with this address exists: they keep their name.
    pub name: String,
    /// The person's e-mail address.
    pub email: String,
    /// The person's role: `FACILITATOR` or `FRANCHISE_OWNER`.
    pub role: MembershipRole,
}

/// Input for `headOfficeInvite`.
#[derive(InputObject)]
pub struct HeadOfficeInviteInput {
    /// The person's name: 1 to 120 characters. Ignored if a person with this address exists: they keep their name.
    pub name: String,
    /// The person's e-mail address.
    pub email: String,
    /// The person's role: `HEAD_OFFICE_ADMIN` or `HEAD_OFFICE_ANALYST`.
    pub role: MembershipRole,
}

/// Input for `memberInvite`.
#[derive(InputObject)]
pub struct MemberInviteInput {
    /// ID of an active member who does not sign in as another person. If the memberships of a former person at the
    /// client have ended, the new person takes over the member's work; sealed answers and read-backs stay with the
    /// former person.
    pub member_id: ID,
    /// The member's e-mail address. Saved for the member if no address is known.
    pub email: String,
    /// The member's role: `SPONSOR` of the client, or `LEADER` or `OBSERVER` in the team.
    pub role: MembershipRole,
}

inputs! {
    /// Input for `invitationRevoke` and `invitationResend`.
    [InvitationRevokeInput, InvitationResendInput] {
        /// ID of the invitation.
        pub id: ID,
        /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
        pub expected_version: Option<i32>,
    }
}

mutations! {
    InvitationMutation: invitation -> Invitation of Entity {
        /// Invites a facilitator or another owner to a franchise, by an e-mail with a link. Allowed for owners of the
        /// franchise. Head office may only name an owner of a franchise that has none; any other invitation by head
        /// office fails with `NOT_OWNER`. If that franchise had owners or has clients, its former owners, its
        /// facilitators and its clients' sponsors are informed by e-mail, and each client's content opens to the new
        /// owner seven days after they join, or when a sponsor of the client agrees (`ownerOpeningAgree`).
        facilitator_invite(FacilitatorInviteInput) -> FacilitatorInvitePayload = invite_facilitator;
        /// Invites an admin or analyst to head office, by an e-mail with a link.
        head_office_invite(HeadOfficeInviteInput) -> HeadOfficeInvitePayload = invite_head_office;
        /// Gives a member of a team a login, by an e-mail with a link. If the role is `SPONSOR`, an e-mail informs the
        /// client's current sponsors.
        member_invite(MemberInviteInput) -> MemberInvitePayload = invite_member;
        /// Revokes an open invitation, and its link stops working. Allowed for people who may send such an invitation:
        /// to a franchise, to head office, or to members.
        invitation_revoke(InvitationRevokeInput) -> InvitationRevokePayload = revoke, on id;
        /// Sends the e-mail of an open invitation again, with the same link and expiry. Allowed for people who may
        /// revoke the invitation. Counts towards the limits of e-mails.
        invitation_resend(InvitationResendInput) -> InvitationResendPayload = resend, on id;
    }
}

async fn invite_facilitator(caller: &Caller, input: FacilitatorInviteInput) -> Result<Id<Entity>, Error> {
    let permission = Permission::FacilitatorInvite;
    let (write, franchise) = caller
        .write::<franchise::Entity>(permission, typed(&input.franchise_id), "input.franchiseId")
        .await?;
    let mut check = Check::new();
    let name = check.name("input.name", &input.name, 1..=120);
    let email = check.email("input.email", &input.email);
    check.done()?;
    rules::require_franchise_role(input.role)?;
    clients::require_active_franchise(&franchise)?;
    let person = find_or_insert_person(&write, &name, email).await?;
    rules::require_no_clients(count_clients(&write, person.id, franchise.id).await?)?;
    let scope = RoleScope { franchise: Some(franchise.id), ..RoleScope::default() };
    let owns = write.actor()?.reach_as(Role::FranchiseOwner.bit()).has_franchise(franchise.id.uuid());
    let opens_later = match owns {
        true => waits_for_clients(&write, franchise.id).await?,
        false => {
            require_one_side(&write, person.id, input.role).await?;
            name_owner(&write, &franchise, &name, &person, input.role).await?;
            true
        }
    };
    create_invitation(
        caller,
        write,
        NewInvitation { person, name, role: input.role, scope, member: None, opens_later },
    )
    .await
}

/// Whether clients of the franchise are not yet open to the caller. People whom the caller invites must wait as well.
async fn waits_for_clients(write: &Write, franchise: Id<franchise::Entity>) -> Result<bool, Error> {
    let waits = owner_opening::Entity::find()
        .filter(owner_opening::Column::PersonId.eq(write.person()?))
        .filter(owner_opening::Column::FranchiseId.eq(franchise))
        .filter(owner_opening::Column::OpensAt.gt(write.now()));
    Ok(write.count(waits).await? > 0)
}

/// Checks that head office may name an owner of a franchise, and notifies the people concerned.
async fn name_owner(
    write: &Write,
    franchise: &franchise::Model,
    name: &str,
    owner: &person::Model,
    role: MembershipRole,
) -> Result<(), Error> {
    let held = membership::Entity::find().filter(membership::Column::FranchiseId.eq(franchise.id));
    let held = write.all(held).await?;
    let waiting = Entity::find()
        .filter(invitation::Column::FranchiseId.eq(franchise.id))
        .filter(invitation::Column::Role.eq(MembershipRole::FranchiseOwner))
        .filter(rules::open_condition(write.now()));
    rules::require_nameable_owner(role, &held, write.count(waiting).await?, write.now())?;
    let clients = client::Entity::find().filter(client::Column::FranchiseId.eq(franchise.id));
    let clients = write.all(clients).await?;
    let sponsors = membership::Entity::find()
        .filter(membership::Column::ClientId.is_in(clients.iter().map(|client| client.id)))
        .filter(membership::Column::Role.eq(MembershipRole::Sponsor))
        .filter(membership::Entity::lasting(write.now()));
    let sponsors = write.all(sponsors).await?;
    let concerned: BTreeSet<_> =
        rules::members_to_notify(&held, write.now()).chain(&sponsors).map(|held| held.person_id).collect();
    let concerned = person::Entity::find()
        .filter(person::Column::Id.is_in(concerned))
        .filter(person::Column::ErasedAt.is_null())
        .filter(person::Column::Id.ne(owner.id));
    let by = write.find::<person::Entity>(write.person()?).await?.ok_or(Fault::Internal)?;
    for to in write.all(concerned).await? {
        let text = format!(
            "Hello {},\n\n{} of head office has named {name} ({}) as owner of {}, which has no owner. Seven days after \
             they join, the content of the franchise's clients opens to them; a client's sponsor can agree to that \
             earlier.\n\nIf this is not meant to be, write to head office before.\n",
            to.name, by.name, owner.email, franchise.name,
        );
        let subject = format!("An owner is named for {}", franchise.name);
        write.post(Email::new(EmailKind::Notice, franchise.id.uuid(), &to, subject, text));
    }
    Ok(())
}

async fn invite_head_office(caller: &Caller, input: HeadOfficeInviteInput) -> Result<Id<Entity>, Error> {
    let (write, _) = caller.write_network(Permission::HeadOfficeInvite).await?;
    let mut check = Check::new();
    let name = check.name("input.name", &input.name, 1..=120);
    let email = check.email("input.email", &input.email);
    check.done()?;
    rules::require_head_office_role(input.role)?;
    let person = find_or_insert_person(&write, &name, email).await?;
    create_invitation(
        caller,
        write,
        NewInvitation {
            person,
            name,
            role: input.role,
            scope: RoleScope::default(),
            member: None,
            opens_later: false,
        },
    )
    .await
}

async fn invite_member(caller: &Caller, input: MemberInviteInput) -> Result<Id<Entity>, Error> {
    let (write, member) = caller
        .write::<member::Entity>(Permission::MemberInvite, typed(&input.member_id), "input.memberId")
        .await?;
    let client = write.load::<client::Entity>(Some(member.client_id), "input.memberId").await?;
    let team = write.load::<team::Entity>(Some(member.team_id), "input.memberId").await?;
    let days = caller.settings().invitation_days;
    let id = keeping::invite_member(&write, days, (&client, &team), member, &input.email, input.role).await?;
    write.commit().await?;
    Ok(id)
}

async fn revoke(caller: &Caller, input: InvitationRevokeInput) -> Result<Id<Entity>, Error> {
    let (write, invitation) =
        caller.write::<Entity>(Permission::InvitationRevoke, typed(&input.id), "input.id").await?;
    expect_version(invitation.version, input.expected_version)?;
    let invites = write.actor()?.reach(Permission::FacilitatorInvite);
    rules::require_sender(&invitation, &invites)?;
    rules::require_revocable(&invitation, write.now())?;
    let mut change = invitation.clone().into_active_model();
    change.revoked_at = Set(Some(write.now()));
    write.update::<Entity>(&invitation, change).await?;
    write.commit().await?;
    Ok(invitation.id)
}

async fn resend(caller: &Caller, input: InvitationResendInput) -> Result<Id<Entity>, Error> {
    let (write, invitation) =
        caller.write::<Entity>(Permission::InvitationResend, typed(&input.id), "input.id").await?;
    expect_version(invitation.version, input.expected_version)?;
    let invites = write.actor()?.reach(Permission::FacilitatorInvite);
    rules::require_sender(&invitation, &invites)?;
    rules::require_resendable(&invitation, write.now())?;
    write.count_link(&invitation.email, "input.id").await?;
    if invitation.delivery_failed_at.is_none() {
        // The row does not change, so the event is recorded explicitly.
        let at = [invitation.client_id.map(Id::uuid), invitation.franchise_id.map(Id::uuid)];
        write.record_event_at("invitation", invitation.id.uuid(), at, None);
    }
    let mut change = invitation.clone().into_active_model();
    change.delivery_failed_at = Set(None);
    let invitation = write.update::<Entity>(&invitation, change).await?;
    email::post_invitation(&write, &invitation).await?;
    write.commit().await?;
    Ok(invitation.id)
}

/// Counts the clients of a franchise that a person belongs to or is invited to.
async fn count_clients(
    write: &Write,
    person: Id<person::Entity>,
    franchise: Id<franchise::Entity>,
) -> Result<i64, Error> {
    let held = write.all(membership::Entity::held_by(person, write.now())).await?;
    let waiting = Entity::find()
        .filter(invitation::Column::PersonId.eq(person))
        .filter(rules::open_condition(write.now()));
    let waiting = write.all(waiting).await?;
    let at = held
        .iter()
        .filter_map(|held| held.client_id)
        .chain(waiting.iter().filter_map(|invitation| invitation.client_id));
    let clients = client::Entity::find()
        .filter(client::Column::Id.is_in(at))
        .filter(client::Column::FranchiseId.eq(franchise));
    write.count(clients).await
}

/// Inserts the invitation of a mutation, and saves it.
async fn create_invitation(caller: &Caller, write: Write, draft: NewInvitation) -> Result<Id<Entity>, Error> {
    let id = keeping::insert_invitation(&write, caller.settings().invitation_days, draft).await?;
    write.commit().await?;
    Ok(id)
}
