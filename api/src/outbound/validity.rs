//! Whether an e-mail is still valid. It is checked just before the e-mail is sent, which may be days after it was written:
//! the recipient may have lost access, the link may have expired, the work may be done.

use crate::{
    features::{
        invitation::rules as invitations,
        notice::{digest, mailing},
        reminder,
    },
    identity::{link, token::OpaqueKind},
    kernel::{EmailContent, Error, Write},
    outbound::links::link_to,
};
use entity::{
    Id, address_change, assignment, client, client::ClientStatus, client_transfer,
    client_transfer::TransferStatus, invitation, member, member::MemberStatus, membership,
    membership::MembershipRole, obstacle, obstacle::ObstacleStatus, outbox, outbox::EmailKind,
    password_reset, person, team,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

/// The current content of an e-mail, or `None` if it is no longer valid.
pub async fn refresh(write: &Write, row: &outbox::Model) -> Result<Option<EmailContent>, Error> {
    let Ok(mut content) = serde_json::from_value::<EmailContent>(row.payload.clone()) else {
        tracing::error!(email = %row.id, "an e-mail in the outbox cannot be read and is dropped");
        return Ok(None);
    };
    if let Some(id) = row.person_id {
        let person = write.find::<person::Entity>(id).await?.filter(|person| person.erased_at.is_none());
        let Some(person) = person else { return Ok(None) };
        if row.kind.is_notice() {
            // their current address
            content.to = person.email;
        }
    }
    if let Some(client) = row.client_id
        && !has_access(write, row.person_id, client).await?
    {
        return Ok(None);
    }
    let holds = match row.kind {
        EmailKind::Invitation => match open_invitation(write, Id::new(row.subject_id)).await? {
            Some(sent) if !is_repeated(write, row).await? => {
                content.token = Some(invitation_token(write, &sent).await?);
                true
            }
            _ => false,
        },
        EmailKind::PasswordReset => {
            content.token = reset_token(write, row).await?;
            content.token.is_some()
        }
        EmailKind::AddressConfirm | EmailKind::AddressUndo => {
            content.token = address_token(write, row).await?;
            content.token.is_some()
        }
        EmailKind::SponsorInvited => {
            let sent = write.find::<invitation::Entity>(Id::new(row.subject_id)).await?;
            sent.is_some_and(|sent| sent.accepted_at.is_some() || invitations::is_open(&sent, write.now()))
        }
        EmailKind::ClientTransfer => {
            let transfer = write.find::<client_transfer::Entity>(Id::new(row.subject_id)).await?;
            transfer.is_some_and(|transfer| transfer.status == TransferStatus::Pending)
        }
        EmailKind::ObstacleEscalated => {
            let obstacle = write.find::<obstacle::Entity>(Id::new(row.subject_id)).await?;
            obstacle.is_some_and(|obstacle| obstacle.status == ObstacleStatus::Escalated)
        }
        EmailKind::Reminder => {
            let (Some(person), Some(client)) = (row.person_id, row.client_id) else { return Ok(None) };
            return reminder::render_again(write, client, person, content).await;
        }
        EmailKind::Notices => {
            let Some(person) = row.person_id else { return Ok(None) };
            return mailing::render(write, person, row.client_id, content, link_to(write.settings())).await;
        }
        EmailKind::Digest => {
            let Some(person) = row.person_id else { return Ok(None) };
            return digest::render(write, person, content, link_to(write.settings())).await;
        }
        EmailKind::Notice | EmailKind::Security => true,
    };
    Ok(holds.then_some(content))
}

/// Whether a person has access to a client that is not archived.
async fn has_access(
    write: &Write,
    person: Option<Id<person::Entity>>,
    client: Id<client::Entity>,
) -> Result<bool, Error> {
    let client = write.find::<client::Entity>(client).await?;
    let Some(client) = client.filter(|client| ClientStatus::OPEN.contains(&client.status)) else {
        return Ok(false);
    };
    let Some(person) = person else { return Ok(true) };
    let owns = Condition::all()
        .add(membership::Column::FranchiseId.eq(client.franchise_id))
        .add(membership::Column::Role.eq(MembershipRole::FranchiseOwner));
    let held = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Entity::lasting(write.now()))
        .filter(Condition::any().add(membership::Column::ClientId.eq(client.id)).add(owns));
    let assigned = assignment::Entity::find()
        .filter(assignment::Column::PersonId.eq(person))
        .filter(assignment::Column::ClientId.eq(client.id))
        .filter(assignment::Entity::lasting(write.now()));
    Ok(write.count(held).await? > 0 || write.count(assigned).await? > 0)
}

