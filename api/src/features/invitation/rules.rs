//! The law of invitations: who can be invited as what.

use crate::{
    features::assignment::rules::holds,
    kernel::{Code, Fault, Refusal, access::Reach},
};
use chrono::{DateTime, Utc};
use entity::{
    Id, client, franchise, invitation,
    member::{self, MemberStatus},
    membership::{self, MembershipRole},
    person, team,
};
use sea_orm::{ColumnTrait, Condition};

/// Where a role is to be held: at the network when all are empty.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Node {
    pub franchise: Option<Id<franchise::Entity>>,
    pub client: Option<Id<client::Entity>>,
    pub team: Option<Id<team::Entity>>,
}

impl Node {
    fn of_membership(held: &membership::Model) -> Node {
        Node { franchise: held.franchise_id, client: held.client_id, team: held.team_id }
    }
    fn of_invitation(invitation: &invitation::Model) -> Node {
        Node { franchise: invitation.franchise_id, client: invitation.client_id, team: invitation.team_id }
    }
}

/// The invitations that can still be answered.
pub fn waiting(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(invitation::Column::AcceptedAt.is_null())
        .add(invitation::Column::RevokedAt.is_null())
        .add(invitation::Column::ExpiresAt.gt(now))
}

/// Whether an invitation can still be answered.
pub fn open(invitation: &invitation::Model, now: DateTime<Utc>) -> bool {
    invitation.accepted_at.is_none() && invitation.revoked_at.is_none() && invitation.expires_at > now
}

/// Whether a franchise invites to this role.
pub fn practice(role: MembershipRole) -> Result<(), Refusal> {
    use MembershipRole::*;
    one_of(matches!(role, Facilitator | FranchiseOwner), "FACILITATOR or FRANCHISE_OWNER")
}

/// Whether head office may name an owner of a franchise, by all who belong or belonged to it and by how many
/// invitations of owners wait: while it has none, and one at a time.
pub fn nameable(
    role: MembershipRole,
    held: &[membership::Model],
    waiting: i64,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let owned = held.iter().any(|held| held.role == MembershipRole::FranchiseOwner && holds(held, now));
    let refused = |code, path, message| Err(Refusal::new(code, message).at(path));
    if owned {
        let message = "The franchise has an owner, who invites its people.";
        return refused(Code::NotOwner, "input.franchiseId", message);
    }
    if role != MembershipRole::FranchiseOwner {
        let message = "Head office names a FRANCHISE_OWNER, who invites everyone else to the franchise.";
        return refused(Code::NotOwner, "input.role", message);
    }
    if waiting > 0 {
        let message = "An owner of the franchise is invited already. Revoke that invitation first.";
        return refused(Code::Taken, "input.franchiseId", message);
    }
    Ok(())
}

/// Whom it concerns that a franchise gets an owner: everyone who owned it, and its facilitators.
pub fn concerned(held: &[membership::Model], now: DateTime<Utc>) -> impl Iterator<Item = &membership::Model> {
    held.iter().filter(move |held| held.role == MembershipRole::FranchiseOwner || holds(held, now))
}

/// Whether head office invites to this role.
pub fn head_office(role: MembershipRole) -> Result<(), Refusal> {
    use MembershipRole::*;
    one_of(matches!(role, HeadOfficeAdmin | HeadOfficeAnalyst), "HEAD_OFFICE_ADMIN or HEAD_OFFICE_ANALYST")
}

/// Where a member holds this role: sponsors at the client, leaders and observers in the team.
pub fn of_member(role: MembershipRole, member: &member::Model) -> Result<Node, Refusal> {
    use MembershipRole::*;
    one_of(matches!(role, Sponsor | Leader | Observer), "SPONSOR, LEADER or OBSERVER")?;
    let team = (role != Sponsor).then_some(member.team_id);
    Ok(Node { franchise: None, client: Some(member.client_id), team })
}

fn one_of(fits: bool, roles: &str) -> Result<(), Refusal> {
    if fits {
        return Ok(());
    }
    Err(Refusal::new(Code::Invalid, format!("The role here is {roles}.")).at("input.role"))
}

/// Whether a person can be invited to a role at a node, beside what they hold and are invited to already.
pub fn free(
    role: MembershipRole,
    node: Node,
    held: &[membership::Model],
    waiting: &[invitation::Model],
) -> Result<(), Refusal> {
    let message = if held.iter().any(|held| held.role == role && Node::of_membership(held) == node) {
        "This person holds the role here already."
    } else if waiting.iter().any(|invitation| Node::of_invitation(invitation) == node) {
        "This person is invited here already. Send that invitation again (invitationResend), or revoke it first."
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::Taken, message).at("input.email"))
}

