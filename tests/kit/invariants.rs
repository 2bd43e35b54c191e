//! Invariants of a database that hold at any moment, whatever happens to the server.

use concord::kernel::verify_chain;
use entity::{audit_event, audit_lane};
use migration::figures;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    Statement,
};

/// Verifies every audit chain against its head. Returns the number of events, or the position at which a chain breaks.
pub async fn verify_chains(behind: &DatabaseConnection) -> Result<usize, i64> {
    let mut events = 0;
    for lane in audit_lane::Entity::find().all(behind).await.expect("the lanes") {
        let chain = audit_event::Entity::find()
            .filter(audit_event::Column::NetworkId.eq(lane.network_id))
            .filter(audit_event::Column::Lane.eq(lane.lane))
            .order_by_asc(audit_event::Column::Sequence)
            .all(behind)
            .await
            .expect("the events");
        verify_chain(&chain)?;
        // a chain whose end is cut off verifies, and its head tells
        let last = chain.last().map_or((0, ""), |event| (event.sequence, event.hash.as_str()));
        if last != (lane.sequence, lane.hash.as_str()) {
            return Err(last.0 + 1);
        }
        events += chain.len();
    }
    Ok(events)
}

/// Every column of every table that contains a text, in any case.
pub async fn columns_with_text(behind: &DatabaseConnection, text: &str) -> Vec<String> {
    let backend = behind.get_database_backend();
    let columns = match backend {
        DbBackend::Postgres => {
            "select table_name::text, column_name::text from information_schema.columns
             where table_schema = 'public' and data_type in ('text', 'jsonb') order by 1, 2"
        }
        _ => {
            "select t.name, c.name from sqlite_master t join pragma_table_info(t.name) c
             where t.type = 'table' and c.type = 'TEXT' collate nocase order by 1, 2"
        }
    };
    let columns = behind.query_all_raw(Statement::from_string(backend, columns)).await.expect("columns");
    assert!(columns.len() > 100, "there are columns of text");
    let mut found = vec![];
    for row in columns {
        let (table, column): (String, String) =
            (row.try_get_by_index(0).expect("a table"), row.try_get_by_index(1).expect("a column"));
        let sql = format!(
            "select 1 from {table} where lower(cast(\"{column}\" as text)) like '%{}%' limit 1",
            text.to_lowercase()
        );
        let hit = behind.query_one_raw(Statement::from_string(backend, sql)).await.expect("a look");
        found.extend(hit.map(|_| format!("{table}.{column}")));
    }
    found
}

/// Asserts that the counts kept by triggers are those of the rows.
pub async fn assert_counts(behind: &DatabaseConnection) {
    for sql in figures::wrong() {
        let statement = Statement::from_string(behind.get_database_backend(), &sql);
        assert_eq!(behind.query_all_raw(statement).await.expect("an answer").len(), 0, "{sql}");
    }
}
