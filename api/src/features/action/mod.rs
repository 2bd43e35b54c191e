//! Action: one thing to do, one owner, one due date.
//!
//! An action is *offered* to a member of the team, who *accepts* or *declines* it. It ends *done* or *cancelled*. An
//! action that gets another owner is offered again, and a completed one can be reopened for 14 days.
//!
//! Invariant: the first acceptance fixes the baseline due date. A later move needs a reason and does not change the
//! metrics. Invariant: the owner is one active member of the team, and not its facilitator.

mod allowed;
pub mod bulk;
pub mod reopening;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    check_in::{CheckIn, CheckInSlot},
    client::Client,
    comment::ActionComment,
    decision::Decision,
    drift::{DriftSignal, keeping as drift},
    member::Member,
    notice::notifying::notify_member,
    obstacle::Obstacle,
    person::Person,
    priority::Priority,
    programme::rules as programmes,
    reopening::Reopening,
    session::Session,
    team::{Team, editing::require_editor, link::linked},
};
use crate::{
    inputs,
    kernel::{
        Caller, Check, Code, Error, Locked, Notice, Write, access::Permission, end_of_day, expect_version,
        read::shape::typed, today,
    },
    message, mutations,
    scalar::Date,
    shape,
};
use async_graphql::{ID, InputObject};
use chrono::NaiveDate;
use entity::{
    Id, action, action::ActionStatus, action::Entity, action_move, client, decision, member, membership,
    membership::MembershipRole, notice::NoticeKind, obstacle, priority, session, team,
};
use rules::Step;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
};

