//! A team's rhythm of check-ins, which begins and ends with its review cadence. Whoever keeps the cadence keeps it through
//! here.

use super::rules::{self, Beginning};
use crate::kernel::{Error, Write, today};
use entity::{
    Id,
    check_in_rhythm::{self, Column, Entity},
    team,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

/// The rhythms that some teams have and had.
pub async fn of_teams(
    write: &Write,
    teams: &[Id<team::Entity>],
) -> Result<Vec<check_in_rhythm::Model>, Error> {
    write.all(Entity::find().filter(Column::TeamId.is_in(teams.iter().copied()))).await
}

/// From next week on, a team checks in once in so many weeks.
pub async fn begin(write: &Write, team: &team::Model, weeks: i32, zone: &str) -> Result<(), Error> {
    let before =
        Entity::find().filter(Column::TeamId.eq(team.id)).order_by_desc(Column::FirstWeek).lock_exclusive();
    let before = write.one(before).await?;
    match rules::begins(weeks, before.as_ref(), rules::week(today(zone, write.now()))) {
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
pub async fn end(write: &Write, team: Id<team::Entity>, zone: &str) -> Result<(), Error> {
    let lasting = Entity::find().filter(Column::TeamId.eq(team)).filter(Column::LastWeek.is_null());
    let Some(rhythm) = write.one(lasting.lock_exclusive()).await? else { return Ok(()) };
    match rules::ends(&rhythm, rules::week(today(zone, write.now()))) {
        Some(last) => {
            let mut change = rhythm.clone().into_active_model();
            change.last_week = Set(Some(last));
            write.update::<Entity>(&rhythm, change).await?;
        }
        None => write.delete::<Entity>(rhythm).await?,
    }
    Ok(())
}
