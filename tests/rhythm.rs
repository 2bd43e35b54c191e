//! What belongs to a team's rhythm, poured as history: a cadence, a review, a drift signal.

use crate::estate::{Plot, add, day};
use chrono::TimeDelta;
use concord::kernel::Write;
use entity::{
    Id, action, drift_policy,
    drift_signal::{self, DriftCause, DriftStatus, DriftUnit},
    review::{self, ReviewStatus},
    review_cadence::{self, CadenceUnit},
    session,
};

/// One of each: their ids.
pub async fn fill(
    write: &Write,
    plot: &Plot,
    action: Id<action::Entity>,
    session: Id<session::Entity>,
) -> [String; 4] {
    let cadence = cadence(write, plot).await;
    let review = review(write, plot, cadence, ReviewStatus::Met, Some(session)).await;
    let signal = signal(write, plot, Some(action)).await;
    // every network has its own from the first day on
    let policy: Id<drift_policy::Entity> = Id::new(plot.network.uuid());
    [cadence.to_string(), review.to_string(), signal.to_string(), policy.to_string()]
}

/// The team's cadence: every fortnight from now on.
pub async fn cadence(write: &Write, plot: &Plot) -> Id<review_cadence::Entity> {
    let id = write.id();
    let row = review_cadence::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        unit: CadenceUnit::Week,
        every: 2,
        anchor_on: day(write.now(), 0),
        local_time: "09:00".into(),
        next_number: 1,
        top_up_at: write.now() + TimeDelta::days(365),
        created_at: write.now(),
        ended_at: None,
        version: 1,
    };
    add::<review_cadence::Entity>(write, row).await;
    id
}

/// A review that is due today by a cadence.
pub async fn review(
    write: &Write,
    plot: &Plot,
    cadence: Id<review_cadence::Entity>,
    status: ReviewStatus,
    session: Option<Id<session::Entity>>,
) -> Id<review::Entity> {
    let (id, now) = (write.id(), write.now());
    let held = status == ReviewStatus::Met;
    let row = review::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        review_cadence_id: cadence,
        number: 0,
        due_on: day(now, 0),
        due_at: now,
        opens_at: now - TimeDelta::days(2),
        grace_ends_at: now + TimeDelta::days(2),
        closes_at: now + TimeDelta::days(12),
        status,
        session_id: session,
        held_at: held.then_some(now),
        quorate: held.then_some(true),
        version: 1,
    };
    add::<review::Entity>(write, row).await;
    id
}

/// A signal that is open, about an action or about nothing in particular.
pub async fn signal(
    write: &Write,
    plot: &Plot,
    action: Option<Id<action::Entity>>,
) -> Id<drift_signal::Entity> {
    let id: Id<drift_signal::Entity> = write.id();
    let row = drift_signal::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        cause: DriftCause::Redated,
        subject_id: action.map_or_else(|| write.id::<()>().uuid(), Id::uuid),
        action_id: action,
        priority_id: None,
        alignment_round_id: None,
        status: DriftStatus::Open,
        measured: 2,
        threshold: 2,
        unit: DriftUnit::Moves,
        since: write.now() - TimeDelta::days(20),
        progress: None,
        elapsed: None,
        note: None,
        raised_at: write.now(),
        acknowledged_at: None,
        answered_at: None,
        ended_at: None,
        version: 1,
    };
    add::<drift_signal::Entity>(write, row).await;
    id
}