shape! {
    /// A task with one owner and one due date. The owner accepts or declines it.
    Action of action {
        /// Title of the action: one line of 1 to 200 characters.
        title = text(Title).filter().order(),
        /// Further details, up to 4,000 characters. Empty if there are none.
        detail = text(Detail),
        /// Current status of the action.
        status = closed::<ActionStatus, _>(Status).filter().order(),
        /// Due date, in the client's time zone. The action is due at the end of this day.
        dueOn = date(DueOn).filter().order(),
        /// Time at which the action becomes overdue: the end of `dueOn` in the client's time zone.
        dueAt = instant(DueAt).filter().order(),
        /// Due date at the time the action was first accepted. Metrics use it, and it never changes. Null until then.
        baselineDueOn = date(BaselineOn).or_null().filter(),
        /// Number of times the due date was moved.
        moveCount = int(Moves).filter(),
        /// `true` if the action is accepted but not done, and its due date has passed.
        overdue = derived(Ty::Flag, "({t}.status = {ActionStatus::Accepted} and {t}.due_at <= {now})").filter(),
        /// Time at which the action was offered to its current owner.
        offeredAt = instant(OfferedAt).filter().order(),
        /// Time at which the current owner accepted the action. Null until then.
        acceptedAt = instant(AcceptedAt).or_null(),
        /// Time at which the action was completed, declined or cancelled. Null while it is offered or accepted.
        closedAt = instant(ClosedAt).or_null().filter(),
        /// Reason for declining or cancelling the action. Null if it is neither declined nor cancelled.
        reason = text(Reason).or_null(),
        /// Ratified decision that cancelled the action. Null if no decision did.
        cancelledBy = one::<Decision, _>(CancelledById).or_null(),
        /// Revision number; increases with every change. Send it as `expectedVersion`.
        version = int(Version),
        /// Mutations that the caller may do with the action now, by role, ownership and state. Whatever is missing would be
        /// refused. The other arguments of a mutation and other objects can still be a reason to refuse it.
        allowed = allowed::field(),
        /// Member who owns the action.
        owner = one::<Member, _>(OwnerId).filter(),
        /// ID of the member who owns the action, for filtering.
        ownerId = id::<entity::member::Entity, _>(OwnerId).filter(),
        /// Priority that the action serves. Null if it serves none.
        priority = one::<Priority, _>(PriorityId).or_null(),
        /// ID of the priority that the action serves, for filtering. Null if it serves none.
        priorityId = id::<entity::priority::Entity, _>(PriorityId).or_null().filter(),
        /// Session that the action comes from. Null if it comes from none.
        session = one::<Session, _>(SessionId).or_null(),
        /// Decision that the action implements. Null if it implements none.
        decision = one::<Decision, _>(DecisionId).or_null(),
        /// ID of the decision that the action implements, for filtering. Null if it implements none.
        decisionId = id::<entity::decision::Entity, _>(DecisionId).or_null().filter(),
        /// Obstacle that the action is meant to remove. Null if there is none.
        obstacle = one::<Obstacle, _>(ObstacleId).or_null(),
        /// ID of the obstacle that the action is meant to remove, for filtering. Null if there is none.
        obstacleId = id::<entity::obstacle::Entity, _>(ObstacleId).or_null().filter(),
        /// Team that the action belongs to.
        team = one::<Team, _>(TeamId),
        /// ID of the team that the action belongs to, for filters.
        teamId = id::<entity::team::Entity, _>(TeamId).filter(),
        /// Client that the action belongs to.
        client = one::<Client, _>(ClientId).filter(),
        /// ID of the client that the action belongs to, for filters.
        clientId = id::<entity::client::Entity, _>(ClientId).filter(),
        /// Every move of the due date, oldest first.
        history = pages::<ActionMove, _>(entity::action_move::Column::ActionId).by(entity::action_move::Column::At, Ty::Instant),
        /// Every reopening of the action, oldest first, with the completion that was taken back.
        reopenings = pages::<Reopening, _>(entity::reopening::Column::ActionId).by(entity::reopening::Column::At, Ty::Instant),
        /// Drift signals raised for the action, latest first.
        driftSignals = pages::<DriftSignal, _>(entity::drift_signal::Column::ActionId).by_last(entity::drift_signal::Column::RaisedAt, Ty::Instant),
        /// Comments on the action, oldest first.
        comments = pages::<ActionComment, _>(entity::action_comment::Column::ActionId).by(entity::action_comment::Column::At, Ty::Instant),
        /// Check-in slots of the action up to now, oldest first, with or without a check-in. `last: 8` returns the
        /// latest eight.
        checkInSlots = pages_of_view::<CheckInSlot>("subject_id").only("{t}.starts_at <= {now}").by_view("starts_on", Ty::Date),
        /// Latest check-in on the action. Null if there is none.
        lastCheckIn = first::<CheckIn, _>(entity::check_in::Column::ActionId).only("{t}.replaced_at is null").by_last(entity::check_in::Column::At, Ty::Instant),
        /// Check-ins on the action, latest first. Check-ins replaced by a later one of the same slot are left out.
        checkIns = pages::<CheckIn, _>(entity::check_in::Column::ActionId).only("{t}.replaced_at is null").by_last(entity::check_in::Column::At, Ty::Instant),
    }
}

shape! {
    /// A move of an action's due date.
    ActionMove of action_move {
        /// Due date before the move.
        dueOnBefore = date(FromOn),
        /// Due date after the move.
        dueOnAfter = date(ToOn),
        /// Reason for the move.
        reason = text(Reason),
        /// Time of the move.
        createdAt = instant(At),
        /// Action whose due date was moved.
        action = one::<Action, _>(ActionId),
        /// Person who moved the due date. Null if you have no access to this person.
        person = one::<Person, _>(PersonId).or_null(),
    }
}

/// Input for `actionCreate`.
#[derive(InputObject)]
pub struct ActionCreateInput {
    /// ID of the team that the action belongs to.
    pub team_id: ID,
    /// ID of the member to offer the action to: an active member of this team.
    pub owner_id: ID,
    /// Title of the action: one line of 1 to 200 characters.
    pub title: String,
    /// Further details: up to 4,000 characters.
    pub detail: Option<String>,
    /// Due date, in the client's time zone: today or later.
    pub due_on: Date,
    /// ID of the priority that the action serves, of this team. A priority has at most 100 actions.
    pub priority_id: Option<ID>,
    /// ID of the session that the action comes from, of this team.
    pub session_id: Option<ID>,
    /// ID of the decision that the action implements, of this team.
    pub decision_id: Option<ID>,
    /// ID of the obstacle that the action is meant to remove, of this team.
    pub obstacle_id: Option<ID>,
}

