//! Reopening a completed action: it is accepted again, with the baseline due date that it had.

use super::{
    Action,
    rules::{self, Step},
};
use crate::{
    features::{
        drift::keeping as drift,
        reopening::{
            keeping::{self as reopenings, Reopened},
            rules::check_reason,
        },
    },
    kernel::{Caller, Check, Error, access::Permission, expect_version, read::shape::typed},
    mutations,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    action::{self, Entity},
    member, team,
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

/// Input for `actionReopen`.
#[derive(InputObject)]
pub struct ActionReopenInput {
    /// ID of the action, which must be done.
    pub id: ID,
    /// Reason for reopening the action: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    ActionReopenMutation: action -> Action of Entity {
        /// Reopens a completed action, with a reason: it is accepted again. Neither its due date nor its baseline due date
        /// changes. Fails with `WRONG_STATE` later than 14 days after the completion, or once the metrics of the period of
        /// the completion are frozen. Leaders can reopen only their own actions; franchise owners, facilitators and
        /// sponsors can reopen any.
        action_reopen(ActionReopenInput) -> ActionReopenPayload = reopen, on id;
    }
}

async fn reopen(caller: &Caller, input: ActionReopenInput) -> Result<Id<Entity>, Error> {
    let under = action::Column::TeamId;
    let (write, _, action) = caller
        .write_under::<team::Entity, Entity>(Permission::ActionReopen, under, typed(&input.id), "input.id")
        .await?;
    expect_version(action.version, input.expected_version)?;
    let owner = write.find::<member::Entity>(action.owner_id).await?;
    let actor = write.actor()?;
    if !actor.shapes(action.client_id) {
        rules::require_owner(owner.as_ref(), actor.person)?;
    }
    let mut check = Check::new();
    let reason = check_reason(&mut check, &input.reason);
    check.done()?;
    let status = rules::next_status(action.status, Step::Reopen)?;
    reopenings::require_owner_there(&write, action.owner_id, &action.title).await?;
    reopenings::reopen(&write, Reopened::Action(&action), reason).await?;
    let mut change = action.clone().into_active_model();
    change.status = Set(status);
    change.closed_at = Set(None);
    let action = write.update::<Entity>(&action, change).await?;
    drift::update_action_signals(&write, &action).await?;
    write.commit().await?;
    Ok(action.id)
}
