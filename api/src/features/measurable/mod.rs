//! Measurable: a figure of a team, or of one of its priorities, from a baseline to a target.
//!
//! Values are recorded by period, each with its colour by the bounds in force at that time, and whether it came late. A
//! correction is a new value for the same period. The latest value counts; earlier ones stay readable.

pub mod bulk;
mod recording;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::rules::{require_active_member, require_same_team},
    member::Member,
    person::Person,
    priority::{Priority, require_open},
    team::{Team, editing::require_editor},
};
use crate::{
    kernel::{Caller, Check, Error, Locked, Write, access::Permission, expect_version, read::shape::typed},
    mutations,
    scalar::{Date, Decimal},
    shape,
};
use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::{
    Id,
    measurable::{self, Entity, MeasurableDirection, MeasurablePeriod, MeasurableTotal},
    measurable_value::MeasurableColour,
    member, priority, team,
};
use rules::Goal;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// A figure of a team or of one of its priorities, from a baseline to a target.
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
        /// Bound of green values. `UP`: values from this one up are green; `DOWN`: values from this one down; `HOLD`: values
        /// that differ from the target by this much at most. Null: the target is the bound.
        greenBound = decimal(GreenBound).or_null(),
        /// Bound of amber values, in the same way; values beyond it are red. Null: no value is amber.
        amberBound = decimal(AmberBound).or_null(),
        /// How the values of several periods become one total in the scorecard.
        totalBy = closed::<MeasurableTotal, _>(Total),
        /// Way from the baseline to the target that the latest value has gone, in per cent: 0 to 100, rounded down. 100
        /// once the target is reached, 0 without a value. If the figure should stay level: 100 while the latest value is
        /// green, 50 while it is amber, 0 while it is red.
        progressPercent = int(Progress),
        /// Time the measurable was removed. Null if not removed.
        removedAt = instant(RemovedAt).or_null(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Team that the measurable belongs to.
        team = one::<Team, _>(TeamId),
        /// Priority that the measurable belongs to. Null if it is the team's own.
        priority = one::<Priority, _>(PriorityId).or_null(),
        /// Member who answers for the figure. Null if nobody is named.
        owner = one::<Member, _>(OwnerId).or_null(),
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
        /// Colour of the value, by the bounds in force when it was recorded. Null if recorded before there were bounds.
        colour = closed::<MeasurableColour, _>(Colour).or_null(),
        /// Whether the value was recorded late: more than 2 days after the end of its week, 7 after its month, or 14 after
        /// its quarter, in the client's time zone.
        late = flag(Late),
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
    /// ID of the priority, which must be proposed or committed. Omit it for a figure of the team's own.
    pub priority_id: Option<ID>,
    /// ID of the team, required for a figure of the team's own. With a priority, it must be the priority's team.
    pub team_id: Option<ID>,
    /// ID of the member who answers for the figure: active, from the same team. Default: nobody is named, so that the
    /// priority's owner answers for a figure of the priority.
    pub owner_id: Option<ID>,
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
    /// Value to reach in a period, or to keep if `direction` is `HOLD`.
    pub target: Decimal,
    /// Bound of green values: see `Measurable.greenBound`. Default: the target.
    pub green_bound: Option<Decimal>,
    /// Bound of amber values, which must not lie before the green bound. Default: no value is amber.
    pub amber_bound: Option<Decimal>,
    /// How the values of several periods become one total. Default: `LAST`.
    pub total_by: Option<MeasurableTotal>,
}

/// Input for `measurableUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct MeasurableUpdateInput {
    /// ID of the measurable, which must not be removed.
    pub id: ID,
    /// Name of the measured figure: 1 to 120 characters.
    pub name: Option<String>,
    /// Value to reach in a period, or to keep if `direction` is `HOLD`. Values keep the colour that they were recorded
    /// with.
    pub target: Option<Decimal>,
    /// Bound of green values: see `Measurable.greenBound`; `null` for the target.
    pub green_bound: MaybeUndefined<Decimal>,
    /// Bound of amber values, which must not lie before the green bound; `null` for none.
    pub amber_bound: MaybeUndefined<Decimal>,
    /// How the values of several periods become one total.
    pub total_by: Option<MeasurableTotal>,
    /// ID of the member who answers for the figure: active, from the same team; `null` for nobody.
    pub owner_id: MaybeUndefined<ID>,
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
        /// Adds a measurable to a priority, which can have at most 10, or to a team, which can have at most 30 of its own.
        /// Leaders can do this only for priorities they own, and for figures that they answer for themselves.
        measurable_create(MeasurableCreateInput) -> MeasurableCreatePayload = create;
        /// Changes a measurable. Leaders can do this only for measurables they own and those of priorities they own.
        measurable_update(MeasurableUpdateInput) -> MeasurableUpdatePayload = update, on id;
        /// Records a measurable's value for a period. A new value replaces the earlier one, which stays in `earlier`;
        /// each period takes at most 20 values. Leaders can do this only for measurables they own and those of priorities
        /// they own.
        measurable_record(MeasurableRecordInput) -> MeasurableRecordPayload = record, on id;
        /// Removes a measurable. Its values stay readable. Leaders can do this only for measurables they own and those of
        /// priorities they own.
        measurable_remove(MeasurableRemoveInput) -> MeasurableRemovePayload = remove, on id;
    }
}