/// Input for `actionUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct ActionUpdateInput {
    /// ID of the action, which must be offered or accepted.
    pub id: ID,
    /// New title: one line of 1 to 200 characters.
    pub title: Option<String>,
    /// New details: up to 4,000 characters.
    pub detail: Option<String>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

inputs! {
    /// Input for `actionAccept` and `actionComplete`.
    [ActionAcceptInput, ActionCompleteInput] {
        /// ID of the action.
        pub id: ID,
        /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
        pub expected_version: Option<i32>,
    }
}

/// Input for `actionDecline`.
#[derive(InputObject)]
pub struct ActionDeclineInput {
    /// ID of the action, which must be offered.
    pub id: ID,
    /// Reason for declining: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `actionCancel`.
#[derive(InputObject)]
pub struct ActionCancelInput {
    /// ID of the action, which must be offered or accepted.
    pub id: ID,
    /// Reason for cancelling: 1 to 1,000 characters.
    pub reason: String,
    /// ID of the decision that cancels the action: of this team, and ratified since the action was first offered.
    pub decision_id: Option<ID>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `actionReassign`.
#[derive(InputObject)]
pub struct ActionReassignInput {
    /// ID of the action, which must be offered, accepted or declined.
    pub id: ID,
    /// ID of the member to offer the action to: an active member of the action's team.
    pub owner_id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `actionRedate`.
#[derive(InputObject)]
pub struct ActionRedateInput {
    /// ID of the action, which must be offered or accepted.
    pub id: ID,
    /// New due date, in the client's time zone: today or later.
    pub due_on: Date,
    /// Reason for the move: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    ActionMutation: action -> Action of Entity {
        /// Offers a new action to a member of a team.
        action_create(ActionCreateInput) -> ActionCreatePayload = create;
        /// Changes the title or details of an offered or accepted action. Use `actionRedate` to change the due date and
        /// `actionReassign` to change the owner.
        action_update(ActionUpdateInput) -> ActionUpdatePayload = update, on id;
        /// Offers an action to another member, or a declined action to the same member again. The baseline due date
        /// does not change. Leaders can reassign only their own actions.
        action_reassign(ActionReassignInput) -> ActionReassignPayload = reassign, on id;
        /// Accepts an offered action and, on the first acceptance, fixes its baseline due date. Only the owner can
        /// accept. If the owner has no login or is an observer, a franchise owner, facilitator or sponsor accepts.
        action_accept(ActionAcceptInput) -> ActionAcceptPayload = accept, on id;
        /// Declines an offered action, with a reason. Only the owner can decline. If the owner has no login or is an
        /// observer, a franchise owner, facilitator or sponsor declines.
        action_decline(ActionDeclineInput) -> ActionDeclinePayload = decline, on id;
        /// Completes an accepted action. Leaders can complete only their own actions; franchise owners, facilitators
        /// and sponsors can complete any.
        action_complete(ActionCompleteInput) -> ActionCompletePayload = complete, on id;
        /// Cancels an offered or accepted action, with a reason. Metrics still count the action in their denominators,
        /// unless it is cancelled within 48 hours of its first offer, or before its baseline due date by a decision
        /// ratified since that offer. Leaders can cancel only their own actions.
        action_cancel(ActionCancelInput) -> ActionCancelPayload = cancel, on id;
        /// Moves the due date of an offered or accepted action, with a reason. The baseline due date does not change.
        /// Leaders can move only their own actions.
        action_redate(ActionRedateInput) -> ActionRedatePayload = redate, on id;
    }
}

async fn create(caller: &Caller, input: ActionCreateInput) -> Result<Id<Entity>, Error> {
    let (write, team) =
        caller.write::<team::Entity>(Permission::ActionCreate, typed(&input.team_id), "input.teamId").await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let owner = write.load::<member::Entity>(typed(&input.owner_id), "input.ownerId").await?;
    let offer = NewAction {
        title: &input.title,
        detail: input.detail.as_deref().unwrap_or_default(),
        due_on: input.due_on.0,
        priority_id: input.priority_id.as_ref(),
        session_id: input.session_id.as_ref(),
        decision_id: input.decision_id.as_ref(),
        obstacle_id: input.obstacle_id.as_ref(),
    };
    let id = insert_action(&write, &team, &client, &owner, offer).await?;
    write.commit().await?;
    Ok(id)
}

/// The input of a new action, not yet checked.
pub(super) struct NewAction<'a> {
    pub title: &'a str,
    pub detail: &'a str,
    pub due_on: NaiveDate,
    pub priority_id: Option<&'a ID>,
    pub session_id: Option<&'a ID>,
    pub decision_id: Option<&'a ID>,
    pub obstacle_id: Option<&'a ID>,
}

/// Checks and inserts a new action.
pub(super) async fn insert_action(
    write: &Write,
    team: &team::Model,
    client: &client::Model,
    owner: &member::Model,
    offer: NewAction<'_>,
) -> Result<Id<Entity>, Error> {
    let row = plan_action(write, team, client, owner, offer).await?;
    let action = write.insert::<Entity>(row).await?;
    notify_member(write, offer_notice(&action), owner);
    Ok(action.id)
}

/// The notice for the owner of an offered action.
pub(super) fn offer_notice(action: &action::Model) -> Notice {
    Notice::about(NoticeKind::ActionOffered, action.id).of_team(action.client_id, action.team_id)
}

/// Checks a new action and returns its row. Reads the database only if the action links to other objects.
pub(super) async fn plan_action(
    write: &Write,
    team: &team::Model,
    client: &client::Model,
    owner: &member::Model,
    offer: NewAction<'_>,
) -> Result<action::Model, Error> {
    let mut check = Check::new();
    let title = check.line("input.title", offer.title, 1..=200);
    let detail = check.text("input.detail", offer.detail, 0..=4000);
    let due_on = check.due("input.dueOn", offer.due_on, today(&client.time_zone, write.now())?);
    check.done()?;
    programmes::require_active_team(client.status, team.archived_at)?;
    rules::require_active_member(owner, team.id)?;
    let priority = linked_priority(write, offer.priority_id, team.id).await?;
    let session = linked::<session::Entity>(write, offer.session_id, team.id, "input.sessionId").await?;
    let decision = linked::<decision::Entity>(write, offer.decision_id, team.id, "input.decisionId").await?;
    let obstacle = linked::<obstacle::Entity>(write, offer.obstacle_id, team.id, "input.obstacleId").await?;
    Ok(action::Model {
        id: write.id(),
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        priority_id: priority.map(|priority| priority.id),
        session_id: session.map(|session| session.id),
        decision_id: decision.map(|decision| decision.id),
        obstacle_id: obstacle.map(|obstacle| obstacle.id),
        owner_id: owner.id,
        title,
        detail,
        status: ActionStatus::Offered,
        due_on,
        due_at: end_of_day(due_on, &client.time_zone)?,
        baseline_on: None,
        baseline_at: None,
        moves: 0,
        offered_at: write.now(),
        accepted_at: None,
        closed_at: None,
        first_offered_at: write.now(),
        first_accepted_at: None,
        cancelled_by_id: None,
        reason: None,
        version: 1,
    })
}

async fn update(caller: &Caller, input: ActionUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, action) =
        caller.write::<Entity>(Permission::ActionUpdate, typed(&input.id), "input.id").await?;
    expect_version(action.version, input.expected_version)?;
    let mut check = Check::new();
    let title = check.line_if("input.title", input.title.as_ref(), 1..=200);
    let detail = check.text_if("input.detail", input.detail.as_ref(), 0..=4000);
    check.done()?;
    rules::next_status(action.status, Step::Update)?;
    let mut change = action.clone().into_active_model();
    title.into_iter().for_each(|title| change.title = Set(title));
    detail.into_iter().for_each(|detail| change.detail = Set(detail));
    write.update::<Entity>(&action, change).await?;
    write.commit().await?;
    Ok(action.id)
}

