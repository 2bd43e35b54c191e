//! Records several values of a team's measurables in one transaction.

use super::{
    Measurable,
    recording::{Calendar, save_value, update_progress},
    require_changeable,
};
use crate::{
    features::batch,
    kernel::{
        Caller, Check, Code, Error, Fault, Locked, Refusal, Write, access::Permission, mutation::split,
        payload_object::PayloadObject, read::shape::typed, refused_id,
    },
    message, mutations, payload,
    scalar::{Date, Decimal},
};
use async_graphql::{ID, InputObject};
use chrono::NaiveDate;
use entity::{
    Id,
    measurable::{self, Column, Entity},
    team,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// Input for `measurableValuesSet`.
#[derive(InputObject)]
pub struct MeasurableValuesSetInput {
    /// ID of the team that the measurables belong to.
    pub team_id: ID,
    /// Values to record: 1 to 100, each period of a measurable at most once.
    pub items: Vec<MeasurableValuesSetItem>,
}

/// A value to record with `measurableValuesSet`.
#[derive(InputObject)]
pub struct MeasurableValuesSetItem {
    /// ID of the measurable, which must belong to this team and not be removed.
    pub id: ID,
    /// Any day of the period, in the client's time zone: today or earlier, within the last five years. Default: today.
    pub period_on: Option<Date>,
    /// Value in this period, in the measurable's unit.
    pub value: Decimal,
    /// Comment on the value: up to 1,000 characters. Default: empty.
    pub comment: Option<String>,
}

payload! {
    /// Result of `measurableValuesSet`.
    pub struct MeasurableValuesSetPayload {
        /// Measurables with their new values, in the order of the items. Empty if any item was rejected.
        pub measurables: Vec<PayloadObject<Measurable>>,
        /// Reasons the batch was rejected; each path contains the index of the item. Empty if all items were saved.
        pub errors: Vec<Refusal>,
    }
}

mutations! {
    MeasurableValuesMutation {
        /// Records several values of a team's measurables. If any item is rejected, no value is recorded. A new value
        /// replaces the earlier one of the same period. Leaders can do this only for measurables they own and those of
        /// priorities they own.
        measurable_values_set(MeasurableValuesSetInput) -> MeasurableValuesSetPayload = measurable_values_set;
    }
}

async fn measurable_values_set(
    caller: &Caller,
    input: MeasurableValuesSetInput,
) -> Result<MeasurableValuesSetPayload, Fault> {
    let (done, errors) = split(set_values(caller, input).await)?;
    Ok(MeasurableValuesSetPayload { measurables: batch::saved_objects(done), errors })
}

async fn set_values(caller: &Caller, input: MeasurableValuesSetInput) -> Result<Vec<Id<Entity>>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::MeasurableValuesSet, typed(&input.team_id), "input.teamId")
        .await?;
    batch::check_size(input.items.len())?;
    let calendar = Calendar::of(&write, team.client_id, "input.teamId").await?;
    let ids: Vec<Option<Id<Entity>>> = input.items.iter().map(|item| typed(&item.id)).collect();
    // sorted, so that two batches lock rows in the same order and cannot deadlock
    let select = Entity::find()
        .filter(Column::Id.is_in(ids.iter().flatten().copied()))
        .filter(Column::TeamId.eq(team.id))
        .order_by_asc(Column::Id);
    let rows = write.lock_all(select).await?;
    let mut faults = vec![];
    for row in &rows {
        if let Err(error) = require_changeable(&write, row, "input.id").await {
            let first = ids.iter().position(|id| *id == Some(row.id)).unwrap_or_default();
            faults.extend(batch::item_refusals(error, first)?);
        }
    }
    let mut set: Vec<(Id<Entity>, NaiveDate)> = vec![];
    for (at, (item, id)) in input.items.iter().zip(&ids).enumerate() {
        let row = rows.iter().find(|row| Some(row.id) == *id);
        match set_value(&write, &calendar, row, item, &mut set).await {
            Ok(()) => {}
            Err(error) => faults.extend(batch::item_refusals(error, at)?),
        }
    }
    batch::refuse_if_any(faults)?;
    for row in &rows {
        update_progress(&write, row).await?;
    }
    write.commit().await?;
    Ok(ids.into_iter().flatten().collect())
}

/// Records the value of an item. `set` are the periods that earlier items have set.
async fn set_value(
    write: &Write,
    calendar: &Calendar,
    row: Option<&Locked<measurable::Model>>,
    item: &MeasurableValuesSetItem,
    set: &mut Vec<(Id<Entity>, NaiveDate)>,
) -> Result<(), Error> {
    let row = row.ok_or_else(|| refused_id("input.id"))?;
    let comment = item.comment.as_deref().unwrap_or_default();
    let on = item.period_on.map(|on| on.0);
    let value = calendar.check_value(row, on, item.value.0.clone(), comment)?;
    let period = (row.id, value.period_on);
    let mut check = Check::new();
    check.refuse_if(
        set.contains(&period),
        Code::Invalid,
        "input.periodOn",
        message!(PERIOD_NAMED_TWICE, "This period of the measurable is set twice. Leave one out."),
    );
    check.done()?;
    set.push(period);
    save_value(write, row, value).await
}
