//! Tables whose rows are appended and never change, but for erasures. PostgreSQL withholds the right to update from the
//! server, and grants it for the columns with people's words; a trigger on both databases restricts these updates to what
//! an erasure leaves.

use crate::rls::grant;

/// Refuses updates of `table` where `forbidden` holds of the rows `old` and `new`.
pub fn freeze(table: &str, forbidden: &str) -> String {
    format!(
        "-- postgres
create trigger {table}_is_frozen before update on {table} for each row when ({forbidden})
    execute function is_frozen()
;;
-- sqlite
create trigger {table}_is_frozen before update on {table} when {forbidden}
    begin select raise(abort, '{table} is frozen, but for erasures'); end"
    )
}

/// Lets updates of `table` only empty the words in `column`.
pub fn but_for_words(table: &str, column: &str) -> String {
    let forbidden =
        format!("new.{column} is distinct from old.{column} and coalesce(new.{column}, '') <> ''");
    format!("{}\n;;\n{}", freeze(table, &forbidden), grant(table, &format!("update ({column})")))
}
