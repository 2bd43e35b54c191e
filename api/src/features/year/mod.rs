//! Year: the span, usually of twelve months, for which a team sets its targets. Cycles belong to the year in whose days
//! they start. Years of a team do not overlap.

pub mod keeping;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{cycle::Cycle, programme::rules as programmes, target::Target, team::Team};
use crate::{
    kernel::{Caller, Check, Error, access::Permission, expect_version, read::shape::typed, today},
    mutations,
    scalar::Date,
    shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, client, team,
    team_year::{self, Entity},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

shape! {
    /// A year of a team, with its targets and its cycles.
    Year of team_year {
        /// Name of the year, for example `2026`.
        label = text(Label).filter().order(),
        /// First day of the year, in the client's time zone.
        startsOn = date(StartsOn).filter().order(),
        /// Last day of the year, in the client's time zone.
        endsOn = date(EndsOn).filter().order(),
        /// Revision number; increases with every change. Send it as `expectedVersion`.
        version = int(Version),
        /// Team that the year belongs to.
        team = one::<Team, _>(TeamId),
        /// Targets of the year that are not removed, oldest first: at most 20.
        targets = list::<Target, _>(entity::target::Column::YearId).only("{t}.removed_at is null").by(entity::target::Column::CreatedAt, Ty::Instant).about(4),
        /// Cycles that start in the year, by default earliest first.
        cycles = pages::<Cycle, _>(entity::cycle::Column::YearId).by(entity::cycle::Column::StartsOn, Ty::Date),
    }
}

/// Input for `yearCreate`.
#[derive(InputObject)]
pub struct YearCreateInput {
    /// ID of the team.
    pub team_id: ID,
    /// Name of the year: one line of 1 to 40 characters, unique in the team.
    pub label: String,
    /// First day of the year, in the client's time zone.
    pub starts_on: Date,
    /// Last day of the year, in the client's time zone: today or later. A year lasts 180 to 400 days.
    pub ends_on: Date,
}

/// Input for `yearUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct YearUpdateInput {
    /// ID of the year.
    pub id: ID,
    /// Name of the year: one line of 1 to 40 characters, unique in the team.
    pub label: Option<String>,
    /// First day of the year, in the client's time zone.
    pub starts_on: Option<Date>,
    /// Last day of the year, in the client's time zone. A year lasts 180 to 400 days.
    pub ends_on: Option<Date>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    YearMutation: year -> Year of Entity {
        /// Creates a year for a team. The team's cycles that start in its days belong to it. Fails with `TAKEN` if it
        /// overlaps another year of the team or has the same name.
        year_create(YearCreateInput) -> YearCreatePayload = create;
        /// Renames or moves a year. The team's cycles that start in its new days belong to it, and no others.
        year_update(YearUpdateInput) -> YearUpdatePayload = update, on id;
    }
}

async fn create(caller: &Caller, input: YearCreateInput) -> Result<Id<Entity>, Error> {
    let (write, team) =
        caller.write::<team::Entity>(Permission::YearCreate, typed(&input.team_id), "input.teamId").await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let mut check = Check::new();
    let label = check.line("input.label", &input.label, 1..=40);
    let ends_on = check.due("input.endsOn", input.ends_on.0, today(&client.time_zone, write.now())?);
    check.done()?;
    programmes::require_active_team(client.status, team.archived_at)?;
    let row = team_year::Model {
        id: write.id(),
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        label,
        starts_on: input.starts_on.0,
        ends_on,
        created_at: write.now(),
        version: 1,
    };
    rules::require_length(&row)?;
    rules::require_apart(&keeping::load_years(&write, team.id).await?, &row)?;
    let year = write.insert::<Entity>(row).await?;
    keeping::assign_cycles(&write, team.id).await?;
    write.commit().await?;
    Ok(year.id)
}

async fn update(caller: &Caller, input: YearUpdateInput) -> Result<Id<Entity>, Error> {
    let under = team_year::Column::TeamId;
    let (write, team, year) = caller
        .write_under::<team::Entity, Entity>(Permission::YearUpdate, under, typed(&input.id), "input.id")
        .await?;
    expect_version(year.version, input.expected_version)?;
    let mut check = Check::new();
    let label = check.line_if("input.label", input.label.as_ref(), 1..=40);
    check.done()?;
    let changed = team_year::Model {
        label: label.unwrap_or_else(|| year.label.clone()),
        starts_on: input.starts_on.map_or(year.starts_on, |day| day.0),
        ends_on: input.ends_on.map_or(year.ends_on, |day| day.0),
        ..year.clone().into_inner()
    };
    rules::require_length(&changed)?;
    rules::require_apart(&keeping::load_years(&write, team.id).await?, &changed)?;
    let mut change = year.clone().into_active_model();
    change.label = Set(changed.label);
    change.starts_on = Set(changed.starts_on);
    change.ends_on = Set(changed.ends_on);
    write.update::<Entity>(&year, change).await?;
    keeping::assign_cycles(&write, team.id).await?;
    write.commit().await?;
    Ok(year.id)
}
