//! Rules of alignment rounds: who answers, which results are disclosed, and how figures are computed.

use crate::{
    features::participant::rules::MIN_ANSWERS,
    kernel::{Code, Message, Refusal, check::out_of_range},
    message,
};
use chrono::{DateTime, Utc};
use entity::{
    Id,
    alignment_round::{self, AlignmentDisclosure, AlignmentStatus},
    alignment_statement::{self, ConsensusBand},
    member, person,
};
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
/// Minimum number of people by which two rounds with different respondents must differ to be compared.
pub const MIN_DIFFERENCE: usize = 3;

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
    pub text: String,
    pub low: i32,
    pub high: i32,
    pub core: bool,
}

/// Checks the statements of a new round: their number, texts and scales, and that they are distinct.
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
    let mut known = BTreeSet::new();
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
        if !known.insert(text.to_lowercase()) {
            refuse(&path("text"), message!(STATEMENT_TWICE, "This statement occurs twice. Leave one out."));
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

/// Number of members that a round is measured against: those active when it is sealed, and those who answered and left.
pub fn member_count(active: &[Id<member::Entity>], answered: &[Id<member::Entity>]) -> i32 {
    active.iter().chain(answered).collect::<BTreeSet<_>>().len() as i32
}

/// How a round's results are disclosed. `consents` says for each respondent whether they consented to be named among
/// fewer than five; `counting` is the number of respondents who count.
pub fn disclosure(consents: &[bool], counting: usize) -> AlignmentDisclosure {
    if counting >= MIN_ANONYMOUS {
        AlignmentDisclosure::Anonymous
    } else if (1..MIN_ANONYMOUS).contains(&consents.len()) && consents.iter().all(|consent| *consent) {
        AlignmentDisclosure::Attributed
    } else {
        AlignmentDisclosure::Withheld
    }
}

/// Whether two rounds can be compared: the same people answered both, or so many differ that the difference shows no
/// single person's answer.
pub fn is_comparable(now: &BTreeSet<Id<person::Entity>>, before: &BTreeSet<Id<person::Entity>>) -> bool {
    let apart = now.symmetric_difference(before).count();
    apart == 0 || apart >= MIN_DIFFERENCE
}

/// The statement of an earlier round with the same text and scale.
pub fn find_same_statement<'a>(
    statement: &alignment_statement::Model,
    before: &'a [alignment_statement::Model],
) -> Option<&'a alignment_statement::Model> {
    before.iter().find(|other| {
        (other.low, other.high) == (statement.low, statement.high)
            && other.text.to_lowercase() == statement.text.to_lowercase()
    })
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
