//! Alignment round: the participants of a team rate the same statements in secret, and then see how far they agree.
//!
//! A round asks the questionnaire of the team's template, or statements of its own ([`opening`]). It is *open* for
//! answers ([`answering`]), then *sealed*, then *revealed*. Revealing computes the results once ([`publishing`]):
//!
//! - With names if every respondent consented to be named, given with the answers and withdrawable until the round is
//!   sealed. Only the team's participants and the client's facilitators read them, and the exact figures.
//! - Otherwise without names, from five respondents who count ([`super::participant`]): each statement's mean to the
//!   nearest half and a band of consensus.
//! - Otherwise not at all.
//!
//! A round whose last day has ended is sealed by a job, which reveals it unless its results would be withheld.
//!
//! Rounds are compared statement by statement, by key. A re-vote belongs to its round, with which it is compared, and is
//! never the team's latest round.
//!
//! Invariant: until a round is revealed, people can read only their own answers and the number of respondents.
//! Invariant: what crosses rounds is computed from published figures alone, which never change. So it is shown whoever
//! answered, and reveals nothing new.

mod allowed;
mod answering;
mod input;
mod opening;
pub mod publishing;
pub mod pulsing;
pub mod rules;
#[cfg(test)]
mod tests;
mod texts;

use super::{client::Client, member::Member, session::Session, team::Team};
use crate::{mutations, shape};
use answering::{answer, withdraw_consent};
use entity::{
    alignment_round::{AlignmentDisclosure, AlignmentStatus, Entity},
    alignment_statement::ConsensusBand,
};
pub use input::{
    AlignmentAnswerInput, AlignmentConsentWithdrawInput, AlignmentRoundAnswerInput, AlignmentRoundOpenInput,
    AlignmentRoundRevealInput, AlignmentRoundSealInput, AlignmentStatementInput, AlignmentTextInput,
};
use opening::open;
use publishing::{reveal, seal};

shape! {
    /// A round in which the participants of a team rate the same statements, each in secret.
    AlignmentRound of alignment_round {
        /// Title of the round: one line of 1 to 200 characters.
        title = text(Title).filter().order(),
        /// Current status of the round.
        status = closed::<AlignmentStatus, _>(Status).filter().order(),
        /// How the results are disclosed: without names, with names or not at all. Null until the round is revealed.
        disclosure = closed::<AlignmentDisclosure, _>(Disclosure).or_null().filter(),
        /// Last day for answers, in the client's time zone. Null if members can answer until the round is sealed.
        closesOn = date(ClosesOn).or_null().filter(),
        /// Number of participants who have answered.
        responseCount = int(Answered),
        /// Number of respondents who count towards results without names, which need five: those who had accepted their
        /// invitation e-mail before the round was opened. This protects against members who are added under e-mail
        /// addresses of whoever sets up the team.
        countedResponseCount = int(Counting),
        /// Number of participants of the team when the round was opened: active members who are leader or sponsor, or who
        /// have no login. Observers do not count. Updated when the round is sealed, then including participants who
        /// answered and left.
        memberCount = int(Members),
        /// Number of participants who have not answered. Who they are is secret.
        unansweredCount = derived(Ty::Int, "(case when {t}.answered > {t}.members then 0 else {t}.members - {t}.answered end)"),
        /// Percentage of participants who have answered, rounded down: 0 to 100. 100 also while more have answered than
        /// the team had when the round was opened. 0 if the team had no participants.
        responsePercent = derived(Ty::Int, "(case when {t}.members = 0 then 0 when {t}.answered > {t}.members then 100 else 100 * {t}.answered / {t}.members end)"),
        /// Time at which the round was opened.
        createdAt = instant(OpenedAt).filter().order(),
        /// Time at which the round was sealed. Null until then.
        sealedAt = instant(SealedAt).or_null(),
        /// Time at which the results were revealed. Null until then.
        revealedAt = instant(RevealedAt).or_null().filter(),
        /// Revision number; increases when the round is sealed or revealed, but not when members answer. Send it as
        /// `expectedVersion`.
        version = int(Version),
        /// Mutations that the caller may do with the round now, by role, ownership and state. Whatever is missing would be
        /// refused. The other arguments of a mutation and other objects can still be a reason to refuse it.
        allowed = allowed::field(),
        /// Team that answers the round.
        team = one::<Team, _>(TeamId),
        /// ID of the team that the round belongs to, for filters.
        teamId = id::<entity::team::Entity, _>(TeamId).filter(),
        /// Client that the team belongs to.
        client = one::<Client, _>(ClientId).filter(),
        /// ID of the client that the round belongs to, for filters.
        clientId = id::<entity::client::Entity, _>(ClientId).filter(),
        /// Session that the round is part of. Null if it is not part of a session.
        session = one::<Session, _>(SessionId).or_null(),
        /// Round that this one is compared with, whoever answered it: the team's previous round with disclosed results,
        /// or for a re-vote the round that it votes on again. `responseCount` says how many answered then. Null until the
        /// round is revealed, and if the results of either round are withheld.
        comparedWith = one::<AlignmentRound, _>(ComparedId).or_null(),
        /// Round whose statements this re-vote asks again. Null if the round is no re-vote. A re-vote is never the team's
        /// latest round.
        revoteOf = one::<AlignmentRound, _>(RevoteOfId).or_null(),
        /// Number of days after its round that this pulse was due: 30, 60 or 90. Null if the round is no pulse. A pulse is a
        /// re-vote that opens by itself, on the two statements with the lowest means.
        pulseDays = int(PulseDays).or_null(),
        /// Pulses of this round, earliest first: at most 3. With `meanBefore` and `bandBefore` of their statements as day 0,
        /// `mean` and `band` are the decay curve: how agreement lasts at 30, 60 and 90 days, from published figures alone.
        pulses = list::<AlignmentRound, _>(entity::alignment_round::Column::RevoteOfId).only("{t}.pulse_days is not null").by(entity::alignment_round::Column::PulseDays, Ty::Int).about(3),
        /// Re-votes on statements of this round, pulses among them, by default earliest first.
        revotes = pages::<AlignmentRound, _>(entity::alignment_round::Column::RevoteOfId).by(entity::alignment_round::Column::OpenedAt, Ty::Instant),
        /// Statements of the round, in order, with their results once the round is revealed.
        statements = list::<AlignmentStatement, _>(entity::alignment_statement::Column::RoundId).by(entity::alignment_statement::Column::Position, Ty::Int).about(12),
        /// Questions that respondents may answer in their own words, in order: at most 5.
        questions = list::<AlignmentQuestion, _>(entity::alignment_question::Column::RoundId).by(entity::alignment_question::Column::Position, Ty::Int).about(2),
        /// The caller's own answers. Null if the caller has not answered. Other people cannot read them.
        myResponse = one_by::<AlignmentResponse, _>(entity::alignment_response::Column::RoundId).or_null(),
    }
}

