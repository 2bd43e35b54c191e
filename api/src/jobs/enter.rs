//! What can be found has its entry: rows that were there before searches, and rows poured by seeds, get theirs here.
//! All others have it from the transaction that wrote them.

use crate::kernel::{Error, Kernel};
use entity::Table;
use std::sync::Arc;
use uuid::Uuid;

/// Makes the entries that lack.
pub async fn once(kernel: &Arc<Kernel>) -> Result<(), Error> {
    for network in super::networks(kernel).await? {
        for table in Table::ALL {
            let mut after = Some(Uuid::nil());
            while let Some(last) = after {
                let write = kernel.system(network.id).await?;
                after = write.enter_lacking(*table, last).await?;
                write.commit_quietly().await?;
            }
        }
    }
    Ok(())
}
