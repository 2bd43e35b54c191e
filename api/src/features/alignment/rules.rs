//! Rules of alignment rounds: who answers, which results are disclosed, and how figures are computed.

use crate::{
    features::{
        benchmark::mechanism::pseudonym::keyed,
        participant::rules::MIN_ANSWERS,
        template::rules::{MAX_KEY, is_key, key_of},
    },
    kernel::{Check, Code, Message, Refusal, check::out_of_range},
    message,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Id, Replacement, alignment_question,
    alignment_round::{self, AlignmentDisclosure, AlignmentStatus},
    alignment_statement::{self, ConsensusBand},
    alignment_text_input, member,
};
use sha2::{Digest, Sha256};
use std::{collections::BTreeSet, ops::RangeInclusive};

/// Minimum distance between the ends of a scale. On a narrower scale, a mean and a band reveal the ratings of few people.
pub const MIN_SCALE_SPAN: i32 = 3;
/// Maximum number of statements of a round.
pub const STATEMENTS: usize = 50;
/// Maximum number of characters of a statement.
const MAX_TEXT: usize = 500;
/// Range of a scale's low end.
const LOW_ENDS: RangeInclusive<i32> = 0..=9;
/// Maximum of a scale's high end.
const MAX_HIGH: i32 = 10;
/// Minimum number of respondents for results without names.
pub const MIN_ANONYMOUS: usize = MIN_ANSWERS;
/// Minimum number of respondents for metrics.
pub const MIN_MEASURED: usize = 4;
/// Minimum response rate for metrics, in per cent.
pub const MIN_RESPONSE_PERCENT: usize = 75;
/// Minimum number of core statements for figures of a whole round without names. The figures of fewer statements would
/// reveal the ratings.
pub const MIN_CORE_STATEMENTS: usize = 4;
/// Step to which disclosed figures of a whole round are rounded, in ten-thousandths.
pub const FIGURE_STEP: i32 = 500;

/// A change of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Answer,
    Seal,
    Reveal,
}

/// The status of a round after a step. Refuses a step that the present status does not allow.
pub fn next_status(status: AlignmentStatus, step: Step) -> Result<AlignmentStatus, Refusal> {
    use AlignmentStatus::*;
    let to = match (status, step) {
        (Open, Step::Answer) => Open,
        (Open, Step::Seal) => Sealed,
        (Sealed, Step::Reveal) => Revealed,
        _ => return Err(Refusal::new(Code::WrongState, refusal_message(status)).at("input.id")),
    };
    Ok(to)
}

fn refusal_message(status: AlignmentStatus) -> Message {
    use AlignmentStatus::*;
    match status {
        Open => message!(ROUND_OPEN, "The round still takes answers. Seal it first."),
        Sealed => message!(ROUND_SEALED, "The round is sealed: it takes no more answers."),
        Revealed => message!(ROUND_REVEALED, "The round is revealed, and never changes."),
    }
}

/// Requires that a round's closing day has not ended.
pub fn require_open_for_answers(closes_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), Refusal> {
    if closes_at.is_none_or(|end| now < end) {
        return Ok(());
    }
    Err(Refusal::new(
        Code::WrongState,
        message!(ROUND_OVER, "The round closed at the end of its last day, and takes no more answers."),
    )
    .at("input.id"))
}

/// Whether a round is open although its last day has ended.
pub fn is_over(round: &alignment_round::Model, now: DateTime<Utc>) -> bool {
    round.status == AlignmentStatus::Open && round.closes_at.is_some_and(|end| end <= now)
}

/// Requires that a round can be voted on again: it is revealed, and no re-vote itself.
pub fn require_revotable(round: &alignment_round::Model) -> Result<(), Refusal> {
    let message = if round.revote_of_id.is_some() {
        message!(REVOTE_OF_REVOTE, "This round is a re-vote. Name the round that it belongs to.")
    } else if round.status != AlignmentStatus::Revealed {
        message!(REVOTE_TOO_EARLY, "The round is not revealed yet. Reveal it first.")
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::WrongState, message).at("input.revoteOfId"))
}

