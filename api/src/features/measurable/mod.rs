//! Measurable: a figure that tracks a priority's outcome, from a baseline to a target.
//!
//! Values are recorded by period. A correction is a new value for the same period. The latest value counts; earlier ones stay
//! readable.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    person::Person,
    priority::{Priority, require_editable},
};
use crate::{
    kernel::{
        Caller, Check, Error, Locked, Write, access::Permission, expect_version, read::shape::typed, today,
    },
    mutations,
    scalar::{Date, Decimal},
    shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, client,
    measurable::{self, Entity, MeasurableDirection, MeasurablePeriod},
    measurable_value, priority,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// A figure that tracks a priority's outcome, from a baseline to a target.
    Measurable of measurable {
        /// Name of the measured figure.
        name = text(Name).filter().order(),
        /// Unit of the values, for example `%` or `EUR`.
        unit = text(Unit),
        /// Whether the figure should rise, fall or stay level.
        direction = closed::<MeasurableDirection, _>(Direction),
        /// Length of the period that each value covers: week, month or quarter.
        period = closed::<MeasurablePeriod, _>(Period),
        /// Value at the start.
        baseline = decimal(Baseline),
        /// Value to reach, or to keep if `direction` is `HOLD`.
        target = decimal(Target),
        /// Time the measurable was removed. Null if not removed.
        removedAt = instant(RemovedAt).or_null(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Priority that the measurable belongs to.
        priority = one::<Priority, _>(PriorityId),
        /// Value of the latest period. Null if no value has been recorded.
        latest = first::<MeasurableValue, _>(entity::measurable_value::Column::MeasurableId).only("{t}.replaced_at is null").by_last(entity::measurable_value::Column::PeriodOn, Ty::Date),
        /// Current values, one for each period, by default latest period first.
        values = pages::<MeasurableValue, _>(entity::measurable_value::Column::MeasurableId).only("{t}.replaced_at is null").by_last(entity::measurable_value::Column::PeriodOn, Ty::Date),
    }
}

shape! {
    /// Value of a measurable in one period.
    MeasurableValue of measurable_value {
        /// First day of the period.
        periodOn = date(PeriodOn).filter().order(),
        /// Recorded value, in the measurable's unit.
        value = decimal(Value),
        /// Comment on the value. May be empty.
        comment = text(Note),
        /// Time the value was recorded.
        createdAt = instant(At),
        /// Time a correction replaced the value. Null if the value is current.
        replacedAt = instant(ReplacedAt).or_null(),
        /// Person who recorded the value. Null if you have no access to them.
        person = one::<Person, _>(PersonId).or_null(),
        /// Measurable that the value belongs to.
        measurable = one::<Measurable, _>(MeasurableId),
        /// Earlier values of the same period that corrections replaced, oldest first: at most 19.
        earlier = list_across::<MeasurableValue, _, _>(FirstId, FirstId).only("{t}.replaced_at is not null").by(At, Ty::Instant).about(1),
    }
}

/// Input for `measurableCreate`.
#[derive(InputObject)]
pub struct MeasurableCreateInput {
    /// ID of the priority, which must be proposed or committed.
    pub priority_id: ID,
    /// Name of the measured figure: 1 to 120 characters.
    pub name: String,
    /// Unit of the values, for example `%` or `EUR`: 1 to 20 characters.
    pub unit: String,
    /// Whether the figure should rise, fall or stay level.
    pub direction: MeasurableDirection,
    /// Length of the period that each value covers: week, month or quarter.
    pub period: MeasurablePeriod,
    /// Value at the start.
    pub baseline: Decimal,
    /// Value to reach, or to keep if `direction` is `HOLD`.
    pub target: Decimal,
}

/// Input for `measurableUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct MeasurableUpdateInput {
    /// ID of the measurable, which must not be removed.
    pub id: ID,
    /// Name of the measured figure: 1 to 120 characters.
    pub name: Option<String>,
    /// Value to reach, or to keep if `direction` is `HOLD`.
    pub target: Option<Decimal>,
    /// The `version` you last read. Fails with `CONFLICT` if the measurable has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `measurableRemove`.
#[derive(InputObject)]
pub struct MeasurableRemoveInput {
    /// ID of the measurable.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the measurable has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `measurableRecord`.
#[derive(InputObject)]
pub struct MeasurableRecordInput {
    /// ID of the measurable, which must not be removed.
    pub id: ID,
    /// Any day of the period, in the client's time zone: today or earlier, within the last five years. Default: today.
    pub period_on: Option<Date>,
    /// Value in this period, in the measurable's unit.
    pub value: Decimal,
    /// Comment on the value: up to 1,000 characters. Default: empty.
    pub comment: Option<String>,
    /// The `version` you last read. Fails with `CONFLICT` if the measurable has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    MeasurableMutation: measurable -> Measurable of Entity {
        /// Adds a measurable to a priority, which can have at most 10. Leaders can do this only for priorities they
        /// own.
        measurable_create(MeasurableCreateInput) -> MeasurableCreatePayload = create;
        /// Changes a measurable's name or target. Leaders can do this only for priorities they own.
        measurable_update(MeasurableUpdateInput) -> MeasurableUpdatePayload = update, on id;
        /// Records a measurable's value for a period. A new value replaces the earlier one, which stays in `earlier`;
        /// each period takes at most 20 values. Leaders can do this only for priorities they own.
        measurable_record(MeasurableRecordInput) -> MeasurableRecordPayload = record, on id;
        /// Removes a measurable. Its values stay readable. Leaders can do this only for priorities they own.
        measurable_remove(MeasurableRemoveInput) -> MeasurableRemovePayload = remove, on id;
    }
}

async fn create(caller: &Caller, input: MeasurableCreateInput) -> Result<Id<Entity>, Error> {
    let (write, priority) = caller
        .write::<priority::Entity>(
            Permission::MeasurableCreate,
            typed(&input.priority_id),
            "input.priorityId",
        )
        .await?;
    require_editable(&write, &priority, "input.priorityId").await?;
    let mut check = Check::new();
    let name = check.line("input.name", &input.name, 1..=120);
    let unit = check.line("input.unit", &input.unit, 1..=20);
    check.done()?;
    let others = Entity::find()
        .filter(measurable::Column::PriorityId.eq(priority.id))
        .filter(measurable::Column::RemovedAt.is_null());
    rules::require_room(write.count(others).await?)?;
    let id = write.id();
    let row = measurable::Model {
        id,
        network_id: priority.network_id,
        client_id: priority.client_id,
        team_id: priority.team_id,
        priority_id: priority.id,
        name,
        unit,
        direction: input.direction,
        period: input.period,
        baseline: input.baseline.0,
        target: input.target.0,
        removed_at: None,
        created_at: write.now(),
        version: 1,
    };
    write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(id)
}

async fn update(caller: &Caller, input: MeasurableUpdateInput) -> Result<Id<Entity>, Error> {
    let permission = Permission::MeasurableUpdate;
    let (write, measurable) = write_measurable(caller, permission, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let name = check.line_if("input.name", input.name.as_ref(), 1..=120);
    check.done()?;
    let mut change = measurable.clone().into_active_model();
    name.into_iter().for_each(|name| change.name = Set(name));
    input.target.into_iter().for_each(|target| change.target = Set(target.0));
    write.update::<Entity>(&measurable, change).await?;
    write.commit().await?;
    Ok(measurable.id)
}

async fn remove(caller: &Caller, input: MeasurableRemoveInput) -> Result<Id<Entity>, Error> {
    let permission = Permission::MeasurableRemove;
    let (write, measurable) = write_measurable(caller, permission, &input.id, input.expected_version).await?;
    let mut change = measurable.clone().into_active_model();
    change.removed_at = Set(Some(write.now()));
    write.update::<Entity>(&measurable, change).await?;
    write.commit().await?;
    Ok(measurable.id)
}

async fn record(caller: &Caller, input: MeasurableRecordInput) -> Result<Id<Entity>, Error> {
    use measurable_value::Column;
    let permission = Permission::MeasurableRecord;
    let (write, measurable) = write_measurable(caller, permission, &input.id, input.expected_version).await?;
    let client = write.load::<client::Entity>(Some(measurable.client_id), "input.id").await?;
    let mut check = Check::new();
    let note = check.text("input.comment", input.comment.as_deref().unwrap_or_default(), 0..=1000);
    check.done()?;
    let today = today(&client.time_zone, write.now())?;
    let period_on = rules::check_period(measurable.period, input.period_on.map(|on| on.0), today)?;
    let of_period = measurable_value::Entity::find()
        .filter(Column::MeasurableId.eq(measurable.id))
        .filter(Column::PeriodOn.eq(period_on));
    rules::require_room_in_period(write.count(of_period.clone()).await?)?;
    let before = write.lock_one(of_period.filter(Column::ReplacedAt.is_null())).await?;
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
        period_on,
        first_id: before.map_or(id, |before| before.first_id),
        person_id: write.person()?,
        value: input.value.0,
        note,
        at: write.now(),
        replaced_at: None,
    };
    write.insert::<measurable_value::Entity>(row).await?;
    write.commit().await?;
    Ok(measurable.id)
}

/// Begins a change of a measurable. Its priority is locked first, because closing the priority closes its measurables.
async fn write_measurable(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<measurable::Model>), Error> {
    let under = measurable::Column::PriorityId;
    let (write, priority, measurable) =
        caller.write_under::<priority::Entity, Entity>(permission, under, typed(id), "input.id").await?;
    expect_version(measurable.version, expected)?;
    require_editable(&write, &priority, "input.id").await?;
    rules::require_not_removed(measurable.removed_at.is_some())?;
    Ok((write, measurable))
}
