//! A team's rhythm of check-ins, which begins and ends with its review cadence, and the weeks of which slots consist.
//! Whoever keeps the cadence keeps the rhythm through here.

use super::rules::{self, Beginning};
use crate::kernel::{Error, Write, Zone};
use chrono::{DateTime, Utc};
use entity::{
    Id,
    check_in_rhythm::{self, Column, Entity},
    check_in_slot, team,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

/// The rhythms that some teams have and had.
pub async fn of_teams(
    write: &Write,
    teams: &[Id<team::Entity>],
) -> Result<Vec<check_in_rhythm::Model>, Error> {
    write.all(Entity::find().filter(Column::TeamId.is_in(teams.iter().copied()))).await
}

/// From next week on, a team checks in once in so many weeks.
pub async fn begin(write: &Write, team: &team::Model, weeks: i32, zone: Zone) -> Result<(), Error> {
    let before = Entity::find().filter(Column::TeamId.eq(team.id)).order_by_desc(Column::FirstWeek);
    let before = write.lock_one(before).await?;
    match rules::begins(weeks, before.as_deref(), rules::week(zone.today(write.now()))) {
        Beginning::Weekly => {}
        Beginning::Onward => {
            let Some(before) = before else { return Ok(()) };
            let mut change = before.clone().into_active_model();
            change.last_week = Set(None);
            write.update::<Entity>(&before, change).await?;
        }
        Beginning::From(first_week) => {
            let row = check_in_rhythm::Model {
                id: write.id(),
                network_id: team.network_id,
                client_id: team.client_id,
                team_id: team.id,
                weeks,
                first_week,
                last_week: None,
            };
            write.insert::<Entity>(row).await?;
        }
    }
    Ok(())
}

/// From next week on, a team checks in weekly, unless another rhythm begins.
pub async fn end(write: &Write, team: Id<team::Entity>, zone: Zone) -> Result<(), Error> {
    let lasting = Entity::find().filter(Column::TeamId.eq(team)).filter(Column::LastWeek.is_null());
    let Some(rhythm) = write.lock_one(lasting).await? else { return Ok(()) };
    match rules::ends(&rhythm, rules::week(zone.today(write.now()))) {
        Some(last) => {
            let mut change = rhythm.clone().into_active_model();
            change.last_week = Set(Some(last));
            write.update::<Entity>(&rhythm, change).await?;
        }
        None => write.delete::<Entity>(rhythm).await?,
    }
    Ok(())
}

/// Lays out the weeks of a zone that are missing: since its first client came, and for the year ahead.
pub async fn lay_out(write: &Write, zone: Zone, since: DateTime<Utc>) -> Result<(), Error> {
    let needed = rules::needed(write.network()?, zone, since, write.now());
    let (Some(first), Some(last)) = (needed.first(), needed.last()) else { return Ok(()) };
    let there = check_in_slot::Entity::find()
        .filter(check_in_slot::Column::TimeZone.eq(zone.name()))
        .filter(check_in_slot::Column::StartsOn.between(first.starts_on, last.starts_on));
    if usize::try_from(write.count(there).await?).ok() != Some(needed.len()) {
        let rows = needed.into_iter().map(IntoActiveModel::into_active_model).collect();
        write.pour_missing::<check_in_slot::Entity>(rows).await?;
    }
    Ok(())
}

/// The weeks of a zone that are not over begin and end by the rules that it has now.
pub async fn place(write: &Write, zone: Zone) -> Result<(), Error> {
    let ahead = check_in_slot::Entity::find()
        .filter(check_in_slot::Column::NetworkId.eq(write.network()?))
        .filter(check_in_slot::Column::TimeZone.eq(zone.name()))
        .filter(check_in_slot::Column::EndsAt.gt(write.now()));
    for slot in write.all(ahead).await? {
        let laid_out = rules::laid_out(slot.network_id, zone, slot.starts_on, slot.starts_on);
        if let Some(row) = laid_out.into_iter().next().filter(|row| *row != slot) {
            let mut change = slot.into_active_model();
            change.starts_at = Set(row.starts_at);
            change.ends_at = Set(row.ends_at);
            write.set::<check_in_slot::Entity>(change).await?;
        }
    }
    Ok(())
}