/// A result of a statement: published to everyone who reads the round, or kept with its named ratings.
macro_rules! result {
    ($name:literal) => {
        concat!(
            "coalesce({t}.",
            $name,
            ", (select max(v.",
            $name,
            ") from alignment_voice v where v.statement_id = {t}.id and {names:v}))"
        )
    };
}

/// The same result of the statement with the same key and scale in the round that is compared with.
macro_rules! result_before {
    ($name:literal) => {
        concat!(
            "coalesce({t}.",
            $name,
            "_before, (select max(v.",
            $name,
            ") from alignment_round r join alignment_statement s on s.round_id = r.compared_id and s.key = {t}.key \
             and s.key <> '' and s.low = {t}.low and s.high = {t}.high join alignment_voice v on v.statement_id = s.id \
             where r.id = {t}.round_id and {names:v}))"
        )
    };
}

const MEAN: &str = result!("mean");
const BAND: &str = result!("band");
const CONSENSUS: &str =
    "(select max(v.consensus_percent) from alignment_voice v where v.statement_id = {t}.id and {names:v})";
const MEAN_BEFORE: &str = result_before!("mean");
const BAND_BEFORE: &str = result_before!("band");

shape! {
    /// A statement that members rate in an alignment round. Its results are null until the round is revealed, and stay
    /// null if the round withholds them.
    AlignmentStatement of alignment_statement {
        /// Position in the round, starting at 1.
        position = int(Position),
        /// Key of the statement: 1 to 40 lower-case letters, digits and hyphens. Rounds are compared by it. Empty if the
        /// statement was erased.
        key = text(Key),
        /// Text of the statement, which members rate: one line of 1 to 500 characters.
        text = text(Text),
        /// Lower end of the rating scale: 0 to 9.
        low = int(Low),
        /// Upper end of the rating scale: 3 to 10.
        high = int(High),
        /// `true` if the statement counts towards the alignment metrics.
        core = flag(Core),
        /// Mean rating to the nearest half, as a decimal number, for example `3.5`. Null if the round has no disclosed
        /// results, or if fewer than five respondents count and the caller cannot read `voices`.
        mean = derived(Ty::Text, MEAN).or_null(),
        /// How far the ratings agree. Null if the round has no disclosed results, if only one member answered, or if fewer
        /// than five respondents count and the caller cannot read `voices`.
        band = derived(Ty::Closed(register::<ConsensusBand>), BAND).or_null(),
        /// Tastle and Wierman's consensus in per cent, 0 to 100. Null unless ratings are shown with names, and the caller
        /// can read `voices`, because it would reveal the ratings.
        consensusPercent = derived(Ty::Int, CONSENSUS).or_null(),
        /// Mean rating of the statement with the same key in `comparedWith`. Null if that round had none on the same
        /// scale, or where `mean` of that round is null to the caller.
        meanBefore = derived(Ty::Text, MEAN_BEFORE).or_null(),
        /// Consensus band of the statement with the same key in `comparedWith`. Null if that round had none on the same
        /// scale, or where `band` of that round is null to the caller.
        bandBefore = derived(Ty::Closed(register::<ConsensusBand>), BAND_BEFORE).or_null(),
        /// Every respondent's rating, with names. Empty unless each respondent consented to be named. Only participants of
        /// the team and the client's facilitators can read ratings with names.
        voices = list::<AlignmentVoice, _>(entity::alignment_voice::Column::StatementId).by(entity::alignment_voice::Column::Rating, Ty::Int).about(4),
        /// Round that the statement belongs to.
        round = one::<AlignmentRound, _>(RoundId),
    }
}

