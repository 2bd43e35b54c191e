//! Target: what a team wants to have reached by the end of a year, in words and, where it can be counted, as a figure.
//! Priorities serve targets, and a target's progress is counted from them.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{priority::Priority, programme::rules as programmes, team::Team, year::Year};
use crate::{
    kernel::{Caller, Check, Error, Locked, Write, access::Permission, expect_version, read::shape::typed},
    mutations,
    scalar::Decimal,
    shape,
};
use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::{
    Id, client,
    target::{self, Entity},
    team, team_year,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

/// The condition of priorities that count for a target: dropped ones do not, and a carried one counts where it goes on.
macro_rules! counted {
    () => {
        "p.target_id = {t}.id and p.status <> {PriorityStatus::Dropped} and not exists (select 1 from priority n \
         where n.carried_from_id = p.id and n.status <> {PriorityStatus::Dropped})"
    };
}

const COUNT: &str = concat!("(select count(*) from priority p where ", counted!(), ")");

/// The mean over the priorities that count, by their milestones where they are open.
const PROGRESS: &str = concat!(
    "(select cast(sum(case when p.status = {PriorityStatus::Achieved} then 100 \
     when p.status = {PriorityStatus::Missed} then 0 \
     else coalesce((select sum(case when m.done_at is null then 0 else m.weight end) * 100 / sum(m.weight) \
     from milestone m where m.priority_id = p.id and m.removed_at is null), 0) end) as bigint) / count(*) \
     from priority p where ",
    counted!(),
    ")"
);

shape! {
    /// What a team wants to have reached by the end of a year.
    Target of target {
        /// What is to be reached.
        text = text(Text).filter().order(),
        /// Figure to reach, in `unit`. Null if the target is not counted.
        figure = decimal(Figure).or_null(),
        /// Unit of the figure, for example `EUR` or `%`. Empty if there is none.
        unit = text(Unit),
        /// Number of priorities that serve the target, in all cycles. Dropped ones do not count, and one that is carried
        /// over counts once.
        priorityCount = derived(Ty::Int, COUNT),
        /// Number of achieved priorities among `priorityCount`.
        achievedCount = derived(Ty::Int, "(select count(*) from priority p where p.target_id = {t}.id and p.status = {PriorityStatus::Achieved})"),
        /// Progress in per cent, from 0 to 100: the mean over the priorities in `priorityCount`, rounded down. An achieved
        /// priority counts as 100, a missed one as 0, and an open one as its own progress. Null without priorities.
        progressPercent = derived(Ty::Int, PROGRESS).or_null(),
        /// Time the target was removed. Null if not removed.
        removedAt = instant(RemovedAt).or_null(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Year that the target belongs to.
        year = one::<Year, _>(YearId),
        /// Team that the target belongs to.
        team = one::<Team, _>(TeamId),
        /// Priorities that serve the target, in any cycle and status, by default oldest first.
        priorities = pages::<Priority, _>(entity::priority::Column::TargetId).by(entity::priority::Column::CreatedAt, Ty::Instant),
    }
}

/// Input for `targetCreate`.
#[derive(InputObject)]
pub struct TargetCreateInput {
    /// ID of the year. A year has at most 20 targets.
    pub year_id: ID,
    /// What is to be reached: one line of 1 to 300 characters.
    pub text: String,
    /// Figure to reach, in `unit`.
    pub figure: Option<Decimal>,
    /// Unit of the figure, for example `EUR` or `%`: up to 20 characters.
    pub unit: Option<String>,
}

/// Input for `targetUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct TargetUpdateInput {
    /// ID of the target, which must not be removed.
    pub id: ID,
    /// What is to be reached: one line of 1 to 300 characters.
    pub text: Option<String>,
    /// Figure to reach, in `unit`; `null` for none.
    pub figure: MaybeUndefined<Decimal>,
    /// Unit of the figure: up to 20 characters.
    pub unit: Option<String>,
    /// The `version` you last read. Fails with `CONFLICT` if the target has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `targetRemove`.
#[derive(InputObject)]
pub struct TargetRemoveInput {
    /// ID of the target.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the target has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    TargetMutation: target -> Target of Entity {
        /// Adds a target to a year of a team.
        target_create(TargetCreateInput) -> TargetCreatePayload = create;
        /// Changes a target's text, figure or unit.
        target_update(TargetUpdateInput) -> TargetUpdatePayload = update, on id;
        /// Removes a target from its year. The priorities that serve it stay, and no further ones can.
        target_remove(TargetRemoveInput) -> TargetRemovePayload = remove, on id;
    }
}

async fn create(caller: &Caller, input: TargetCreateInput) -> Result<Id<Entity>, Error> {
    let (write, year) = caller
        .write::<team_year::Entity>(Permission::TargetCreate, typed(&input.year_id), "input.yearId")
        .await?;
    let client = write.load::<client::Entity>(Some(year.client_id), "input.yearId").await?;
    let team = write.load::<team::Entity>(Some(year.team_id), "input.yearId").await?;
    let mut check = Check::new();
    let text = check.line("input.text", &input.text, 1..=300);
    let unit = check.line("input.unit", input.unit.as_deref().unwrap_or_default(), 0..=20);
    check.done()?;
    programmes::require_active_team(client.status, team.archived_at)
        .map_err(|refusal| refusal.at("input.yearId"))?;
    let others =
        Entity::find().filter(target::Column::YearId.eq(year.id)).filter(target::Column::RemovedAt.is_null());
    rules::require_room(write.count(others).await?)?;
    let row = target::Model {
        id: write.id(),
        network_id: year.network_id,
        client_id: year.client_id,
        team_id: year.team_id,
        year_id: year.id,
        text,
        figure: input.figure.map(|figure| figure.0),
        unit,
        removed_at: None,
        created_at: write.now(),
        version: 1,
    };
    let id = write.insert::<Entity>(row).await?.id;
    write.commit().await?;
    Ok(id)
}

async fn update(caller: &Caller, input: TargetUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, target) =
        lock_target(caller, Permission::TargetUpdate, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let text = check.line_if("input.text", input.text.as_ref(), 1..=300);
    let unit = check.line_if("input.unit", input.unit.as_ref(), 0..=20);
    check.done()?;
    let mut change = target.clone().into_active_model();
    text.into_iter().for_each(|text| change.text = Set(text));
    unit.into_iter().for_each(|unit| change.unit = Set(unit));
    if !input.figure.is_undefined() {
        change.figure = Set(input.figure.take().map(|figure| figure.0));
    }
    write.update::<Entity>(&target, change).await?;
    write.commit().await?;
    Ok(target.id)
}

async fn remove(caller: &Caller, input: TargetRemoveInput) -> Result<Id<Entity>, Error> {
    let (write, target) =
        lock_target(caller, Permission::TargetRemove, &input.id, input.expected_version).await?;
    let mut change = target.clone().into_active_model();
    change.removed_at = Set(Some(write.now()));
    write.update::<Entity>(&target, change).await?;
    write.commit().await?;
    Ok(target.id)
}

/// Locks a target that is not removed.
async fn lock_target(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<target::Model>), Error> {
    let (write, target) = caller.write::<Entity>(permission, typed(id), "input.id").await?;
    expect_version(target.version, expected)?;
    rules::require_kept(&target, "input.id")?;
    Ok((write, target))
}
