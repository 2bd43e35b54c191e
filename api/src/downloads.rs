//! What the links do that need no sign-in. The files behind the links of `exportLink` are downloaded: each part of a file is
//! read in a transaction of its own, so a slow client holds no connection to the database. Links in e-mails unsubscribe.

use crate::{
    app::App,
    features::{export, notice::unsubscribing::Unsubscribing},
    http::{Download, Outcome},
    kernel::Error,
};
use bytes::Bytes;
use entity::{Id, data_export, network};
use futures::{StreamExt, stream};
use std::{io, net::IpAddr, sync::Arc};

impl App {
    /// The file behind a link, or `None` if the link has expired or never existed. Downloads are limited by address.
    pub(crate) async fn open_export(
        self: Arc<Self>,
        network: &str,
        token: &str,
        remote: IpAddr,
    ) -> Result<Option<Download>, Outcome> {
        let spent = self.points.visit(remote, false, self.kernel.seams.instant());
        spent.map_err(|spent| Outcome::RateLimited { retry_after: u64::from(spent.retry_after) })?;
        let link = export::Link::parse(&self.kernel.secrets, token);
        let (Some(network), Some(link)) = (Id::parse(network), link) else { return Ok(None) };
        let export = self.find_linked_export(network, link).await.map_err(|_| Outcome::Internal)?;
        let Some(export) = export else { return Ok(None) };
        let bytes = u64::try_from(export.bytes).map_err(|_| Outcome::Internal)?;
        let parts = stream::try_unfold((self, 0), move |(app, position)| async move {
            let part = app.read_part(network, export.id, position).await;
            let part = part.map_err(|_| io::Error::other("a part of an export cannot be read"))?;
            Ok(part.map(|text| (Bytes::from(text), (app, position + 1))))
        });
        Ok(Some(Download { bytes, parts: parts.boxed() }))
    }

    async fn find_linked_export(
        &self,
        network: Id<network::Entity>,
        link: export::Link,
    ) -> Result<Option<data_export::Model>, Error> {
        let look = self.kernel.system_look(network).await?;
        let export = export::load_linked(&look, &link).await?;
        look.roll_back().await?;
        Ok(export)
    }

    async fn read_part(
        &self,
        network: Id<network::Entity>,
        of: Id<data_export::Entity>,
        position: i32,
    ) -> Result<Option<String>, Error> {
        let look = self.kernel.system_look(network).await?;
        let part = export::load_part(&look, of, position).await?;
        look.roll_back().await?;
        Ok(part)
    }

    /// Ends e-mails about notices by a link. Returns whether the link is valid. Without `confirmed` nothing ends.
    pub(crate) async fn end_emails(
        &self,
        token: &str,
        remote: IpAddr,
        confirmed: bool,
    ) -> Result<bool, Outcome> {
        let spent = self.points.visit(remote, false, self.kernel.seams.instant());
        spent.map_err(|spent| Outcome::RateLimited { retry_after: u64::from(spent.retry_after) })?;
        let Some(link) = Unsubscribing::parse(&self.kernel.secrets, token) else { return Ok(false) };
        if !confirmed {
            return Ok(true);
        }
        link.stop(&self.kernel).await.map_err(|_| Outcome::Internal)
    }
}
