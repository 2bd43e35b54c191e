//! How a transfer takes effect, and what happens to it by the clock.

use super::rules;
use crate::{
    features::{
        assignment::rules as staffing,
        client::{self as clients, rules::open_franchise},
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
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

/// Checks all conditions of a transfer again, and lets it take effect. The transaction reaches the network.
pub async fn take_effect(write: &Write, transfer: &Locked<client_transfer::Model>) -> Result<(), Error> {
    let client = write.lock::<client::Entity>(transfer.client_id).await?;
    let to = write.find::<franchise::Entity>(transfer.franchise_id).await?.ok_or(Fault::Internal)?;
    clients::rules::present(&client, "input.id")?;
    rules::still_there(transfer, &client)?;
    open_franchise(&to)?;
    let lead = clients::can_lead(write, Some(transfer.person_id), &to, client.id).await?;
    apart(write, &client, &to).await?;
    hand_over(write, &client, &to, lead).await?;
    if let Some(reason) = &transfer.reason {
        write.mark("client", client.id.uuid(), Some(json!({ "transferReason": reason })));
    }
    end(write, transfer, TransferStatus::Done).await
}

/// Ends every assignment to a client, and gives it to a franchise and its lead.
pub async fn hand_over(
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
        change.ends_at = Set(Some(write.now()));
        write.update::<assignment::Entity>(&before, change).await?;
    }
    let mut change = client.clone().into_active_model();
    change.franchise_id = Set(to.id);
    let client = write.update::<client::Entity>(client, change).await?;
    clients::begin(write, &client, lead).await
}

/// Whether a client can go to another franchise: none of its people belongs there, and the franchise can read all that
/// the client runs.
pub async fn apart(write: &Write, client: &client::Model, to: &franchise::Model) -> Result<(), Error> {
    rules::apart(of_both(write, client.id, to.id).await?)?;
    let programmes = programme::Entity::find().filter(programme::Column::ClientId.eq(client.id));
    for programme in write.all(programmes).await? {
        let version = write.find::<template_version::Entity>(programme.template_version_id).await?;
        let own = version.is_none_or(|version| version.franchise_id.is_some());
        rules::portable(&programme, own)?;
    }
    Ok(())
}

/// How many people of a client belong to a franchise, too.
async fn of_both(
    write: &Write,
    client: Id<client::Entity>,
    franchise: Id<franchise::Entity>,
) -> Result<i64, Error> {
    let holds = |held: &membership::Model| staffing::holds(held, write.now());
    let people = membership::Entity::find().filter(membership::Column::ClientId.eq(client));
    let people = write.all(people).await?.into_iter().filter(holds).map(|held| held.person_id);
    let there = membership::Entity::find()
        .filter(membership::Column::FranchiseId.eq(franchise))
        .filter(membership::Column::PersonId.is_in(people));
    Ok(write.all(there).await?.iter().filter(|held| holds(held)).count() as i64)
}

/// Ends a transfer. By the clock nobody does.
pub async fn end(
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
    // who proposed it would otherwise wait for it
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

/// An e-mail was handed over to the mail server: where it was about a transfer, one less is to be before its days begin.
pub async fn handed_over(write: &Write, email: &outbox::Model) -> Result<(), Error> {
    if email.kind != EmailKind::ClientTransfer {
        return Ok(());
    }
    let transfer = Entity::find()
        .filter(client_transfer::Column::Id.eq(Id::<Entity>::new(email.subject_id)))
        .filter(client_transfer::Column::Status.eq(TransferStatus::Pending));
    let Some(transfer) = write.lock_one(transfer).await? else { return Ok(()) };
    let (untold, takes_effect_at) = rules::told(&transfer, write.now());
    let mut change = transfer.into_active_model();
    change.untold = Set(untold);
    change.takes_effect_at = Set(takes_effect_at);
    write.set::<Entity>(change).await
}

/// Lets a pending transfer take effect whose days are over, one in a step. Whether there was one.
pub async fn step(write: &Write) -> Result<Option<Uuid>, Error> {
    let due = Entity::find()
        .filter(client_transfer::Column::NetworkId.eq(write.network()?))
        .filter(client_transfer::Column::Status.eq(TransferStatus::Pending))
        .filter(client_transfer::Column::TakesEffectAt.lte(write.now()))
        .order_by_asc(client_transfer::Column::TakesEffectAt);
    let Some(transfer) = write.lock_one(due).await? else { return Ok(None) };
    match take_effect(write, &transfer).await {
        Ok(()) => {}
        // each condition is checked before anything is changed
        Err(Error::Refused(_)) => end(write, &transfer, TransferStatus::Failed).await?,
        Err(error) => return Err(error),
    }
    Ok(Some(transfer.id.uuid()))
}