/// Requires that it is clear which statements a round asks: its own, or others' by their keys.
pub fn require_one_source(own: bool, keys: bool, revote: bool) -> Result<(), Refusal> {
    if !own || !keys && !revote {
        return Ok(());
    }
    let message = message!(
        STATEMENTS_FROM_TWO_SOURCES,
        "A round asks either its own `statements`, or those of the questionnaire or of the round it votes on again. Leave \
         one out."
    );
    Err(Refusal::new(Code::Invalid, message).at("input.statements"))
}

/// Selects statements by their keys, in their own order; all of them without keys.
pub fn pick_statements(
    all: Vec<NewStatement>,
    keys: Option<&[String]>,
) -> Result<Vec<NewStatement>, Vec<Refusal>> {
    if all.is_empty() {
        let message = message!(
            NO_QUESTIONNAIRE,
            "The team's programme has no questionnaire. Give the round its own `statements`."
        );
        return Err(vec![Refusal::new(Code::Invalid, message).at("input.statements")]);
    }
    let Some(keys) = keys else { return Ok(all) };
    let mut refusals = Vec::new();
    for (at, key) in keys.iter().enumerate().take(STATEMENTS) {
        if all.iter().all(|statement| statement.key != *key) {
            let message = message!(NO_SUCH_KEY, "There is no statement with this key. Name another one.");
            refusals.push(Refusal::new(Code::Invalid, message).at(&format!("input.statementKeys.{at}")));
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    Ok(all.into_iter().filter(|statement| keys.contains(&statement.key)).collect())
}

/// The key of a statement that was sent without one: its words where they fit, else a digest of its text. The same text has
/// the same key.
pub fn own_key(text: &str) -> String {
    let text = text.trim().to_lowercase();
    if text.is_ascii() && text.len() <= MAX_KEY {
        let words = key_of(&text);
        if !words.is_empty() {
            return words;
        }
    }
    let digest = hex::encode(Sha256::digest(text.as_bytes()));
    format!("statement-{}", digest.get(..16).unwrap_or_default())
}

/// Requires that the caller has answered a round.
pub fn require_response<T>(response: Option<T>) -> Result<T, Refusal> {
    let message = message!(NOT_ANSWERED, "You have not answered this round, so there is no consent.");
    response.ok_or_else(|| Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that a team has no earlier round that is not revealed.
pub fn require_no_pending_round(pending: Option<&alignment_round::Model>) -> Result<(), Refusal> {
    let Some(pending) = pending else { return Ok(()) };
    let message = message!(
        ROUND_PENDING,
        "The team's round “{round}” is not revealed yet. Reveal it first.",
        round = pending.title,
    );
    Err(Refusal::new(Code::WrongState, message).at("input.teamId"))
}

/// The member for whom the caller answers. Requires an active member.
pub fn require_respondent(member: Option<member::Model>) -> Result<member::Model, Refusal> {
    let message = message!(ONLY_MEMBERS_ANSWER, "Only active members of the team answer its rounds.");
    member.ok_or_else(|| Refusal::new(Code::NotOwner, message).at("input.id"))
}

/// A statement of a new round.
#[derive(Clone, Debug, PartialEq)]
pub struct NewStatement {
    pub key: String,
    pub text: String,
    pub low: i32,
    pub high: i32,
    pub core: bool,
}

/// Checks the statements of a new round: their number, keys, texts and scales, and that they are distinct.
pub fn check_statements(asked: Vec<NewStatement>) -> Result<Vec<NewStatement>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut refuse =
        |path: &str, message: Message| refusals.push(Refusal::new(Code::Invalid, message).at(path));
    if asked.is_empty() || asked.len() > STATEMENTS {
        let message = message!(
            STATEMENTS_PER_ROUND,
            "A round has {min} to {max} statements, and this one {count}.",
            min = 1,
            max = STATEMENTS,
            count = asked.len(),
        );
        refuse("input.statements", message);
    }
    let (mut texts, mut keys) = (BTreeSet::new(), BTreeSet::new());
    let mut list = Vec::new();
    for (at, statement) in asked.into_iter().take(STATEMENTS).enumerate() {
        let text = statement.text.trim().to_owned();
        let path = |field: &str| format!("input.statements.{at}.{field}");
        if !(1..=MAX_TEXT).contains(&text.chars().count()) || text.chars().any(char::is_control) {
            let message = message!(
                STATEMENT_TEXT,
                "A statement must be one line of {min} to {max} characters.",
                min = 1,
                max = MAX_TEXT,
            );
            refuse(&path("text"), message);
        }
        if !texts.insert(text.to_lowercase()) {
            refuse(&path("text"), message!(STATEMENT_TWICE, "This statement occurs twice. Leave one out."));
        } else if !is_key(&statement.key) {
            let message = message!(
                STATEMENT_KEY,
                "A key must have {min} to {max} lower-case letters, digits and hyphens between them.",
                min = 1,
                max = MAX_KEY,
            );
            refuse(&path("key"), message);
        } else if !keys.insert(statement.key.clone()) {
            refuse(
                &path("key"),
                message!(STATEMENT_KEY_TWICE, "Another statement has this key. Give it its own."),
            );
        }
        if !LOW_ENDS.contains(&statement.low) {
            refuse(&path("low"), out_of_range("low", &LOW_ENDS));
        }
        if statement.high < statement.low + MIN_SCALE_SPAN || statement.high > MAX_HIGH {
            let message = message!(
                SCALE_END,
                "`high` must be at least {steps} more than `low`, and at most {max}.",
                steps = MIN_SCALE_SPAN,
                max = MAX_HIGH,
            );
            refuse(&path("high"), message);
        }
        list.push(NewStatement { text, ..statement });
    }
    if refusals.is_empty() { Ok(list) } else { Err(refusals) }
}

/// A rating as it was sent: the statement's ID, `None` if the ID is invalid, and the rating.
pub type SentRating = (Option<Id<alignment_statement::Entity>>, i32);

/// Checks the ratings of a round: each statement is rated once, on its scale.
pub fn check_ratings(
    said: &[SentRating],
    statements: &[alignment_statement::Model],
) -> Result<Vec<(Id<alignment_statement::Entity>, i32)>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut refuse = |code, path: &str, message: Message| refusals.push(Refusal::new(code, message).at(path));
    let mut ratings: Vec<(Id<alignment_statement::Entity>, i32)> = Vec::new();
    for (at, (id, rating)) in said.iter().take(STATEMENTS).enumerate() {
        let path = |field: &str| format!("input.answers.{at}.{field}");
        match statements.iter().find(|statement| Some(statement.id) == *id) {
            None => {
                refuse(
                    Code::NotFound,
                    &path("statementId"),
                    message!(
                        NO_SUCH_STATEMENT,
                        "This is no statement of the round. Rate the statements of this round only."
                    ),
                );
            }
            Some(statement) if ratings.iter().any(|(other, _)| *other == statement.id) => {
                refuse(
                    Code::Invalid,
                    &path("statementId"),
                    message!(
                        STATEMENT_RATED_TWICE,
                        "This statement is rated twice. Leave one of the ratings out."
                    ),
                );
            }
            Some(statement) => {
                if !(statement.low..=statement.high).contains(rating) {
                    let message = out_of_range("rating", &(statement.low..=statement.high));
                    refuse(Code::Invalid, &path("rating"), message);
                }
                ratings.push((statement.id, *rating));
            }
        }
    }
    if said.len() != statements.len() {
        let message = message!(
            NOT_ALL_RATED,
            "Rate each of the round's {count} statements once.",
            count = statements.len(),
        );
        refuse(Code::Invalid, "input.answers", message);
    }
    if refusals.is_empty() { Ok(ratings) } else { Err(refusals) }
}

/// Number of participants that a round is measured against: those when it is sealed, and those who answered and left.
pub fn member_count(participants: &[Id<member::Entity>], answered: &[Id<member::Entity>]) -> i32 {
    participants.iter().chain(answered).collect::<BTreeSet<_>>().len() as i32
}

/// How a round's results are disclosed. `consents` says for each respondent whether they consented to be named; `counting`
/// is the number of respondents who count.
pub fn disclosure(consents: &[bool], counting: usize) -> AlignmentDisclosure {
    if !consents.is_empty() && consents.iter().all(|consent| *consent) {
        AlignmentDisclosure::Attributed
    } else if counting >= MIN_ANONYMOUS {
        AlignmentDisclosure::Anonymous
    } else {
        AlignmentDisclosure::Withheld
    }
}

/// Whether everyone who reads a round reads its means and bands. Those of fewer respondents are kept with the named ratings.
pub fn is_public(disclosure: AlignmentDisclosure, counting: usize) -> bool {
    disclosure != AlignmentDisclosure::Withheld && counting >= MIN_ANONYMOUS
}

/// The statement of an earlier round with the same key and scale. Statements of rounds from before keys have none: these
/// are known by their words.
pub fn find_same_statement<'a>(
    statement: &alignment_statement::Model,
    before: &'a [alignment_statement::Model],
) -> Option<&'a alignment_statement::Model> {
    let is_same = |other: &alignment_statement::Model| {
        if statement.key.is_empty() || other.key.is_empty() {
            // erased statements all have the same words
            let is_erased = matches!(Replacement::ERASED, Replacement::Text(erased) if erased == other.text);
            return !is_erased && other.text.to_lowercase() == statement.text.to_lowercase();
        }
        other.key == statement.key
    };
    before.iter().find(|other| (other.low, other.high) == (statement.low, statement.high) && is_same(other))
}

