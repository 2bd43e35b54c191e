//! People and clients who were erased. What is otherwise frozen can lose its words, and only them.

use sea_orm_migration::prelude::*;

use crate::{ddl, frozen};

const UP: &str = "
alter table person add column erased_at {instant}
;;
alter table client add column erased_at {instant}
;;
alter table recap add column redactions integer not null default 0
";

/// Where words stand in tables that only grow; erased, they are empty.
const WORDS: [(&str, &str); 6] = [
    ("action_move", "reason"),
    ("decision_attestation", "audience"),
    ("decision_event", "reason"),
    ("decision_position", "comment"),
    ("obstacle_event", "note"),
    ("stage_event", "reason"),
];

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000175_erasure"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        for (table, column) in WORDS {
            let forbidden =
                format!("new.{column} is distinct from old.{column} and coalesce(new.{column}, '') <> ''");
            frozen::freeze(manager, table, &forbidden).await?;
            frozen::grant(manager, table, &format!("update ({column})")).await?;
        }
        // a name is taken out of a recap and that is counted, or all of it goes
        let forbidden = "new.redactions <> old.redactions + 1
            and not (new.minutes = '{}' and new.markdown = 'Erased' and new.redactions = old.redactions)";
        frozen::freeze(manager, "recap", forbidden).await?;
        frozen::grant(manager, "recap", "update (minutes, markdown, redactions)").await?;
        frozen::grant(manager, "import_key", "delete").await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::revoke(manager, "import_key", "delete").await?;
        frozen::revoke(manager, "recap", "update (minutes, markdown, redactions)").await?;
        frozen::thaw(manager, "recap").await?;
        for (table, column) in WORDS {
            frozen::revoke(manager, table, &format!("update ({column})")).await?;
            frozen::thaw(manager, table).await?;
        }
        ddl::drop(manager, "column recap.redactions").await?;
        ddl::drop(manager, "column client.erased_at").await?;
        ddl::drop(manager, "column person.erased_at").await
    }
}