/// Whether a member can be the login of a person. `waiting` are the open invitations of members of the team, and
/// `colleague` says whether the person is another member of the team, and `left` whether nobody signs in to the client for the
/// member any more.
pub fn login(
    member: &member::Model,
    person: Id<person::Entity>,
    waiting: &[invitation::Model],
    colleague: bool,
    left: bool,
) -> Result<(), Refusal> {
    if member.status == MemberStatus::Removed {
        let message = "The member has left the team.";
        return Err(Refusal::new(Code::WrongState, message).at("input.memberId"));
    }
    let mut others = waiting.iter().filter(|invitation| {
        // of this member with another address, or of another member with this one
        (invitation.member_id == Some(member.id)) != (invitation.person_id == person)
    });
    let message = if !left && member.person_id.is_some_and(|own| own != person) {
        "The member signs in with another address, which only they can change. End their memberships at the client first, \
         to invite somebody else in their place."
    } else if colleague {
        "Another member of the team signs in with this address."
    } else if others.next().is_some() {
        "The member is invited with another address, or this address for another member. Revoke that invitation first."
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::Taken, message).at("input.email"))
}

/// Whether a person may become one of a client's people.
pub fn apart(works_for: bool) -> Result<(), Refusal> {
    if !works_for {
        return Ok(());
    }
    let message = "This person works for the client. A facilitator is never a member of the team.";
    Err(Refusal::new(Code::OwnerNotEligible, message).at("input.email"))
}

/// Whether a person may get a role beside those they hold: who is of head office sees progress and no content, so works
/// for no client and belongs to none.
pub fn one_side(role: MembershipRole, at_head_office: bool, elsewhere: bool) -> Result<(), Refusal> {
    let message = match role.is_head_office() {
        true if elsewhere => {
            "This person works with clients. Who is of head office does not, at this address."
        }
        false if at_head_office => {
            "This person is of head office, which works with no client. Use another address."
        }
        _ => return Ok(()),
    };
    Err(Refusal::new(Code::OwnerNotEligible, message).at("input.email"))
}

/// Whether an invitation is one of those that the caller may send: those to a franchise and to head office are not for
/// whoever may invite members.
pub fn ours(invitation: &invitation::Model, invites: &Reach) -> Result<(), Fault> {
    let ours = match (invitation.client_id, invitation.franchise_id) {
        (Some(_), _) => true,
        (None, Some(franchise)) => invites.has_franchise(franchise.uuid()),
        (None, None) => invites.wide,
    };
    if ours { Ok(()) } else { Err(Fault::Forbidden) }
}

/// Whether a franchise may take a person who belongs to so many of its clients.
pub fn no_client_of(clients: i64) -> Result<(), Refusal> {
    if clients == 0 {
        return Ok(());
    }
    let message = "This person belongs to a client of the franchise. Nobody facilitates their own team.";
    Err(Refusal::new(Code::OwnerNotEligible, message).at("input.email"))
}

/// Whether a team takes new members and invitations.
pub fn open_team(team: &team::Model, path: &str) -> Result<(), Refusal> {
    match team.archived_at {
        None => Ok(()),
        Some(_) => Err(Refusal::new(Code::WrongState, "The team is archived.").at(path)),
    }
}

/// Whether an invitation can be taken back.
pub fn revocable(invitation: &invitation::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    let message = if invitation.accepted_at.is_some() {
        "The invitation was accepted. End the membership instead."
    } else if invitation.revoked_at.is_some() {
        "The invitation is revoked already."
    } else if invitation.expires_at <= now {
        "The invitation has expired."
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Whether an invitation can be sent again.
pub fn resendable(invitation: &invitation::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    let message = if invitation.accepted_at.is_some() {
        "The invitation was accepted already."
    } else if invitation.revoked_at.is_some() {
        "The invitation is revoked. Invite this person again."
    } else if invitation.expires_at <= now {
        "The invitation has expired. Invite this person again."
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// What a role is called in an e-mail.
pub fn called(role: MembershipRole) -> &'static str {
    use MembershipRole::*;
    match role {
        HeadOfficeAdmin => "head-office admin",
        HeadOfficeAnalyst => "head-office analyst",
        FranchiseOwner => "franchise owner",
        Facilitator => "facilitator",
        Sponsor => "sponsor",
        Leader => "leader",
        Observer => "observer",
    }
}
