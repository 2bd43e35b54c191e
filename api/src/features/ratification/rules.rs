//! Rules of ratification, the same for everything that a team ratifies.

use crate::{
    kernel::{Code, Message, Refusal},
    message,
};
use entity::{Id, decision_restatement::ReadBackStatus, decision_stance::Stance, member, person};

/// Maximum number of times that a member can restate the same object.
pub const MAX_RESTATEMENTS: usize = 10;

/// Number of stances that a team of `participants` needs to ratify: half of them, rounded up, and at least two of two or
/// more.
pub fn quorum(participants: usize) -> usize {
    participants.div_ceil(2).max(participants.min(2))
}

/// Requires a quorum of stances.
pub fn require_quorum(participants: usize, stances: usize) -> Result<(), Refusal> {
    let needed = quorum(participants);
    if stances >= needed {
        return Ok(());
    }
    let message = message!(
        STANCES_MISSING,
        "{have} of {participants} participants have taken a stance; {needed} are needed.",
        have = stances,
        participants,
        needed,
    );
    Err(Refusal::new(Code::QuorumNotMet, message).at("input.id"))
}

/// The member of the team that is this person.
pub fn require_own_member(
    members: &[member::Model],
    person: Id<person::Entity>,
) -> Result<&member::Model, Refusal> {
    let found = members.iter().find(|member| member.person_id == Some(person));
    found.ok_or_else(|| {
        Refusal::new(Code::NotOwner, message!(ONLY_MEMBERS, "Only an active member of the team can do this."))
            .at("input.id")
    })
}

/// The stance of a member.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberStance {
    pub member: Id<member::Entity>,
    pub stance: Stance,
    pub conviction: i32,
    pub comment: String,
}

/// The members of recorded stances. Requires that each is active, has no login, and is named once.
pub fn require_members_without_login(
    named: &[Option<Id<member::Entity>>],
    members: &[member::Model],
) -> Result<Vec<Id<member::Entity>>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut found: Vec<Id<member::Entity>> = Vec::new();
    for (at, id) in named.iter().enumerate() {
        let member = members.iter().find(|member| Some(member.id) == *id);
        let wrong = match member {
            None => Some((
                Code::Invalid,
                message!(NOT_A_MEMBER, "This is no active member of the team. Name one."),
            )),
            Some(member) if member.person_id.is_some() => Some((
                Code::NotOwner,
                message!(MEMBER_HAS_LOGIN, "This member has a login. They take a stance themselves."),
            )),
            Some(member) if found.contains(&member.id) => Some((
                Code::Invalid,
                message!(MEMBER_NAMED_TWICE, "This member is named twice. Leave one out."),
            )),
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

/// Whether a stance counts: it was taken on the present wording, by a participant.
pub fn is_counted(
    taken_on: i32,
    wording: i32,
    member: Id<member::Entity>,
    participants: &[member::Model],
) -> bool {
    taken_on == wording && participants.iter().any(|one| one.id == member)
}

/// Numbers of members who restated what was ratified, whose last restatement matches, and whose last restatement
/// differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadBackCounts {
    pub read_back: i32,
    pub matching: i32,
    pub differing: i32,
}

impl ReadBackCounts {
    /// Returns the counts after a restatement, given the statuses of the member's earlier ones, oldest first. The last
    /// one must have been judged as different.
    pub fn after_restatement(self, before: &[ReadBackStatus]) -> Result<ReadBackCounts, Refusal> {
        let refuse = |code, message: Message| Err(Refusal::new(code, message).at("input.id"));
        if before.len() >= MAX_RESTATEMENTS {
            let message = message!(
                RESTATEMENTS_PER_MEMBER,
                "A member can restate this at most {max} times. Talk about it.",
                max = MAX_RESTATEMENTS,
            );
            return refuse(Code::LimitReached, message);
        }
        match before.last() {
            None => Ok(ReadBackCounts { read_back: self.read_back + 1, ..self }),
            Some(ReadBackStatus::Differs) => Ok(ReadBackCounts { differing: self.differing - 1, ..self }),
            Some(ReadBackStatus::Waiting) => refuse(
                Code::WrongState,
                message!(RESTATEMENT_WAITS, "Your restatement waits to be read. Wait for the answer."),
            ),
            Some(ReadBackStatus::Matches) => {
                refuse(Code::WrongState, message!(RESTATEMENT_MATCHES, "Your restatement matches already."))
            }
        }
    }
    /// Returns the status and the counts after a judgement.
    pub fn after_judgement(
        self,
        status: ReadBackStatus,
        matches: bool,
    ) -> Result<(ReadBackStatus, ReadBackCounts), Refusal> {
        match (status, matches) {
            (ReadBackStatus::Waiting, true) => {
                Ok((ReadBackStatus::Matches, ReadBackCounts { matching: self.matching + 1, ..self }))
            }
            (ReadBackStatus::Waiting, false) => {
                Ok((ReadBackStatus::Differs, ReadBackCounts { differing: self.differing + 1, ..self }))
            }
            _ => Err(Refusal::new(
                Code::WrongState,
                message!(
                    RESTATEMENT_JUDGED,
                    "The restatement is judged already. The author can write a new one."
                ),
            )
            .at("input.id")),
        }
    }
}
