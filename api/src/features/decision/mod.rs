//! Decision: a choice of a team, with its rationale and the options that the team considered.
//!
//! A decision is *proposed* and can be reworded. Each member takes a stance with a conviction, for the present wording.
//! *Ratifying* needs a quorum of stances, an owner, and no other proposal with the same title. A ratified decision ends
//! *superseded* by another decision, which names it when proposed and replaces it when ratified, or *revoked*. Proposals can
//! be revoked, too. Reopening the debate, with a reason, creates a proposal with the same wording that would supersede the
//! decision; the decision stays in force until the proposal is ratified.
//!
//! Invariant: until a decision is ratified, members cannot read the stances of others, so that no stance influences another.
//! Invariant: the wording of a ratified decision never changes.

mod allowed;
mod input;
pub mod rules;
mod shape;
#[cfg(test)]
mod tests;

pub use input::{
    DecisionProposeInput, DecisionRatifyInput, DecisionReopenInput, DecisionRevokeInput, DecisionStanceInput,
    DecisionUpdateInput,
};
pub use shape::{Decision, DecisionEvent, DecisionFinalStance, DecisionOption, DecisionStance};

use super::{
    action::rules::require_active_member,
    notice::notifying::notify_participants,
    participant::load_participants,
    programme,
    ratification::{self, Ratified},
    reopening::rules::check_reason,
    team::{editing::require_editor, link::linked},
};
use crate::{
    kernel::{
        Caller, Check, Code, Error, Locked, Notice, Write, access::Permission, expect_version,
        read::shape::typed, today,
    },
    message, mutations,
};
use async_graphql::ID;
use entity::{
    Id, client,
    decision::{self, DecisionStatus, Entity},
    decision_event::{self, DecisionEventKind},
    decision_option, dot_vote_option, member,
    notice::NoticeKind,
    obstacle, session, stage_run, team,
};
use rules::{RatificationCase, Step};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Select};

mutations! {
    DecisionMutation: decision -> Decision of Entity {
        /// Proposes a decision to a team. A team has at most 200 open proposals.
        decision_propose(DecisionProposeInput) -> DecisionProposePayload = propose;
        /// Changes a proposed decision. Leaders can change only decisions they own. Stances taken on another wording no
        /// longer count.
        decision_update(DecisionUpdateInput) -> DecisionUpdatePayload = update, on id;
        /// Records the caller's own stance on a proposed decision, and replaces an earlier one. Other people cannot
        /// read the stance before the decision is ratified.
        decision_stance(DecisionStanceInput) -> DecisionStancePayload = stance, on id;
        /// Ratifies a proposed decision, and shows the team each participant's stance. Half of the participants, rounded
        /// up and at least two of two or more, must have taken a stance; the decision must have an owner; and no other
        /// open proposal may have the same title. Participants are active members who are leader or sponsor, or who have
        /// no login. The errors list everything that is missing. A decision that is superseded ends at the same time.
        decision_ratify(DecisionRatifyInput) -> DecisionRatifyPayload = ratify, on id;
        /// Revokes a proposed or ratified decision, with a reason. Stances on a proposal stay secret.
        decision_revoke(DecisionRevokeInput) -> DecisionRevokePayload = revoke, on id;
        /// Reopens the debate on a ratified decision, with a reason, and increases `reopeningCount`. Returns a proposal
        /// with the same wording that would supersede the decision. The decision stays in force until the proposal is
        /// ratified.
        decision_reopen(DecisionReopenInput) -> DecisionReopenPayload = reopen, on id;
    }
}