shape! {
    /// A member's rating, shown with the member's name because everyone who answered the round consented. Only
    /// participants of the team and the client's facilitators can read it.
    AlignmentVoice of alignment_voice {
        /// Rating on the scale of the statement.
        rating = int(Rating),
        /// Member who gave the rating.
        member = one::<Member, _>(MemberId),
        /// Statement that is rated.
        statement = one::<AlignmentStatement, _>(StatementId),
    }
}

shape! {
    /// A question of a round, which respondents may answer in their own words.
    AlignmentQuestion of alignment_question {
        /// Position in the round, starting at 1.
        position = int(Position),
        /// Text of the question: one line of 1 to 500 characters.
        text = text(Text),
        /// Answers without their authors, in an order that tells nothing about them. Empty until the round is revealed, and
        /// if it withholds its results: if fewer than five respondents count and not everyone consented to be named. Only
        /// participants of the team and the client's facilitators can read them.
        texts = list::<AlignmentText, _>(entity::alignment_text::Column::QuestionId).by(entity::alignment_text::Column::Position, Ty::Int).about(5),
        /// The caller's own answer. Null if the caller has given none. Only the caller can read it.
        myText = first::<MyAlignmentText, _>(entity::alignment_text_input::Column::QuestionId).by(entity::alignment_text_input::Column::Id, Ty::Id(entity::Table::AlignmentTextInput)),
        /// Round that the question belongs to.
        round = one::<AlignmentRound, _>(RoundId),
    }
}

shape! {
    /// An answer to a question of a revealed round, without its author. Only participants of the team and the client's
    /// facilitators can read it.
    AlignmentText of alignment_text {
        /// Position among the answers to the question, starting at 1. Drawn by chance when the round was revealed.
        position = int(Position),
        /// Text of the answer.
        text = text(Text),
        /// Question that is answered.
        question = one::<AlignmentQuestion, _>(QuestionId),
    }
}

shape! {
    /// The caller's own answer to a question of a round. Only the person who gave the answer can read it.
    MyAlignmentText of alignment_text_input {
        /// Text of the answer. Empty if the caller has taken it back.
        text = text(Text),
        /// Question that is answered. Null if the caller no longer has access to it.
        question = one::<AlignmentQuestion, _>(QuestionId).or_null(),
    }
}

shape! {
    /// The caller's response to a round. Only the person who gave the response can read it.
    AlignmentResponse of alignment_response {
        /// `true` if the caller consents to be named, provided that every respondent of the round does.
        consented = flag(Consented),
        /// Time at which the caller last answered.
        answeredAt = instant(AnsweredAt),
        /// Revision number; increases with every change. Send it as `expectedVersion`.
        version = int(Version),
        /// The caller's ratings, one for each statement.
        answers = list::<AlignmentAnswer, _>(entity::alignment_answer::Column::ResponseId).by(entity::alignment_answer::Column::StatementId, Ty::Id(entity::Table::AlignmentStatement)).about(12),
        /// Round that the caller answered. Null if the caller no longer has access to it.
        round = one::<AlignmentRound, _>(RoundId).or_null(),
    }
}

shape! {
    /// The caller's rating of a statement. Only the person who gave the rating can read it.
    AlignmentAnswer of alignment_answer {
        /// Rating on the scale of the statement.
        rating = int(Rating),
        /// Statement that is rated.
        statement = one::<AlignmentStatement, _>(StatementId),
    }
}

mutations! {
    AlignmentMutation: alignment_round -> AlignmentRound of Entity {
        /// Opens an alignment round for a team, on the questionnaire of its template, on own statements, or as a re-vote.
        /// Fails with `WRONG_STATE` if an earlier round of the team is not revealed yet.
        alignment_round_open(AlignmentRoundOpenInput) -> AlignmentRoundOpenPayload = open;
        /// Answers an open round, or replaces the caller's earlier answers. Leaders and sponsors who are active members of
        /// the team answer for themselves. Other people never see an answer, except through the round's results.
        alignment_round_answer(AlignmentRoundAnswerInput) -> AlignmentRoundAnswerPayload = answer, on id;
        /// Withdraws the caller's consent to be named in an open round. The answers stay. Then no respondent of the round
        /// is named.
        alignment_consent_withdraw(AlignmentConsentWithdrawInput) -> AlignmentConsentWithdrawPayload = withdraw_consent, on id;
        /// Seals an open round, which then takes no more answers. Answers stay secret. A round with a last day is sealed
        /// by itself when the day has ended, and revealed if its results are not withheld.
        alignment_round_seal(AlignmentRoundSealInput) -> AlignmentRoundSealPayload = seal, on id;
        /// Reveals a sealed round and computes its results, once. `disclosure` shows how much the results contain.
        alignment_round_reveal(AlignmentRoundRevealInput) -> AlignmentRoundRevealPayload = reveal, on id;
    }
}
