//! The law of alignment rounds: who answers what, what is told of it, and the figures.

use crate::{
    features::participant::rules::FEWEST,
    kernel::{Code, Refusal},
};
use chrono::{DateTime, Utc};
use entity::{
    Id,
    alignment_round::{self, AlignmentDisclosure, AlignmentStatus},
    alignment_statement::{self, ConsensusBand},
    member, person,
};
use std::collections::BTreeSet;

/// How far a scale's ends lie apart at the least: on a narrower one a mean and a band tell who few people's ratings were.
pub const NARROWEST: i32 = 3;
/// Statements that one round can ask about.
pub const STATEMENTS: usize = 50;
/// Respondents from which results are told without names.
pub const ANONYMOUS: usize = FEWEST;
/// Respondents from which a round is measured for metrics over many teams.
pub const MEASURED: usize = 4;
/// The lowest response rate at which it is, in per cent.
pub const RESPONSE: usize = 75;
/// Core statements from which the figures of a whole round are told without names: of fewer, they are the ratings.
pub const TOGETHER: usize = 4;
/// People by whom two rounds must differ, when they differ at all, to be compared.
pub const APART: usize = 3;

/// What the figures of a whole round are rounded to where they are told, in ten-thousandths.
pub const STEP: i32 = 500;

/// What can be done to a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Answer,
    Seal,
    Reveal,
}

/// The status a round has after a step, where its status allows the step.
pub fn next(status: AlignmentStatus, step: Step) -> Result<AlignmentStatus, Refusal> {
    use AlignmentStatus::*;
    let to = match (status, step) {
        (Open, Step::Answer) => Open,
        (Open, Step::Seal) => Sealed,
        (Sealed, Step::Reveal) => Revealed,
        _ => return Err(Refusal::new(Code::WrongState, why_not(status)).at("input.id")),
    };
    Ok(to)
}

fn why_not(status: AlignmentStatus) -> &'static str {
    use AlignmentStatus::*;
    match status {
        Open => "The round still takes answers. Seal it first.",
        Sealed => "The round is sealed: it takes no more answers.",
        Revealed => "The round is revealed, and never changes.",
    }
}

/// Whether a round still takes answers by its closing day.
pub fn in_time(closes_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), Refusal> {
    if closes_at.is_none_or(|end| now < end) {
        return Ok(());
    }
    Err(Refusal::new(Code::WrongState, "The day on which the round closes has ended.").at("input.id"))
}

/// Whether a team can open a round: not while an earlier one is still to be revealed.
pub fn openable(pending: Option<&alignment_round::Model>) -> Result<(), Refusal> {
    let Some(pending) = pending else { return Ok(()) };
    let message = format!("The team's round “{}” is not revealed yet. Reveal it first.", pending.title);
    Err(Refusal::new(Code::WrongState, message).at("input.teamId"))
}

/// The member as whom someone answers.
pub fn respondent(member: Option<member::Model>) -> Result<member::Model, Refusal> {
    let message = "Only active members of the team answer its rounds.";
    member.ok_or_else(|| Refusal::new(Code::NotOwner, message).at("input.id"))
}

/// A statement to ask about, as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub text: String,
    pub low: i32,
    pub high: i32,
    pub core: bool,
}

/// The statements of a round: some, not too many, none twice, each on a scale.
pub fn statements(asked: Vec<Asked>) -> Result<Vec<Asked>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut refuse = |path: &str, message: &str| refusals.push(Refusal::new(Code::Invalid, message).at(path));
    if asked.is_empty() || asked.len() > STATEMENTS {
        refuse("input.statements", "A round asks about 1 to 50 statements.");
    }
    let mut known = BTreeSet::new();
    let mut list = Vec::new();
    for (at, statement) in asked.into_iter().take(STATEMENTS).enumerate() {
        let text = statement.text.trim().to_owned();
        let path = |field: &str| format!("input.statements.{at}.{field}");
        if !(1..=500).contains(&text.chars().count()) || text.chars().any(char::is_control) {
            refuse(&path("text"), "A statement is one line of 1 to 500 characters.");
        }
        if !known.insert(text.to_lowercase()) {
            refuse(&path("text"), "This statement is there twice.");
        }
        if !(0..=9).contains(&statement.low) {
            refuse(&path("low"), "A scale begins between 0 and 9.");
        }
        if statement.high < statement.low + NARROWEST || statement.high > 10 {
            refuse(&path("high"), "A scale has four steps or more, and ends at 10 at the most.");
        }
        list.push(Asked { text, ..statement });
    }
    if refusals.is_empty() { Ok(list) } else { Err(refusals) }
}

/// A rating as it was sent: the statement's id, or what is none, and the rating.
pub type Said = (Option<Id<alignment_statement::Entity>>, i32);

