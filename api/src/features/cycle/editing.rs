//! Renaming, moving and removing a cycle to which the team has not committed.

use super::{
    Cycle, load_cycles,
    rules::{self, Span, Step},
    select_priorities, write_cycle,
};
use crate::{
    features::{drift::keeping as drift, team::Team, year::keeping as years},
    kernel::{Caller, Check, Error, Write, access::Permission, end_of_day, today},
    mutations,
    scalar::Date,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, client,
    cycle::{self, Entity},
    priority::{self, PriorityStatus},
    team,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

/// Input for `cycleUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct CycleUpdateInput {
    /// ID of the cycle, which must be planned or open.
    pub id: ID,
    /// Name of the cycle: one line of 1 to 40 characters, unique in the team. A quarter's name such as `2026-Q1`
    /// requires the days of that quarter.
    pub label: Option<String>,
    /// First day of the cycle, in the client's time zone.
    pub starts_on: Option<Date>,
    /// Last day of the cycle, in the client's time zone: today or later. A cycle lasts 7 to 366 days.
    pub ends_on: Option<Date>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `cycleRemove`.
#[derive(InputObject)]
pub struct CycleRemoveInput {
    /// ID of the cycle, which must be planned or open and have no priorities.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    CycleUpdateMutation: cycle -> Cycle of Entity {
        /// Renames or moves a cycle to which the team has not committed. Open priorities that are due on its last day are
        /// due on its new last day. A cycle whose first day moves is open if that day has come, and planned otherwise.
        /// Fails with `TAKEN` if it overlaps another cycle of the team or has the same name.
        cycle_update(CycleUpdateInput) -> CycleUpdatePayload = update, on id;
    }
}

mutations! {
    CycleRemoveMutation: team -> Team of team::Entity {
        /// Removes a cycle to which the team has not committed, and returns its team. Fails with `WRONG_STATE` if the cycle
        /// has priorities, dropped ones included: rename or move it instead with `cycleUpdate`.
        cycle_remove(CycleRemoveInput) -> CycleRemovePayload = remove;
    }
}

async fn update(caller: &Caller, input: CycleUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, team, cycle) =
        write_cycle(caller, Permission::CycleUpdate, &input.id, input.expected_version).await?;
    let client = write.load::<client::Entity>(Some(cycle.client_id), "input.id").await?;
    let today = today(&client.time_zone, write.now())?;
    let mut check = Check::new();
    let label = check.line_if("input.label", input.label.as_ref(), 1..=40);
    // an unchanged last day may be in the past
    let ends_on = input.ends_on.map(|day| day.0).filter(|day| *day != cycle.ends_on);
    let ends_on = ends_on.map(|day| check.due("input.endsOn", day, today));
    check.done()?;
    rules::next_status(cycle.status, Step::Update)?;
    let label = label.unwrap_or_else(|| cycle.label.clone());
    let starts_on = input.starts_on.map_or(cycle.starts_on, |day| day.0);
    let span = rules::check_span(&label, starts_on, ends_on.unwrap_or(cycle.ends_on))?;
    let mut others = load_cycles(&write, team.id).await?;
    others.retain(|other| other.id != cycle.id);
    rules::require_apart(&others, &span, "input.label", "input.startsOn")?;
    let mut change = cycle.clone().into_active_model();
    if span.starts_on != cycle.starts_on {
        change.status = Set(span.status(today));
    }
    change.year_id = Set(years::find_year(&write, team.id, span.starts_on).await?);
    change.label = Set(span.label.clone());
    change.starts_on = Set(span.starts_on);
    change.ends_on = Set(span.ends_on);
    write.update::<Entity>(&cycle, change).await?;
    // after the cycle, whose days drift is measured by
    update_priorities(&write, &cycle, &span, &client).await?;
    write.commit().await?;
    Ok(cycle.id)
}

/// Gives the priorities of a cycle its new label, and its new last day where they are due on the old one.
async fn update_priorities(
    write: &Write,
    cycle: &cycle::Model,
    span: &Span,
    client: &client::Model,
) -> Result<(), Error> {
    for priority in write.lock_all(select_priorities(cycle.id)).await? {
        let mut change = priority.clone().into_active_model();
        change.cycle = Set(span.label.clone());
        let open = matches!(priority.status, PriorityStatus::Proposed | PriorityStatus::Committed);
        if open && priority.due_on == cycle.ends_on {
            change.due_on = Set(span.ends_on);
            change.due_at = Set(end_of_day(span.ends_on, &client.time_zone)?);
        }
        let changed = write.update::<priority::Entity>(&priority, change).await?;
        drift::update_priority_signals(write, &changed).await?;
    }
    Ok(())
}

async fn remove(caller: &Caller, input: CycleRemoveInput) -> Result<Id<team::Entity>, Error> {
    let (write, team, cycle) =
        write_cycle(caller, Permission::CycleRemove, &input.id, input.expected_version).await?;
    rules::next_status(cycle.status, Step::Remove)?;
    rules::require_empty(write.count(select_priorities(cycle.id)).await?)?;
    write.delete::<Entity>(cycle).await?;
    write.commit().await?;
    Ok(team.id)
}
