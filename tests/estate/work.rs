//! A team's priorities in their cycles, and what is said and measured of them.

use super::{Plot, add, day, name};
use chrono::{NaiveDate, TimeDelta};
use concord::{
    features::check_in::rules::needed,
    kernel::{Write, Zone},
};
use entity::{
    Id, action, action::ActionStatus, action_comment, check_in, check_in::CheckInStatus, check_in_slot,
    cycle, cycle::CycleStatus, measurable, measurable_value, milestone, network, person, priority,
    priority::PriorityStatus, priority_conflict, session, stage_run,
};
use sea_orm::IntoActiveModel;
use std::sync::atomic::{AtomicI32, Ordering};

/// A cycle in days of its own, with its label.
pub async fn cycle(write: &Write, plot: &Plot, status: CycleStatus) -> (Id<cycle::Entity>, String) {
    static YEARS: AtomicI32 = AtomicI32::new(2100);
    let id: Id<cycle::Entity> = write.id();
    let year = YEARS.fetch_add(1, Ordering::Relaxed);
    let label = format!("{year}-Q1");
    let on = |month, day| NaiveDate::from_ymd_opt(year, month, day).expect("a day");
    let row = cycle::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        label: label.clone(),
        starts_on: on(1, 1),
        ends_on: on(3, 31),
        status,
        committed: 0,
        added: 0,
        dropped: 0,
        achieved: 0,
        missed: 0,
        locked_at: (status == CycleStatus::Locked).then(|| write.now()),
        closed_at: None,
        created_at: write.now(),
        version: 1,
    };
    add::<cycle::Entity>(write, row).await;
    (id, label)
}

pub async fn priority(
    write: &Write,
    plot: &Plot,
    status: PriorityStatus,
    stage: Option<Id<stage_run::Entity>>,
) -> Id<priority::Entity> {
    let id: Id<priority::Entity> = write.id();
    // a cycle of its own: limits count by cycle, and one scenario's objects must not use up another's places
    let cycle = cycle(write, plot, CycleStatus::Open).await;
    let row = priority::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        stage_run_id: stage,
        decision_id: None,
        owner_id: plot.owner,
        cycle_id: cycle.0,
        cycle: cycle.1,
        title: name(write, "Priority"),
        outcome: "Everyone can see it".into(),
        rank: 1,
        status,
        due_on: day(write.now(), 28),
        due_at: write.now() + TimeDelta::days(29),
        committed_at: (status == PriorityStatus::Committed).then(|| write.now()),
        closed_at: None,
        reason: None,
        carried_from_id: None,
        added_after_lock: false,
        dropped_after_lock: false,
        created_at: write.now(),
        version: 1,
    };
    add::<priority::Entity>(write, row).await;
    id
}

/// The weeks in which clients there check in.
pub async fn weeks(write: &Write, network: Id<network::Entity>) {
    let rows = needed(network, Zone::find("Europe/London").expect("a zone"), write.now(), write.now());
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    write.pour_missing::<check_in_slot::Entity>(rows).await.expect("weeks");
}

/// What the plot's person said of an action this week.
pub async fn check_in(write: &Write, plot: &Plot, of: Id<action::Entity>) -> Id<check_in::Entity> {
    let id = write.id();
    let row = check_in::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        priority_id: None,
        action_id: Some(of),
        slot_on: day(write.now(), 0),
        first_id: id,
        owner_id: plot.owner,
        person_id: plot.person,
        by_owner: false,
        status: CheckInStatus::AtRisk,
        confidence: 2,
        comment: "The supplier is late".into(),
        at: write.now(),
        replaced_at: None,
    };
    add::<check_in::Entity>(write, row).await;
    id
}

/// A comment on an action.
pub async fn comment(
    write: &Write,
    plot: &Plot,
    of: Id<action::Entity>,
    by: Id<person::Entity>,
) -> Id<action_comment::Entity> {
    let id = write.id();
    let row = action_comment::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        action_id: of,
        answers_id: None,
        person_id: by,
        text: Some("How far is it?".into()),
        at: write.now(),
        edited_at: None,
        withdrawn_at: None,
        version: 1,
    };
    add::<action_comment::Entity>(write, row).await;
    id
}

