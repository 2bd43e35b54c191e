//! Applies transfers, and ends them when their time is over.

use super::rules;
use crate::{
    features::{
        assignment::{notify_of_facilitator, rules as assignments},
        client::{self as clients, rules::require_active_franchise},
    },
    kernel::{Email, Error, Fault, Locked, Write},
};
use entity::{
    Id, assignment, client,
    client_transfer::{self, Entity, TransferStatus},
    franchise, membership,
    outbox::{self, EmailKind},
    person, programme, template_version,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Select};
use serde_json::json;
use uuid::Uuid;

/// Checks all conditions of a transfer again and applies it. The transaction must reach the whole network.
pub async fn take_effect(write: &Write, transfer: &Locked<client_transfer::Model>) -> Result<(), Error> {
    let client = write.lock::<client::Entity>(transfer.client_id).await?;
    let to = write.find::<franchise::Entity>(transfer.franchise_id).await?.ok_or(Fault::Internal)?;
    clients::rules::require_not_erased(&client, "input.id")?;
    rules::require_unmoved_client(transfer, &client)?;
    require_active_franchise(&to)?;
    let lead = clients::require_lead(write, Some(transfer.person_id), &to, client.id).await?;
    require_transferable(write, &client, &to).await?;
    assign_client(write, &client, &to, lead).await?;
    if let Some(reason) = &transfer.reason {
        write.record_words("client", client.id.uuid(), client.id, &json!({ "transferReason": reason }));
    }
    end_transfer(write, transfer, TransferStatus::Done).await
}

/// Ends every assignment to a client and assigns the client to a franchise and its lead.
pub async fn assign_client(
    write: &Write,
    client: &Locked<client::Model>,
    to: &franchise::Model,
    lead: Id<person::Entity>,
) -> Result<(), Error> {
    let open = assignment::Entity::find()
        .filter(assignment::Column::ClientId.eq(client.id))
        .filter(assignment::Entity::lasting(write.now()));
    for before in write.lock_all(open).await? {
        let mut change = before.clone().into_active_model();
        change.ends_at = Set(Some(assignments::end_of(&before, write.now())));
        write.update::<assignment::Entity>(&before, change).await?;
    }
    let mut change = client.clone().into_active_model();
    change.franchise_id = Set(to.id);
    let client = write.update::<client::Entity>(client, change).await?;
    let lead = clients::insert_lead_assignment(write, &client, lead).await?;
    notify_of_facilitator(write, &lead).await
}

/// Requires that a client can move to another franchise: none of its people belongs to it, and the franchise can read
/// the templates of the client's programmes.
pub async fn require_transferable(
    write: &Write,
    client: &client::Model,
    to: &franchise::Model,
) -> Result<(), Error> {
    rules::require_no_shared_people(count_shared_people(write, client.id, to.id).await?)?;
    let programmes = programme::Entity::find().filter(programme::Column::ClientId.eq(client.id));
    for programme in write.all(programmes).await? {
        let version = write.find::<template_version::Entity>(programme.template_version_id).await?;
        let own = version.is_none_or(|version| version.franchise_id.is_some());
        rules::require_portable(&programme, own)?;
    }
    Ok(())
}

/// Counts the people of a client who also belong to a franchise.
async fn count_shared_people(
    write: &Write,
    client: Id<client::Entity>,
    franchise: Id<franchise::Entity>,
) -> Result<i64, Error> {
    let holds = |held: &membership::Model| assignments::is_in_force(held, write.now());
    let people = membership::Entity::find().filter(membership::Column::ClientId.eq(client));
    let people = write.all(people).await?.into_iter().filter(holds).map(|held| held.person_id);
    let shared = membership::Entity::find()
        .filter(membership::Column::FranchiseId.eq(franchise))
        .filter(membership::Column::PersonId.is_in(people));
    Ok(write.all(shared).await?.iter().filter(|held| holds(held)).count() as i64)
}

/// Ends a transfer. `ended_by` stays null if the background job ends it.
pub async fn end_transfer(
    write: &Write,
    transfer: &Locked<client_transfer::Model>,
    status: TransferStatus,
) -> Result<(), Error> {
    let mut change = transfer.clone().into_active_model();
    change.status = Set(status);
    change.ended_at = Set(Some(write.now()));
    change.ended_by = Set(write.person().ok());
    write.update::<Entity>(transfer, change).await?;
    if status == TransferStatus::Done {
        return Ok(());
    }
    // the person who proposed the transfer is notified
    let by = write.find::<person::Entity>(transfer.proposed_by).await?;
    let client = write.find::<client::Entity>(transfer.client_id).await?;
    if let (Some(by), Some(client)) = (by.filter(|by| write.person().ok() != Some(by.id)), client) {
        let what = match status {
            TransferStatus::Refused => "was refused by a sponsor",
            TransferStatus::Withdrawn => "was withdrawn",
            _ => "could not take effect: its conditions no longer hold",
        };
        let text =
            format!("Hello {},\n\nthe transfer of {} that you proposed {what}.\n", by.name, client.name);
        let subject = format!("The transfer of {} has ended", client.name);
        write.post(Email::new(EmailKind::Notice, transfer.client_id.uuid(), &by, subject, text));
    }
    Ok(())
}

/// Records that the mail server accepted an e-mail. If the e-mail is about a transfer, fewer e-mails are missing before
/// the waiting time begins.
pub async fn record_notification(write: &Write, email: &outbox::Model) -> Result<(), Error> {
    if email.kind != EmailKind::ClientTransfer {
        return Ok(());
    }
    let transfer = Entity::find()
        .filter(client_transfer::Column::Id.eq(Id::<Entity>::new(email.subject_id)))
        .filter(client_transfer::Column::Status.eq(TransferStatus::Pending));
    let Some(transfer) = write.lock_one(transfer).await? else { return Ok(()) };
    let (untold, takes_effect_at) = rules::after_notification(&transfer, write.now());
    let mut change = transfer.clone().into_active_model();
    change.untold = Set(untold);
    change.takes_effect_at = Set(takes_effect_at);
    write.set::<Entity>(&transfer, change).await
}

/// Selects the pending transfers whose waiting time is over.
pub fn select_due(write: &Write) -> Result<Select<Entity>, Fault> {
    Ok(Entity::find()
        .filter(client_transfer::Column::NetworkId.eq(write.network()?))
        .filter(client_transfer::Column::Status.eq(TransferStatus::Pending))
        .filter(client_transfer::Column::TakesEffectAt.lte(write.now()))
        .order_by_asc(client_transfer::Column::TakesEffectAt))
}

/// Applies one pending transfer whose waiting time is over, or marks it as failed. Returns its ID, or `None` if there
/// is none.
pub async fn apply_next_due(write: &Write) -> Result<Option<Uuid>, Error> {
    let Some(transfer) = write.lock_one(select_due(write)?).await? else { return Ok(None) };
    match take_effect(write, &transfer).await {
        Ok(()) => {}
        // all conditions are checked before anything changes
        Err(Error::Refused(_)) => end_transfer(write, &transfer, TransferStatus::Failed).await?,
        Err(error) => return Err(error),
    }
    Ok(Some(transfer.id.uuid()))
}
