//! Records values of measurables, and keeps their progress.

use super::rules::{self, Goal};
use crate::{
    features::drift::keeping as drift,
    kernel::{Check, Error, Locked, Write, Zone},
};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    Id, client,
    measurable::{self, Entity},
    measurable_value, priority,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Select};

/// What the client's calendar says of values that are recorded now.
pub(super) struct Calendar {
    zone: Zone,
    today: NaiveDate,
    now: DateTime<Utc>,
}

/// A value that was checked.
pub(super) struct NewValue {
    pub(super) period_on: NaiveDate,
    value: String,
    note: String,
    late: bool,
}

impl Calendar {
    pub(super) async fn of(write: &Write, client: Id<client::Entity>, path: &str) -> Result<Calendar, Error> {
        let client = write.load::<client::Entity>(Some(client), path).await?;
        let zone = Zone::named(&client.time_zone)?;
        Ok(Calendar { zone, today: zone.today(write.now()), now: write.now() })
    }

    pub(super) fn check_value(
        &self,
        measurable: &measurable::Model,
        on: Option<NaiveDate>,
        value: String,
        comment: &str,
    ) -> Result<NewValue, Error> {
        let mut check = Check::new();
        let note = check.text("input.comment", comment, 0..=1000);
        let period_on = check.keep(rules::check_period(measurable.period, on, self.today));
        check.done()?;
        let period_on = period_on.unwrap_or(self.today);
        let late = rules::is_late(measurable.period, period_on, self.zone, self.now);
        Ok(NewValue { period_on, value, note, late })
    }
}

/// Adds a value, which replaces the one of the same period.
pub(super) async fn save_value(
    write: &Write,
    measurable: &measurable::Model,
    value: NewValue,
) -> Result<(), Error> {
    let of_period = values_of(measurable).filter(measurable_value::Column::PeriodOn.eq(value.period_on));
    rules::require_room_in_period(write.count(of_period.clone()).await?)?;
    let before = write.lock_one(of_period.filter(measurable_value::Column::ReplacedAt.is_null())).await?;
    if let Some(before) = &before {
        let mut change = before.clone().into_active_model();
        change.replaced_at = Set(Some(write.now()));
        write.update::<measurable_value::Entity>(before, change).await?;
    }
    let id = write.id();
    let row = measurable_value::Model {
        id,
        network_id: measurable.network_id,
        client_id: measurable.client_id,
        team_id: measurable.team_id,
        measurable_id: measurable.id,
        period_on: value.period_on,
        first_id: before.map_or(id, |before| before.first_id),
        person_id: write.person()?,
        colour: Some(rules::colour(Goal::of(measurable), &value.value)),
        value: value.value,
        note: value.note,
        late: value.late,
        at: write.now(),
        replaced_at: None,
    };
    write.insert::<measurable_value::Entity>(row).await?;
    Ok(())
}

fn values_of(measurable: &measurable::Model) -> Select<measurable_value::Entity> {
    measurable_value::Entity::find().filter(measurable_value::Column::MeasurableId.eq(measurable.id))
}

/// The progress of a measurable, by the value of its latest period.
pub(super) async fn progress_of(write: &Write, measurable: &measurable::Model) -> Result<i32, Error> {
    let current = values_of(measurable)
        .filter(measurable_value::Column::ReplacedAt.is_null())
        .order_by_desc(measurable_value::Column::PeriodOn);
    let latest = write.one(current).await?;
    let latest = latest.as_ref().map(|latest| latest.value.as_str());
    Ok(rules::measurable_percent(Goal::of(measurable), latest))
}

/// Stores the progress of a measurable after its values have changed.
pub(super) async fn update_progress(
    write: &Write,
    measurable: &Locked<measurable::Model>,
) -> Result<(), Error> {
    let mut change = measurable.clone().into_active_model();
    change.progress = Set(progress_of(write, measurable).await?);
    write.update::<Entity>(measurable, change).await?;
    update_drift(write, measurable.priority_id).await
}

/// Updates the drift of a measurable's priority, whose progress the measurable shows.
pub(super) async fn update_drift(write: &Write, priority: Option<Id<priority::Entity>>) -> Result<(), Error> {
    match priority {
        Some(priority) => drift::update_behind_signal(write, priority).await,
        None => Ok(()),
    }
}
