//! Inputs of the mutations of alignment rounds.

use crate::{inputs, scalar::Date};
use async_graphql::{ID, InputObject};

/// A statement for members to rate.
#[derive(InputObject)]
pub struct AlignmentStatementInput {
    /// Text of the statement: one line of 1 to 500 characters. Must differ from the other statements of the round.
    pub text: String,
    /// Lower end of the rating scale, for disagreement: 0 to 9.
    #[graphql(default = 1)]
    pub low: i32,
    /// Upper end of the rating scale, for agreement: at least 3 above `low`, and at most 10.
    #[graphql(default = 5)]
    pub high: i32,
    /// `true` if the statement counts towards the alignment metrics.
    #[graphql(default)]
    pub core: bool,
}

/// Input for `alignmentRoundOpen`.
#[derive(InputObject)]
pub struct AlignmentRoundOpenInput {
    /// ID of the team that is to answer. All earlier rounds of the team must be revealed.
    pub team_id: ID,
    /// Title of the round: one line of 1 to 200 characters.
    pub title: String,
    /// Statements to rate, in this order: 1 to 50. Later rounds are compared with this one by statements with the same
    /// text and scale.
    pub statements: Vec<AlignmentStatementInput>,
    /// Last day for answers, in the client's time zone: today or later. If omitted, members can answer until the round
    /// is sealed.
    pub closes_on: Option<Date>,
    /// ID of the session that the round is part of, of this team.
    pub session_id: Option<ID>,
}

/// A rating of one statement.
#[derive(InputObject)]
pub struct AlignmentAnswerInput {
    /// ID of the statement, which must belong to the round.
    pub statement_id: ID,
    /// Rating on the scale of the statement.
    pub rating: i32,
}

/// Input for `alignmentRoundAnswer`.
#[derive(InputObject)]
pub struct AlignmentRoundAnswerInput {
    /// ID of the round, which must be open.
    pub id: ID,
    /// One rating for each statement of the round. Answering again replaces all earlier ratings.
    pub answers: Vec<AlignmentAnswerInput>,
    /// `true` to allow your answers to be shown with your name, provided that fewer than five members answer and all of
    /// them consent. Names are never shown if five or more answer.
    #[graphql(default)]
    pub consent_to_be_named: bool,
    /// The `version` you last read of your own response; 0 if you have not answered yet. Fails with `CONFLICT` if your
    /// response has changed since.
    pub expected_version: Option<i32>,
}

inputs! {
    /// Input for `alignmentRoundSeal` and `alignmentRoundReveal`.
    [AlignmentRoundSealInput, AlignmentRoundRevealInput] {
        /// ID of the round.
        pub id: ID,
        /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
        pub expected_version: Option<i32>,
    }
}
