//! Measurable: a figure by which everyone sees whether a priority's outcome is near, with a baseline and a target.
//!
//! Its values are taken by period. What was said of a period is corrected by saying it anew: the later value counts,
//! and the earlier one stays readable.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::rules::owned_by,
    person::Person,
    priority::{Priority, rules as priorities},
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
    measurable_value, member, priority,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// A figure by which a priority's outcome is seen.
    Measurable of measurable {
        /// What is measured.
        name = text(Name).filter().order(),
        /// The unit, like `%` or `EUR`.
        unit = text(Unit),
        /// Which way it is to go.
        direction = closed::<MeasurableDirection, _>(Direction),
        /// How often it is taken.
        period = closed::<MeasurablePeriod, _>(Period),
        /// What it was at the beginning.
        baseline = decimal(Baseline),
        /// What it is to become, or, to hold, to stay at.
        target = decimal(Target),
        /// When it was removed.
        removedAt = instant(RemovedAt).or_null(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The priority.
        priority = one::<Priority, _>(PriorityId),
        /// Its value in the latest period that has one.
        latest = first::<MeasurableValue, _>(entity::measurable_value::Column::MeasurableId).only("{t}.replaced_at is null").by_last(entity::measurable_value::Column::PeriodOn, Ty::Date),
        /// Its values, one a period, by default latest first.
        values = pages::<MeasurableValue, _>(entity::measurable_value::Column::MeasurableId).only("{t}.replaced_at is null").by_last(entity::measurable_value::Column::PeriodOn, Ty::Date),
    }
}

shape! {
    /// What a measurable stood at in a period.
    MeasurableValue of measurable_value {
        /// The period's first day.
        periodOn = date(PeriodOn).filter().order(),
        /// The value.
        value = decimal(Value),
        /// What there is to say about it.
        note = text(Note),
        /// When it was said.
        at = instant(At),
        /// When a correction took its place.
        replacedAt = instant(ReplacedAt).or_null(),
        /// Who said it.
        person = one::<Person, _>(PersonId).or_null(),
        /// The measurable.
        measurable = one::<Measurable, _>(MeasurableId),
        /// What was said of the period before it was corrected, oldest first: at most 19.
        earlier = list_across::<MeasurableValue, _, _>(FirstId, FirstId).only("{t}.replaced_at is not null").by(At, Ty::Instant).about(1),
    }
}

/// A measurable to add.
#[derive(InputObject)]
pub struct MeasurableCreateInput {
    /// The priority: proposed or committed.
    pub priority_id: ID,
    /// What is measured: 1 to 120 characters.
    pub name: String,
    /// The unit, like `%` or `EUR`: 1 to 20 characters.
    pub unit: String,
    /// Which way it is to go.
    pub direction: MeasurableDirection,
    /// How often it is taken.
    pub period: MeasurablePeriod,
    /// What it is at the beginning.
    pub baseline: Decimal,
    /// What it is to become, or, to hold, to stay at.
    pub target: Decimal,
}

/// What to change of a measurable. What is left out stays.
#[derive(InputObject)]
pub struct MeasurableUpdateInput {
    /// The measurable.
    pub id: ID,
    /// What is measured: 1 to 120 characters.
    pub name: Option<String>,
    /// What it is to become.
    pub target: Option<Decimal>,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

/// Which measurable, and nothing more.
#[derive(InputObject)]
pub struct MeasurableRemoveInput {
    /// The measurable.
    pub id: ID,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

/// What a measurable stands at.
#[derive(InputObject)]
pub struct MeasurableRecordInput {
    /// The measurable.
    pub id: ID,
    /// A day of the period, not later than today, where the client is. Left out: today.
    pub period_on: Option<Date>,
    /// The value.
    pub value: Decimal,
    /// What there is to say about it: up to 1,000 characters.
    pub note: Option<String>,
    /// The version of the measurable that this is said of.
    pub expected_version: Option<i32>,
}

mutations! {
    MeasurableMutation: measurable -> Measurable of Entity {
        /// Adds a measurable to a priority: at most 10. Its owner does, or whoever shapes the team's work.
        measurable_create(MeasurableCreateInput) -> MeasurableCreatePayload = create;
        /// Changes a measurable's name or target.
        measurable_update(MeasurableUpdateInput) -> MeasurableUpdatePayload = update, on id;
        /// Says what a measurable stands at in a period. Said anew, it corrects what was said before.
        measurable_record(MeasurableRecordInput) -> MeasurableRecordPayload = record, on id;
        /// Removes a measurable. Its values stay readable.
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
    touchable(&write, &priority, "input.priorityId").await?;
    let mut check = Check::new();
    let name = check.line("input.name", &input.name, 1..=120);
    let unit = check.line("input.unit", &input.unit, 1..=20);
    check.done()?;
    let others = Entity::find()
        .filter(measurable::Column::PriorityId.eq(priority.id))
        .filter(measurable::Column::RemovedAt.is_null());
    rules::room(write.count(others).await?)?;
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
    let (write, measurable) = at(caller, permission, &input.id, input.expected_version).await?;
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
    let (write, measurable) = at(caller, permission, &input.id, input.expected_version).await?;
    let mut change = measurable.clone().into_active_model();
    change.removed_at = Set(Some(write.now()));
    write.update::<Entity>(&measurable, change).await?;
    write.commit().await?;
    Ok(measurable.id)
}

async fn record(caller: &Caller, input: MeasurableRecordInput) -> Result<Id<Entity>, Error> {
    use measurable_value::Column;
    let permission = Permission::MeasurableRecord;
    let (write, measurable) = at(caller, permission, &input.id, input.expected_version).await?;
    let client = write.load::<client::Entity>(Some(measurable.client_id), "input.id").await?;
    let mut check = Check::new();
    let note = check.text("input.note", input.note.as_deref().unwrap_or_default(), 0..=1000);
    check.done()?;
    let today = today(&client.time_zone, write.now())?;
    let period_on = rules::period(measurable.period, input.period_on.map(|on| on.0), today)?;
    let of_period = measurable_value::Entity::find()
        .filter(Column::MeasurableId.eq(measurable.id))
        .filter(Column::PeriodOn.eq(period_on));
    rules::room_in_period(write.count(of_period.clone()).await?)?;
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

/// The measurable acted on, below its priority, which is locked first: what closes a priority closes its measurables.
async fn at(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<measurable::Model>), Error> {
    let under = measurable::Column::PriorityId;
    let (write, priority, measurable) =
        caller.write_under::<priority::Entity, Entity>(permission, under, typed(id), "input.id").await?;
    expect_version(measurable.version, expected)?;
    touchable(&write, &priority, "input.id").await?;
    rules::taken(measurable.removed_at.is_some())?;
    Ok((write, measurable))
}

/// The priority is open, and the caller owns it or shapes the team's work.
async fn touchable(write: &Write, priority: &priority::Model, path: &str) -> Result<(), Error> {
    let actor = write.actor()?;
    if !actor.shapes(priority.client_id) {
        let owner = write.find::<member::Entity>(priority.owner_id).await?;
        owned_by(owner.as_ref(), actor.person).map_err(|refusal| refusal.at(path))?;
    }
    let open = priorities::next(priority.status, priorities::Step::Update);
    Ok(open.map(|_| ()).map_err(|refusal| refusal.at(path))?)
}
