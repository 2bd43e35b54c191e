//! Changing the address of a sign-in. It takes the password and a link sent to the new address. For seven days, a link sent
//! to the old address undoes it.
//!
//! An identity is a person in one network or in several, and the address changes in all of them in one transaction.

use super::{
    Requester, link, notice, own_mutations, proof, refresh, reset,
    service::SignInService,
    sign_in::{Done, done_payload},
    token::OpaqueKind,
};
use crate::{
    kernel::{Check, Code, Error, Fault, Locked, Refusal, RequestInfo, Write},
    message,
};
use async_graphql::InputObject;
use chrono::TimeDelta;
use entity::{Id, address_change, identity, invitation, member, network, password_reset, person};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::{collections::BTreeSet, sync::Arc, time::Instant};

/// How long the new address can confirm the change.
const CONFIRM: TimeDelta = TimeDelta::hours(24);
/// How long the old address can undo the change.
const UNDO: TimeDelta = TimeDelta::days(7);

/// Input for `addressChange`.
#[derive(InputObject)]
pub struct AddressChangeInput {
    /// New e-mail address to sign in with.
    pub email: String,
    /// Current password of the caller.
    #[graphql(secret)]
    pub password: String,
}

/// Input for `addressChangeConfirm`.
#[derive(InputObject)]
pub struct AddressChangeConfirmInput {
    /// Token of the link in the e-mail to the new address: the part after the `#`.
    #[graphql(secret)]
    pub token: String,
}

/// Input for `addressChangeUndo`.
#[derive(InputObject)]
pub struct AddressChangeUndoInput {
    /// Token of the link in the e-mail to the old address: the part after the `#`.
    #[graphql(secret)]
    pub token: String,
}

own_mutations! {
    /// Requests a new address to sign in with, in all networks of the caller. The new address gets an e-mail with a
    /// link that works for 24 hours; the old address stays valid until the change is confirmed. If someone already has
    /// the address, no e-mail is sent and the result is the same. A later request replaces an earlier one.
    address_change(AddressChangeInput) -> AddressChangePayload of Done = address_change;
    /// Confirms a new address with the token of the e-mail link. From then on, the person signs in with the new address
    /// and gets e-mails there. The old address gets an e-mail with a link for `addressChangeUndo`. Must be the only
    /// field of its operation.
    address_change_confirm(AddressChangeConfirmInput) -> AddressChangeConfirmPayload of Done = address_change_confirm;
    /// Undoes a change of address within seven days, with the token of the e-mail link to the old address. Every
    /// sign-in ends, the current password stops working, and the old address gets a link to set a new one. Must be the
    /// only field of its operation.
    address_change_undo(AddressChangeUndoInput) -> AddressChangeUndoPayload of Done = address_change_undo;
}

async fn address_change(
    service: &Arc<SignInService>,
    requester: &Requester,
    input: AddressChangeInput,
) -> Result<Done, Fault> {
    done_payload(request_change(service, requester, input).await)
}

async fn address_change_confirm(
    service: &Arc<SignInService>,
    _: &Requester,
    input: AddressChangeConfirmInput,
) -> Result<Done, Fault> {
    done_payload(confirm_change(service, &input.token).await)
}

async fn address_change_undo(
    service: &Arc<SignInService>,
    _: &Requester,
    input: AddressChangeUndoInput,
) -> Result<Done, Fault> {
    done_payload(undo_change(service, &input.token).await)
}

