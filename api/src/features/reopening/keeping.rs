//! What the nouns do that can be reopened.

use super::rules::{self, Ending, FrozenPeriod};
use crate::kernel::{Error, Fault, Write, today};
use chrono::{DateTime, Utc};
use entity::{Id, action, client, cycle, member, metric_value, priority, reopening, team};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// Requires that what ended at an instant can be reopened: within 14 days, and unless the metrics of a period that has
/// this instant are frozen for the client. Requires that the caller reaches the client's metrics.
pub async fn require_reopenable(
    write: &Write,
    client: &client::Model,
    ended_at: DateTime<Utc>,
) -> Result<(), Error> {
    let latest = metric_value::Entity::find()
        .filter(metric_value::Column::ClientId.eq(client.id))
        .order_by_desc(metric_value::Column::EndsOn);
    let frozen = write.one(latest).await?;
    let frozen = frozen.map(|value| FrozenPeriod { name: value.period, ends_on: value.ends_on });
    let ending = Ending { at: ended_at, on: today(&client.time_zone, ended_at)? };
    Ok(rules::require_reopenable(ending, frozen.as_ref(), write.now())?)
}

/// Requires that the owner of reopened work still belongs to its team: there is no one else to give it to.
pub async fn require_owner_there(write: &Write, owner: Id<member::Entity>, title: &str) -> Result<(), Error> {
    let owner = write.find::<member::Entity>(owner).await?;
    Ok(rules::require_owner_there(owner.as_ref(), title)?)
}

/// Work of a team that is reopened.
#[derive(Clone, Copy)]
pub enum Reopened<'a> {
    Action(&'a action::Model),
    Priority(&'a priority::Model),
    Cycle(&'a cycle::Model),
}

/// Takes back the end of a team's work: requires that it can be reopened, and records the reopening with the end. The caller
/// must have locked the team, so that it is not archived meanwhile.
pub async fn reopen(write: &Write, work: Reopened<'_>, reason: String) -> Result<(), Error> {
    let (client_id, team_id, ended_at) = match work {
        Reopened::Action(row) => (row.client_id, row.team_id, row.closed_at),
        Reopened::Priority(row) => (row.client_id, row.team_id, row.closed_at),
        Reopened::Cycle(row) => (row.client_id, row.team_id, row.closed_at),
    };
    let client = write.load::<client::Entity>(Some(client_id), "input.id").await?;
    let team = write.find::<team::Entity>(team_id).await?.ok_or(Fault::Internal)?;
    rules::require_at_work(client.status, team.archived_at)?;
    let ended_at = ended_at.unwrap_or(write.now());
    require_reopenable(write, &client, ended_at).await?;
    let row = reopening::Model {
        id: write.id(),
        network_id: client.network_id,
        client_id,
        team_id,
        action_id: if let Reopened::Action(row) = work { Some(row.id) } else { None },
        priority_id: if let Reopened::Priority(row) = work { Some(row.id) } else { None },
        cycle_id: if let Reopened::Cycle(row) = work { Some(row.id) } else { None },
        ended_at,
        person_id: write.person()?,
        reason,
        at: write.now(),
    };
    write.insert::<reopening::Entity>(row).await?;
    Ok(())
}
