//! Rules of dot votes: what can be voted on, who votes, and how dots are counted.

use crate::{
    kernel::{Code, Refusal, check::out_of_range},
    message,
};
use entity::{
    Id, decision_option, dot_ballot, dot_vote::DotVoteStatus, dot_vote_option, member, obstacle, person,
    priority, session::SessionStatus,
};
use std::{collections::BTreeSet, ops::RangeInclusive};

/// Allowed numbers of dots for each participant.
pub const DOTS: RangeInclusive<i32> = 1..=20;
/// Allowed numbers of options of a vote.
pub const OPTIONS: RangeInclusive<usize> = 2..=20;
/// Maximum number of votes of a session.
pub const PER_SESSION: usize = 10;

/// Dots as sent: the option that the ID names, and their number.
pub type SentDots = (Option<Id<dot_vote_option::Entity>>, i32);

/// An option of a new vote. Exactly one of its IDs is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewOption {
    pub title: String,
    pub obstacle: Option<Id<obstacle::Entity>>,
    pub priority: Option<Id<priority::Entity>>,
    pub decision_option: Option<Id<decision_option::Entity>>,
    /// Where the input names it.
    pub path: String,
}

impl NewOption {
    pub fn of_obstacle(row: obstacle::Model, path: String) -> NewOption {
        NewOption { title: row.title, obstacle: Some(row.id), path, ..NewOption::default() }
    }
    pub fn of_priority(row: priority::Model, path: String) -> NewOption {
        NewOption { title: row.title, priority: Some(row.id), path, ..NewOption::default() }
    }
    pub fn of_decision(row: decision_option::Model, path: String) -> NewOption {
        NewOption { title: row.text, decision_option: Some(row.id), path, ..NewOption::default() }
    }
    fn is_same(&self, other: &NewOption) -> bool {
        (self.obstacle, self.priority, self.decision_option)
            == (other.obstacle, other.priority, other.decision_option)
    }
}

/// Requires that a session takes new votes: it is scheduled or in progress.
pub fn require_current(status: SessionStatus) -> Result<(), Refusal> {
    if matches!(status, SessionStatus::Scheduled | SessionStatus::InProgress) {
        return Ok(());
    }
    let message = message!(SESSION_OVER, "The session is over. Choose one that is scheduled or in progress.");
    Err(Refusal::new(Code::WrongState, message).at("input.sessionId"))
}

/// Requires that a session has room for another vote.
pub fn require_room(there: usize) -> Result<(), Refusal> {
    if there < PER_SESSION {
        return Ok(());
    }
    let message = message!(VOTES_PER_SESSION, "A session has at most {max} votes.", max = PER_SESSION);
    Err(Refusal::new(Code::LimitReached, message).at("input.sessionId"))
}

/// Requires that a vote names no more things than it can have options, before they are loaded.
pub fn require_few(named: usize) -> Result<(), Refusal> {
    if named <= *OPTIONS.end() { Ok(()) } else { Err(wrong_count()) }
}

fn wrong_count() -> Refusal {
    let (min, max) = (*OPTIONS.start(), *OPTIONS.end());
    let message = message!(OPTIONS_OF_VOTE, "A vote has {min} to {max} options. Name as many.", min, max);
    Refusal::new(Code::Invalid, message).at("input")
}

/// Requires that a decision has options to vote on.
pub fn require_options(options: &[decision_option::Model]) -> Result<(), Refusal> {
    if !options.is_empty() {
        return Ok(());
    }
    let message = message!(NO_OPTIONS, "The decision has no options to vote on. Name another one.");
    Err(Refusal::new(Code::Invalid, message).at("input.decisionId"))
}

/// Checks the options of a new vote: their number, and that each is named once.
pub fn check_options(options: &[NewOption]) -> Result<(), Vec<Refusal>> {
    if !OPTIONS.contains(&options.len()) {
        return Err(vec![wrong_count()]);
    }
    let twice = options
        .iter()
        .enumerate()
        .filter(|(at, option)| options.iter().take(*at).any(|other| other.is_same(option)));
    let refusals: Vec<Refusal> = twice
        .map(|(_, option)| {
            let message = message!(OPTION_NAMED_TWICE, "This option is named twice. Leave one out.");
            Refusal::new(Code::Invalid, message).at(&option.path)
        })
        .collect();
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}

/// Requires that a person votes for themselves: they are a participant of the team.
pub fn require_voter(person: Id<person::Entity>, participants: &[member::Model]) -> Result<(), Refusal> {
    if participants.iter().any(|member| member.person_id == Some(person)) {
        return Ok(());
    }
    let message = message!(ONLY_MEMBERS_VOTE, "Only active members of the team vote.");
    Err(Refusal::new(Code::NotOwner, message).at("input.id"))
}

/// Requires that a vote takes ballots.
pub fn require_open(status: DotVoteStatus) -> Result<(), Refusal> {
    if status == DotVoteStatus::Open {
        return Ok(());
    }
    let message = message!(VOTE_CLOSED, "The vote is closed, and never changes.");
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Checks a ballot: its options are the vote's, each named once, and its dots are at least one and at most `most` in
/// all. Returns the dots of every option.
pub fn check_ballot(
    sent: &[SentDots],
    options: &[dot_vote_option::Model],
    most: i32,
) -> Result<Vec<(Id<dot_vote_option::Entity>, i32)>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut named = BTreeSet::new();
    // one too many is enough to refuse: no vote has more options
    for (at, (id, dots)) in sent.iter().take(*OPTIONS.end() + 1).enumerate() {
        let path = format!("input.ballots.{at}.optionId");
        match options.iter().find(|option| *id == Some(option.id)) {
            None => {
                let message =
                    message!(NO_SUCH_VOTE_OPTION, "The vote has no such option. Name one of its options.");
                refusals.push(Refusal::new(Code::Invalid, message).at(&path));
            }
            Some(option) if !named.insert(option.id) => {
                let message = message!(OPTION_NAMED_TWICE, "This option is named twice. Leave one out.");
                refusals.push(Refusal::new(Code::Invalid, message).at(&path));
            }
            Some(_) => {}
        }
        let path = format!("input.ballots.{at}.dots");
        if !(0..=most).contains(dots) {
            refusals.push(Refusal::new(Code::Invalid, out_of_range(&path, &(0..=most))).at(&path));
        }
    }
    let sum: i64 = sent.iter().map(|(_, dots)| i64::from(*dots)).sum();
    if refusals.is_empty() && !(1..=i64::from(most)).contains(&sum) {
        let message = message!(DOTS_OF_BALLOT, "Give {min} to {max} dots in all.", min = 1, max = most);
        refusals.push(Refusal::new(Code::Invalid, message).at("input.ballots"));
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let dots_of = |option: &dot_vote_option::Model| {
        sent.iter().find(|(id, _)| *id == Some(option.id)).map_or(0, |(_, dots)| *dots)
    };
    Ok(options.iter().map(|option| (option.id, dots_of(option))).collect())
}

/// Sum of the dots that an option got.
pub fn count_dots(option: Id<dot_vote_option::Entity>, ballots: &[dot_ballot::Model]) -> i32 {
    ballots.iter().filter(|ballot| ballot.option_id == option).map(|ballot| ballot.dots).sum()
}

/// Number of people who voted.
pub fn count_voters(ballots: &[dot_ballot::Model]) -> i32 {
    ballots.iter().map(|ballot| ballot.person_id).collect::<BTreeSet<_>>().len() as i32
}
