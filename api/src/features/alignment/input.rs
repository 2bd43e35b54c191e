//! Inputs of the mutations of alignment rounds.

use crate::{inputs, scalar::Date};
use async_graphql::{ID, InputObject};

/// A statement for members to rate.
#[derive(InputObject)]
pub struct AlignmentStatementInput {
    /// Key of the statement, unique in the round: 1 to 40 lower-case letters, digits and hyphens. Rounds are compared by
    /// it. If omitted, it follows from the text, so that the same text has the same key.
    pub key: Option<String>,
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
    /// The round's own statements to rate, in this order: 1 to 50. Rounds are compared by statements with the same key and
    /// scale. If omitted, the round asks the questionnaire of the template that the team's unfinished programme runs, or
    /// the statements of the round `revoteOfId`.
    pub statements: Option<Vec<AlignmentStatementInput>>,
    /// Questions that respondents may answer in their own words, in this order: up to 5, one line of 1 to 500 characters
    /// each.
    #[graphql(default)]
    pub questions: Vec<String>,
    /// Keys of the statements to ask, of the questionnaire or of the round `revoteOfId`. If omitted, all are asked. Not
    /// allowed with `statements`.
    pub statement_keys: Option<Vec<String>>,
    /// ID of a revealed round of this team to vote on again. The re-vote belongs to that round, is compared with it, and
    /// is never the team's latest round. Not allowed with `statements`.
    pub revote_of_id: Option<ID>,
    /// Last day for answers, in the client's time zone: today or later. When it has ended, the round is sealed by itself,
    /// and revealed if its results are not withheld. If omitted, participants can answer until the round is sealed.
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

/// A text answer to a question.
#[derive(InputObject)]
pub struct AlignmentTextInput {
    /// ID of the question, which must belong to the round. Each question is named at most once.
    pub question_id: ID,
    /// Answer: 1 to 2,000 characters.
    pub text: String,
}

/// Input for `alignmentRoundAnswer`.
#[derive(InputObject)]
pub struct AlignmentRoundAnswerInput {
    /// ID of the round, which must be open.
    pub id: ID,
    /// One rating for each statement of the round. Answering again replaces all earlier ratings.
    pub answers: Vec<AlignmentAnswerInput>,
    /// Answers to questions of the round. All are optional. Answering again replaces all earlier texts; a question that is
    /// left out then has none.
    #[graphql(default)]
    pub texts: Vec<AlignmentTextInput>,
    /// `true` to allow your answers to be shown with your name, provided that every respondent of the round consents. Only
    /// the team's participants and the client's facilitators read them. Can be withdrawn until the round is sealed
    /// (`alignmentConsentWithdraw`).
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

/// Input for `alignmentConsentWithdraw`.
#[derive(InputObject)]
pub struct AlignmentConsentWithdrawInput {
    /// ID of the round, which must be open and which you have answered.
    pub id: ID,
    /// The `version` you last read of your own response. Fails with `CONFLICT` if your response has changed since.
    pub expected_version: Option<i32>,
}
