//! Client transfer: a client moves to another lead or to another franchise.
//!
//! Within a franchise, an owner names the new lead and the client moves at once. To another franchise, head office
//! proposes the transfer, which is then *pending*. A sponsor of the client accepts or refuses it, and an owner of
//! either franchise or head office can withdraw it. Without an answer, it takes effect seven days after the mail server
//! accepted an e-mail about it to a sponsor, or, if the client has no sponsor, to every leader with a login
//! ([`keeping`]). Many clients move at once by the same rules ([`bulk`]).
//!
//! Invariant: the other franchise reads nothing of the client before the transfer takes effect, in one transaction that
//! checks all conditions again.

mod bulk;
pub mod keeping;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    client::{self as clients, Client},
    franchise::Franchise,
    notice::notifying::notify_all,
    person::Person,
};
use crate::{
    inputs,
    kernel::{
        Caller, Check, Email, Error, Fault, Locked, Notice, Refusal, Write, access::Permission,
        expect_version, mutation::split, payload_object::PayloadObject, read::shape::typed,
    },
    mutations, payload, shape,
};
use async_graphql::{ID, InputObject};
pub use bulk::*;
use entity::{
    Id, client,
    client_transfer::{self, Entity, TransferStatus},
    franchise, membership,
    membership::MembershipRole,
    notice::NoticeKind,
    outbox::EmailKind,
    person,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

shape! {
    /// A transfer of a client to another franchise.
    ClientTransfer of client_transfer {
        /// Whether the transfer is pending, or how it ended.
        status = closed::<TransferStatus, _>(Status).filter().order(),
        /// Why the client is to move. Null if no reason was given, or if the caller does not work with the client.
        reason = text(Reason).or_null(),
        /// When head office proposed the transfer.
        createdAt = instant(ProposedAt).filter().order(),
        /// When the transfer takes effect unless it ends earlier: seven days after an e-mail about it was handed over
        /// to the mail server for a sponsor, or, if the client has no sponsor, for every leader with a login. Null
        /// until then.
        takesEffectAt = instant(TakesEffectAt).or_null().filter(),
        /// When the transfer took effect, or ended otherwise. Null while it is pending.
        endedAt = instant(EndedAt).or_null(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// The client. Null for the receiving franchise until the transfer takes effect.
        client = one::<Client, _>(ClientId).or_null(),
        /// The franchise that the client leaves. Null if the caller has no access to the franchise.
        fromFranchise = one::<Franchise, _>(FromId).or_null(),
        /// The franchise that the client goes to. Null if the caller has no access to the franchise.
        franchise = one::<Franchise, _>(FranchiseId).or_null(),
        /// The person who leads the client's programme after the transfer. Null if the caller cannot see the person
        /// yet.
        lead = one::<Person, _>(PersonId).or_null(),
    }
}

/// Input for `clientTransfer`.
#[derive(InputObject)]
pub struct ClientTransferInput {
    /// ID of the client.
    pub client_id: ID,
    /// ID of the franchise that the client goes to. Omit to keep the client in its franchise. Only head office moves
    /// clients between franchises.
    pub franchise_id: Option<ID>,
    /// ID of the person who leads the client's programme after the transfer: a facilitator or owner of the franchise.
    pub lead_id: ID,
    /// Why the client is to move, for its sponsors and for the audit log: up to 1,000 characters.
    pub reason: Option<String>,
    /// The client's `version` you last read. Fails with `CONFLICT` if the client has changed since.
    pub expected_version: Option<i32>,
}

inputs! {
    /// Input for `clientTransferAccept`, `clientTransferRefuse` and `clientTransferWithdraw`.
    [ClientTransferAcceptInput, ClientTransferRefuseInput, ClientTransferWithdrawInput] {
        /// ID of the pending transfer.
        pub id: ID,
        /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
        pub expected_version: Option<i32>,
    }
}

payload! {
    /// Result of `clientTransfer`.
    pub struct ClientTransferPayload {
        /// The client after the change. Null if the caller has no access to a client with this ID.
        pub client: Option<PayloadObject<Client>>,
        /// The pending transfer. Null if the client stays in its franchise, or if the change was rejected.
        pub pending_transfer: Option<PayloadObject<ClientTransfer>>,
        /// Reasons the change was rejected. Empty if it was saved.
        pub errors: Vec<Refusal>,
    }
}

mutations! {
    ClientTransferMutation {
        /// Gives a client to another facilitator, or proposes its transfer to another franchise. Within its franchise,
        /// all assignments and their access end at once, and the new lead begins. To another franchise, the transfer is
        /// pending until a sponsor of the client accepts it (`clientTransferAccept`), or until seven days after an
        /// e-mail was handed over to the mail server for a sponsor, or, if the client has no sponsor, for every leader
        /// with a login. The other franchise reads nothing of the client before the transfer takes effect.
        client_transfer(ClientTransferInput) -> ClientTransferPayload = client_transfer;
    }
}

mutations! {
    TransferMutation: client_transfer -> ClientTransfer of Entity {
        /// Accepts a pending transfer for the client. The transfer takes effect at once: all assignments end, the
        /// client belongs to the other franchise, and the new lead begins. Fails if the conditions of the transfer no
        /// longer hold.
        client_transfer_accept(ClientTransferAcceptInput) -> ClientTransferAcceptPayload = accept, on id;
        /// Refuses a pending transfer for the client. The client stays in its franchise.
        client_transfer_refuse(ClientTransferRefuseInput) -> ClientTransferRefusePayload = refuse, on id;
        /// Withdraws a pending transfer. Allowed for owners of either franchise and for head office.
        client_transfer_withdraw(ClientTransferWithdrawInput) -> ClientTransferWithdrawPayload = withdraw, on id;
    }
}

async fn client_transfer(
    caller: &Caller,
    input: ClientTransferInput,
) -> Result<ClientTransferPayload, Fault> {
    let named = Id::parse(&input.client_id);
    let (pending, errors) = split(transfer(caller, input).await)?;
    Ok(ClientTransferPayload {
        client: PayloadObject::after::<client::Entity>(named.filter(|_| pending.is_some()), named),
        pending_transfer: pending.flatten().map(PayloadObject::saved),
        errors,
    })
}

async fn transfer(caller: &Caller, input: ClientTransferInput) -> Result<Option<Id<Entity>>, Error> {
    let (write, client) = caller
        .write::<client::Entity>(Permission::ClientTransfer, typed(&input.client_id), "input.clientId")
        .await?;
    expect_version(client.version, input.expected_version)?;
    let mut check = Check::new();
    let reason = check.text_if("input.reason", input.reason.as_ref(), 0..=1000);
    check.done()?;
    let reason = reason.filter(|reason| !reason.is_empty());
    let (franchise, lead) = (input.franchise_id.as_ref(), typed(&input.lead_id));
    let pending = move_client(&write, &client, franchise, lead, reason, "input.clientId").await?;
    write.commit().await?;
    Ok(pending)
}

/// Gives a client to another lead, or inserts its pending transfer to another franchise and returns that. `path` names the
/// client in the input. Invariant: a refusal comes before the first change.
async fn move_client(
    write: &Write,
    client: &Locked<client::Model>,
    franchise: Option<&ID>,
    lead: Option<Id<person::Entity>>,
    reason: Option<String>,
    path: &str,
) -> Result<Option<Id<Entity>>, Error> {
    clients::rules::require_not_erased(client, path)?;
    let to = match franchise {
        Some(to) => write.load::<franchise::Entity>(typed(to), "input.franchiseId").await?,
        None => write.load::<franchise::Entity>(Some(client.franchise_id), path).await?,
    };
    let actor = write.actor()?;
    let wide = actor.reach(Permission::ClientTransfer).wide;
    rules::require_destination(client, &to, wide, actor.oversees(client.id))?;
    let lead = clients::require_lead(write, lead, &to, client.id).await?;
    if to.id == client.franchise_id {
        keeping::assign_client(write, client, &to, lead).await?;
        if let Some(reason) = reason {
            write.record_words("client", client.id.uuid(), client.id, &json!({ "transferReason": reason }));
        }
        return Ok(None);
    }
    keeping::require_transferable(write, client, &to).await?;
    let pending = Entity::find()
        .filter(client_transfer::Column::ClientId.eq(client.id))
        .filter(client_transfer::Column::Status.eq(TransferStatus::Pending));
    rules::require_none_pending(write.count(pending).await?, path)?;
    let (recipients, untold) = rules::people_to_notify(
        load_people(write, client, MembershipRole::Sponsor).await?,
        load_people(write, client, MembershipRole::Leader).await?,
    )?;
    let row = client_transfer::Model {
        id: write.id(),
        network_id: client.network_id,
        client_id: client.id,
        from_id: client.franchise_id,
        franchise_id: to.id,
        person_id: lead,
        reason,
        status: TransferStatus::Pending,
        proposed_by: write.person()?,
        proposed_at: write.now(),
        untold,
        takes_effect_at: None,
        ended_by: None,
        ended_at: None,
        version: 1,
    };
    let transfer = write.insert::<Entity>(row).await?;
    send_emails(write, &transfer, client, &to, recipients).await?;
    Ok(Some(transfer.id))
}

/// Loads the people who hold a role at a client now.
async fn load_people(
    write: &Write,
    client: &client::Model,
    role: MembershipRole,
) -> Result<Vec<person::Model>, Error> {
    let memberships = membership::Entity::find()
        .filter(membership::Column::ClientId.eq(client.id))
        .filter(membership::Column::Role.eq(role))
        .filter(membership::Entity::lasting(write.now()));
    let people = write.all(memberships).await?.into_iter().map(|held| held.person_id);
    write.all(person::Entity::find().filter(person::Column::Id.is_in(people))).await
}

/// Sends e-mails about a transfer to the client's people and to the owners of both franchises. The e-mail to the new
/// franchise does not name the client.
async fn send_emails(
    write: &Write,
    transfer: &client_transfer::Model,
    client: &client::Model,
    to: &franchise::Model,
    recipients: Vec<person::Model>,
) -> Result<(), Error> {
    let find = async |id| write.find::<person::Entity>(id).await?.ok_or(Error::from(Fault::Internal));
    let (by, lead) = (find(transfer.proposed_by).await?, find(transfer.person_id).await?);
    let reason =
        transfer.reason.as_ref().map(|reason| format!("\n\nThe reason given: {reason}")).unwrap_or_default();
    let email = |kind, about, person: &person::Model, subject: String, text: String| {
        let text = format!("Hello {},\n\n{text}\n", person.name);
        Email::new(kind, about, person, subject, text)
    };
    let notice = Notice::about(NoticeKind::TransferProposed, transfer.id).at(client.id);
    notify_all(write, notice.without_email(), recipients.iter().map(|person| person.id));
    for person in &recipients {
        let text = format!(
            "{} of head office proposes that {} moves to the franchise {}, where {} would lead its programme. A sponsor \
             of {} can accept or refuse this. Without an answer it takes effect seven days after this e-mail.{reason}",
            by.name, client.name, to.name, lead.name, client.name,
        );
        let subject = format!("{} is to move to another franchise", client.name);
        let email = email(EmailKind::ClientTransfer, transfer.id.uuid(), person, subject, text);
        write.post(email.at(client.id));
    }
    let owners = membership::Entity::find()
        .filter(membership::Column::FranchiseId.is_in([transfer.from_id, to.id]))
        .filter(membership::Column::Role.eq(MembershipRole::FranchiseOwner))
        .filter(membership::Entity::lasting(write.now()));
    for held in write.all(owners).await? {
        let owner = find(held.person_id).await?;
        let (subject, text) = match held.franchise_id == Some(to.id) {
            true => (
                format!("A client is to come to {}", to.name),
                format!(
                    "{} of head office proposes to transfer a client to {}, where {} would lead its programme. You can \
                     withdraw this until it takes effect.",
                    by.name, to.name, lead.name,
                ),
            ),
            false => (
                format!("{} is to move to another franchise", client.name),
                format!(
                    "{} of head office proposes to transfer {} to the franchise {}. You can withdraw this until it takes \
                     effect.{reason}",
                    by.name, client.name, to.name,
                ),
            ),
        };
        write.post(email(EmailKind::Notice, to.id.uuid(), &owner, subject, text));
    }
    Ok(())
}

async fn accept(caller: &Caller, input: ClientTransferAcceptInput) -> Result<Id<Entity>, Error> {
    let (mut write, transfer) =
        caller.write::<Entity>(Permission::ClientTransferAccept, typed(&input.id), "input.id").await?;
    expect_version(transfer.version, input.expected_version)?;
    rules::require_pending(&transfer)?;
    // the sponsor cannot read the new franchise
    write.reach_all().await?;
    keeping::take_effect(&write, &transfer).await.map_err(|error| match error {
        Error::Refused(refusals) => {
            refusals.into_iter().map(|refusal| refusal.at("input.id")).collect::<Vec<_>>().into()
        }
        error => error,
    })?;
    write.commit().await?;
    Ok(transfer.id)
}

async fn refuse(caller: &Caller, input: ClientTransferRefuseInput) -> Result<Id<Entity>, Error> {
    let (write, transfer) =
        caller.write::<Entity>(Permission::ClientTransferRefuse, typed(&input.id), "input.id").await?;
    expect_version(transfer.version, input.expected_version)?;
    rules::require_pending(&transfer)?;
    keeping::end_transfer(&write, &transfer, TransferStatus::Refused).await?;
    write.commit().await?;
    Ok(transfer.id)
}

async fn withdraw(caller: &Caller, input: ClientTransferWithdrawInput) -> Result<Id<Entity>, Error> {
    let (write, transfer) =
        caller.write::<Entity>(Permission::ClientTransferWithdraw, typed(&input.id), "input.id").await?;
    expect_version(transfer.version, input.expected_version)?;
    rules::require_pending(&transfer)?;
    keeping::end_transfer(&write, &transfer, TransferStatus::Withdrawn).await?;
    write.commit().await?;
    Ok(transfer.id)
}