/// The disclosed result of a statement.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementResult {
    /// The mean to the nearest half.
    pub mean: String,
    /// How much the ratings agree. `None` if there are fewer than two ratings.
    pub band: Option<ConsensusBand>,
    /// The consensus in per cent. `None` if the results are disclosed without names.
    pub consensus_percent: Option<i32>,
}

/// The result of a statement with these ratings on a scale. `None` if the round withholds its results.
pub fn statement_result(
    ratings: &[i32],
    (low, high): (i32, i32),
    disclosure: AlignmentDisclosure,
) -> Option<StatementResult> {
    if disclosure == AlignmentDisclosure::Withheld {
        return None;
    }
    let consensus = consensus(ratings, low, high);
    let named = disclosure == AlignmentDisclosure::Attributed;
    Some(StatementResult {
        mean: nearest_half(ratings)?,
        band: consensus.map(band),
        consensus_percent: consensus.filter(|_| named).map(|figure| (figure * 100.0).round() as i32),
    })
}

/// The mean, rounded to the nearest half, such as `3.5`. Values halfway are rounded up.
pub fn nearest_half(ratings: &[i32]) -> Option<String> {
    let (sum, count) = (ratings.iter().sum::<i32>(), ratings.len() as i32);
    let halves = (4 * sum + count).checked_div_euclid(2 * count)?;
    Some(format!("{}.{}", halves / 2, halves % 2 * 5))
}