async fn reassign(caller: &Caller, input: ActionReassignInput) -> Result<Id<Entity>, Error> {
    let (write, action) =
        caller.write::<Entity>(Permission::ActionReassign, typed(&input.id), "input.id").await?;
    expect_version(action.version, input.expected_version)?;
    require_editor(&write, action.client_id, Some(action.owner_id), "input.id").await?;
    let owner = write.load::<member::Entity>(typed(&input.owner_id), "input.ownerId").await?;
    let status = rules::next_status(action.status, Step::Reassign)?;
    rules::require_active_member(&owner, action.team_id)?;
    rules::require_new_owner(&owner, &action)?;
    let mut change = action.clone().into_active_model();
    change.owner_id = Set(owner.id);
    change.status = Set(status);
    change.offered_at = Set(write.now());
    change.accepted_at = Set(None);
    change.closed_at = Set(None);
    change.reason = Set(None);
    let action = write.update::<Entity>(&action, change).await?;
    drift::update_action_signals(&write, &action).await?;
    notify_member(&write, offer_notice(&action), &owner);
    write.commit().await?;
    Ok(action.id)
}

async fn accept(caller: &Caller, input: ActionAcceptInput) -> Result<Id<Entity>, Error> {
    let (write, action) =
        caller.write::<Entity>(Permission::ActionAccept, typed(&input.id), "input.id").await?;
    accept_action(&write, &action, input.expected_version).await?;
    write.commit().await?;
    Ok(action.id)
}