/// The ratings of a round's statements: each statement once, on its scale, and none left out.
pub fn ratings(
    said: &[Said],
    statements: &[alignment_statement::Model],
) -> Result<Vec<(Id<alignment_statement::Entity>, i32)>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut refuse = |code, path: &str, message: &str| refusals.push(Refusal::new(code, message).at(path));
    let mut ratings: Vec<(Id<alignment_statement::Entity>, i32)> = Vec::new();
    for (at, (id, rating)) in said.iter().take(STATEMENTS).enumerate() {
        let path = |field: &str| format!("input.answers.{at}.{field}");
        match statements.iter().find(|statement| Some(statement.id) == *id) {
            None => refuse(Code::NotFound, &path("statementId"), "This is no statement of the round."),
            Some(statement) if ratings.iter().any(|(other, _)| *other == statement.id) => {
                refuse(Code::Invalid, &path("statementId"), "This statement is rated twice.");
            }
            Some(statement) => {
                if !(statement.low..=statement.high).contains(rating) {
                    let message = format!("This must lie between {} and {}.", statement.low, statement.high);
                    refuse(Code::Invalid, &path("rating"), &message);
                }
                ratings.push((statement.id, *rating));
            }
        }
    }
    if said.len() != statements.len() {
        let message = format!("Rate each of the round's {} statements once.", statements.len());
        refuse(Code::Invalid, "input.answers", &message);
    }
    if refusals.is_empty() { Ok(ratings) } else { Err(refusals) }
}

/// How many members a round is measured against: those active when it is sealed, and those who answered and left.
pub fn membership(active: &[Id<member::Entity>], answered: &[Id<member::Entity>]) -> i32 {
    active.iter().chain(answered).collect::<BTreeSet<_>>().len() as i32
}

/// How much a round tells, by whether each respondent consented to be named, and how many of them count. Consent is to
/// be named among fewer than five.
pub fn disclosure(consents: &[bool], counting: usize) -> AlignmentDisclosure {
    if counting >= ANONYMOUS {
        AlignmentDisclosure::Anonymous
    } else if (1..ANONYMOUS).contains(&consents.len()) && consents.iter().all(|consent| *consent) {
        AlignmentDisclosure::Attributed
    } else {
        AlignmentDisclosure::Withheld
    }
}

/// Whether two rounds can be compared by who answered them: the same people, or so different ones that no single
/// person's answer shows in the difference.
pub fn comparable(now: &BTreeSet<Id<person::Entity>>, before: &BTreeSet<Id<person::Entity>>) -> bool {
    let apart = now.symmetric_difference(before).count();
    apart == 0 || apart >= APART
}

/// The statement of an earlier round that asks the same on the same scale.
pub fn same<'a>(
    statement: &alignment_statement::Model,
    before: &'a [alignment_statement::Model],
) -> Option<&'a alignment_statement::Model> {
    before.iter().find(|other| {
        (other.low, other.high) == (statement.low, statement.high)
            && other.text.to_lowercase() == statement.text.to_lowercase()
    })
}

/// What is told of a statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The mean to the nearest half.
    pub mean: String,
    /// How much the ratings agree; none below two.
    pub band: Option<ConsensusBand>,
    /// The consensus in per cent, where ratings are told with names anyway.
    pub consensus_percent: Option<i32>,
}

/// What a round tells of a statement with these ratings on a scale; nothing where it withholds.
pub fn finding(ratings: &[i32], (low, high): (i32, i32), disclosure: AlignmentDisclosure) -> Option<Finding> {
    if disclosure == AlignmentDisclosure::Withheld {
        return None;
    }
    let consensus = consensus(ratings, low, high);
    let named = disclosure == AlignmentDisclosure::Attributed;
    Some(Finding {
        mean: nearest_half(ratings)?,
        band: consensus.map(band),
        consensus_percent: consensus.filter(|_| named).map(|figure| (figure * 100.0).round() as i32),
    })
}

/// The mean to the nearest half, halfway up: `3.5`.
pub fn nearest_half(ratings: &[i32]) -> Option<String> {
    let (sum, count) = (ratings.iter().sum::<i32>(), ratings.len() as i32);
    let halves = (4 * sum + count).checked_div_euclid(2 * count)?;
    Some(format!("{}.{}", halves / 2, halves % 2 * 5))
}

/// The band of a consensus. Figures a rounding error below a border count as on it.
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

/// Consensus by Tastle and Wierman: 1 + Σ pᵢ·log₂(1 − |Xᵢ − μ|/d), from 0 to 1, for at least two ratings.
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

/// How high the ratings are on their scale: the mean of (x − L)/(H − L), from 0 to 1.
pub fn level(ratings: &[i32], low: i32, high: i32) -> Option<f64> {
    if ratings.is_empty() || high <= low {
        return None;
    }
    Some((mean(ratings) - f64::from(low)) / f64::from(high - low))
}

/// The ratings of a core statement, on its scale.
pub struct Core {
    pub ratings: Vec<i32>,
    pub low: i32,
    pub high: i32,
}

/// Level and agreement over the core statements, in ten-thousandths, where enough of the team answered.
pub fn measure(core: &[Core], respondents: usize, members: usize) -> Option<(i32, i32)> {
    if core.is_empty() || respondents < MEASURED || respondents * 100 < members * RESPONSE {
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

/// Whether the figures of a whole round may be told at all.
pub fn tellable(core: usize, respondents: usize, disclosure: AlignmentDisclosure) -> bool {
    match disclosure {
        AlignmentDisclosure::Attributed => true,
        AlignmentDisclosure::Withheld => false,
        _ => core >= TOGETHER && respondents >= ANONYMOUS,
    }
}

/// A figure of a whole round as it may be told: finer ones would tell the ratings of a small team.
pub fn coarse(figure: i32) -> i32 {
    (figure + STEP / 2) / STEP * STEP
}