async fn propose(caller: &Caller, input: DecisionProposeInput) -> Result<Id<Entity>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::DecisionPropose, typed(&input.team_id), "input.teamId")
        .await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let mut check = Check::new();
    let title = check.line("input.title", &input.title, 1..=200);
    let text = check.text("input.text", &input.text, 1..=4000);
    let rationale = check.text("input.rationale", input.rationale.as_deref().unwrap_or_default(), 0..=4000);
    let options = check_options(&mut check, &input.options);
    let today = today(&client.time_zone, write.now())?;
    let review_on = input.review_on.map(|on| check.due("input.reviewOn", on.0, today));
    check.done()?;
    programme::rules::require_active_team(client.status, team.archived_at)?;
    rules::require_room(load_proposals(&write, team.id).await?.len(), "input.teamId")?;
    let supersedes_id = match &input.supersedes_id {
        None => None,
        Some(id) => {
            let before = write.load::<Entity>(typed(id), "input.supersedesId").await?;
            rules::require_supersedable(&before, team.id, "input.supersedesId")?;
            Some(before.id)
        }
    };
    let (stage, session, obstacle) =
        (input.stage_id.as_ref(), input.session_id.as_ref(), input.obstacle_id.as_ref());
    let stage = linked::<stage_run::Entity>(&write, stage, team.id, "input.stageId").await?;
    let session = linked::<session::Entity>(&write, session, team.id, "input.sessionId").await?;
    let obstacle = linked::<obstacle::Entity>(&write, obstacle, team.id, "input.obstacleId").await?;
    let row = decision::Model {
        id: write.id(),
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        stage_run_id: stage.map(|stage| stage.id),
        session_id: session.map(|session| session.id),
        obstacle_id: obstacle.map(|obstacle| obstacle.id),
        supersedes_id,
        owner_id: check_owner(&write, input.owner_id.as_ref(), team.id).await?,
        title,
        text,
        rationale,
        status: DecisionStatus::Proposed,
        review_on,
        needs_no_action: input.needs_no_action,
        wording: 1,
        stances: 0,
        reopenings: 0,
        read_back: 0,
        matching: 0,
        differing: 0,
        proposed_at: write.now(),
        ratified_at: None,
        ended_at: None,
        reason: None,
        version: 1,
    };
    let row = insert_proposal(&write, row, options).await?;
    write.commit().await?;
    Ok(row)
}

async fn update(caller: &Caller, input: DecisionUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, decision) =
        write_decision(caller, Permission::DecisionUpdate, &input.id, input.expected_version).await?;
    require_editor(&write, decision.client_id, decision.owner_id, "input.id").await?;
    let client = write.load::<client::Entity>(Some(decision.client_id), "input.id").await?;
    let mut check = Check::new();
    let title = check.line_if("input.title", input.title.as_ref(), 1..=200);
    let text = check.text_if("input.text", input.text.as_ref(), 1..=4000);
    let rationale = check.text_if("input.rationale", input.rationale.as_ref(), 0..=4000);
    let options = input.options.as_ref().map(|options| check_options(&mut check, options));
    let today = today(&client.time_zone, write.now())?;
    // An unchanged review day may have passed.
    let review_on = input.review_on.map_value(|on| on.0);
    if let Some(on) = review_on.value().filter(|on| Some(**on) != decision.review_on) {
        check.due("input.reviewOn", *on, today);
    }
    check.done()?;
    rules::next_status(decision.status, Step::Update)?;
    let mut change = decision.clone().into_active_model();
    let options = match options {
        Some(options) => {
            let before = write.all(select_options(decision.id)).await?;
            Some(options).filter(|options| !before.iter().map(|option| &option.text).eq(options))
        }
        None => None,
    };
    let mut reworded = options.is_some();
    for (new, was, column) in [
        (title, &decision.title, &mut change.title),
        (text, &decision.text, &mut change.text),
        (rationale, &decision.rationale, &mut change.rationale),
    ] {
        if let Some(new) = new.filter(|new| new != was) {
            reworded = true;
            *column = Set(new);
        }
    }
    if let Some(options) = options {
        replace_options(&write, &decision, options).await?;
    }
    if reworded {
        change.wording = Set(decision.wording + 1);
        change.stances = Set(0);
    }
    if !input.owner_id.is_undefined() {
        change.owner_id = Set(check_owner(&write, input.owner_id.value(), decision.team_id).await?);
    }
    if !input.stage_id.is_undefined() {
        let (id, team) = (input.stage_id.value(), decision.team_id);
        let stage = linked::<stage_run::Entity>(&write, id, team, "input.stageId").await?;
        change.stage_run_id = Set(stage.map(|stage| stage.id));
    }
    input.needs_no_action.into_iter().for_each(|none| change.needs_no_action = Set(none));
    if !review_on.is_undefined() {
        change.review_on = Set(review_on.take());
    }
    write.update::<Entity>(&decision, change).await?;
    write.commit().await?;
    Ok(decision.id)
}

async fn stance(caller: &Caller, input: DecisionStanceInput) -> Result<Id<Entity>, Error> {
    let (write, decision) =
        caller.write::<Entity>(Permission::DecisionStance, typed(&input.id), "input.id").await?;
    expect_version(decision.version, input.expected_version)?;
    let given = ratification::check_stance(input.stance, input.conviction, input.comment.as_ref())?;
    rules::next_status(decision.status, Step::Stance)?;
    if ratification::take_stance(&write, &Entity::subject(&decision), given).await? {
        // `set` keeps the version, so that members who have read the same version can take their stances at the same time.
        let mut change = decision.clone().into_active_model();
        change.stances = Set(decision.stances + 1);
        write.set::<Entity>(&decision, change).await?;
    }
    write.commit().await?;
    Ok(decision.id)
}

