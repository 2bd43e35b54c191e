//! Accepting an invitation by the link of its e-mail. A person with a sign-in that is in use proves it by its password. For
//! everyone else the link, which was sent to the address, is proof enough to set a password.

use super::{
    Credential, joining, notice,
    people::people_of,
    proof::{self, ProvenIdentity},
    refresh::{self, Tokens, replace_password},
    service::SignInService,
    token::OpaqueKind,
};
use crate::{
    kernel::{Code, Error, Fault, Locked, Refusal, RequestInfo, Write},
    message,
};
use async_graphql::InputObject;
use entity::{Id, client, identity, invitation, member, membership, person};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

/// Input for `invitationAccept`.
#[derive(InputObject)]
pub struct InvitationAcceptInput {
    /// Token of the link in the invitation e-mail: the part after the `#`.
    #[graphql(secret)]
    pub token: String,
    /// Password of the existing sign-in. If there is none in use, a new password: 12 to 128 characters, not easy to
    /// guess.
    #[graphql(secret)]
    pub password: String,
}

/// What proves that someone may accept.
enum Proof {
    /// The password of a sign-in that is in use elsewhere.
    Present(ProvenIdentity),
    /// A new password, for an earlier sign-in without memberships or for a new one.
    Link { before: Option<Id<identity::Entity>>, hash: String },
}

pub(super) async fn accept(
    service: &SignInService,
    from: Credential,
    input: InvitationAcceptInput,
) -> Result<Tokens, Error> {
    let hash = OpaqueKind::Invitation.hash(&input.token).ok_or_else(gone)?;
    let look = service.kernel.identity_look(None).await?;
    let found = look.one(invitation::Entity::find().filter(invitation::Column::TokenHash.eq(&hash))).await?;
    let open = |invitation: &invitation::Model| {
        invitation.accepted_at.is_none()
            && invitation.revoked_at.is_none()
            && invitation.expires_at > look.now()
    };
    let invitation = found.filter(open).ok_or_else(gone)?;
    let email = invitation.email.clone();
    let (known, from_here) = proof::find_identity(service, &look, &email, from.remote).await?;
    let in_use = match &known {
        Some(identity) => !people_of(&look, identity.id).await?.is_empty(),
        None => false,
    };
    look.roll_back().await?;
    let proof = if in_use {
        let proven = proof::prove_identity(service, from, (&email, known, from_here), input.password).await?;
        Proof::Present(proven.ok_or_else(other_password)?)
    } else {
        let path = "input.password";
        let hash = proof::new_hash(service, input.password, &email, &invitation.name, path).await?;
        Proof::Link { before: known.map(|identity| identity.id), hash }
    };
    let mut write = service
        .kernel
        .identity(Some(invitation.network_id))
        .await?
        .with_verb("invitationAccept", &RequestInfo::default());
    let invitation = write.lock::<invitation::Entity>(invitation.id).await?;
    if invitation.accepted_at.is_some() || invitation.revoked_at.is_some() {
        return Err(gone().into());
    }
    let person = write.lock::<person::Entity>(invitation.person_id).await?;
    let (identity, ended) = find_or_create_identity(service, &write, &invitation, &person, proof).await?;
    let tokens = refresh::begin_sign_in(service, &write, identity, &person).await?;
    write.as_system().await?;
    if let Some(message) = kept_apart(&write, &invitation).await? {
        return Err(Refusal::new(Code::OwnerNotEligible, message).at("input.token").into());
    }
    apply_invitation(&write, &invitation, &person, identity).await?;
    joining::owner_joins(&write, &invitation, &person).await?;
    write.commit().await?;
    service.forget(ended);
    Ok(tokens)
}

fn gone() -> Refusal {
    Refusal::new(
        Code::NotAuthenticated,
        message!(INVITATION_UNUSABLE, "This invitation no longer works. Ask for another."),
    )
    .at("input.token")
}

