//! The law of decisions.

use crate::kernel::{Code, Refusal};
use entity::{
    Id,
    decision::{self, DecisionStatus},
    decision_option,
    decision_stance::{self, Stance},
    member::{self, MemberStatus},
    person, team,
};
use std::borrow::Borrow;

/// Options that one decision can weigh.
pub const OPTIONS: usize = 10;
/// Proposals that a team can have open at a time: who wants another decides or takes one back first.
pub const OPEN: usize = 200;
/// Times that a decision can be reopened: what keeps its history short enough to read whole.
pub const REOPENED: i32 = 50;

/// What can be done to a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Stance,
    Ratify,
    Supersede,
    Revoke,
    Reopen,
}

/// The status a decision has after a step, where its status allows the step.
pub fn next(status: DecisionStatus, step: Step) -> Result<DecisionStatus, Refusal> {
    use DecisionStatus::*;
    let to = match (status, step) {
        (Proposed, Step::Update | Step::Stance) => Proposed,
        (Proposed, Step::Ratify) => Ratified,
        (Proposed | Ratified, Step::Revoke) => Revoked,
        (Ratified, Step::Supersede) => Superseded,
        (Ratified, Step::Reopen) => Ratified,
        _ => return Err(Refusal::new(Code::WrongState, why_not(status, step)).at("input.id")),
    };
    Ok(to)
}

fn why_not(status: DecisionStatus, step: Step) -> &'static str {
    use DecisionStatus::*;
    match (status, step) {
        (Proposed, _) => "The decision is only proposed. It must be ratified first.",
        (Ratified, Step::Update) => {
            "The decision is ratified, and what it says never changes. Reopen it, or propose one that supersedes it."
        }
        (Ratified, _) => "The decision is ratified already.",
        (Superseded, _) => "Another decision took this one's place.",
        (Revoked, _) => "The decision was taken back.",
    }
}

/// Members who must have taken a stance before a team of this many can ratify: half of them, rounded up, and two
/// where there are two.
pub fn quorum(members: usize) -> usize {
    members.div_ceil(2).max(members.min(2))
}

/// A title as it is compared: without regard to case, punctuation and white space.
pub fn folded(title: &str) -> String {
    let letters = title.chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' });
    let letters: String = letters.flat_map(char::to_lowercase).collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a decision to ratify stands on.
pub struct Case<'a> {
    pub decision: &'a decision::Model,
    pub owner: Option<&'a member::Model>,
    /// How many active members the team has.
    pub members: usize,
    /// How many of them have taken a stance on it as it is worded.
    pub stances: usize,
    /// The team's other proposals.
    pub rivals: &'a [decision::Model],
}

/// Whether a decision can be ratified. All that is missing is named at once.
pub fn ratifiable(case: &Case<'_>) -> Result<(), Vec<Refusal>> {
    let mut missing = Vec::new();
    let mut refuse = |code, message: String| missing.push(Refusal::new(code, message).at("input.id"));
    let needed = quorum(case.members);
    if case.stances < needed {
        let (have, members) = (case.stances, case.members);
        refuse(
            Code::QuorumNotMet,
            format!("{have} of {members} members have taken a stance; {needed} are needed."),
        );
    }
    match case.owner {
        None => refuse(Code::OwnerNotEligible, "The decision has no owner. Name one first.".into()),
        Some(owner) if owner.status != MemberStatus::Active || owner.team_id != case.decision.team_id => {
            refuse(Code::OwnerNotEligible, "The owner must be an active member of the team.".into());
        }
        Some(_) => {}
    }
    let title = folded(&case.decision.title);
    for rival in case.rivals.iter().filter(|rival| folded(&rival.title) == title) {
        refuse(
            Code::Taken,
            format!("“{}” is proposed as well. Take one of the two back, or word them apart.", rival.title),
        );
    }
    if missing.is_empty() { Ok(()) } else { Err(missing) }
}