async fn ratify(caller: &Caller, input: DecisionRatifyInput) -> Result<Id<Entity>, Error> {
    let (write, decision) =
        write_decision(caller, Permission::DecisionRatify, &input.id, input.expected_version).await?;
    let status = rules::next_status(decision.status, Step::Ratify)?;
    let subject = Entity::subject(&decision);
    let members = ratification::load_members(&write, decision.team_id).await?;
    let recorded = ratification::check_recorded_stances(&input.recorded, &members)?;
    let options = write.lock_all(select_options(decision.id)).await?;
    let mut check = Check::new();
    let chosen =
        check.keep(rules::require_chosen_option(&options, input.chosen_option_id.as_ref().map(typed)));
    let participants = load_participants(&write, decision.client_id, decision.team_id).await?;
    let taken = ratification::load_counted_stances(&write, &subject, &participants).await?;
    let owner = members.iter().find(|member| Some(member.id) == decision.owner_id);
    let mut rivals = load_proposals(&write, decision.team_id).await?;
    rivals.retain(|rival| rival.id != decision.id);
    let stances = taken.len() + recorded.len();
    let participants = participants.len();
    let case = RatificationCase { decision: &decision, owner, participants, stances, rivals: &rivals };
    check.take(rules::require_ratifiable(&case));
    check.done()?;
    if let Some(before) = decision.supersedes_id {
        supersede(&write, before, decision.team_id).await?;
    }
    ratification::record_positions(&write, &subject, taken, recorded).await?;
    if let Some(option) = chosen.flatten() {
        let mut change = option.clone().into_active_model();
        change.chosen = Set(true);
        write.update::<decision_option::Entity>(option, change).await?;
    }
    let mut change = decision.clone().into_active_model();
    change.status = Set(status);
    change.stances = Set(stances as i32);
    change.ratified_at = Set(Some(write.now()));
    write.update::<Entity>(&decision, change).await?;
    record_event(&write, &decision, DecisionEventKind::Ratified, None).await?;
    let notice = Notice::about(NoticeKind::ReadBackAsked, decision.id);
    notify_participants(&write, notice.of_team(decision.client_id, decision.team_id)).await?;
    write.commit().await?;
    Ok(decision.id)
}