/// The band of a consensus. A figure that is below a border only by a rounding error counts as on the border.
pub fn band(consensus: f64) -> ConsensusBand {
    match consensus + 1e-9 {
        high if high >= 0.75 => ConsensusBand::High,
        mixed if mixed >= 0.5 => ConsensusBand::Mixed,
        _ => ConsensusBand::Low,
    }
}

fn mean(ratings: &[i32]) -> f64 {
    ratings.iter().map(|rating| f64::from(*rating)).sum::<f64>() / ratings.len() as f64
}

/// Consensus by Tastle and Wierman: 1 + Σ pᵢ·log₂(1 − |Xᵢ − μ|/d), from 0 to 1. `None` if there are fewer than two ratings.
pub fn consensus(ratings: &[i32], low: i32, high: i32) -> Option<f64> {
    let (count, mean) = (ratings.len() as f64, mean(ratings));
    if ratings.len() < 2 || high <= low {
        return None;
    }
    let width = f64::from(high - low);
    let terms = ratings.iter().map(|rating| (1.0 - (f64::from(*rating) - mean).abs() / width).log2() / count);
    Some((1.0 + terms.sum::<f64>()).clamp(0.0, 1.0))
}

/// Agreement for metrics: 1 − 4σ²/d², from 0 to 1, with the variance of the whole population.
pub fn agreement(ratings: &[i32], low: i32, high: i32) -> Option<f64> {
    let (count, mean) = (ratings.len() as f64, mean(ratings));
    if ratings.is_empty() || high <= low {
        return None;
    }
    let variance = ratings.iter().map(|rating| (f64::from(*rating) - mean).powi(2)).sum::<f64>() / count;
    Some((1.0 - 4.0 * variance / f64::from(high - low).powi(2)).clamp(0.0, 1.0))
}

