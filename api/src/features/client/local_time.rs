//! What is told in a client's local time and stored as instants: due dates, reviews, the closing of alignment rounds, the
//! sessions of series and the weeks of check-ins. They are computed anew when the client moves to another time zone, and
//! when the rules of its zone change. Sessions that were scheduled or moved by hand keep their instants.

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

/// Clients that one step looks at.
const CLIENTS: u64 = 20;
/// Rows that one step changes, but for those of a client's series, which change together.
const ROWS: usize = 200;

/// Computes the instants of a client's open work by a zone. Answers how many rows changed: at most about `most`, and
/// where it is as many, there may be more.
pub async fn place(
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
    changed += reviews::rezone(write, client, zone, most.saturating_sub(changed)).await?;
    if changed < most {
        changed += series::rezone(write, client, zone).await?;
    }
    Ok(changed)
}

/// A client's work goes by the clocks of another zone.
pub async fn rezone(write: &Write, client: &client::Model, zone: Zone) -> Result<(), Error> {
    place(write, client.id, zone, usize::MAX).await?;
    check_ins::lay_out(write, zone, client.created_at).await
}

/// One step through the clients of a network, by the rules that its zones have now: those after a client, up to the one
/// to go on after. Answers it, and how many rows changed.
pub async fn step(write: &Write, after: Option<Uuid>) -> Result<(Option<Uuid>, usize), Error> {
    let network = write.network()?;
    if after.is_none() {
        let zones = client::Entity::find().filter(client::Column::NetworkId.eq(network));
        let zones = zones.select_only().column(client::Column::TimeZone).distinct();
        let zones: Vec<(String,)> = write.chosen(zones).await?;
        for zone in zones.into_iter().map(|(zone,)| zone).collect::<BTreeSet<_>>() {
            check_ins::place(write, Zone::named(&zone)?).await?;
        }
    }
    let (mut reached, mut changed) = (after.unwrap_or_default(), 0);
    let clients = client::Entity::find()
        .filter(client::Column::NetworkId.eq(network))
        .filter(client::Column::Status.eq(ClientStatus::Active))
        .filter(client::Column::Id.gt(reached))
        .order_by_asc(client::Column::Id)
        .limit(CLIENTS);
    let clients = write.all(clients).await?;
    for client in &clients {
        // nobody moves it to another zone meanwhile
        let client = write.lock::<client::Entity>(client.id).await?;
        let most = ROWS - changed;
        let here = place(write, client.id, Zone::named(&client.time_zone)?, most).await?;
        changed += here;
        if here >= most {
            return Ok((Some(reached), changed));
        }
        reached = client.id.uuid();
    }
    Ok(((clients.len() as u64 == CLIENTS).then_some(reached), changed))
}