async fn create(caller: &Caller, input: MeasurableCreateInput) -> Result<Id<Entity>, Error> {
    let (write, team, priority) = load_place(caller, &input).await?;
    let owner = load_owner(&write, input.owner_id.as_ref(), team.id).await?;
    match &priority {
        Some(priority) => {
            require_editor(&write, team.client_id, Some(priority.owner_id), "input.priorityId").await?;
            require_open(priority, "input.priorityId")?;
        }
        None => require_editor(&write, team.client_id, owner, "input.teamId").await?,
    }
    let mut check = Check::new();
    let name = check.line("input.name", &input.name, 1..=120);
    let unit = check.line("input.unit", &input.unit, 1..=20);
    let row = measurable::Model {
        id: write.id(),
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        priority_id: priority.as_ref().map(|priority| priority.id),
        owner_id: owner,
        name,
        unit,
        direction: input.direction,
        period: input.period,
        baseline: input.baseline.0,
        target: input.target.0,
        green_bound: input.green_bound.map(|bound| bound.0),
        amber_bound: input.amber_bound.map(|bound| bound.0),
        total: input.total_by.unwrap_or(MeasurableTotal::Last),
        progress: 0,
        removed_at: None,
        created_at: write.now(),
        version: 1,
    };
    check.keep(rules::check_bounds(Goal::of(&row)));
    check.done()?;
    require_room(&write, &row).await?;
    let id = row.id;
    write.insert::<Entity>(row).await?;
    recording::update_drift(&write, priority.map(|priority| priority.id)).await?;
    write.commit().await?;
    Ok(id)
}

/// Begins to add a measurable to a priority or to a team. Returns the team, and the priority if one is named.
async fn load_place(
    caller: &Caller,
    input: &MeasurableCreateInput,
) -> Result<(Write, team::Model, Option<priority::Model>), Error> {
    let permission = Permission::MeasurableCreate;
    match (&input.priority_id, &input.team_id) {
        (Some(id), team) => {
            let path = "input.priorityId";
            let (write, priority) = caller.write::<priority::Entity>(permission, typed(id), path).await?;
            let (named, path) = match team {
                Some(team) => (typed(team), "input.teamId"),
                None => (Some(priority.team_id), path),
            };
            let team = write.load::<team::Entity>(named, path).await?;
            require_same_team(priority.team_id, team.id, path)?;
            Ok((write, team, Some(priority.into_inner())))
        }
        (None, Some(id)) => {
            let (write, team) = caller.write::<team::Entity>(permission, typed(id), "input.teamId").await?;
            Ok((write, team.into_inner(), None))
        }
        (None, None) => {
            caller.require(permission)?;
            Err(rules::nowhere_refusal().into())
        }
    }
}

/// Requires that the priority of a new measurable, or else its team, can have one more.
async fn require_room(write: &Write, row: &measurable::Model) -> Result<(), Error> {
    let others = Entity::find().filter(measurable::Column::RemovedAt.is_null());
    match row.priority_id {
        Some(priority) => {
            let others = others.filter(measurable::Column::PriorityId.eq(priority));
            rules::require_room(write.count(others).await?)?;
        }
        None => {
            let own = others
                .filter(measurable::Column::TeamId.eq(row.team_id))
                .filter(measurable::Column::PriorityId.is_null());
            rules::require_room_in_team(write.count(own).await?)?;
        }
    }
    Ok(())
}

async fn update(caller: &Caller, input: MeasurableUpdateInput) -> Result<Id<Entity>, Error> {
    let permission = Permission::MeasurableUpdate;
    let (write, measurable) = write_measurable(caller, permission, &input.id, input.expected_version).await?;
    let mut after = measurable.clone().into_inner();
    let mut check = Check::new();
    let name = check.line_if("input.name", input.name.as_ref(), 1..=120);
    name.into_iter().for_each(|name| after.name = name);
    input.target.into_iter().for_each(|target| after.target = target.0);
    input.total_by.into_iter().for_each(|total| after.total = total);
    set_bound(&mut after.green_bound, input.green_bound);
    set_bound(&mut after.amber_bound, input.amber_bound);
    check.keep(rules::check_bounds(Goal::of(&after)));
    check.done()?;
    match &input.owner_id {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => after.owner_id = None,
        MaybeUndefined::Value(id) => after.owner_id = load_owner(&write, Some(id), after.team_id).await?,
    }
    after.progress = recording::progress_of(&write, &after).await?;
    write.update::<Entity>(&measurable, changed(&measurable, after)).await?;
    recording::update_drift(&write, measurable.priority_id).await?;
    write.commit().await?;
    Ok(measurable.id)
}