/// Level of the ratings on their scale: the mean of (x − L)/(H − L), from 0 to 1.
pub fn level(ratings: &[i32], low: i32, high: i32) -> Option<f64> {
    if ratings.is_empty() || high <= low {
        return None;
    }
    Some((mean(ratings) - f64::from(low)) / f64::from(high - low))
}

/// The ratings and the scale of a core statement.
pub struct Core {
    pub ratings: Vec<i32>,
    pub low: i32,
    pub high: i32,
}

/// Level and agreement over the core statements, in ten-thousandths. `None` if too few members answered.
pub fn measure(core: &[Core], respondents: usize, members: usize) -> Option<(i32, i32)> {
    if core.is_empty() || respondents < MIN_MEASURED || respondents * 100 < members * MIN_RESPONSE_PERCENT {
        return None;
    }
    let over = |figure: fn(&[i32], i32, i32) -> Option<f64>| {
        let figures: Option<Vec<f64>> =
            core.iter().map(|statement| figure(&statement.ratings, statement.low, statement.high)).collect();
        let mean = figures?.iter().sum::<f64>() / core.len() as f64;
        Some((mean * 10_000.0).round() as i32)
    };
    Some((over(level)?, over(agreement)?))
}

/// Whether the figures of a whole round can be disclosed.
pub fn can_show_round_figures(core: usize, respondents: usize, disclosure: AlignmentDisclosure) -> bool {
    match disclosure {
        AlignmentDisclosure::Attributed => true,
        AlignmentDisclosure::Withheld => false,
        _ => core >= MIN_CORE_STATEMENTS && respondents >= MIN_ANONYMOUS,
    }
}

/// Rounds a figure of a whole round for disclosure. Finer figures would reveal the ratings of a small team.
pub fn round_figure(figure: i32) -> i32 {
    (figure + FIGURE_STEP / 2) / FIGURE_STEP * FIGURE_STEP
}

/// Maximum number of questions of a round.
pub const QUESTIONS: usize = 5;
/// Maximum number of characters of a text answer.
const MAX_ANSWER: usize = 2000;

/// A checked text answer: its question and the text.
pub type SentText = (Id<alignment_question::Entity>, String);

/// Checks the questions of a new round.
pub fn check_questions(questions: &[String]) -> Result<Vec<String>, Vec<Refusal>> {
    if questions.len() > QUESTIONS {
        let message = message!(TOO_MANY_QUESTIONS, "A round asks at most {max} questions.", max = QUESTIONS);
        return Err(vec![Refusal::new(Code::Invalid, message).at("input.questions")]);
    }
    let mut check = Check::new();
    let lines = questions.iter().enumerate();
    let lines: Vec<String> =
        lines.map(|(at, text)| check.line(&format!("input.questions.{at}"), text, 1..=MAX_TEXT)).collect();
    let refusals = check.refusals();
    if refusals.is_empty() { Ok(lines) } else { Err(refusals) }
}

