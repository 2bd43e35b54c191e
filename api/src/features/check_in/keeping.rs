//! Stores a team's rhythm of check-ins, which begins and ends with its review cadence, and the weeks that slots consist of.

use super::rules::{self, RhythmStart};
use crate::kernel::{Error, Write, Zone};
use chrono::{DateTime, Utc};
use entity::{
    Id,
    check_in_rhythm::{self, Column, Entity},
    check_in_slot, team,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

/// Loads the present and past rhythms of teams.
pub async fn load_rhythms(
    write: &Write,
    teams: &[Id<team::Entity>],
) -> Result<Vec<check_in_rhythm::Model>, Error> {
    write.all(Entity::find().filter(Column::TeamId.is_in(teams.iter().copied()))).await
}

/// Starts a rhythm of one check-in every `weeks` weeks, from next week on.
pub async fn begin_rhythm(write: &Write, team: &team::Model, weeks: i32, zone: Zone) -> Result<(), Error> {
    let before = Entity::find().filter(Column::TeamId.eq(team.id)).order_by_desc(Column::FirstWeek);
    let before = write.lock_one(before).await?;
    match rules::rhythm_start(weeks, before.as_deref(), rules::week(zone.today(write.now()))) {
        RhythmStart::Weekly => {}
        RhythmStart::Continued => {
            let Some(before) = before else { return Ok(()) };
            let mut change = before.clone().into_active_model();
            change.last_week = Set(None);
            write.update::<Entity>(&before, change).await?;
        }
        RhythmStart::FromWeek(first_week) => {
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

/// Ends a team's rhythm with this week. From next week on, the team checks in weekly unless another rhythm begins.
pub async fn end_rhythm(write: &Write, team: Id<team::Entity>, zone: Zone) -> Result<(), Error> {
    let lasting = Entity::find().filter(Column::TeamId.eq(team)).filter(Column::LastWeek.is_null());
    let Some(rhythm) = write.lock_one(lasting).await? else { return Ok(()) };
    match rules::last_week(&rhythm, rules::week(zone.today(write.now()))) {
        Some(last) => {
            let mut change = rhythm.clone().into_active_model();
            change.last_week = Set(Some(last));
            write.update::<Entity>(&rhythm, change).await?;
        }
        None => write.delete::<Entity>(rhythm).await?,
    }
    Ok(())
}

/// The weeks that a time zone needs, from its first client to a year ahead. Empty if none is missing.
pub async fn missing_weeks(
    write: &Write,
    zone: Zone,
    since: DateTime<Utc>,
) -> Result<Vec<check_in_slot::Model>, Error> {
    let needed = rules::needed_weeks(write.network()?, zone, since, write.now());
    let (Some(first), Some(last)) = (needed.first(), needed.last()) else { return Ok(vec![]) };
    let there = check_in_slot::Entity::find()
        .filter(check_in_slot::Column::TimeZone.eq(zone.name()))
        .filter(check_in_slot::Column::StartsOn.between(first.starts_on, last.starts_on));
    let there = usize::try_from(write.count(there).await?);
    Ok(if there == Ok(needed.len()) { vec![] } else { needed })
}

/// Inserts the missing weeks of a time zone.
pub async fn insert_missing_weeks(write: &Write, zone: Zone, since: DateTime<Utc>) -> Result<(), Error> {
    let missing = missing_weeks(write, zone, since).await?;
    let rows = missing.into_iter().map(IntoActiveModel::into_active_model).collect();
    write.insert_missing_unaudited::<check_in_slot::Entity>(rows).await
}

/// Updates the weeks of a time zone that have not ended to the zone's present rules.
pub async fn update_weeks(write: &Write, zone: Zone) -> Result<(), Error> {
    let ahead = check_in_slot::Entity::find()
        .filter(check_in_slot::Column::NetworkId.eq(write.network()?))
        .filter(check_in_slot::Column::TimeZone.eq(zone.name()))
        .filter(check_in_slot::Column::EndsAt.gt(write.now()));
    for slot in write.lock_all(ahead).await? {
        let laid_out = rules::weeks_between(slot.network_id, zone, slot.starts_on, slot.starts_on);
        if let Some(row) = laid_out.into_iter().next().filter(|row| *row != *slot) {
            let mut change = slot.clone().into_active_model();
            change.starts_at = Set(row.starts_at);
            change.ends_at = Set(row.ends_at);
            write.set::<check_in_slot::Entity>(&slot, change).await?;
        }
    }
    Ok(())
}
