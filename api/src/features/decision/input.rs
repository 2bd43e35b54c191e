//! The inputs of a decision's mutations.

use crate::scalar::Date;
use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::decision_stance::Stance;

/// A decision to propose.
#[derive(InputObject)]
pub struct DecisionProposeInput {
    /// The team.
    pub team_id: ID,
    /// What it is about, in a line: 1 to 200 characters.
    pub title: String,
    /// What is to be decided: 1 to 4,000 characters.
    pub text: String,
    /// Why: up to 4,000 characters.
    pub rationale: Option<String>,
    /// What is considered, in order: none, or 2 to 10 options of 1 to 500 characters.
    #[graphql(default)]
    pub options: Vec<String>,
    /// The member who is to own it: active, of this team. Needed at ratification.
    pub owner_id: Option<ID>,
    /// The day on which the team is to look at it again, in the client's time zone: today or later.
    pub review_on: Option<Date>,
    /// The stage it belongs to, of a programme of this team.
    pub stage_id: Option<ID>,
    /// The session it comes out of, of this team.
    pub session_id: Option<ID>,
    /// The obstacle it answers, of this team.
    pub obstacle_id: Option<ID>,
    /// The decision whose place it would take: ratified, of this team.
    pub supersedes_id: Option<ID>,
}

/// What to change of a proposed decision. What is left out stays.
#[derive(InputObject)]
pub struct DecisionUpdateInput {
    /// The decision: proposed.
    pub id: ID,
    /// What it is about, in a line: 1 to 200 characters.
    pub title: Option<String>,
    /// What is to be decided: 1 to 4,000 characters.
    pub text: Option<String>,
    /// Why: up to 4,000 characters.
    pub rationale: Option<String>,
    /// What is considered, in place of what was: none, or 2 to 10 options of 1 to 500 characters.
    pub options: Option<Vec<String>>,
    /// The member who is to own it: active, of the decision's team; `null` for nobody yet.
    pub owner_id: MaybeUndefined<ID>,
    /// The day on which the team is to look at it again, in the client's time zone: today or later; `null` for none.
    pub review_on: MaybeUndefined<Date>,
    /// The stage it belongs to, of a programme of the decision's team; `null` for none.
    pub stage_id: MaybeUndefined<ID>,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

/// The caller's own stance on a decision.
#[derive(InputObject)]
pub struct DecisionStanceInput {
    /// The decision: proposed, of a team of which the caller is an active member.
    pub id: ID,
    /// Where the caller stands.
    pub stance: Stance,
    /// How convinced the caller is of it: 1 hardly to 5 wholly.
    pub conviction: i32,
    /// What the caller says to it, told with the stance: up to 1,000 characters.
    pub comment: Option<String>,
    /// The version of the decision this was decided on. Others' stances do not change it.
    pub expected_version: Option<i32>,
}

/// The stance of a member without a login.
#[derive(InputObject)]
pub struct DecisionRecordedStanceInput {
    /// The member: active, of the decision's team, without a login.
    pub member_id: ID,
    /// Where they stand.
    pub stance: Stance,
    /// How convinced they are of it: 1 hardly to 5 wholly.
    pub conviction: i32,
    /// What they say to it: up to 1,000 characters.
    pub comment: Option<String>,
}

/// A decision to ratify.
#[derive(InputObject)]
pub struct DecisionRatifyInput {
    /// The decision: proposed.
    pub id: ID,
    /// The option that is chosen; needed where the decision has options.
    pub chosen_option_id: Option<ID>,
    /// The stances of members without a login, as they gave them in the room: at most 100. Kept with who recorded
    /// them.
    #[graphql(default)]
    pub recorded: Vec<DecisionRecordedStanceInput>,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

/// Which decision to take back, and why.
#[derive(InputObject)]
pub struct DecisionRevokeInput {
    /// The decision: proposed or ratified.
    pub id: ID,
    /// Why: 1 to 1,000 characters.
    pub reason: String,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

/// Which decision to debate anew, and why.
#[derive(InputObject)]
pub struct DecisionReopenInput {
    /// The decision: ratified.
    pub id: ID,
    /// Why: 1 to 1,000 characters.
    pub reason: String,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}