async fn accept_action(
    write: &Write,
    action: &Locked<action::Model>,
    expected: Option<i32>,
) -> Result<(), Error> {
    expect_version(action.version, expected)?;
    let status = rules::next_status(action.status, Step::Accept)?;
    require_owner_or_proxy(write, action).await?;
    let mut change = action.clone().into_active_model();
    change.status = Set(status);
    change.accepted_at = Set(Some(write.now()));
    change.first_accepted_at = Set(Some(action.first_accepted_at.unwrap_or(write.now())));
    // An action that is offered again keeps the baseline of its first acceptance.
    change.baseline_on = Set(Some(action.baseline_on.unwrap_or(action.due_on)));
    change.baseline_at = Set(Some(action.baseline_at.unwrap_or(action.due_at)));
    write.update::<Entity>(action, change).await?;
    Ok(())
}

async fn decline(caller: &Caller, input: ActionDeclineInput) -> Result<Id<Entity>, Error> {
    let (write, action) =
        caller.write::<Entity>(Permission::ActionDecline, typed(&input.id), "input.id").await?;
    require_owner_or_proxy(&write, &action).await?;
    let closing = ActionClosing { step: Step::Decline, reason: Some(input.reason), decision: None };
    close_action(write, action, closing, input.expected_version).await
}

async fn complete(caller: &Caller, input: ActionCompleteInput) -> Result<Id<Entity>, Error> {
    let (write, action) =
        caller.write::<Entity>(Permission::ActionComplete, typed(&input.id), "input.id").await?;
    let actor = write.actor()?;
    if !actor.shapes(action.client_id) {
        let owner = write.find::<member::Entity>(action.owner_id).await?;
        rules::require_owner(owner.as_ref(), actor.person)?;
    }
    let closing = ActionClosing { step: Step::Complete, reason: None, decision: None };
    close_action(write, action, closing, input.expected_version).await
}

async fn cancel(caller: &Caller, input: ActionCancelInput) -> Result<Id<Entity>, Error> {
    let (write, action) =
        caller.write::<Entity>(Permission::ActionCancel, typed(&input.id), "input.id").await?;
    require_editor(&write, action.client_id, Some(action.owner_id), "input.id").await?;
    let decision = match &input.decision_id {
        None => None,
        Some(id) => {
            let decision = write.load::<decision::Entity>(typed(id), "input.decisionId").await?;
            rules::require_same_team(decision.team_id, action.team_id, "input.decisionId")?;
            rules::require_cancelling_decision(&decision, &action)?;
            Some(decision.id)
        }
    };
    let closing = ActionClosing { step: Step::Cancel, reason: Some(input.reason), decision };
    close_action(write, action, closing, input.expected_version).await
}

