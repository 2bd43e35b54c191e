//! Downloads: the files that links of `exportLink` lead to. A file is read a part at a time, each part in a reading
//! transaction of its own, so a slow client holds no connection to the database.

use crate::{
    app::App,
    features::export,
    http::{Download, Outcome},
    identity::token::OpaqueKind,
    kernel::Error,
};
use bytes::Bytes;
use entity::{Id, data_export, network};
use futures::{StreamExt, stream};
use std::{io, net::IpAddr, sync::Arc};

impl App {
    /// The file behind a link that is still good. Downloads are counted by address.
    pub(crate) async fn exported(
        self: Arc<Self>,
        network: &str,
        token: &str,
        remote: IpAddr,
    ) -> Result<Option<Download>, Outcome> {
        let spent = self.points.visit(remote, false, self.kernel.seams.instant());
        spent.map_err(|spent| Outcome::RateLimited { retry_after: u64::from(spent.retry_after) })?;
        let (Some(network), Some(hash)) = (Id::parse(network), OpaqueKind::Export.hash(token)) else {
            return Ok(None);
        };
        let export = self.linked(network, hash).await.map_err(|_| Outcome::Internal)?;
        let Some(export) = export else { return Ok(None) };
        let bytes = u64::try_from(export.bytes).map_err(|_| Outcome::Internal)?;
        let parts = stream::try_unfold((self, 0), move |(app, position)| async move {
            let part = app.part(network, export.id, position).await;
            let part = part.map_err(|_| io::Error::other("a part of an export cannot be read"))?;
            Ok(part.map(|text| (Bytes::from(text), (app, position + 1))))
        });
        Ok(Some(Download { bytes, parts: parts.boxed() }))
    }

    async fn linked(
        &self,
        network: Id<network::Entity>,
        hash: String,
    ) -> Result<Option<data_export::Model>, Error> {
        let look = self.kernel.system_look(network).await?;
        let export = export::linked(&look, hash).await?;
        look.leave().await?;
        Ok(export)
    }

    async fn part(
        &self,
        network: Id<network::Entity>,
        of: Id<data_export::Entity>,
        position: i32,
    ) -> Result<Option<String>, Error> {
        let look = self.kernel.system_look(network).await?;
        let part = export::part(&look, of, position).await?;
        look.leave().await?;
        Ok(part)
    }
}