async fn request_change(
    service: &SignInService,
    requester: &Requester,
    input: AddressChangeInput,
) -> Result<(), Error> {
    let wrong = || {
        Refusal::new(
            Code::NotAuthenticated,
            message!(WRONG_PRESENT_PASSWORD, "This is not your present password. Try again."),
        )
        .at("input.password")
    };
    let actor = requester.caller.as_ref().ok_or(Fault::Unauthenticated)?.actor();
    let mut check = Check::new();
    let email = check.email("input.email", &input.email);
    check.done()?;
    let write = service.kernel.identity(None).await?;
    let found = write.find::<identity::Entity>(actor.identity).await?.ok_or(Fault::Unauthenticated)?;
    let person = write.find::<person::Entity>(actor.person).await?.ok_or(Fault::Unauthenticated)?;
    let taken = is_taken(&write, &found, &email).await?;
    write.roll_back().await?;
    if email == found.email {
        return Err(Refusal::new(
            Code::Invalid,
            message!(SAME_ADDRESS, "This is your address already. Choose another one."),
        )
        .at("input.email")
        .into());
    }
    let old = found.email.clone();
    let proven = proof::prove_signed_in(service, requester.credential, found, input.password)
        .await?
        .ok_or_else(wrong)?;
    service.attempts.reset(&email, requester.credential.remote, Instant::now()).map_err(|spent| {
        let message = message!(
            TOO_MANY_EMAILS,
            "Too many e-mails. Try again in {seconds} s.",
            seconds = spent.retry_after,
        );
        Refusal::new(Code::TooManyAttempts, message).at("input.email")
    })?;
    let write = service
        .kernel
        .identity(Some(actor.network))
        .await?
        .with_verb("addressChange", &RequestInfo::default());
    proof::lock_proven(service, &write, proven).await?.ok_or_else(wrong)?;
    let before = address_change::Entity::delete_many()
        .filter(address_change::Column::IdentityId.eq(actor.identity))
        .filter(address_change::Column::ConfirmedAt.is_null());
    write.discard_all(before).await?;
    let id = write.id();
    let row = address_change::Model {
        id,
        identity_id: actor.identity,
        network_id: actor.network,
        person_id: actor.person,
        old_email: old,
        new_email: email.clone(),
        confirm_hash: link::token(write.secrets(), OpaqueKind::AddressConfirm, id.uuid()).hash,
        undo_hash: None,
        created_at: write.now(),
        expires_at: write.now() + CONFIRM,
        confirmed_at: None,
    };
    let row = write.insert::<address_change::Entity>(row).await?;
    if !taken {
        write.count_link(&email, "input.email").await?;
        notice::confirm_address(&write, &person, &row);
    }
    write.record_event("person", actor.person.uuid(), None);
    write.commit().await
}

fn link_expired() -> Refusal {
    Refusal::new(
        Code::NotAuthenticated,
        message!(LINK_EXPIRED, "This link no longer works. Ask for a new one."),
    )
    .at("input.token")
}

fn address_taken() -> Refusal {
    Refusal::new(
        Code::Taken,
        message!(ADDRESS_TAKEN, "Someone else has this address now. Use another address."),
    )
    .at("input.token")
}

/// Whether someone else has an address: as a sign-in, or as a person in one of the identity's networks.
async fn is_taken(write: &Write, identity: &identity::Model, email: &str) -> Result<bool, Error> {
    let signs_in = identity::Entity::find()
        .filter(identity::Column::Email.eq(email))
        .filter(identity::Column::Id.ne(identity.id));
    if write.one(signs_in).await?.is_some() {
        return Ok(true);
    }
    let own = write.all(person::Entity::find().filter(person::Column::IdentityId.eq(identity.id))).await?;
    let others = person::Entity::find()
        .filter(person::Column::Email.eq(email))
        .filter(person::Column::NetworkId.is_in(own.iter().map(|person| person.network_id)))
        .filter(person::Column::Id.is_not_in(own.iter().map(|person| person.id)));
    Ok(write.one(others).await?.is_some())
}

async fn confirm_change(service: &SignInService, token: &str) -> Result<(), Error> {
    let hash = OpaqueKind::AddressConfirm.hash(token).ok_or_else(link_expired)?;
    let mut write =
        service.kernel.identity(None).await?.with_verb("addressChangeConfirm", &RequestInfo::default());
    let asked = || address_change::Entity::find().filter(address_change::Column::ConfirmHash.eq(&hash));
    let owner = write.one(asked()).await?.ok_or_else(link_expired)?.identity_id;
    // concurrent changes of the same sign-in wait here
    let identity = write.lock::<identity::Entity>(owner).await?;
    let asked = write.lock_one(asked()).await?.ok_or_else(link_expired)?;
    let over = asked.confirmed_at.is_some() || asked.expires_at <= write.now();
    if over || identity.email != asked.old_email {
        return Err(link_expired().into());
    }
    if is_taken(&write, &identity, &asked.new_email).await? {
        return Err(address_taken().into());
    }
    let undo = link::token(write.secrets(), OpaqueKind::AddressUndo, asked.id.uuid());
    let mut change = asked.clone().into_active_model();
    change.confirmed_at = Set(Some(write.now()));
    change.undo_hash = Set(Some(undo.hash));
    change.expires_at = Set(write.now() + UNDO);
    let asked = write.update::<address_change::Entity>(&asked, change).await?;
    // they were sent to the address before
    delete_reset_links(&write, identity.id).await?;
    let person = write.find::<person::Entity>(asked.person_id).await?.ok_or_else(link_expired)?;
    change_address(&mut write, identity, &asked.new_email, person.network_id).await?;
    notice::address_changed(&write, &person, &asked);
    write.record_event("person", person.id.uuid(), None);
    write.commit().await
}