async fn revoke(caller: &Caller, input: DecisionRevokeInput) -> Result<Id<Entity>, Error> {
    let (write, decision) =
        write_decision(caller, Permission::DecisionRevoke, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    let status = rules::next_status(decision.status, Step::Revoke)?;
    revoke_decision(&write, &decision, status, &reason).await?;
    write.commit().await?;
    Ok(decision.id)
}

/// Revokes a decision. `status` is its new status.
pub(super) async fn revoke_decision(
    write: &Write,
    decision: &Locked<decision::Model>,
    status: DecisionStatus,
    reason: &str,
) -> Result<(), Error> {
    let mut change = decision.clone().into_active_model();
    change.status = Set(status);
    change.ended_at = Set(Some(write.now()));
    change.reason = Set(Some(reason.to_owned()));
    write.update::<Entity>(decision, change).await?;
    record_event(write, decision, DecisionEventKind::Revoked, Some(reason.to_owned())).await
}

async fn reopen(caller: &Caller, input: DecisionReopenInput) -> Result<Id<Entity>, Error> {
    let (write, decision) =
        write_decision(caller, Permission::DecisionReopen, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let reason = check_reason(&mut check, &input.reason);
    check.done()?;
    let open = load_proposals(&write, decision.team_id).await?;
    let (count, heirs) =
        (open.len(), open.into_iter().filter(|heir| heir.supersedes_id == Some(decision.id)));
    rules::require_reopenable(&decision, &heirs.collect::<Vec<_>>())?;
    rules::require_room(count, "input.id")?;
    let mut change = decision.clone().into_active_model();
    change.reopenings = Set(decision.reopenings + 1);
    write.update::<Entity>(&decision, change).await?;
    record_event(&write, &decision, DecisionEventKind::Reopened, Some(reason)).await?;
    let options =
        write.all(select_options(decision.id)).await?.into_iter().map(|option| option.text).collect();
    let heir = decision::Model {
        id: write.id(),
        session_id: None,
        supersedes_id: Some(decision.id),
        status: DecisionStatus::Proposed,
        review_on: None,
        wording: 1,
        stances: 0,
        reopenings: 0,
        read_back: 0,
        matching: 0,
        differing: 0,
        proposed_at: write.now(),
        ratified_at: None,
        version: 1,
        ..decision.into_inner()
    };
    let heir = insert_proposal(&write, heir, options).await?;
    write.commit().await?;
    Ok(heir)
}

/// Begins a change of a decision. Its team is locked first, because a change can depend on other decisions or end one.
async fn write_decision(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<decision::Model>), Error> {
    let under = decision::Column::TeamId;
    let (write, _, decision) =
        caller.write_under::<team::Entity, Entity>(permission, under, typed(id), "input.id").await?;
    expect_version(decision.version, expected)?;
    Ok((write, decision))
}

fn check_options(check: &mut Check, options: &[String]) -> Vec<String> {
    let wrong = options.len() == 1 || options.len() > rules::MAX_OPTIONS;
    let message = message!(
        OPTIONS_PER_DECISION,
        "`options` must have {min} to {max} options, or none.",
        min = 2,
        max = rules::MAX_OPTIONS,
    );
    check.refuse_if(wrong, Code::Invalid, "input.options", message);
    let options = options.iter().take(rules::MAX_OPTIONS + 1).enumerate();
    options.map(|(at, text)| check.text(&format!("input.options.{at}"), text, 1..=500)).collect()
}

/// Ends the superseded decision.
async fn supersede(write: &Write, id: Id<Entity>, team: Id<team::Entity>) -> Result<(), Error> {
    let before = write.lock::<Entity>(id).await?;
    let status = rules::require_supersedable(&before, team, "input.id")?;
    let mut change = before.clone().into_active_model();
    change.status = Set(status);
    change.ended_at = Set(Some(write.now()));
    write.update::<Entity>(&before, change).await?;
    record_event(write, &before, DecisionEventKind::Superseded, None).await
}

/// Inserts a proposal with its options.
async fn insert_proposal(
    write: &Write,
    row: decision::Model,
    options: Vec<String>,
) -> Result<Id<Entity>, Error> {
    let decision = write.insert::<Entity>(row).await?;
    let notice = Notice::about(NoticeKind::StanceAsked, decision.id);
    notify_participants(write, notice.of_team(decision.client_id, decision.team_id)).await?;
    insert_options(write, &decision, options).await?;
    record_event(write, &decision, DecisionEventKind::Proposed, None).await?;
    Ok(decision.id)
}

async fn insert_options(
    write: &Write,
    decision: &decision::Model,
    options: Vec<String>,
) -> Result<(), Error> {
    for (text, position) in options.into_iter().zip(1..) {
        let row = decision_option::Model {
            id: write.id(),
            network_id: decision.network_id,
            client_id: decision.client_id,
            team_id: decision.team_id,
            decision_id: decision.id,
            position,
            text,
            chosen: false,
        };
        write.insert::<decision_option::Entity>(row).await?;
    }
    Ok(())
}

async fn replace_options(
    write: &Write,
    decision: &decision::Model,
    options: Vec<String>,
) -> Result<(), Error> {
    let before = write.lock_all(select_options(decision.id)).await?;
    let voted_on = dot_vote_option::Entity::find()
        .filter(dot_vote_option::Column::DecisionOptionId.is_in(before.iter().map(|option| option.id)));
    rules::require_no_vote(write.count(voted_on).await?)?;
    for option in before {
        write.delete::<decision_option::Entity>(option).await?;
    }
    insert_options(write, decision, options).await
}

async fn record_event(
    write: &Write,
    decision: &decision::Model,
    kind: DecisionEventKind,
    reason: Option<String>,
) -> Result<(), Error> {
    let event = decision_event::Model {
        id: write.id(),
        network_id: decision.network_id,
        client_id: decision.client_id,
        team_id: decision.team_id,
        decision_id: decision.id,
        kind,
        person_id: write.person()?,
        reason,
        at: write.now(),
    };
    write.insert::<decision_event::Entity>(event).await?;
    Ok(())
}

fn select_options(decision: Id<Entity>) -> Select<decision_option::Entity> {
    decision_option::Entity::find()
        .filter(decision_option::Column::DecisionId.eq(decision))
        .order_by_asc(decision_option::Column::Position)
}

/// Loads a team's open proposals.
async fn load_proposals(write: &Write, team: Id<team::Entity>) -> Result<Vec<decision::Model>, Error> {
    let open = Entity::find()
        .filter(decision::Column::TeamId.eq(team))
        .filter(decision::Column::Status.eq(DecisionStatus::Proposed));
    write.all(open).await
}

async fn check_owner(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<Id<member::Entity>>, Error> {
    let Some(id) = id else { return Ok(None) };
    let owner = write.load::<member::Entity>(typed(id), "input.ownerId").await?;
    require_active_member(&owner, team)?;
    Ok(Some(owner.id))
}
