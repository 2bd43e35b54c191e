//! What operators do to a whole database: copy the embedded one while it is served, and name the networks in one before
//! it is emptied.

use super::{
    connect::{Access, Db},
    dialect::statement,
};
use crate::access::Scope;
use sea_orm::ConnectionTrait;
use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::Path};

impl Db {
    /// Writes a copy of the embedded database, of one moment, to a new file that only its owner reads. Others go on
    /// reading and writing meanwhile.
    pub async fn backup(&self, file: &Path) -> Result<(), String> {
        let Db::Sqlite { writes, .. } = self else {
            return Err(
                "the database is PostgreSQL: back it up with pg_dump as concord_backup; see deploy/README.md"
                    .into(),
            );
        };
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
        let created = created.map_err(|error| failed(&error))?;
        let path = file.to_str().ok_or_else(|| failed(&"the name is not UTF-8"))?;
        // the file must be empty or not there
        let copied = sea_orm::Statement::from_sql_and_values(
            writes.get_database_backend(),
            "vacuum into ?1",
            [path.into()],
        );
        let done = match writes.execute_raw(copied).await {
            Ok(_) => created.sync_all().map_err(|error| failed(&error)),
            Err(error) => Err(failed(&error)),
        };
        if done.is_err() {
            std::fs::remove_file(file).unwrap_or_default();
        }
        done
    }

    /// The names of the networks in a database, which may lack any table.
    pub async fn networks(&self) -> Result<Vec<String>, String> {
        let door = self.begin(Access::Read, &Scope::identity(None)).await.map_err(unread)?;
        let there = match self {
            Db::Postgres { .. } => "select 1 where to_regclass('network') is not null",
            Db::Sqlite { .. } => "select 1 from sqlite_master where type = 'table' and name = 'network'",
        };
        let there = door.query_one_raw(statement(&door, there, &[])).await.map_err(unread)?;
        let mut names = vec![];
        if there.is_some() {
            let all = statement(&door, "select name from network order by name", &[]);
            for row in door.query_all_raw(all).await.map_err(unread)? {
                names.push(row.try_get_by_index(0).map_err(unread)?);
            }
        }
        door.rollback().await.map_err(unread)?;
        Ok(names)
    }
}

fn unread<E>(_: E) -> String {
    "the networks cannot be read".to_owned()
}
