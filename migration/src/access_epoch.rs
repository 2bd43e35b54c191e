//! The access epoch: a number of the network that counts up whenever someone's access may have changed, whoever changes
//! it. Callers that are kept in memory carry the epoch they were read at, and every request compares.
//!
//! PostgreSQL counts once a statement, so that seeds of many rows do not update the network's row for each.

/// Counts when rows of a table are added or changed.
pub fn counted(table: &str) -> String {
    format!("{}\n;;\n{}", counted_when_new(table), counts(table, "_change", "update"))
}

/// Counts when rows of a table are added.
pub fn counted_when_new(table: &str) -> String {
    counts(table, "", "insert")
}

fn counts(table: &str, suffix: &str, event: &str) -> String {
    format!(
        "-- postgres
create trigger access_epoch_{table}{suffix} after {event} on {table}
    referencing new table as changed for each statement execute function access_epoch_rows()
;;
-- sqlite
create trigger access_epoch_{table}{suffix} after {event} on {table} begin
    update network set access_epoch = access_epoch + 1 where id = new.network_id;
end"
    )
}
