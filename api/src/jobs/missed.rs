//! Sessions that nobody held, cancelled or moved are missed a day after their time. Each in a transaction of its own,
//! which looks again once the session is locked: so several processes may run this at once.

use crate::{
    features::session::ending,
    kernel::{Error, Kernel},
};
use std::sync::Arc;

/// Sessions looked at in one go.
const BATCH: u64 = 200;

/// Ends what is overdue in all networks.
pub async fn once(kernel: &Arc<Kernel>) -> Result<(), Error> {
    for network in super::networks(kernel).await? {
        let look = kernel.system(network.id).await?;
        let overdue = ending::overdue(&look, BATCH).await?;
        look.leave().await?;
        for session in overdue {
            ending::miss(kernel.system(network.id).await?, session.team_id, session.id).await?;
        }
    }
    Ok(())
}
