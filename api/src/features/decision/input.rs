//! Inputs of the mutations of decisions.

use crate::{features::ratification::RecordedStanceInput, scalar::Date};
use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::decision_stance::Stance;

/// Input for `decisionPropose`.
#[derive(InputObject)]
pub struct DecisionProposeInput {
    /// ID of the team that is to decide.
    pub team_id: ID,
    /// Title of the decision: one line of 1 to 200 characters.
    pub title: String,
    /// Text of what is to be decided: 1 to 4,000 characters.
    pub text: String,
    /// Reasons for the decision: up to 4,000 characters.
    pub rationale: Option<String>,
    /// Options to choose from, in order: an empty list, or 2 to 10 options of 1 to 500 characters.
    #[graphql(default)]
    pub options: Vec<String>,
    /// ID of the member who is to own the decision: an active member of this team. Needed for ratification.
    pub owner_id: Option<ID>,
    /// Day on which the team is to review the decision, in the client's time zone: today or later.
    pub review_on: Option<Date>,
    /// Whether the decision needs no action. Default: false.
    #[graphql(default)]
    pub needs_no_action: bool,
    /// ID of the stage that the decision belongs to, of a programme of this team.
    pub stage_id: Option<ID>,
    /// ID of the session that the decision comes from, of this team.
    pub session_id: Option<ID>,
    /// ID of the obstacle that the decision responds to, of this team.
    pub obstacle_id: Option<ID>,
    /// ID of the decision that this one is to replace: ratified, of this team.
    pub supersedes_id: Option<ID>,
}

/// Input for `decisionUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct DecisionUpdateInput {
    /// ID of the decision, which must be proposed.
    pub id: ID,
    /// New title: one line of 1 to 200 characters.
    pub title: Option<String>,
    /// New text of what is to be decided: 1 to 4,000 characters.
    pub text: Option<String>,
    /// New reasons: up to 4,000 characters.
    pub rationale: Option<String>,
    /// New options, which replace the earlier ones: an empty list, or 2 to 10 options of 1 to 500 characters. Fails with
    /// `WRONG_STATE` if a dot vote is on the earlier ones.
    pub options: Option<Vec<String>>,
    /// ID of the member who is to own the decision: an active member of the decision's team; `null` for no owner yet.
    pub owner_id: MaybeUndefined<ID>,
    /// Day on which the team is to review the decision, in the client's time zone: today or later; `null` for no
    /// review.
    pub review_on: MaybeUndefined<Date>,
    /// Whether the decision needs no action. Stances on the wording keep counting.
    pub needs_no_action: Option<bool>,
    /// ID of the stage that the decision belongs to, of a programme of the decision's team; `null` for no stage.
    pub stage_id: MaybeUndefined<ID>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `decisionStance`.
#[derive(InputObject)]
pub struct DecisionStanceInput {
    /// ID of the decision: proposed, of a team of which the caller is an active member.
    pub id: ID,
    /// The caller's stance on the decision.
    pub stance: Stance,
    /// The caller's conviction: 1 (hardly convinced) to 5 (fully convinced).
    pub conviction: i32,
    /// The caller's comment, shown with the stance: up to 1,000 characters.
    pub comment: Option<String>,
    /// The `version` you last read of the decision. Fails with `CONFLICT` if the decision has changed since. Stances of
    /// other members do not change the version.
    pub expected_version: Option<i32>,
}

/// Input for `decisionRatify`.
#[derive(InputObject)]
pub struct DecisionRatifyInput {
    /// ID of the decision, which must be proposed.
    pub id: ID,
    /// ID of the chosen option. Needed if the decision has options.
    pub chosen_option_id: Option<ID>,
    /// Stances of members without a login, as given in the room: at most 100. Each is saved with the person who
    /// recorded it.
    #[graphql(default)]
    pub recorded: Vec<RecordedStanceInput>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `decisionRevoke`.
#[derive(InputObject)]
pub struct DecisionRevokeInput {
    /// ID of the decision, which must be proposed or ratified.
    pub id: ID,
    /// Reason for revoking: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `decisionReopen`.
#[derive(InputObject)]
pub struct DecisionReopenInput {
    /// ID of the decision, which must be ratified.
    pub id: ID,
    /// Reason for reopening: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}
