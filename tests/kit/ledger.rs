//! What must hold of a database at any moment, whatever happened to the server: looked at from behind.

use concord::{
    kernel::verify_chain,
    seed::rollup::{WRONG_DRIFTS, WRONG_DUES, WRONG_PULSES},
};
use entity::{audit_event, audit_lane};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, Statement,
};

/// Verifies every chain against its head. How many events there are, or where a chain breaks.
pub async fn chains(behind: &DatabaseConnection) -> Result<usize, i64> {
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

/// The counts that triggers keep are those of the rows, and every announcement is of something that was done.
pub async fn sound(behind: &DatabaseConnection) {
    let orphans = "select id from outbox o where kind <> 'mail'
        and not exists (select 1 from audit_event e where e.subject_id = o.subject_id)";
    for sql in [WRONG_PULSES, WRONG_DUES, WRONG_DRIFTS, orphans] {
        let statement = Statement::from_string(behind.get_database_backend(), sql);
        assert_eq!(behind.query_all_raw(statement).await.expect("an answer").len(), 0, "{sql}");
    }
}
