//! Rules of decisions.

use crate::{
    features::ratification::rules::require_quorum,
    kernel::{Code, Message, Refusal},
    message,
};
use entity::{
    Id,
    decision::{self, DecisionStatus},
    decision_option,
    member::{self, MemberStatus},
    team,
};
use std::borrow::Borrow;

/// Maximum number of options of a decision.
pub const MAX_OPTIONS: usize = 10;
/// Maximum number of open proposals of a team.
pub const MAX_PROPOSALS: usize = 200;
/// Maximum number of times that a decision can be reopened. It keeps the history short enough to read whole.
pub const MAX_REOPENINGS: i32 = 50;

/// Requires that no dot vote is on options that are to be replaced.
pub fn require_no_vote(voted_on: i64) -> Result<(), Refusal> {
    if voted_on == 0 {
        return Ok(());
    }
    let message = message!(
        OPTIONS_VOTED_ON,
        "A dot vote is on the options of the decision, so they stay. Propose another decision."
    );
    Err(Refusal::new(Code::WrongState, message).at("input.options"))
}

/// A change of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Stance,
    Ratify,
    Supersede,
    Revoke,
    Reopen,
}

/// The status of a decision after a step. Refuses a step that the present status does not allow.
pub fn next_status(status: DecisionStatus, step: Step) -> Result<DecisionStatus, Refusal> {
    use DecisionStatus::*;
    let to = match (status, step) {
        (Proposed, Step::Update | Step::Stance) => Proposed,
        (Proposed, Step::Ratify) => Ratified,
        (Proposed | Ratified, Step::Revoke) => Revoked,
        (Ratified, Step::Supersede) => Superseded,
        (Ratified, Step::Reopen) => Ratified,
        _ => return Err(Refusal::new(Code::WrongState, refusal_message(status, step)).at("input.id")),
    };
    Ok(to)
}

fn refusal_message(status: DecisionStatus, step: Step) -> Message {
    use DecisionStatus::*;
    match (status, step) {
        (Proposed, _) => {
            message!(DECISION_PROPOSED, "The decision is only proposed. Ratify it first.")
        }
        (Ratified, Step::Update) => {
            message!(
                DECISION_FIXED,
                "The decision is ratified, and what it says never changes. Reopen it, or propose one that supersedes it."
            )
        }
        (Ratified, _) => message!(DECISION_RATIFIED_ALREADY, "The decision is ratified already."),
        (Superseded, _) => {
            message!(DECISION_IS_SUPERSEDED, "Another decision took this one's place. Use that one.")
        }
        (Revoked, _) => message!(DECISION_IS_REVOKED, "The decision was taken back. Propose a new one."),
    }
}

/// A title in the form for comparisons: without case, punctuation and extra white space.
pub fn folded_title(title: &str) -> String {
    let letters = title.chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' });
    let letters: String = letters.flat_map(char::to_lowercase).collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The facts that ratifying a decision depends on.
pub struct RatificationCase<'a> {
    pub decision: &'a decision::Model,
    pub owner: Option<&'a member::Model>,
    /// Number of participants of the team.
    pub participants: usize,
    /// Number of participants who have taken a stance on the present wording.
    pub stances: usize,
    /// The team's other proposals.
    pub rivals: &'a [decision::Model],
}

/// Requires that a decision can be ratified. The refusals name everything that is missing.
pub fn require_ratifiable(case: &RatificationCase<'_>) -> Result<(), Vec<Refusal>> {
    let mut missing: Vec<Refusal> =
        require_quorum(case.participants, case.stances).err().into_iter().collect();
    let mut refuse = |code, message: Message| missing.push(Refusal::new(code, message).at("input.id"));
    match case.owner {
        None => refuse(
            Code::OwnerNotEligible,
            message!(DECISION_WITHOUT_OWNER, "The decision has no owner. Name one first."),
        ),
        Some(owner) if owner.status != MemberStatus::Active || owner.team_id != case.decision.team_id => {
            refuse(
                Code::OwnerNotEligible,
                message!(OWNER_NOT_A_MEMBER, "The owner must be an active member of the team. Choose one."),
            );
        }
        Some(_) => {}
    }
    let title = folded_title(&case.decision.title);
    for rival in case.rivals.iter().filter(|rival| folded_title(&rival.title) == title) {
        refuse(
            Code::Taken,
            message!(
                SAME_DECISION_TITLE,
                "“{decision}” is proposed as well. Take one of the two back, or give it another title.",
                decision = rival.title,
            ),
        );
    }
    if missing.is_empty() { Ok(()) } else { Err(missing) }
}