/// Checks text answers: their questions are the round's, each named once.
pub fn check_texts(
    sent: &[(Option<Id<alignment_question::Entity>>, &str)],
    questions: &[alignment_question::Model],
) -> Result<Vec<SentText>, Vec<Refusal>> {
    let mut check = Check::new();
    let mut texts: Vec<SentText> = Vec::new();
    // one too many is enough to refuse: no round has more questions
    for (at, (id, text)) in sent.iter().take(QUESTIONS + 1).enumerate() {
        let path = format!("input.texts.{at}.questionId");
        let text = check.text(&format!("input.texts.{at}.text"), text, 1..=MAX_ANSWER);
        let question = questions.iter().find(|question| *id == Some(question.id));
        let message =
            message!(NO_SUCH_QUESTION, "The round has no such question. Name one of its questions.");
        check.refuse_if(question.is_none(), Code::Invalid, &path, message);
        let twice = question.is_some_and(|question| texts.iter().any(|(other, _)| *other == question.id));
        let message = message!(QUESTION_NAMED_TWICE, "This question is named twice. Leave one out.");
        check.refuse_if(twice, Code::Invalid, &path, message);
        texts.extend(question.map(|question| (question.id, text)));
    }
    let refusals = check.refusals();
    if refusals.is_empty() { Ok(texts) } else { Err(refusals) }
}

/// The text that answers a question; empty if there is none.
pub fn text_of(question: Id<alignment_question::Entity>, texts: &[SentText]) -> &str {
    texts.iter().find(|(of, _)| *of == question).map_or("", |(_, text)| text)
}

/// The texts that answer a question, without authors, in the order of HMAC-SHA256 of their inputs' IDs under `key` (RFC
/// 2104). Nobody can work out the order, or who wrote what from it, without the key.
pub fn shuffle_texts(
    key: &[u8],
    question: Id<alignment_question::Entity>,
    inputs: &[alignment_text_input::Model],
) -> Vec<String> {
    let place = |input: &alignment_text_input::Model| keyed(key, b"text", input.id.uuid().as_bytes());
    let given = inputs.iter().filter(|input| input.question_id == question && !input.text.is_empty());
    let mut given: Vec<_> = given.map(|input| (place(input), input.text.clone())).collect();
    given.sort();
    given.into_iter().map(|(_, text)| text).collect()
}

/// Days after a round on which its pulses are due.
pub const PULSE_DAYS: [i32; 3] = [30, 60, 90];
/// Number of days for which a pulse is open.
pub const PULSE_OPEN_DAYS: u64 = 7;
/// Number of statements that a pulse asks again.
pub const PULSE_STATEMENTS: usize = 2;

/// When the pulse after the one of day `last` is due, of a round revealed at `revealed_at`. `None` after the last.
pub fn next_pulse_at(revealed_at: DateTime<Utc>, last: Option<i32>) -> Option<DateTime<Utc>> {
    let days = PULSE_DAYS.into_iter().find(|days| last.is_none_or(|last| *days > last))?;
    Some(revealed_at + TimeDelta::days(i64::from(days)))
}

/// The day of the pulse that is due now: the latest whose time has come. `None` if none is due.
pub fn due_pulse(
    revealed_at: DateTime<Utc>,
    next_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<i32> {
    let next_at = next_at.filter(|next| *next <= now)?;
    let at = |days: &i32| revealed_at + TimeDelta::days(i64::from(*days));
    PULSE_DAYS.into_iter().filter(|days| (next_at..=now).contains(&at(days))).max()
}

/// The two statements with the lowest published means, in their own order. Means on different scales are compared by
/// their place between the ends; of equal ones, the earlier statement is asked.
pub fn lowest_statements(statements: &[alignment_statement::Model]) -> Vec<&alignment_statement::Model> {
    let place = |row: &alignment_statement::Model| {
        let mean: f64 = row.mean.as_ref()?.parse().ok()?;
        let low = f64::from(row.low);
        Some((mean - low) / (f64::from(row.high) - low))
    };
    let mut placed: Vec<_> = statements.iter().filter_map(|row| Some((place(row)?, row))).collect();
    placed.sort_by(|(one, first), (other, second)| {
        one.total_cmp(other).then(first.position.cmp(&second.position))
    });
    let mut lowest: Vec<_> = placed.into_iter().take(PULSE_STATEMENTS).map(|(_, row)| row).collect();
    lowest.sort_by_key(|row| row.position);
    lowest
}
