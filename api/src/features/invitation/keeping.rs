//! Inserts invitations, also those that no invitation mutation makes.

use super::{
    email,
    rules::{self, RoleScope},
};
use crate::{
    features::client::rules as clients,
    identity::{link, token::OpaqueKind},
    kernel::{Check, Email, Error, Fault, Locked, Write},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Id, client,
    invitation::{self, Entity},
    member::{self, MemberStatus},
    membership::{self, MembershipRole},
    outbox::EmailKind,
    person, team,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

/// The person and the role of a new invitation.
pub struct NewInvitation {
    pub person: person::Model,
    pub name: String,
    pub role: MembershipRole,
    pub scope: RoleScope,
    pub member: Option<Id<member::Entity>>,
    pub opens_later: bool,
}

/// Inserts an invitation that expires after so many days, and posts the e-mail with its link.
pub async fn insert_invitation(write: &Write, days: i64, draft: NewInvitation) -> Result<Id<Entity>, Error> {
    let NewInvitation { person, name, role, scope, member, opens_later } = draft;
    require_possible_role(write, person.id, role, scope).await?;
    write.count_link(&person.email, "input").await?;
    let id = write.id();
    let row = invitation::Model {
        id,
        network_id: write.network()?,
        email: person.email,
        name,
        role,
        franchise_id: scope.franchise,
        client_id: scope.client,
        team_id: scope.team,
        member_id: member,
        person_id: person.id,
        token_hash: link::token(write.secrets(), OpaqueKind::Invitation, id.uuid()).hash,
        created_at: write.now(),
        expires_at: write.now() + TimeDelta::days(days),
        opens_later,
        accepted_at: None,
        revoked_at: None,
        delivery_failed_at: None,
        version: 1,
    };
    let invitation = write.insert::<Entity>(row).await?;
    if let (MembershipRole::Sponsor, Some(client)) = (role, scope.client) {
        notify_sponsors(write, &invitation, client).await?;
    }
    email::post_invitation(write, &invitation).await?;
    Ok(invitation.id)
}

/// Requires that a person may hold a role, does not hold it yet, and is not invited to it.
async fn require_possible_role(
    write: &Write,
    person: Id<person::Entity>,
    role: MembershipRole,
    scope: RoleScope,
) -> Result<(), Error> {
    require_one_side(write, person, role).await?;
    let waiting = Entity::find()
        .filter(invitation::Column::PersonId.eq(person))
        .filter(rules::open_condition(write.now()));
    let held = write.all(membership::Entity::held_by(person, write.now())).await?;
    Ok(rules::require_free_role(role, scope, &held, &write.all(waiting).await?)?)
}

/// Gives a member of a team a login: checks the address and the role, and inserts the invitation.
pub async fn invite_member(
    write: &Write,
    days: i64,
    (client, team): (&client::Model, &team::Model),
    member: Locked<member::Model>,
    email: &str,
    role: MembershipRole,
) -> Result<Id<Entity>, Error> {
    let mut check = Check::new();
    let email = check.email("input.email", email);
    check.done()?;
    let scope = rules::scope_of_member(role, &member)?;
    clients::require_active_client(client, "input.memberId")?;
    rules::require_active_team(team, "input.memberId")?;
    let person = find_or_insert_person(write, &member.name, email).await?;
    rules::require_not_working_for(write.works_for(person.id, client).await?)?;
    let team = member::Entity::find()
        .filter(member::Column::TeamId.eq(member.team_id))
        .filter(member::Column::Status.eq(MemberStatus::Active));
    let team = write.all(team).await?;
    let colleague = team.iter().any(|other| other.id != member.id && other.person_id == Some(person.id));
    let waiting = Entity::find()
        .filter(invitation::Column::MemberId.is_in(team.iter().map(|member| member.id)))
        .filter(rules::open_condition(write.now()));
    let left = has_left(write, &member).await?;
    rules::require_available_login(&member, person.id, &write.all(waiting).await?, colleague, left)?;
    if member.email.is_none() && team.iter().all(|other| other.email.as_ref() != Some(&person.email)) {
        let mut change = member.clone().into_active_model();
        change.email = Set(Some(person.email.clone()));
        write.update::<member::Entity>(&member, change).await?;
    }
    let (member, name) = (Some(member.id), member.into_inner().name);
    let draft = NewInvitation { person, name, role, scope, member, opens_later: false };
    insert_invitation(write, days, draft).await
}

/// Finds the person with this address in the whole network, or inserts a new one.
pub async fn find_or_insert_person(write: &Write, name: &str, email: String) -> Result<person::Model, Error> {
    if let Some(person) = write.person_by_email(&email).await? {
        return Ok(person);
    }
    let row = person::Model {
        id: write.id(),
        network_id: write.network()?,
        identity_id: None,
        name: name.to_owned(),
        email,
        created_at: write.now(),
        erased_at: None,
        version: 1,
    };
    Ok(write.insert::<person::Entity>(row).await?.into_inner())
}

/// Whether the member's person has no access to the client any more, so that another person can be invited in their place.
async fn has_left(write: &Write, member: &member::Model) -> Result<bool, Error> {
    let Some(person) = member.person_id else { return Ok(true) };
    let held = write.all(membership::Entity::held_by(person, write.now())).await?;
    Ok(held.iter().all(|held| held.client_id != Some(member.client_id)))
}

/// Invites those whose memberships of a team ended at an instant to take up their roles again, where they still have a
/// login and are members. Who may not hold the role any more, because they work for the practice or for head office by now, is left
/// out.
pub async fn invite_again(
    write: &Write,
    days: i64,
    (client, team): (&client::Model, &team::Model),
    ended_at: DateTime<Utc>,
) -> Result<(), Error> {
    let ended = membership::Entity::find()
        .filter(membership::Column::TeamId.eq(team.id))
        .filter(membership::Column::EndsAt.eq(ended_at));
    let ended = write.all(ended).await?;
    let people =
        person::Entity::find().filter(person::Column::Id.is_in(ended.iter().map(|held| held.person_id)));
    let people = write.all(people).await?;
    let members = member::Entity::find()
        .filter(member::Column::TeamId.eq(team.id))
        .filter(member::Column::Status.eq(MemberStatus::Active));
    let members = write.all(members).await?;
    for held in ended {
        let member = members.iter().find(|member| member.person_id == Some(held.person_id));
        let person = people.iter().find(|person| person.id == held.person_id && person.identity_id.is_some());
        let (Some(member), Some(person)) = (member, person) else { continue };
        let scope = RoleScope { franchise: None, client: Some(team.client_id), team: Some(team.id) };
        let possible = require_possible_role(write, person.id, held.role, scope).await;
        if matches!(possible, Err(Error::Refused(_))) || write.works_for(person.id, client).await? {
            continue;
        }
        possible?;
        let draft = NewInvitation {
            person: person.clone(),
            name: member.name.clone(),
            role: held.role,
            scope,
            member: Some(member.id),
            opens_later: false,
        };
        insert_invitation(write, days, draft).await?;
    }
    Ok(())
}

/// Revokes the open invitations among some.
pub async fn revoke_open(write: &Write, among: Condition) -> Result<(), Error> {
    let open = Entity::find().filter(among).filter(rules::open_condition(write.now()));
    for invitation in write.lock_all(open).await? {
        let mut change = invitation.clone().into_active_model();
        change.revoked_at = Set(Some(write.now()));
        write.update::<Entity>(&invitation, change).await?;
    }
    Ok(())
}

/// Notifies a client's sponsors of a new sponsor. They are responsible for the client, and can revoke the invitation.
async fn notify_sponsors(
    write: &Write,
    invitation: &invitation::Model,
    client: Id<client::Entity>,
) -> Result<(), Error> {
    let held = membership::Entity::find()
        .filter(membership::Column::ClientId.eq(client))
        .filter(membership::Column::Role.eq(MembershipRole::Sponsor))
        .filter(membership::Entity::lasting(write.now()));
    let me = write.actor()?.person;
    let others = write.all(held).await?.into_iter().map(|held| held.person_id).filter(|person| *person != me);
    let sponsors = write.all(person::Entity::find().filter(person::Column::Id.is_in(others))).await?;
    let inviter = write.find::<person::Entity>(me).await?.ok_or(Fault::Internal)?;
    let client = write.find::<client::Entity>(client).await?.ok_or(Fault::Internal)?;
    for sponsor in sponsors {
        let text = format!(
            "Hello {},\n\n{} ({}) is invited to be a sponsor of {}, as you are: by {}.\n\n\
             If that is not meant to be, take the invitation back before it is accepted.\n",
            sponsor.name, invitation.name, invitation.email, client.name, inviter.name,
        );
        let subject = format!("Another sponsor of {}", client.name);
        let about = invitation.id.uuid();
        write.post(Email::new(EmailKind::SponsorInvited, about, &sponsor, subject, text).at(client.id));
    }
    Ok(())
}

/// Requires that a person does not belong to head office and to a franchise or client.
pub async fn require_one_side(
    write: &Write,
    person: Id<person::Entity>,
    role: MembershipRole,
) -> Result<(), Error> {
    let elsewhere = write
        .all(membership::Entity::held_by(person, write.now()))
        .await?
        .iter()
        .any(|held| !held.role.is_head_office());
    Ok(rules::require_one_side(role, write.at_head_office(person).await?, elsewhere)?)
}