/// Requires that a decision of a team can supersede another one. Returns the other one's new status.
pub fn require_supersedable(
    before: &decision::Model,
    team: Id<team::Entity>,
    path: &str,
) -> Result<DecisionStatus, Refusal> {
    if before.team_id != team {
        return Err(Refusal::new(
            Code::Invalid,
            message!(OTHER_TEAM, "This belongs to another team. Choose one of the same team."),
        )
        .at(path));
    }
    let message = match before.status {
        DecisionStatus::Ratified => return Ok(DecisionStatus::Superseded),
        DecisionStatus::Proposed => {
            message!(
                DECISION_NOT_RATIFIED,
                "“{decision}” is only proposed, and only a decision in force can be superseded. Ratify it first.",
                decision = before.title,
            )
        }
        DecisionStatus::Superseded => message!(
            DECISION_SUPERSEDED,
            "Another decision took the place of “{decision}”. Supersede that one.",
            decision = before.title,
        ),
        DecisionStatus::Revoked => message!(
            DECISION_REVOKED,
            "“{decision}” was taken back. Propose a decision that supersedes none.",
            decision = before.title,
        ),
    };
    Err(Refusal::new(Code::WrongState, message).at(path))
}

/// Requires that a decision can be reopened. `heirs` are open proposals that would supersede it.
pub fn require_reopenable(decision: &decision::Model, heirs: &[decision::Model]) -> Result<(), Refusal> {
    next_status(decision.status, Step::Reopen)?;
    if decision.reopenings >= MAX_REOPENINGS {
        let message = message!(
            DECISION_REOPENED,
            "A decision can be reopened at most {max} times. Propose one that supersedes it.",
            max = MAX_REOPENINGS,
        );
        return Err(Refusal::new(Code::LimitReached, message).at("input.id"));
    }
    match heirs.first() {
        None => Ok(()),
        Some(heir) => {
            let message = message!(
                SUPERSEDED_BY_PROPOSAL,
                "“{decision}” is proposed in its place already. Debate that one.",
                decision = heir.title,
            );
            Err(Refusal::new(Code::WrongState, message).at("input.id"))
        }
    }
}

/// Requires that a team has room for another proposal.
pub fn require_room(open: usize, path: &str) -> Result<(), Refusal> {
    if open < MAX_PROPOSALS {
        return Ok(());
    }
    let message = message!(
        OPEN_PROPOSALS,
        "A team has at most {max} open proposals. Ratify one or take one back first.",
        max = MAX_PROPOSALS,
    );
    Err(Refusal::new(Code::LimitReached, message).at(path))
}

/// The chosen option of a decision. Requires a choice if the decision has options. `Some(None)` is a choice with an invalid
/// ID.
pub fn require_chosen_option<R: Borrow<decision_option::Model>>(
    options: &[R],
    choice: Option<Option<Id<decision_option::Entity>>>,
) -> Result<Option<&R>, Refusal> {
    let refuse = |message| Err(Refusal::new(Code::Invalid, message).at("input.chosenOptionId"));
    match choice {
        None if options.is_empty() => Ok(None),
        None => refuse(message!(
            NO_OPTION_CHOSEN,
            "`chosenOptionId` is missing. Choose one of the decision's options."
        )),
        Some(id) => match options.iter().find(|option| Some((**option).borrow().id) == id) {
            None => refuse(message!(
                NO_SUCH_OPTION,
                "This is none of the decision's options. Choose one of them."
            )),
            found => Ok(found),
        },
    }
}
