use super::rules::{
    RoleScope, require_available_login, require_franchise_role, require_free_role, require_head_office_role,
    require_revocable, scope_of_member,
};
use crate::kernel::Code;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Id, invitation,
    member::{self, MemberStatus},
    membership::{
        self,
        MembershipRole::{self, *},
    },
};
use sea_orm::Iterable;
use uuid::Uuid;

fn id<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn member(person: Option<u128>) -> member::Model {
    member::Model {
        id: id(5),
        network_id: id(1),
        client_id: id(7),
        team_id: id(8),
        person_id: person.map(id),
        name: "Member".into(),
        job_title: "Head".into(),
        email: None,
        status: MemberStatus::Active,
        created_at: DateTime::UNIX_EPOCH,
        removed_at: None,
        version: 1,
    }
}

fn invited(person: u128, member: u128, scope: RoleScope) -> invitation::Model {
    invitation::Model {
        id: id(1),
        network_id: id(1),
        email: "a@example.org".into(),
        name: "A".into(),
        role: Leader,
        franchise_id: scope.franchise,
        client_id: scope.client,
        team_id: scope.team,
        member_id: Some(id(member)),
        person_id: id(person),
        token_hash: String::new(),
        created_at: DateTime::UNIX_EPOCH,
        expires_at: now() + TimeDelta::days(1),
        opens_later: false,
        accepted_at: None,
        revoked_at: None,
        delivery_failed_at: None,
        version: 1,
    }
}

const TEAM: RoleScope = RoleScope {
    franchise: None,
    client: Some(Id::new(Uuid::from_u128(7))),
    team: Some(Id::new(Uuid::from_u128(8))),
};
const CLIENT: RoleScope = RoleScope { team: None, ..TEAM };

#[test]
fn each_role_has_its_invitation_and_its_scope() {
    for role in MembershipRole::iter() {
        assert_eq!(
            require_franchise_role(role).is_ok(),
            matches!(role, Facilitator | FranchiseOwner),
            "{role:?}"
        );
        assert_eq!(
            require_head_office_role(role).is_ok(),
            matches!(role, HeadOfficeAdmin | HeadOfficeAnalyst),
            "{role:?}"
        );
        let scope = match role {
            Sponsor => Some(CLIENT),
            Leader | Observer => Some(TEAM),
            _ => None,
        };
        assert_eq!(scope_of_member(role, &member(None)).ok(), scope, "{role:?}");
    }
}

#[test]
fn a_person_is_invited_once_to_a_scope() {
    let held = |role| {
        vec![membership::Model {
            id: id(1),
            network_id: id(1),
            person_id: id(1),
            role,
            franchise_id: None,
            client_id: TEAM.client,
            team_id: TEAM.team,
            starts_at: DateTime::UNIX_EPOCH,
            ends_at: None,
            created_at: DateTime::UNIX_EPOCH,
            version: 1,
        }]
    };
    for (role, scope, held, waiting, may) in [
        (Leader, TEAM, vec![], vec![], true),
        (Leader, TEAM, held(Leader), vec![], false),
        (Leader, TEAM, held(Observer), vec![], true),
        (Sponsor, CLIENT, held(Leader), vec![], true),
        (Leader, TEAM, vec![], vec![invited(1, 5, TEAM)], false),
        (Observer, TEAM, vec![], vec![invited(1, 5, TEAM)], false),
        (Sponsor, CLIENT, vec![], vec![invited(1, 5, TEAM)], true),
    ] {
        let code = require_free_role(role, scope, &held, &waiting).err().map(|refusal| refusal.code);
        assert_eq!(code, (!may).then_some(Code::Taken), "{role:?} at {scope:?}");
    }
}

/// Invites person 1 as member 5.
#[test]
fn a_member_is_one_person_and_a_person_is_one_member_of_a_team() {
    for (own, waiting, colleague, may) in [
        (None, vec![], false, true),
        (Some(1), vec![], false, true),
        (Some(2), vec![], false, false),
        (None, vec![], true, false),
        (None, vec![invited(1, 5, CLIENT)], false, true),
        (None, vec![invited(2, 5, TEAM)], false, false),
        (None, vec![invited(1, 6, CLIENT)], false, false),
        (None, vec![invited(2, 6, TEAM)], false, true),
    ] {
        let answer = require_available_login(&member(own), id(1), &waiting, colleague, false);
        assert_eq!(answer.is_ok(), may, "own {own:?}, {waiting:?}, colleague {colleague}");
    }
    let gone = member::Model { status: MemberStatus::Removed, ..member(None) };
    assert_eq!(
        require_available_login(&gone, id(1), &[], false, true).err().map(|no| no.code),
        Some(Code::WrongState)
    );
}

#[test]
fn only_open_invitations_can_be_revoked() {
    let open = || invited(1, 5, TEAM);
    for (invitation, may) in [
        (open(), true),
        (invitation::Model { accepted_at: Some(now()), ..open() }, false),
        (invitation::Model { revoked_at: Some(now()), ..open() }, false),
        (invitation::Model { expires_at: now(), ..open() }, false),
    ] {
        assert_eq!(require_revocable(&invitation, now()).is_ok(), may, "{invitation:?}");
    }
}