/// A priority's conflict with another of its cycle, as the first has it.
pub async fn conflict(write: &Write, plot: &Plot, of: Id<priority::Entity>) -> Id<priority_conflict::Entity> {
    let (id, other) = (write.id(), beside(write, of).await);
    for (id, one, other) in [(id, of, other), (write.id(), other, of)] {
        let row = priority_conflict::Model {
            id,
            network_id: plot.network,
            client_id: plot.client,
            team_id: plot.team,
            priority_id: one,
            other_id: other,
            reason: "Both need the planner".into(),
            person_id: plot.person,
            declared_at: write.now(),
            withdrawn_at: None,
        };
        add::<priority_conflict::Entity>(write, row).await;
    }
    id
}

/// Another priority of the same cycle, proposed.
pub async fn beside(write: &Write, of: Id<priority::Entity>) -> Id<priority::Entity> {
    let id = write.id();
    let row = write.find::<priority::Entity>(of).await.expect("a look").expect("a priority");
    let proposed = priority::Model {
        id,
        rank: row.rank + 1,
        status: PriorityStatus::Proposed,
        committed_at: None,
        title: name(write, "Priority"),
        ..row
    };
    add::<priority::Entity>(write, proposed).await;
    id
}

/// A milestone of a priority.
pub async fn milestone(write: &Write, plot: &Plot, of: Id<priority::Entity>) -> Id<milestone::Entity> {
    let id = write.id();
    let row = milestone::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        priority_id: of,
        title: name(write, "Milestone"),
        weight: 2,
        due_on: day(write.now(), 10),
        done_at: None,
        removed_at: None,
        created_at: write.now(),
        version: 1,
    };
    add::<milestone::Entity>(write, row).await;
    id
}

/// A measurable of a priority, with a value.
pub async fn measurable(
    write: &Write,
    plot: &Plot,
    of: Id<priority::Entity>,
) -> (Id<measurable::Entity>, Id<measurable_value::Entity>) {
    let (id, value) = (write.id(), write.id());
    let row = measurable::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        priority_id: of,
        name: name(write, "Measurable"),
        unit: "%".into(),
        direction: measurable::MeasurableDirection::Up,
        period: measurable::MeasurablePeriod::Month,
        baseline: "1".into(),
        target: "2.5".into(),
        removed_at: None,
        created_at: write.now(),
        version: 1,
    };
    add::<measurable::Entity>(write, row).await;
    let row = measurable_value::Model {
        id: value,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        measurable_id: id,
        period_on: day(write.now(), -60),
        first_id: value,
        person_id: plot.person,
        value: "1.5".into(),
        note: String::new(),
        at: write.now(),
        replaced_at: None,
    };
    add::<measurable_value::Entity>(write, row).await;
    (id, value)
}

pub async fn action(
    write: &Write,
    plot: &Plot,
    status: ActionStatus,
    of: Option<(Id<priority::Entity>, Id<session::Entity>)>,
) -> Id<action::Entity> {
    let id = write.id();
    let accepted = status == ActionStatus::Accepted;
    let (due_on, due_at) = (day(write.now(), 14), write.now() + TimeDelta::days(15));
    let row = action::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        priority_id: of.map(|of| of.0),
        session_id: of.map(|of| of.1),
        decision_id: None,
        obstacle_id: None,
        owner_id: plot.owner,
        title: name(write, "Action"),
        detail: String::new(),
        status,
        due_on,
        due_at,
        baseline_on: accepted.then_some(due_on),
        baseline_at: accepted.then_some(due_at),
        moves: 0,
        offered_at: write.now(),
        accepted_at: accepted.then(|| write.now()),
        closed_at: None,
        first_offered_at: write.now(),
        first_accepted_at: accepted.then(|| write.now()),
        cancelled_by_id: None,
        reason: None,
        version: 1,
    };
    add::<action::Entity>(write, row).await;
    id
}
