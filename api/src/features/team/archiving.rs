//! Closes the open work of a team that is archived, so that nothing of it waits, counts or is mentioned later.
//! Decisions in force and the history stay.

use crate::{
    features::{
        action::rules as action_rules,
        alignment,
        decision::{self as decisions, rules as decision_rules},
        drift::keeping as drift,
        invitation::keeping as invitations,
        obstacle as obstacles, priority as priorities,
        programme::rules::TEAM_ARCHIVED,
    },
    kernel::{Error, Write},
};
use entity::{
    action::{self, ActionStatus},
    alignment_round::{self, AlignmentStatus},
    decision::{self, DecisionStatus},
    invitation, member, membership, obstacle,
    obstacle::ObstacleStatus,
    priority::{self, PriorityStatus},
    team,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

/// Cancels actions, drops priorities, revokes proposals, parks obstacles, seals rounds, clears drift signals, and ends
/// memberships and open invitations. The caller holds the lock on the team.
pub async fn close_open_work(write: &Write, team: &team::Model) -> Result<(), Error> {
    cancel_actions(write, team).await?;
    drop_priorities(write, team).await?;
    let proposed = decision::Entity::find()
        .filter(decision::Column::TeamId.eq(team.id))
        .filter(decision::Column::Status.eq(DecisionStatus::Proposed));
    for decision in write.lock_all(proposed).await? {
        let status = decision_rules::next_status(decision.status, decision_rules::Step::Revoke)?;
        decisions::revoke_decision(write, &decision, status, TEAM_ARCHIVED).await?;
    }
    let open = [ObstacleStatus::Raised, ObstacleStatus::Prioritised, ObstacleStatus::Escalated];
    let open = obstacle::Entity::find()
        .filter(obstacle::Column::TeamId.eq(team.id))
        .filter(obstacle::Column::Status.is_in(open));
    for obstacle in write.lock_all(open).await? {
        obstacles::park_obstacle(write, &obstacle, TEAM_ARCHIVED).await?;
    }
    let open = alignment_round::Entity::find()
        .filter(alignment_round::Column::TeamId.eq(team.id))
        .filter(alignment_round::Column::Status.eq(AlignmentStatus::Open));
    for round in write.lock_all(open).await? {
        alignment::publishing::seal_round(write, &round).await?;
    }
    drift::end_team_signals(write, team.id).await?;
    end_access(write, team).await
}

async fn cancel_actions(write: &Write, team: &team::Model) -> Result<(), Error> {
    let open = action::Entity::find()
        .filter(action::Column::TeamId.eq(team.id))
        .filter(action::Column::Status.is_in(ActionStatus::TO_BE_DONE));
    for action in write.lock_all(open).await? {
        let mut change = action.clone().into_active_model();
        change.status = Set(action_rules::next_status(action.status, action_rules::Step::Cancel)?);
        change.closed_at = Set(Some(write.now()));
        change.reason = Set(Some(TEAM_ARCHIVED.to_owned()));
        write.update::<action::Entity>(&action, change).await?;
    }
    Ok(())
}

async fn drop_priorities(write: &Write, team: &team::Model) -> Result<(), Error> {
    let open = priority::Entity::find()
        .filter(priority::Column::TeamId.eq(team.id))
        .filter(priority::Column::Status.is_in([PriorityStatus::Proposed, PriorityStatus::Committed]));
    for priority in write.lock_all(open).await? {
        // locked again, because dropping an earlier priority can have changed its rank
        let priority = write.lock::<priority::Entity>(priority.id).await?;
        priorities::drop_priority(write, &priority, TEAM_ARCHIVED.to_owned()).await?;
    }
    Ok(())
}

/// Ends memberships in the team and revokes open invitations. Sponsors belong to the client and stay.
async fn end_access(write: &Write, team: &team::Model) -> Result<(), Error> {
    let memberships = membership::Entity::find()
        .filter(membership::Column::TeamId.eq(team.id))
        .filter(membership::Entity::lasting(write.now()));
    for membership in write.lock_all(memberships).await? {
        let mut change = membership.clone().into_active_model();
        change.ends_at = Set(Some(write.now()));
        write.update::<membership::Entity>(&membership, change).await?;
    }
    let members = member::Entity::find().filter(member::Column::TeamId.eq(team.id));
    let members = write.all(members).await?;
    let ids = members.iter().map(|member| member.id);
    let invited = Condition::all().add(invitation::Column::MemberId.is_in(ids));
    invitations::revoke_open(write, invited).await
}