async fn redate(caller: &Caller, input: ActionRedateInput) -> Result<Id<Entity>, Error> {
    let (write, action) =
        caller.write::<Entity>(Permission::ActionRedate, typed(&input.id), "input.id").await?;
    expect_version(action.version, input.expected_version)?;
    require_editor(&write, action.client_id, Some(action.owner_id), "input.id").await?;
    let client = write.load::<client::Entity>(Some(action.client_id), "input.id").await?;
    let mut check = Check::new();
    let due_on = check.due("input.dueOn", input.due_on.0, today(&client.time_zone, write.now())?);
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    let same = due_on == action.due_on;
    check.refuse_if(
        same,
        Code::Invalid,
        "input.dueOn",
        message!(SAME_DAY, "The action is due on this day already. Choose another day."),
    );
    check.done()?;
    rules::next_status(action.status, Step::Redate)?;
    move_due_date(&write, &action, due_on, &reason, &client).await?;
    write.commit().await?;
    Ok(action.id)
}

/// Moves an action's due date and records the move.
async fn move_due_date(
    write: &Write,
    action: &Locked<action::Model>,
    due_on: NaiveDate,
    reason: &str,
    client: &client::Model,
) -> Result<(), Error> {
    let moved = action_move::Model {
        id: write.id(),
        network_id: action.network_id,
        client_id: action.client_id,
        team_id: action.team_id,
        action_id: action.id,
        person_id: write.person()?,
        from_on: action.due_on,
        to_on: due_on,
        reason: reason.to_owned(),
        at: write.now(),
    };
    write.insert::<action_move::Entity>(moved).await?;
    let mut change = action.clone().into_active_model();
    change.due_on = Set(due_on);
    change.due_at = Set(end_of_day(due_on, &client.time_zone)?);
    change.moves = Set(action.moves + 1);
    let action = write.update::<Entity>(action, change).await?;
    drift::update_action_signals(write, &action).await
}

/// The way in which an action ends.
struct ActionClosing {
    step: Step,
    reason: Option<String>,
    decision: Option<Id<decision::Entity>>,
}

async fn close_action(
    write: Write,
    action: Locked<action::Model>,
    closing: ActionClosing,
    expected: Option<i32>,
) -> Result<Id<Entity>, Error> {
    expect_version(action.version, expected)?;
    let status = rules::next_status(action.status, closing.step)?;
    let mut check = Check::new();
    let reason = check.text_if("input.reason", closing.reason.as_ref(), 1..=1000);
    check.done()?;
    let mut change = action.clone().into_active_model();
    change.status = Set(status);
    change.closed_at = Set(Some(write.now()));
    change.reason = Set(reason);
    change.cancelled_by_id = Set(closing.decision);
    let action = write.update::<Entity>(&action, change).await?;
    drift::update_action_signals(&write, &action).await?;
    write.commit().await?;
    Ok(action.id)
}

/// Requires that the caller is the owner, or, if the owner cannot answer, shapes the team's work.
async fn require_owner_or_proxy(write: &Write, action: &action::Model) -> Result<(), Error> {
    let actor = write.actor()?;
    let owner = write.find::<member::Entity>(action.owner_id).await?;
    if let Some(owner) = &owner
        && actor.shapes(action.client_id)
        && !can_answer(write, owner).await?
    {
        return Ok(());
    }
    Ok(rules::require_owner(owner.as_ref(), actor.person)?)
}

/// Whether a member has a login and is a sponsor or leader, who answer for themselves.
async fn can_answer(write: &Write, owner: &member::Model) -> Result<bool, Error> {
    let Some(person) = owner.person_id else { return Ok(false) };
    let role = Condition::any()
        .add(membership::Column::TeamId.eq(owner.team_id))
        .add(membership::Column::ClientId.eq(owner.client_id).and(membership::Column::TeamId.is_null()));
    let held = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Column::Role.is_in([MembershipRole::Sponsor, MembershipRole::Leader]))
        .filter(role)
        .filter(membership::Entity::lasting(write.now()));
    Ok(write.count(held).await? > 0)
}

/// The priority that an action serves. A priority has a limited number of actions.
async fn linked_priority(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<priority::Model>, Error> {
    let priority = linked::<priority::Entity>(write, id, team, "input.priorityId").await?;
    if let Some(priority) = &priority {
        let others = write.count(Entity::find().filter(action::Column::PriorityId.eq(priority.id))).await?;
        rules::require_room_under_priority(others)?;
    }
    Ok(priority)
}
