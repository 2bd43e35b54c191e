//! Whether requests can be served: the database reads, and it writes. A disk that is full refuses writes alone.

use crate::{
    access::Scope,
    db::{Access, Db, statement},
    error::{Error, Fault},
    kernel::Kernel,
};
use entity::{Id, write_probe};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// Longest that one answer is shared.
const SHARED: Duration = Duration::from_secs(5);
/// Longest that a probe may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes written: enough that SQLite must find some pages for them.
const BYTES: usize = 16_384;

impl Kernel {
    /// Whether requests can be served; if not, why. At most one probe in five seconds writes, whoever asks and however
    /// often.
    pub async fn ready(self: &Arc<Self>) -> Result<(), String> {
        let kernel = self.clone();
        // in a task of its own: who asks may hang up, and the others wait for its answer
        let probe = tokio::spawn(async move {
            let mut last = kernel.readiness.0.lock().await;
            if let Some((at, answer)) = *last
                && at.elapsed() < SHARED
            {
                return answer;
            }
            let answer = timeout(PATIENCE, kernel.probe()).await;
            let answer = answer.unwrap_or(Err("the database does not answer"));
            *last = Some((Instant::now(), answer));
            answer
        });
        probe.await.unwrap_or(Err("the probe failed")).map_err(str::to_owned)?;
        self.migrated().await
    }

    /// Whether the database has the schema of this program; if not, why.
    pub async fn migrated(&self) -> Result<(), String> {
        // who asks keeps no writer waiting
        let unreachable = |_| "the database cannot be reached".to_owned();
        let door = self.db.begin(Access::Read, &Scope::identity(None)).await.map_err(unreachable)?;
        let versions = statement(&door, "select version from seaql_migrations", &[]);
        let rows = door
            .query_all_raw(versions)
            .await
            .map_err(|_| "no migration has run: run `concord migrate` first".to_owned())?;
        door.rollback().await.map_err(unreachable)?;
        let applied: Vec<String> = rows.iter().filter_map(|row| row.try_get_by_index(0).ok()).collect();
        (self.check_migrations)(&applied)
    }

    async fn probe(self: &Arc<Self>) -> Result<(), &'static str> {
        self.reads().await.map_err(|_| "the database does not read")?;
        self.writes().await.map_err(|_| "the database does not write")
    }

    async fn reads(self: &Arc<Self>) -> Result<(), Error> {
        if let Db::Postgres { reads, .. } = &self.db {
            let client = reads.get().await.map_err(|_| Fault::Unavailable)?;
            client.simple_query("select 1").await.map_err(Fault::from)?;
        }
        let look = self.identity_look(None).await?;
        look.count(write_probe::Entity::find()).await?;
        look.roll_back().await
    }

    /// Writes a row, and removes it in the same transaction. Each probe has a row of its own and waits for no other.
    async fn writes(self: &Arc<Self>) -> Result<(), Error> {
        let write = self.identity(None).await?;
        let id: Id<write_probe::Entity> = write.id();
        let row = write_probe::Model { id, filling: write.bytes::<BYTES>().to_vec() };
        write.add_once::<write_probe::Entity>(row).await?;
        let own = write_probe::Entity::delete_many().filter(write_probe::Column::Id.eq(id));
        write.discard_all(own).await?;
        write.commit_quietly().await
    }
}
