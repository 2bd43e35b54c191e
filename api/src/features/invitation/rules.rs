//! Rules of invitations: who can be invited to which role.

use crate::{
    features::assignment::rules::is_in_force,
    kernel::{Code, Fault, Refusal, access::Reach},
    message,
};
use chrono::{DateTime, Utc};
use entity::{
    Id, client, franchise, invitation,
    member::{self, MemberStatus},
    membership::{self, MembershipRole},
    person, team,
};
use sea_orm::{ColumnTrait, Condition};

/// The scope of a role: the network if all fields are empty.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RoleScope {
    pub franchise: Option<Id<franchise::Entity>>,
    pub client: Option<Id<client::Entity>>,
    pub team: Option<Id<team::Entity>>,
}

impl RoleScope {
    fn from_membership(held: &membership::Model) -> RoleScope {
        RoleScope { franchise: held.franchise_id, client: held.client_id, team: held.team_id }
    }
    fn from_invitation(invitation: &invitation::Model) -> RoleScope {
        RoleScope {
            franchise: invitation.franchise_id,
            client: invitation.client_id,
            team: invitation.team_id,
        }
    }
}

/// Condition of invitations that can still be accepted.
pub fn open_condition(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(invitation::Column::AcceptedAt.is_null())
        .add(invitation::Column::RevokedAt.is_null())
        .add(invitation::Column::ExpiresAt.gt(now))
}

/// Whether an invitation can still be accepted.
pub fn is_open(invitation: &invitation::Model, now: DateTime<Utc>) -> bool {
    invitation.accepted_at.is_none() && invitation.revoked_at.is_none() && invitation.expires_at > now
}

/// Requires that a franchise can invite to this role.
pub fn require_franchise_role(role: MembershipRole) -> Result<(), Refusal> {
    use MembershipRole::*;
    require_role_in(matches!(role, Facilitator | FranchiseOwner), "FACILITATOR, FRANCHISE_OWNER")
}

/// Requires that head office may name an owner of a franchise: it has no owner and no open invitation of one. `held` are all
/// present and past memberships at the franchise.
pub fn require_nameable_owner(
    role: MembershipRole,
    held: &[membership::Model],
    waiting: i64,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let owned = held.iter().any(|held| held.role == MembershipRole::FranchiseOwner && is_in_force(held, now));
    let refused = |code, path, message| Err(Refusal::new(code, message).at(path));
    if owned {
        let message = message!(FRANCHISE_HAS_OWNER, "The franchise has an owner, who invites its people.");
        return refused(Code::NotOwner, "input.franchiseId", message);
    }
    if role != MembershipRole::FranchiseOwner {
        let message = message!(
            ONLY_FRANCHISE_OWNER,
            "Head office names a FRANCHISE_OWNER, who invites everyone else to the franchise."
        );
        return refused(Code::NotOwner, "input.role", message);
    }
    if waiting > 0 {
        let message = message!(
            OWNER_INVITED_ALREADY,
            "An owner of the franchise is invited already. Revoke that invitation first."
        );
        return refused(Code::Taken, "input.franchiseId", message);
    }
    Ok(())
}

/// The members of a franchise who are notified of a new owner: present and former owners, and its facilitators.
pub fn members_to_notify(
    held: &[membership::Model],
    now: DateTime<Utc>,
) -> impl Iterator<Item = &membership::Model> {
    held.iter().filter(move |held| held.role == MembershipRole::FranchiseOwner || is_in_force(held, now))
}

/// Requires that head office can invite to this role.
pub fn require_head_office_role(role: MembershipRole) -> Result<(), Refusal> {
    use MembershipRole::*;
    require_role_in(
        matches!(role, HeadOfficeAdmin | HeadOfficeAnalyst),
        "HEAD_OFFICE_ADMIN, HEAD_OFFICE_ANALYST",
    )
}

/// The scope in which a member gets this role: sponsors the client, leaders and observers the team.
pub fn scope_of_member(role: MembershipRole, member: &member::Model) -> Result<RoleScope, Refusal> {
    use MembershipRole::*;
    require_role_in(matches!(role, Sponsor | Leader | Observer), "SPONSOR, LEADER, OBSERVER")?;
    let team = (role != Sponsor).then_some(member.team_id);
    Ok(RoleScope { franchise: None, client: Some(member.client_id), team })
}

fn require_role_in(fits: bool, roles: &str) -> Result<(), Refusal> {
    if fits {
        return Ok(());
    }
    Err(Refusal::new(
        Code::Invalid,
        message!(NOT_ALLOWED, "`{field}` must be one of {allowed}.", field = "role", allowed = roles),
    )
    .at("input.role"))
}

/// Requires that a person does not hold the role in this scope and has no open invitation to the scope.
pub fn require_free_role(
    role: MembershipRole,
    scope: RoleScope,
    held: &[membership::Model],
    waiting: &[invitation::Model],
) -> Result<(), Refusal> {
    let message = if held.iter().any(|held| held.role == role && RoleScope::from_membership(held) == scope) {
        message!(ROLE_HELD_ALREADY, "This person holds the role here already. Choose another role.")
    } else if waiting.iter().any(|invitation| RoleScope::from_invitation(invitation) == scope) {
        message!(
            INVITED_ALREADY,
            "This person is invited here already. Send that invitation again (invitationResend), or revoke it first."
        )
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::Taken, message).at("input.email"))
}