async fn undo_change(service: &SignInService, token: &str) -> Result<(), Error> {
    let hash = OpaqueKind::AddressUndo.hash(token).ok_or_else(link_expired)?;
    let mut write =
        service.kernel.identity(None).await?.with_verb("addressChangeUndo", &RequestInfo::default());
    let changed = || address_change::Entity::find().filter(address_change::Column::UndoHash.eq(&hash));
    let owner = write.one(changed()).await?.ok_or_else(link_expired)?.identity_id;
    let identity = write.lock::<identity::Entity>(owner).await?;
    let changed = write.one(changed()).await?.ok_or_else(link_expired)?;
    if changed.expires_at <= write.now() {
        return Err(link_expired().into());
    }
    if is_taken(&write, &identity, &changed.old_email).await? {
        return Err(address_taken().into());
    }
    let mut locked = identity.clone().into_active_model();
    // the hash of no password: whoever made the change knew the one that there was
    locked.password_hash = Set(String::new());
    let identity = write.update::<identity::Entity>(&identity, locked).await?;
    let id = identity.id;
    let ended = refresh::end_all(&write, id, None).await?;
    delete_reset_links(&write, id).await?;
    // this change, what came after it, and what is still asked for
    let later = address_change::Entity::delete_many()
        .filter(address_change::Column::IdentityId.eq(id))
        .filter(address_change::Column::CreatedAt.gte(changed.created_at));
    write.discard_all(later).await?;
    let person = write.find::<person::Entity>(changed.person_id).await?.ok_or_else(link_expired)?;
    let network = write.find::<network::Entity>(person.network_id).await?.ok_or_else(link_expired)?;
    let link = reset::insert_link(&write, id, &person).await?;
    change_address(&mut write, identity, &changed.old_email, person.network_id).await?;
    reset::post_link(&write, (&network, &person), &changed.old_email, &link);
    write.record_event("person", person.id.uuid(), None);
    write.commit().await?;
    service.forget(ended);
    Ok(())
}

/// Ends the links to set a new password.
async fn delete_reset_links(write: &Write, identity: Id<identity::Entity>) -> Result<(), Error> {
    let links = password_reset::Entity::delete_many().filter(password_reset::Column::IdentityId.eq(identity));
    write.discard_all(links).await.map(drop)
}

/// Gives an identity and its people another address, network by network, and ends in `last`.
async fn change_address(
    write: &mut Write,
    identity: Locked<identity::Model>,
    email: &str,
    last: Id<network::Entity>,
) -> Result<(), Error> {
    let mut change = identity.clone().into_active_model();
    change.email = Set(email.to_owned());
    let identity = write.update::<identity::Entity>(&identity, change).await?;
    let people = person::Entity::find().filter(person::Column::IdentityId.eq(identity.id));
    let people: Vec<person::Model> = write.all(people).await?;
    // always in the same order, so that two changes wait for each other and not each for the other
    let networks: BTreeSet<_> =
        people.iter().map(|person| person.network_id.uuid()).filter(|id| *id != last.uuid()).collect();
    for network in networks.into_iter().map(Id::new).chain([last]) {
        write.continue_in(network).await?;
        for person in people.iter().filter(|person| person.network_id == network) {
            change_persons_address(write, person.id, email).await?;
        }
    }
    Ok(())
}

/// The person, the members behind whom they stand, and the invitations that wait for them.
async fn change_persons_address(write: &Write, id: Id<person::Entity>, email: &str) -> Result<(), Error> {
    let person = write.lock::<person::Entity>(id).await?;
    let members = member::Entity::find()
        .filter(member::Column::PersonId.eq(id))
        .filter(member::Column::Email.eq(&person.email));
    for member in write.lock_all(members).await? {
        let mut change = member.clone().into_active_model();
        change.email = Set(Some(email.to_owned()));
        write.update::<member::Entity>(&member, change).await?;
    }
    let waiting = invitation::Entity::find()
        .filter(invitation::Column::PersonId.eq(id))
        .filter(invitation::Column::AcceptedAt.is_null())
        .filter(invitation::Column::RevokedAt.is_null());
    for invitation in write.lock_all(waiting).await? {
        let mut change = invitation.clone().into_active_model();
        change.email = Set(email.to_owned());
        write.update::<invitation::Entity>(&invitation, change).await?;
    }
    let mut change = person.clone().into_active_model();
    change.email = Set(email.to_owned());
    write.update::<person::Entity>(&person, change).await.map(drop)
}