fn set_bound(bound: &mut Option<String>, input: MaybeUndefined<Decimal>) {
    match input {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => *bound = None,
        MaybeUndefined::Value(value) => *bound = Some(value.0),
    }
}

/// The change from a measurable to what became of it.
fn changed(before: &measurable::Model, after: measurable::Model) -> measurable::ActiveModel {
    let mut change = before.clone().into_active_model();
    change.name = Set(after.name);
    change.target = Set(after.target);
    change.total = Set(after.total);
    change.green_bound = Set(after.green_bound);
    change.amber_bound = Set(after.amber_bound);
    change.owner_id = Set(after.owner_id);
    change.progress = Set(after.progress);
    change
}

async fn remove(caller: &Caller, input: MeasurableRemoveInput) -> Result<Id<Entity>, Error> {
    let permission = Permission::MeasurableRemove;
    let (write, measurable) = write_measurable(caller, permission, &input.id, input.expected_version).await?;
    let mut change = measurable.clone().into_active_model();
    change.removed_at = Set(Some(write.now()));
    write.update::<Entity>(&measurable, change).await?;
    recording::update_drift(&write, measurable.priority_id).await?;
    write.commit().await?;
    Ok(measurable.id)
}

async fn record(caller: &Caller, input: MeasurableRecordInput) -> Result<Id<Entity>, Error> {
    let permission = Permission::MeasurableRecord;
    let (write, measurable) = write_measurable(caller, permission, &input.id, input.expected_version).await?;
    let calendar = recording::Calendar::of(&write, measurable.client_id, "input.id").await?;
    let comment = input.comment.as_deref().unwrap_or_default();
    let on = input.period_on.map(|on| on.0);
    let value = calendar.check_value(&measurable, on, input.value.0, comment)?;
    recording::save_value(&write, &measurable, value).await?;
    recording::update_progress(&write, &measurable).await?;
    write.commit().await?;
    Ok(measurable.id)
}

/// Begins a change of a measurable. Its team is locked first, because closing a priority closes its measurables.
async fn write_measurable(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<measurable::Model>), Error> {
    let under = measurable::Column::TeamId;
    let (write, _, measurable) =
        caller.write_under::<team::Entity, Entity>(permission, under, typed(id), "input.id").await?;
    expect_version(measurable.version, expected)?;
    require_changeable(&write, &measurable, "input.id").await?;
    Ok((write, measurable))
}

/// Requires that a measurable was not removed, that its priority is open, and that the caller shapes the team's work, or
/// owns the measurable or its priority. A refusal names `path`.
async fn require_changeable(write: &Write, measurable: &measurable::Model, path: &str) -> Result<(), Error> {
    let priority = match measurable.priority_id {
        Some(priority) => write.find::<priority::Entity>(priority).await?,
        None => None,
    };
    let owner = priority.as_ref().map(|priority| priority.owner_id);
    let named = measurable.owner_id.filter(|named| Some(*named) != owner);
    if named.is_none() || require_editor(write, measurable.client_id, named, path).await.is_err() {
        require_editor(write, measurable.client_id, owner, path).await?;
    }
    if let Some(priority) = &priority {
        require_open(priority, path)?;
    }
    Ok(rules::require_not_removed(measurable.removed_at.is_some()).map_err(|refusal| refusal.at(path))?)
}

async fn load_owner(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<Id<member::Entity>>, Error> {
    let Some(id) = id else { return Ok(None) };
    let owner = write.load::<member::Entity>(typed(id), "input.ownerId").await?;
    require_active_member(&owner, team)?;
    Ok(Some(owner.id))
}

/// Names another owner for the measurables of a member who leaves, or nobody.
pub(super) async fn hand_over(
    write: &Write,
    from: Id<member::Entity>,
    to: Option<Id<member::Entity>>,
) -> Result<(), Error> {
    let owned = Entity::find()
        .filter(measurable::Column::OwnerId.eq(from))
        .filter(measurable::Column::RemovedAt.is_null());
    for measurable in write.lock_all(owned).await? {
        let mut change = measurable.clone().into_active_model();
        change.owner_id = Set(to);
        write.update::<Entity>(&measurable, change).await?;
    }
    Ok(())
}
