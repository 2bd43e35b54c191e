//! Recomputes instants that follow from a client's local time: due dates, reviews, closing days of alignment rounds, sessions
//! of series and weeks of check-ins. They change when the client moves to another time zone, and when the rules of its zone
//! change. Sessions that were scheduled or moved by hand keep their instants.

use crate::{
    features::{
        check_in::keeping as check_ins, review::keeping as reviews, session_series::keeping as series,
    },
    kernel::{Error, Write, Zone},
};
use entity::{
    Id,
    action::{self, ActionStatus},
    alignment_round::{self, AlignmentStatus},
    client::{self, ClientStatus},
    priority::{self, PriorityStatus},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Maximum number of clients that one step reads.
const CLIENTS_PER_STEP: u64 = 20;
/// Maximum number of rows that one step changes, without the rows of a client's series, which change together.
const ROWS_PER_STEP: usize = 200;

/// Recomputes the instants of a client's open work in a time zone. Returns the number of changed rows. If it is `most` or
/// more, there may be more rows to change.
pub async fn update_instants(
    write: &Write,
    client: Id<client::Entity>,
    zone: Zone,
    most: usize,
) -> Result<usize, Error> {
    let mut changed = 0;
    let actions = action::Entity::find()
        .filter(action::Column::ClientId.eq(client))
        .filter(action::Column::Status.is_in(ActionStatus::TO_BE_DONE))
        .order_by_asc(action::Column::Id);
    for action in write.lock_all(actions).await? {
        let due_at = zone.end_of_day(action.due_on);
        if action.due_at != due_at && changed < most {
            let mut change = action.clone().into_active_model();
            change.due_at = Set(due_at);
            write.update::<action::Entity>(&action, change).await?;
            changed += 1;
        }
    }
    let priorities = priority::Entity::find()
        .filter(priority::Column::ClientId.eq(client))
        .filter(priority::Column::Status.is_in([PriorityStatus::Proposed, PriorityStatus::Committed]))
        .order_by_asc(priority::Column::Id);
    for priority in write.lock_all(priorities).await? {
        let due_at = zone.end_of_day(priority.due_on);
        if priority.due_at != due_at && changed < most {
            let mut change = priority.clone().into_active_model();
            change.due_at = Set(due_at);
            write.update::<priority::Entity>(&priority, change).await?;
            changed += 1;
        }
    }
    let rounds = alignment_round::Entity::find()
        .filter(alignment_round::Column::ClientId.eq(client))
        .filter(alignment_round::Column::Status.eq(AlignmentStatus::Open))
        .filter(alignment_round::Column::ClosesOn.is_not_null())
        .order_by_asc(alignment_round::Column::Id);
    for round in write.lock_all(rounds).await? {
        let closes_at = round.closes_on.map(|day| zone.end_of_day(day));
        if round.closes_at != closes_at && changed < most {
            let mut change = round.clone().into_active_model();
            change.closes_at = Set(closes_at);
            write.update::<alignment_round::Entity>(&round, change).await?;
            changed += 1;
        }
    }
    changed += reviews::move_to_zone(write, client, zone, most.saturating_sub(changed)).await?;
    if changed < most {
        changed += series::move_to_zone(write, client, zone).await?;
    }
    Ok(changed)
}

/// Moves a client's open work to another time zone.
pub async fn move_to_zone(write: &Write, client: &client::Model, zone: Zone) -> Result<(), Error> {
    update_instants(write, client.id, zone, usize::MAX).await?;
    check_ins::insert_missing_weeks(write, zone, client.created_at).await
}

/// Recomputes the instants of some clients of the transaction's network by the present rules of their zones, beginning after
/// the client `after`. Returns the client after which the next step continues, `None` at the end, and the number of changed
/// rows.
pub async fn update_step(write: &Write, after: Option<Uuid>) -> Result<(Option<Uuid>, usize), Error> {
    let (network, time) = (write.network()?, write.step_time());
    if after.is_none() {
        let zones = client::Entity::find().filter(client::Column::NetworkId.eq(network));
        let zones = zones.select_only().column(client::Column::TimeZone).distinct();
        let zones: Vec<(String,)> = write.select_values(zones).await?;
        for zone in zones.into_iter().map(|(zone,)| zone).collect::<BTreeSet<_>>() {
            check_ins::update_weeks(write, Zone::named(&zone)?).await?;
        }
    }
    let (mut reached, mut changed) = (after.unwrap_or_default(), 0);
    let clients = client::Entity::find()
        .filter(client::Column::NetworkId.eq(network))
        .filter(client::Column::Status.is_in(ClientStatus::OPEN))
        .filter(client::Column::Id.gt(reached))
        .order_by_asc(client::Column::Id)
        .limit(CLIENTS_PER_STEP);
    let clients = write.all(clients).await?;
    for client in &clients {
        // Locked, so that the client does not move to another zone.
        let client = write.lock::<client::Entity>(client.id).await?;
        let most = ROWS_PER_STEP - changed;
        let here = update_instants(write, client.id, Zone::named(&client.time_zone)?, most).await?;
        changed += here;
        if here >= most {
            return Ok((Some(reached), changed));
        }
        reached = client.id.uuid();
        if time.is_over() {
            return Ok((Some(reached), changed));
        }
    }
    Ok(((clients.len() as u64 == CLIENTS_PER_STEP).then_some(reached), changed))
}