/// Whether a decision of a team can take another one's place.
pub fn supersedable(
    before: &decision::Model,
    team: Id<team::Entity>,
    path: &str,
) -> Result<DecisionStatus, Refusal> {
    if before.team_id != team {
        return Err(Refusal::new(Code::Invalid, "This belongs to another team.").at(path));
    }
    let message = match before.status {
        DecisionStatus::Ratified => return Ok(DecisionStatus::Superseded),
        DecisionStatus::Proposed => {
            format!("“{}” is only proposed, and only what is in force can be superseded.", before.title)
        }
        DecisionStatus::Superseded => format!("Another decision took the place of “{}”.", before.title),
        DecisionStatus::Revoked => format!("“{}” was taken back.", before.title),
    };
    Err(Refusal::new(Code::WrongState, message).at(path))
}

/// Whether a decision can be debated anew, with these proposals that would take its place.
pub fn reopenable(decision: &decision::Model, heirs: &[decision::Model]) -> Result<(), Refusal> {
    next(decision.status, Step::Reopen)?;
    if decision.reopenings >= REOPENED {
        let message = format!("A decision can be reopened {REOPENED} times.");
        return Err(Refusal::new(Code::LimitReached, message).at("input.id"));
    }
    match heirs.first() {
        None => Ok(()),
        Some(heir) => {
            let message = format!("“{}” is proposed in its place already. Debate that one.", heir.title);
            Err(Refusal::new(Code::WrongState, message).at("input.id"))
        }
    }
}

/// Whether a team has room for another proposal.
pub fn room(open: usize, path: &str) -> Result<(), Refusal> {
    if open < OPEN {
        return Ok(());
    }
    let message = format!("A team has at most {OPEN} open proposals. Ratify one or take one back first.");
    Err(Refusal::new(Code::LimitReached, message).at(path))
}

/// The option that is chosen among a decision's: one where there are some, none where there are none.
pub fn chosen<R: Borrow<decision_option::Model>>(
    options: &[R],
    said: Option<Option<Id<decision_option::Entity>>>,
) -> Result<Option<&R>, Refusal> {
    let refuse = |message| Err(Refusal::new(Code::Invalid, message).at("input.chosenOptionId"));
    match said {
        None if options.is_empty() => Ok(None),
        None => refuse("One of the decision's options is chosen."),
        Some(id) => match options.iter().find(|option| Some((**option).borrow().id) == id) {
            None => refuse("This is none of the decision's options."),
            found => Ok(found),
        },
    }
}

/// The active member that a person is.
pub fn self_in(members: &[member::Model], person: Id<person::Entity>) -> Result<&member::Model, Refusal> {
    let found = members.iter().find(|member| member.person_id == Some(person));
    found.ok_or_else(|| {
        Refusal::new(Code::NotOwner, "Only an active member of the team can do this.").at("input.id")
    })
}

/// What a member says of a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub member: Id<member::Entity>,
    pub stance: Stance,
    pub conviction: i32,
    pub comment: String,
}

/// The members whom others may speak for, each named once: those without a login.
pub fn spoken_for(
    named: &[Option<Id<member::Entity>>],
    members: &[member::Model],
) -> Result<Vec<Id<member::Entity>>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut found: Vec<Id<member::Entity>> = Vec::new();
    for (at, id) in named.iter().enumerate() {
        let member = members.iter().find(|member| Some(member.id) == *id);
        let wrong = match member {
            None => Some((Code::Invalid, "This is no active member of the team.")),
            Some(member) if member.person_id.is_some() => {
                Some((Code::NotOwner, "This member has a login, and speaks for themselves."))
            }
            Some(member) if found.contains(&member.id) => {
                Some((Code::Invalid, "This member is named twice."))
            }
            Some(member) => {
                found.push(member.id);
                None
            }
        };
        let path = format!("input.recorded.{at}.memberId");
        refusals.extend(wrong.map(|(code, message)| Refusal::new(code, message).at(&path)));
    }
    if refusals.is_empty() { Ok(found) } else { Err(refusals) }
}

/// The stances that count: on the decision as it is worded, by members who are active.
pub fn counting<'a>(
    stances: &'a [decision_stance::Model],
    decision: &decision::Model,
    members: &[member::Model],
) -> Vec<&'a decision_stance::Model> {
    let counts = |stance: &&decision_stance::Model| {
        stance.wording == decision.wording && members.iter().any(|member| member.id == stance.member_id)
    };
    stances.iter().filter(counts).collect()
}
