//! Which year each cycle belongs to.

use super::rules;
use crate::kernel::{Error, Write};
use chrono::NaiveDate;
use entity::{
    Id, cycle, team,
    team_year::{self, Entity},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

/// Loads the years of a team.
pub async fn load_years(write: &Write, team: Id<team::Entity>) -> Result<Vec<team_year::Model>, Error> {
    write.all(Entity::find().filter(team_year::Column::TeamId.eq(team))).await
}

/// The year of a team's cycle that starts on a day. None if no year has this day.
pub async fn find_year(
    write: &Write,
    team: Id<team::Entity>,
    starts_on: NaiveDate,
) -> Result<Option<Id<Entity>>, Error> {
    Ok(rules::year_of(&load_years(write, team).await?, starts_on))
}

/// Assigns each cycle of a team to its year. The caller must have locked the team.
pub async fn assign_cycles(write: &Write, team: Id<team::Entity>) -> Result<(), Error> {
    let years = load_years(write, team).await?;
    let cycles = cycle::Entity::find().filter(cycle::Column::TeamId.eq(team)).order_by_asc(cycle::Column::Id);
    for cycle in write.lock_all(cycles).await? {
        let mut change = cycle.clone().into_active_model();
        change.year_id = Set(rules::year_of(&years, cycle.starts_on));
        write.update::<cycle::Entity>(&cycle, change).await?;
    }
    Ok(())
}
