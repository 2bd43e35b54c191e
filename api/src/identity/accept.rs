//! Accepting an invitation by the link of its e-mail. Whoever signs in somewhere already proves it by the present password;
//! for everybody else, the link is proof enough to set one: it was sent to the address.

use super::{
    Credential, joining, notice,
    proof::{self, Proven},
    refresh::{self, Tokens},
    sign_in::{Doorkeeper, InvitationAcceptInput, people, replace},
    token::OpaqueKind,
};
use crate::kernel::{Asking, Code, Error, Fault, Locked, Refusal, Write};
use entity::{Id, client, identity, invitation, member, membership, person};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

/// By what somebody accepts.
enum Proof {
    /// The password of a sign-in that they use elsewhere.
    Present(Proven),
    /// A new password, for a sign-in of before that opens nothing any more, or for a new one.
    Link { before: Option<Id<identity::Entity>>, hash: String },
}

pub(super) async fn accept(
    door: &Doorkeeper,
    from: Credential,
    input: InvitationAcceptInput,
) -> Result<Tokens, Error> {
    let hash = OpaqueKind::Invitation.hash(&input.token).ok_or_else(gone)?;
    let look = door.kernel.identity_look(None).await?;
    let found = look.one(invitation::Entity::find().filter(invitation::Column::TokenHash.eq(&hash))).await?;
    let open = |invitation: &invitation::Model| {
        invitation.accepted_at.is_none()
            && invitation.revoked_at.is_none()
            && invitation.expires_at > look.now()
    };
    let invitation = found.filter(open).ok_or_else(gone)?;
    let email = invitation.email.clone();
    let (known, from_here) = proof::look_up(door, &look, &email, from.remote).await?;
    let in_use = match &known {
        Some(identity) => !people(&look, identity.id).await?.is_empty(),
        None => false,
    };
    look.leave().await?;
    let proof = if in_use {
        let proven = proof::prove(door, from, (&email, known, from_here), input.password).await?;
        Proof::Present(proven.ok_or_else(other_password)?)
    } else {
        let path = "input.password";
        let hash = proof::new_hash(door, input.password, &email, &invitation.name, path).await?;
        Proof::Link { before: known.map(|identity| identity.id), hash }
    };
    let mut write = door
        .kernel
        .identity(Some(invitation.network_id))
        .await?
        .doing("invitationAccept", &Asking::default());
    let invitation = write.lock::<invitation::Entity>(invitation.id).await?;
    if invitation.accepted_at.is_some() || invitation.revoked_at.is_some() {
        return Err(gone().into());
    }
    let person = write.lock::<person::Entity>(invitation.person_id).await?;
    let (identity, ended) = settle_identity(door, &write, &invitation, &person, proof).await?;
    let tokens = refresh::begin(door, &write, identity, &person).await?;
    write.as_system().await?;
    if let Some(message) = kept_apart(&write, &invitation).await? {
        return Err(Refusal::new(Code::OwnerNotEligible, message).at("input.token").into());
    }
    settle(&write, &invitation, &person, identity).await?;
    joining::owner_joins(&write, &invitation, &person).await?;
    write.commit().await?;
    door.forget(ended);
    Ok(tokens)
}

fn gone() -> Refusal {
    Refusal::new(Code::NotAuthenticated, "This invitation no longer works. Ask for another.")
        .at("input.token")
}

fn other_password() -> Refusal {
    let message = "This is not the password of your existing sign-in. Enter that one, or ask for a link to set another.";
    Refusal::new(Code::NotAuthenticated, message).at("input.password")
}

/// The identity that accepts, and the sign-ins that ended with its password of before.
async fn settle_identity(
    door: &Doorkeeper,
    write: &Write,
    invitation: &invitation::Model,
    person: &person::Model,
    proof: Proof,
) -> Result<(Id<identity::Entity>, Vec<Uuid>), Error> {
    match proof {
        Proof::Present(proven) => {
            let identity = proof::confirm(door, write, proven).await?.ok_or_else(other_password)?;
            Ok((identity.id, vec![]))
        }
        Proof::Link { before: Some(identity), hash } => {
            let ended = replace(write, identity, hash, None).await?;
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

/// Why the invitation cannot be accepted: it would put someone on both sides, as clients may have moved since it was sent,
/// and other invitations been accepted.
async fn kept_apart(write: &Write, invitation: &invitation::Model) -> Result<Option<&'static str>, Error> {
    let held = held(write, invitation.person_id).await?;
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

/// What a person holds now.
pub(super) async fn held(write: &Write, person: Id<person::Entity>) -> Result<Vec<membership::Model>, Error> {
    let held = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Entity::lasting(write.now()));
    write.all(held).await
}

/// Makes the person what the invitation said.
async fn settle(
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
