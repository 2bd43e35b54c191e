//! How a client is erased: access ends, and whatever was said and whoever was named goes, in every table that says where
//! it has words. Counts, dates and states stay, and the audit's chains hold.

use crate::{
    features::{
        benchmark::{self, forgetting},
        person::erasing::{Traces, only_there, remove},
    },
    kernel::{Error, Write},
};
use entity::{client, client::Entity, network};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

/// Erases a client. The transaction reaches the network.
pub async fn erase(write: &Write, client: &client::Model) -> Result<(), Error> {
    benchmark::policy(write).await?;
    let there = Traces::at(write, client.id).await?;
    let only = only_there(write, client.id, &there).await?;
    // last of the locks, as whoever ends access changes the network's row last
    write.lock::<network::Entity>(client.network_id).await?;
    for (person, traces) in &only {
        remove(write, person, traces).await?;
    }
    Traces::at(write, client.id).await?.end_access(write).await?;
    let (_, addresses) = there.names();
    write.forget_emails(None, &there.subjects(), &addresses).await?;
    write.forget_emails_about(std::slice::from_ref(&client.name)).await?;
    // a row in an export names its client
    write.forget_copies(&[client.id.to_string(), client.name.clone()]).await?;
    write.forget_answers().await?;
    forgetting::forget(write, client).await?;
    write.empty_client(client.id).await?;
    let mut subjects = there.subjects();
    subjects.push(client.id.uuid());
    write.forget_events_at(client.id, &subjects).await?;
    write.end_access().await?;
    let erased = write.lock::<Entity>(client.id).await?;
    let mut change = erased.clone().into_active_model();
    change.erased_at = Set(Some(write.now()));
    write.update::<Entity>(&erased, change).await?;
    Ok(())
}
