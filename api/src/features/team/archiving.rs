//! What a team leaves open when it is archived is settled: nothing of it waits, counts or is mentioned afterwards.
//! Decisions in force stay, as history does.

use crate::{
    features::{
        action::rules as actions,
        alignment,
        decision::{self as decisions, rules as deciding},
        drift::keeping as drift,
        invitation::rules as invitations,
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
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

/// Cancels, drops, revokes, parks and seals what is open, clears what was signalled, and ends every membership and open
/// invitation. Whoever archives holds the lock on the team.
pub async fn settle(write: &Write, team: &team::Model) -> Result<(), Error> {
    cancel_actions(write, team).await?;
    drop_priorities(write, team).await?;
    let proposed = decision::Entity::find()
        .filter(decision::Column::TeamId.eq(team.id))
        .filter(decision::Column::Status.eq(DecisionStatus::Proposed));
    for decision in write.lock_all(proposed).await? {
        let status = deciding::next(decision.status, deciding::Step::Revoke)?;
        decisions::withdraw(write, &decision, status, TEAM_ARCHIVED).await?;
    }
    let open = [ObstacleStatus::Raised, ObstacleStatus::Prioritised, ObstacleStatus::Escalated];
    let open = obstacle::Entity::find()
        .filter(obstacle::Column::TeamId.eq(team.id))
        .filter(obstacle::Column::Status.is_in(open));
    for obstacle in write.lock_all(open).await? {
        obstacles::put_aside(write, &obstacle, TEAM_ARCHIVED).await?;
    }
    let open = alignment_round::Entity::find()
        .filter(alignment_round::Column::TeamId.eq(team.id))
        .filter(alignment_round::Column::Status.eq(AlignmentStatus::Open));
    for round in write.lock_all(open).await? {
        alignment::seal_round(write, &round).await?;
    }
    drift::clear(write, team.id).await?;
    end_access(write, team).await
}

async fn cancel_actions(write: &Write, team: &team::Model) -> Result<(), Error> {
    let open = action::Entity::find()
        .filter(action::Column::TeamId.eq(team.id))
        .filter(action::Column::Status.is_in(ActionStatus::TO_BE_DONE));
    for action in write.lock_all(open).await? {
        let mut change = action.clone().into_active_model();
        change.status = Set(actions::next(action.status, actions::Step::Cancel)?);
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
        // as those before it left it
        let priority = write.lock::<priority::Entity>(priority.id).await?;
        priorities::give_up(write, &priority, TEAM_ARCHIVED.to_owned()).await?;
    }
    Ok(())
}

/// Ends memberships in the team, and takes open invitations back. Sponsors belong to the client and stay.
async fn end_access(write: &Write, team: &team::Model) -> Result<(), Error> {
    let held = membership::Entity::find()
        .filter(membership::Column::TeamId.eq(team.id))
        .filter(membership::Entity::lasting(write.now()));
    for held in write.lock_all(held).await? {
        let mut change = held.clone().into_active_model();
        change.ends_at = Set(Some(write.now()));
        write.update::<membership::Entity>(&held, change).await?;
    }
    let members = member::Entity::find().filter(member::Column::TeamId.eq(team.id));
    let members = write.all(members).await?;
    let invited = invitation::Entity::find()
        .filter(invitation::Column::MemberId.is_in(members.iter().map(|member| member.id)))
        .filter(invitations::waiting(write.now()));
    for invitation in write.lock_all(invited).await? {
        let mut change = invitation.clone().into_active_model();
        change.revoked_at = Set(Some(write.now()));
        write.update::<invitation::Entity>(&invitation, change).await?;
    }
    Ok(())
}
