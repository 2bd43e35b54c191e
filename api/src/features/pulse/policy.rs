//! How a network weighs the components of risk, and what a client's risk is made of.

use crate::{
    kernel::{
        Caller, Check, Error, Fault, Write,
        access::Permission,
        expect_version,
        read::{
            Field, Shape, Shaped, Ty,
            shape::{self, register},
        },
    },
    mutations, shape,
};
use async_graphql::InputObject;
use entity::{
    Id,
    client_risk::{self, RiskComponent},
    risk_policy::{self, Entity},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Select};
use std::sync::OnceLock;

shape! {
    /// How many points each component of a client's risk counts in a network. 0: the component does not count.
    RiskPolicy of risk_policy {
        /// Points for each overdue action: 0 to 20.
        overdueAction = int(OverdueAction),
        /// Points for each action due within 7 days: 0 to 20.
        actionDueSoon = int(ActionDueSoon),
        /// Points for each open or acknowledged drift signal: 0 to 20.
        driftSignal = int(DriftSignal),
        /// Points for each review missed in the last 90 days: 0 to 20.
        missedReview = int(MissedReview),
        /// Points if no session is scheduled: 0 to 20.
        noSession = int(NoSession),
        /// Points for each full week beyond the network's `sessionGapDays` since the last session: 0 to 20. At most 20
        /// weeks count.
        sessionGapWeek = int(SessionGapWeek),
        /// Points if the client's contract ends within 60 days or has ended: 0 to 20.
        renewal = int(Renewal),
        /// Revision number; increases with every change. Send it as `expectedVersion`.
        version = int(Version),
    }
}

/// What a component adds to a client's risk.
pub struct ClientRisk;

impl Shaped for ClientRisk {
    fn shape() -> &'static Shape {
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let component = Ty::Closed(register::<RiskComponent>);
            let fields = vec![
                Field::new(
                    "component",
                    "What counts.",
                    shape::of_view("component", component),
                ),
                Field::new(
                    "count",
                    "How many there are: actions, signals, reviews or weeks. 1 for `NO_SESSION` and `RENEWAL`.",
                    shape::of_view("items", Ty::Int),
                ),
                Field::new(
                    "points",
                    "What the component adds to the client's risk: the count times the network's points for it.",
                    shape::of_view("points", Ty::Int),
                ),
            ];
            Shape::view::<client_risk::Entity>(
                "ClientRisk",
                "What a component adds to a client's risk, as last computed.",
                "client_risk",
                fields,
            )
        })
    }
}

/// Input for `riskPolicyUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct RiskPolicyUpdateInput {
    /// Points for each overdue action: 0 to 20.
    pub overdue_action: Option<i32>,
    /// Points for each action due within 7 days: 0 to 20.
    pub action_due_soon: Option<i32>,
    /// Points for each open or acknowledged drift signal: 0 to 20.
    pub drift_signal: Option<i32>,
    /// Points for each review missed in the last 90 days: 0 to 20.
    pub missed_review: Option<i32>,
    /// Points if no session is scheduled: 0 to 20.
    pub no_session: Option<i32>,
    /// Points for each full week beyond the network's `sessionGapDays` since the last session: 0 to 20.
    pub session_gap_week: Option<i32>,
    /// Points if the client's contract ends within 60 days or has ended: 0 to 20.
    pub renewal: Option<i32>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    RiskPolicyMutation: risk_policy -> RiskPolicy of Entity {
        /// Changes how much each component of risk counts in the caller's current network. The risk of every client is
        /// computed anew within 30 seconds.
        risk_policy_update(RiskPolicyUpdateInput) -> RiskPolicyUpdatePayload = update;
    }
}

async fn update(caller: &Caller, input: RiskPolicyUpdateInput) -> Result<Id<Entity>, Error> {
    // The lock on the network also protects its policy.
    let (write, _) = caller.write_network(Permission::RiskPolicyUpdate).await?;
    let policy = write.lock_one(select_policy(&write)?).await?.ok_or(Fault::Internal)?;
    expect_version(policy.version, input.expected_version)?;
    let mut check = Check::new();
    let mut change = policy.clone().into_active_model();
    for (path, given, column) in [
        ("input.overdueAction", input.overdue_action, &mut change.overdue_action),
        ("input.actionDueSoon", input.action_due_soon, &mut change.action_due_soon),
        ("input.driftSignal", input.drift_signal, &mut change.drift_signal),
        ("input.missedReview", input.missed_review, &mut change.missed_review),
        ("input.noSession", input.no_session, &mut change.no_session),
        ("input.sessionGapWeek", input.session_gap_week, &mut change.session_gap_week),
        ("input.renewal", input.renewal, &mut change.renewal),
    ] {
        if let Some(points) = given {
            *column = Set(check.number(path, points, 0..=20));
        }
    }
    check.done()?;
    write.update::<Entity>(&policy, change).await?;
    write.commit().await?;
    Ok(policy.id)
}

/// Selects the weights of the network.
pub fn select_policy(write: &Write) -> Result<Select<Entity>, Fault> {
    Ok(Entity::find().filter(risk_policy::Column::NetworkId.eq(write.network()?)))
}