/// Requires that a person can sign in as a member. `waiting` are the open invitations of members of the team; `colleague` says
/// whether the person is another member of the team; `left` says whether the member's person has no access to the client
/// any more.
pub fn require_available_login(
    member: &member::Model,
    person: Id<person::Entity>,
    waiting: &[invitation::Model],
    colleague: bool,
    left: bool,
) -> Result<(), Refusal> {
    if member.status == MemberStatus::Removed {
        let message = message!(MEMBER_LEFT_TEAM, "The member has left the team. Choose an active member.");
        return Err(Refusal::new(Code::WrongState, message).at("input.memberId"));
    }
    let mut others = waiting.iter().filter(|invitation| {
        // This member is invited with another address, or another member with this address.
        (invitation.member_id == Some(member.id)) != (invitation.person_id == person)
    });
    let message = if !left && member.person_id.is_some_and(|own| own != person) {
        message!(
            MEMBER_HAS_SIGN_IN,
            "The member signs in with another address, which only they can change. End their memberships at the client first, \
         to invite somebody else in their place."
        )
    } else if colleague {
        message!(
            ADDRESS_OF_ANOTHER_MEMBER,
            "Another member of the team signs in with this address. Use another address."
        )
    } else if others.next().is_some() {
        message!(
            INVITED_OTHERWISE,
            "The member is invited with another address, or this address for another member. Revoke that invitation first."
        )
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::Taken, message).at("input.email"))
}

/// Requires that a person does not work for the client.
pub fn require_not_working_for(works_for: bool) -> Result<(), Refusal> {
    if !works_for {
        return Ok(());
    }
    let message = message!(
        PERSON_WORKS_FOR_CLIENT,
        "This person works for the client. A facilitator is never a member of the team."
    );
    Err(Refusal::new(Code::OwnerNotEligible, message).at("input.email"))
}

/// Requires that a person does not belong to head office and to a franchise or client. Head office sees progress and no
/// content.
pub fn require_one_side(role: MembershipRole, at_head_office: bool, elsewhere: bool) -> Result<(), Refusal> {
    let message = match role.is_head_office() {
        true if elsewhere => {
            message!(
                PERSON_WORKS_WITH_CLIENTS,
                "This person works with clients. Who is of head office does not, at this address."
            )
        }
        false if at_head_office => {
            message!(
                PERSON_OF_HEAD_OFFICE,
                "This person is of head office, which works with no client. Use another address."
            )
        }
        _ => return Ok(()),
    };
    Err(Refusal::new(Code::OwnerNotEligible, message).at("input.email"))
}

/// Requires that the caller may send this invitation. Permission to invite members does not include invitations to a
/// franchise or to head office.
pub fn require_sender(invitation: &invitation::Model, invites: &Reach) -> Result<(), Fault> {
    let ours = match (invitation.client_id, invitation.franchise_id) {
        (Some(_), _) => true,
        (None, Some(franchise)) => invites.has_franchise(franchise.uuid()),
        (None, None) => invites.wide,
    };
    if ours { Ok(()) } else { Err(Fault::Forbidden) }
}

/// Requires that a person belongs to no client of the franchise.
pub fn require_no_clients(clients: i64) -> Result<(), Refusal> {
    if clients == 0 {
        return Ok(());
    }
    let message = message!(
        PERSON_OF_A_CLIENT,
        "This person belongs to a client of the franchise. Nobody facilitates their own team."
    );
    Err(Refusal::new(Code::OwnerNotEligible, message).at("input.email"))
}

/// Requires that a team is active.
pub fn require_active_team(team: &team::Model, path: &str) -> Result<(), Refusal> {
    match team.archived_at {
        None => Ok(()),
        Some(_) => Err(Refusal::new(
            Code::WrongState,
            message!(TEAM_ARCHIVED, "The team is archived. Choose an active team."),
        )
        .at(path)),
    }
}

/// Requires that an invitation can be revoked.
pub fn require_revocable(invitation: &invitation::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    let message = if invitation.accepted_at.is_some() {
        message!(INVITATION_ACCEPTED, "The invitation was accepted. End the membership instead.")
    } else if invitation.revoked_at.is_some() {
        message!(INVITATION_REVOKED_ALREADY, "The invitation is revoked already.")
    } else if invitation.expires_at <= now {
        message!(INVITATION_EXPIRED, "The invitation has expired, so there is nothing to revoke.")
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that an invitation can be sent again.
pub fn require_resendable(invitation: &invitation::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    let message = if invitation.accepted_at.is_some() {
        message!(INVITATION_ACCEPTED_ALREADY, "The invitation was accepted already.")
    } else if invitation.revoked_at.is_some() {
        message!(INVITATION_REVOKED, "The invitation is revoked. Invite this person again.")
    } else if invitation.expires_at <= now {
        message!(INVITATION_EXPIRED, "The invitation has expired. Invite this person again.")
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// The name of a role in e-mails.
pub fn role_name(role: MembershipRole) -> &'static str {
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