/// The invitation, if it can be accepted: it is open, and its client and team are not archived.
async fn open_invitation(
    write: &Write,
    id: Id<invitation::Entity>,
) -> Result<Option<invitation::Model>, Error> {
    let sent = write.find::<invitation::Entity>(id).await?;
    let Some(sent) = sent.filter(|sent| invitations::is_open(sent, write.now())) else { return Ok(None) };
    if let Some(id) = sent.client_id {
        let client = write.find::<client::Entity>(id).await?;
        if client.is_none_or(|client| !ClientStatus::OPEN.contains(&client.status)) {
            return Ok(None);
        }
    }
    let Some(id) = sent.member_id else { return Ok(Some(sent)) };
    let Some(member) = write.find::<member::Entity>(id).await? else { return Ok(None) };
    let team = write.find::<team::Entity>(member.team_id).await?;
    let open = member.status == MemberStatus::Active && team.is_some_and(|team| team.archived_at.is_none());
    Ok(open.then_some(sent))
}

/// The token of a link that resets a password, while the link works.
async fn reset_token(write: &Write, row: &outbox::Model) -> Result<Option<String>, Error> {
    let sent = password_reset::Entity::find().filter(password_reset::Column::Id.eq(row.subject_id));
    let reset = write.platform_row(sent).await?.filter(|reset| reset.works(write.now()));
    let kept = |reset: password_reset::Model| {
        link::matching_token(write.secrets(), OpaqueKind::PasswordReset, reset.id.uuid(), &reset.token_hash)
    };
    Ok(reset.and_then(kept).map(|token| token.text))
}

/// The token that confirms or undoes a change of address, while that is possible.
async fn address_token(write: &Write, row: &outbox::Model) -> Result<Option<String>, Error> {
    let asked = address_change::Entity::find().filter(address_change::Column::Id.eq(row.subject_id));
    let asked = write.platform_row(asked).await?.filter(|asked| asked.expires_at > write.now());
    let Some(asked) = asked else { return Ok(None) };
    let (kind, hash) = match (row.kind, asked.confirmed_at) {
        (EmailKind::AddressConfirm, None) => (OpaqueKind::AddressConfirm, Some(asked.confirm_hash)),
        (EmailKind::AddressUndo, Some(_)) => (OpaqueKind::AddressUndo, asked.undo_hash),
        _ => return Ok(None),
    };
    let kept = hash.and_then(|hash| link::matching_token(write.secrets(), kind, asked.id.uuid(), &hash));
    Ok(kept.map(|token| token.text))
}

/// Whether a later e-mail about the same invitation waits as well.
async fn is_repeated(write: &Write, row: &outbox::Model) -> Result<bool, Error> {
    let later = outbox::Entity::find()
        .filter(outbox::Column::Kind.eq(row.kind))
        .filter(outbox::Column::SubjectId.eq(row.subject_id))
        .filter(outbox::Column::Id.gt(row.id));
    Ok(write.count(later).await? > 0)
}

/// The token of an invitation's link. Replaces the token if the key that it was derived from is gone.
async fn invitation_token(write: &Write, sent: &invitation::Model) -> Result<String, Error> {
    let kind = OpaqueKind::Invitation;
    if let Some(token) = link::matching_token(write.secrets(), kind, sent.id.uuid(), &sent.token_hash) {
        return Ok(token.text);
    }
    let token = link::token(write.secrets(), kind, sent.id.uuid());
    let sent = write.lock::<invitation::Entity>(sent.id).await?;
    let mut change = sent.clone().into_active_model();
    change.token_hash = Set(token.hash);
    write.set::<invitation::Entity>(&sent, change).await?;
    Ok(token.text)
}