fn other_password() -> Refusal {
    let message = message!(
        WRONG_EXISTING_PASSWORD,
        "This is not the password of your existing sign-in. Enter that one, or ask for a link to set another."
    );
    Refusal::new(Code::NotAuthenticated, message).at("input.password")
}

/// Finds or creates the identity that accepts. Returns it with the sign-ins that ended with its earlier password.
async fn find_or_create_identity(
    service: &SignInService,
    write: &Write,
    invitation: &invitation::Model,
    person: &person::Model,
    proof: Proof,
) -> Result<(Id<identity::Entity>, Vec<Uuid>), Error> {
    match proof {
        Proof::Present(proven) => {
            let identity = proof::lock_proven(service, write, proven).await?.ok_or_else(other_password)?;
            Ok((identity.id, vec![]))
        }
        Proof::Link { before: Some(identity), hash } => {
            let ended = replace_password(write, identity, hash, None).await?;
            notice::password_changed(write, person, &invitation.email);
            Ok((identity, ended))
        }
        Proof::Link { before: None, hash } => {
            let row = identity::Model {
                id: write.id(),
                email: invitation.email.clone(),
                password_hash: hash,
                password_changed_at: write.now(),
                created_at: write.now(),
                version: 1,
            };
            Ok((write.insert::<identity::Entity>(row).await?.id, vec![]))
        }
    }
}

/// Why the invitation cannot be accepted, if it cannot: it would put a person on both sides, because a client has moved or
/// another invitation was accepted since.
async fn kept_apart(write: &Write, invitation: &invitation::Model) -> Result<Option<&'static str>, Error> {
    let held = write.all(membership::Entity::held_by(invitation.person_id, write.now())).await?;
    if held.iter().any(|held| held.role.is_head_office() != invitation.role.is_head_office()) {
        return Ok(Some("Who is of head office works with no client, and you would do both."));
    }
    let both = match (invitation.client_id, invitation.franchise_id) {
        (Some(client), _) => {
            let client = write.find::<client::Entity>(client).await?.ok_or(Fault::Internal)?;
            write.works_for(invitation.person_id, &client).await?
        }
        (None, Some(franchise)) => {
            let theirs = client::Entity::find()
                .filter(client::Column::Id.is_in(held.iter().filter_map(|held| held.client_id)))
                .filter(client::Column::FranchiseId.eq(franchise));
            write.count(theirs).await? > 0
        }
        (None, None) => false,
    };
    Ok(both.then_some("Who facilitates a client is never a member of its team, and you would be both."))
}

/// Gives the person the membership of the invitation, and marks the invitation as accepted.
async fn apply_invitation(
    write: &Write,
    invitation: &Locked<invitation::Model>,
    person: &Locked<person::Model>,
    identity: Id<identity::Entity>,
) -> Result<(), Error> {
    if person.identity_id != Some(identity) {
        let mut change = person.clone().into_active_model();
        change.identity_id = Set(Some(identity));
        write.update::<person::Entity>(person, change).await?;
    }
    let held = membership::Model {
        id: write.id(),
        network_id: invitation.network_id,
        person_id: person.id,
        role: invitation.role,
        franchise_id: invitation.franchise_id,
        client_id: invitation.client_id,
        team_id: invitation.team_id,
        starts_at: write.now(),
        ends_at: None,
        created_at: write.now(),
        version: 1,
    };
    write.insert::<membership::Entity>(held).await?;
    if let Some(id) = invitation.member_id {
        let member = write.lock::<member::Entity>(id).await?;
        let mut change = member.clone().into_active_model();
        if member.person_id.is_some_and(|former| former != person.id) {
            change.email = Set(Some(invitation.email.clone()));
        }
        change.person_id = Set(Some(person.id));
        write.update::<member::Entity>(&member, change).await?;
    }
    let mut answered = invitation.clone().into_active_model();
    answered.accepted_at = Set(Some(write.now()));
    write.update::<invitation::Entity>(invitation, answered).await?;
    Ok(())
}
