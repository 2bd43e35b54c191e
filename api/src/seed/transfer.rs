//! The demo's pending transfer: head office would move the client of those who sign in to another franchise.

use super::{batch::insert_rows, directory::Directory, source::Source};
use crate::kernel::{Error, Kernel};
use chrono::Duration;
use entity::{
    client_transfer::{self, TransferStatus},
    membership::MembershipRole,
};
use std::sync::Arc;

/// Proposes the transfer, which waits for the client's sponsor. It has no day yet: no e-mail was handed over.
pub async fn propose(kernel: &Arc<Kernel>, directory: &Directory) -> Result<(), Error> {
    let card = directory.cards.iter().find(|card| card.stage_door);
    let admin = directory.cast.of(MembershipRole::HeadOfficeAdmin);
    let (Some(card), Some(proposed_by)) = (card, admin) else { return Ok(()) };
    let from = &directory.practices[card.practice];
    let elsewhere = directory.practices.iter().filter(|practice| practice.franchise != from.franchise);
    let to =
        elsewhere.filter_map(|practice| Some((practice.franchise, *practice.facilitators.first()?))).next();
    let Some((franchise_id, person_id)) = to else { return Ok(()) };
    let proposed_at = directory.sketch.now - Duration::hours(15);
    let transfer = client_transfer::Model {
        id: Source::new(directory.sketch.seed, 11).id(proposed_at),
        network_id: directory.network,
        client_id: card.client,
        from_id: from.franchise,
        franchise_id,
        person_id,
        reason: Some("The company moves its head office.".into()),
        status: TransferStatus::Pending,
        proposed_by,
        proposed_at,
        untold: 1,
        takes_effect_at: None,
        ended_by: None,
        ended_at: None,
        version: 1,
    };
    let write = kernel.system(directory.network).await?;
    insert_rows(&write, vec![transfer]).await?;
    write.commit_quietly().await
}
