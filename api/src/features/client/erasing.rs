//! Erases a client: ends access, and removes texts and names from every table that declares such columns. Counts, dates and
//! states stay, and the audit chains stay valid.

use crate::{
    features::{
        benchmark::{self, forgetting},
        person::erasing::{PersonRows, find_people_only_at, remove_person},
    },
    kernel::{Error, Write},
};
use entity::{client, client::Entity, network};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

/// Erases a client. The transaction must reach the network.
pub async fn erase(write: &Write, client: &client::Model) -> Result<(), Error> {
    benchmark::lock_policy(write).await?;
    let there = PersonRows::of_client(write, client.id).await?;
    let only = find_people_only_at(write, client.id, &there).await?;
    // The network is locked last, because transactions that end access change its row last.
    write.lock::<network::Entity>(client.network_id).await?;
    for (person, traces) in &only {
        remove_person(write, person, traces).await?;
    }
    PersonRows::of_client(write, client.id).await?.end_access(write).await?;
    let (_, addresses) = there.names_and_addresses();
    write.forget_emails(None, &there.object_ids(), &addresses).await?;
    write.forget_emails_about(std::slice::from_ref(&client.name)).await?;
    // Rows of exports name their client.
    write.forget_copies(&[client.id.to_string(), client.name.clone()]).await?;
    write.forget_answers().await?;
    forgetting::forget(write, client).await?;
    write.empty_client(client.id).await?;
    let mut subjects = there.object_ids();
    subjects.push(client.id.uuid());
    write.erase_event_values_at(client.id, &subjects).await?;
    write.end_access().await?;
    let erased = write.lock::<Entity>(client.id).await?;
    let mut change = erased.clone().into_active_model();
    change.erased_at = Set(Some(write.now()));
    write.update::<Entity>(&erased, change).await?;
    Ok(())
}
