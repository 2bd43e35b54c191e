//! Whether an e-mail is still true. It is asked just before the e-mail leaves, which may be days after it was written:
//! the recipient may have lost access, the link may be over, the work may be done.

use crate::{
    features::{invitation::rules as invitations, reminder},
    identity::{link, token::OpaqueKind},
    kernel::{Error, Letter, Write},
};
use entity::{
    Id, address_change, assignment, client, client::ClientStatus, client_transfer,
    client_transfer::TransferStatus, invitation, member, member::MemberStatus, membership,
    membership::MembershipRole, obstacle, obstacle::ObstacleStatus, outbox, outbox::EmailKind,
    password_reset, person, team,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

/// What leaves now. `None`: nothing of it is true any more.
pub async fn check(write: &Write, row: &outbox::Model) -> Result<Option<Letter>, Error> {
    let Ok(mut letter) = serde_json::from_value::<Letter>(row.payload.clone()) else {
        tracing::error!(email = %row.id, "an e-mail in the outbox cannot be read and is dropped");
        return Ok(None);
    };
    if let Some(id) = row.person_id {
        let person = write.find::<person::Entity>(id).await?.filter(|person| person.erased_at.is_none());
        let Some(person) = person else { return Ok(None) };
        if row.kind.is_notice() {
            // wherever they are reached now
            letter.to = person.email;
        }
    }
    if let Some(client) = row.client_id
        && !reaches(write, row.person_id, client).await?
    {
        return Ok(None);
    }
    let holds = match row.kind {
        EmailKind::Invitation => match invites(write, Id::new(row.subject_id)).await? {
            Some(sent) if !is_repeated(write, row).await? => {
                letter.token = Some(token_of(write, &sent).await?);
                true
            }
            _ => false,
        },
        EmailKind::PasswordReset => {
            let sent = password_reset::Entity::find().filter(password_reset::Column::Id.eq(row.subject_id));
            let reset = write.platform_row(sent).await?.filter(|reset| reset.works(write.now()));
            let kept = |reset: password_reset::Model| {
                link::kept(write.secrets(), OpaqueKind::PasswordReset, reset.id.uuid(), &reset.token_hash)
            };
            letter.token = reset.and_then(kept).map(|token| token.text);
            letter.token.is_some()
        }
        EmailKind::AddressConfirm | EmailKind::AddressUndo => {
            letter.token = address_token(write, row).await?;
            letter.token.is_some()
        }
        EmailKind::SponsorInvited => {
            let sent = write.find::<invitation::Entity>(Id::new(row.subject_id)).await?;
            sent.is_some_and(|sent| sent.accepted_at.is_some() || invitations::open(&sent, write.now()))
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
            match reminder::anew(write, client, person, &letter.facts).await? {
                Some(text) => {
                    letter.text = text;
                    true
                }
                None => false,
            }
        }
        EmailKind::Notice | EmailKind::Security => true,
    };
    Ok(holds.then_some(letter))
}

/// Whether a person has access to a client that is not archived.
async fn reaches(
    write: &Write,
    person: Option<Id<person::Entity>>,
    client: Id<client::Entity>,
) -> Result<bool, Error> {
    let client = write.find::<client::Entity>(client).await?;
    let Some(client) = client.filter(|client| client.status == ClientStatus::Active) else {
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

/// The invitation, if it can be accepted: open, and to somewhere that is not archived.
async fn invites(write: &Write, id: Id<invitation::Entity>) -> Result<Option<invitation::Model>, Error> {
    let sent = write.find::<invitation::Entity>(id).await?;
    let Some(sent) = sent.filter(|sent| invitations::open(sent, write.now())) else { return Ok(None) };
    if let Some(id) = sent.client_id {
        let client = write.find::<client::Entity>(id).await?;
        if client.is_none_or(|client| client.status != ClientStatus::Active) {
            return Ok(None);
        }
    }
    let Some(id) = sent.member_id else { return Ok(Some(sent)) };
    let Some(member) = write.find::<member::Entity>(id).await? else { return Ok(None) };
    let team = write.find::<team::Entity>(member.team_id).await?;
    let open = member.status == MemberStatus::Active && team.is_some_and(|team| team.archived_at.is_none());
    Ok(open.then_some(sent))
}

/// The token by which a change of address is confirmed or taken back, while it can be.
async fn address_token(write: &Write, row: &outbox::Model) -> Result<Option<String>, Error> {
    let asked = address_change::Entity::find().filter(address_change::Column::Id.eq(row.subject_id));
    let asked = write.platform_row(asked).await?.filter(|asked| asked.expires_at > write.now());
    let Some(asked) = asked else { return Ok(None) };
    let (kind, hash) = match (row.kind, asked.confirmed_at) {
        (EmailKind::AddressConfirm, None) => (OpaqueKind::AddressConfirm, Some(asked.confirm_hash)),
        (EmailKind::AddressUndo, Some(_)) => (OpaqueKind::AddressUndo, asked.undo_hash),
        _ => return Ok(None),
    };
    let kept = hash.and_then(|hash| link::kept(write.secrets(), kind, asked.id.uuid(), &hash));
    Ok(kept.map(|token| token.text))
}

/// Whether the same invitation was sent again since, and that e-mail waits, too.
async fn is_repeated(write: &Write, row: &outbox::Model) -> Result<bool, Error> {
    let later = outbox::Entity::find()
        .filter(outbox::Column::Kind.eq(row.kind))
        .filter(outbox::Column::SubjectId.eq(row.subject_id))
        .filter(outbox::Column::Id.gt(row.id));
    Ok(write.count(later).await? > 0)
}

/// The token of an invitation's link. If the key that it was derived from is gone, it gets another.
async fn token_of(write: &Write, sent: &invitation::Model) -> Result<String, Error> {
    let kind = OpaqueKind::Invitation;
    if let Some(token) = link::kept(write.secrets(), kind, sent.id.uuid(), &sent.token_hash) {
        return Ok(token.text);
    }
    let token = link::token(write.secrets(), kind, sent.id.uuid());
    let mut change = sent.clone().into_active_model();
    change.token_hash = Set(token.hash);
    write.set::<invitation::Entity>(change).await?;
    Ok(token.text)
}
