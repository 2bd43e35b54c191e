//! Member: somebody on a team, with or without a login. Members own priorities and actions.
//!
//! Who works for the client is never a member of its team. A member who leaves hands over what is open in the same
//! step, and their login at the team ends with it.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::{Action, rules as actions},
    client::rules as clients,
    decision::Decision,
    drift::keeping as drift,
    invitation::rules as invitations,
    person::Person,
    priority::Priority,
    team::Team,
};
use crate::{
    kernel::{
        Caller, Check, Code, Error, Fault, Locked, Refusal, Write, access::Permission, expect_version,
        mutation::split, payload::PayloadObject, read::shape::typed,
    },
    mutations, payload, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, Noun,
    action::{self, ActionStatus},
    agenda_item::{self, AgendaItemStatus},
    client,
    decision::{self, DecisionStatus},
    import_key, invitation,
    member::{self, Entity, MemberStatus},
    membership::{self, MembershipRole},
    person,
    priority::{self, PriorityStatus},
    team,
};
use rules::Open;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};
use std::collections::HashSet;

shape! {
    /// A member of a client's team, with or without a login.
    Member of member {
        /// Name of the member.
        name = text(Name).filter().order(),
        /// Job title in the client's organisation. May be empty.
        jobTitle = text(JobTitle).filter().order(),
        /// E-mail address recorded for the member, which may differ from their login's. Null if unknown.
        email = text(Email).or_null().filter(),
        /// Whether the member belongs to the team or has left. Only active members can own work.
        status = closed::<MemberStatus, _>(Status).filter().order(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Team that the member belongs to.
        team = one::<Team, _>(TeamId),
        /// Person who signs in as the member. Null if the member has no login.
        person = one::<Person, _>(PersonId).or_null(),
        /// Actions that the member owns, by default earliest due date first.
        actions = pages::<Action, _>(entity::action::Column::OwnerId).by(entity::action::Column::DueOn, Ty::Date),
        /// Priorities that the member owns, by default in order of rank.
        priorities = pages::<Priority, _>(entity::priority::Column::OwnerId).by(entity::priority::Column::Rank, Ty::Int),
        /// Decisions that the member owns, by default latest proposal first.
        decisions = pages::<Decision, _>(entity::decision::Column::OwnerId).by_last(entity::decision::Column::ProposedAt, Ty::Instant),
    }
}

/// Input for `memberCreate`.
#[derive(InputObject)]
pub struct MemberCreateInput {
    /// ID of the team.
    pub team_id: ID,
    /// Name of the member: 1 to 120 characters.
    pub name: String,
    /// Job title in the client's organisation: up to 120 characters.
    pub job_title: String,
    /// E-mail address, if known. It does not create a login; use `memberInvite` for that.
    pub email: Option<String>,
}

/// Input for `memberUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct MemberUpdateInput {
    /// ID of the member, who must be active.
    pub id: ID,
    /// Name of the member: 1 to 120 characters.
    pub name: Option<String>,
    /// Job title in the client's organisation: up to 120 characters.
    pub job_title: Option<String>,
    /// E-mail address; an empty text removes it. A member without a login gets e-mails there, and `memberInvite` can
    /// use it. A login keeps its own address, which still gets the e-mails; only the person can change it, with
    /// `addressChange`.
    pub email: Option<String>,
    /// The `version` you last read. Fails with `CONFLICT` if the member has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `memberRemove`.
#[derive(InputObject)]
pub struct MemberRemoveInput {
    /// ID of the member who leaves the team.
    pub id: ID,
    /// ID of another active team member, who takes over all open work. Required if the member owns any. Actions are
    /// offered to the successor again. Fails with `LIMIT_REACHED` if the successor would own more committed priorities
    /// in a cycle than the template allows a leader.
    pub successor_id: Option<ID>,
    /// The `version` you last read. Fails with `CONFLICT` if the member has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    MemberMutation: member -> Member of Entity {
        /// Adds a member without a login to a team.
        member_create(MemberCreateInput) -> MemberCreatePayload = create;
        /// Removes a member from a team and hands their open work to a successor. Ends their memberships in the team
        /// and revokes their open invitations. Their past work stays, and an import can add them again. Fails with
        /// `WRONG_STATE` if the member is a sponsor of the client: a franchise owner or another sponsor must first end
        /// that membership with `membershipEnd`. `params` then contains its ID as `membershipId`, and the roles that
        /// can end it as `endedBy`.
        member_remove(MemberRemoveInput) -> MemberRemovePayload = remove, on id;
    }
}

payload! {
    /// Result of `memberUpdate`.
    pub struct MemberUpdatePayload {
        /// Current state of the member, also if the change was rejected. Null if not found or you have no access.
        pub member: Option<PayloadObject<Member>>,
        /// Warning that the member still signs in with their present address, despite the new `email`. Null if not
        /// applicable.
        pub notice: Option<String>,
        /// Reasons the change was rejected. Empty if it was saved.
        pub errors: Vec<Refusal>,
    }
}

mutations! {
    MemberUpdateMutation {
        /// Changes a member's name, job title or e-mail address. The address of a login stays the same; `notice` then
        /// explains this.
        member_update(MemberUpdateInput) -> MemberUpdatePayload = member_update;
    }
}

async fn member_update(caller: &Caller, input: MemberUpdateInput) -> Result<MemberUpdatePayload, Fault> {
    let named = Id::<Entity>::parse(&input.id);
    let (done, errors) = split(update(caller, input).await)?;
    let (id, notice) = done.unzip();
    Ok(MemberUpdatePayload { member: PayloadObject::after(id, named), notice: notice.flatten(), errors })
}

async fn create(caller: &Caller, input: MemberCreateInput) -> Result<Id<Entity>, Error> {
    let (write, team) =
        caller.write::<team::Entity>(Permission::MemberCreate, typed(&input.team_id), "input.teamId").await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let joins = Joins {
        name: &input.name,
        job_title: &input.job_title,
        email: input.email.as_deref().unwrap_or_default(),
    };
    let planned = plan(&write, &team, &client, &[joins]).await?;
    let row = planned.into_iter().next().ok_or(Fault::Internal)??;
    let member = write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(member.id)
}

/// Who joins a team, as it was given; the address is empty where none is known.
pub(super) struct Joins<'a> {
    pub name: &'a str,
    pub job_title: &'a str,
    pub email: &'a str,
}

/// The rows of members to come, without a login, or why they cannot join. What the rules need is looked up for all of
/// them at once, and a member's address counts as taken for those after them.
pub(super) async fn plan(
    write: &Write,
    team: &team::Model,
    client: &client::Model,
    all: &[Joins<'_>],
) -> Result<Vec<Result<member::Model, Vec<Refusal>>>, Error> {
    clients::open_client(client, "input.teamId")?;
    invitations::open_team(team, "input.teamId")?;
    let mut known = Known::of(write, team, client, all).await?;
    Ok(all.iter().map(|joins| row(write, team, joins, &mut known)).collect())
}

/// What the rules of members to come need to know of their addresses.
struct Known {
    /// Those of other members of the team.
    taken: HashSet<String>,
    /// Those of people who work for the client.
    at_work: HashSet<String>,
}

impl Known {
    async fn of(
        write: &Write,
        team: &team::Model,
        client: &client::Model,
        all: &[Joins<'_>],
    ) -> Result<Known, Error> {
        let emails: Vec<String> = all
            .iter()
            .filter(|joins| !joins.email.trim().is_empty())
            .map(|joins| Check::new().email("input.email", joins.email))
            .collect();
        if emails.is_empty() {
            return Ok(Known { taken: HashSet::new(), at_work: HashSet::new() });
        }
        let others = Entity::find()
            .filter(member::Column::TeamId.eq(team.id))
            .filter(member::Column::Status.eq(MemberStatus::Active))
            .filter(write.among_texts(member::Column::Email, &emails));
        let taken = write.all(others).await?.into_iter().filter_map(|member| member.email).collect();
        let people = write.people_by_email(&emails).await?;
        let ids: Vec<_> = people.iter().map(|person| person.id).collect();
        let working = write.who_work_for(&ids, client).await?;
        let at_work = people.into_iter().filter(|person| working.contains(&person.id));
        Ok(Known { taken, at_work: at_work.map(|person| person.email).collect() })
    }
}

fn row(
    write: &Write,
    team: &team::Model,
    joins: &Joins<'_>,
    known: &mut Known,
) -> Result<member::Model, Vec<Refusal>> {
    let mut check = Check::new();
    let name = check.name("input.name", joins.name, 1..=120);
    let job_title = check.line("input.jobTitle", joins.job_title, 0..=120);
    let email = Some(joins.email.trim()).filter(|email| !email.is_empty());
    let email = email.map(|email| check.email("input.email", email));
    if let Some(email) = &email {
        let taken = known.taken.contains(email);
        check.refuse_if(taken, Code::Taken, "input.email", ADDRESS_TAKEN);
        check.keep(invitations::apart(known.at_work.contains(email)));
    }
    let refusals = check.refusals();
    if !refusals.is_empty() {
        return Err(refusals);
    }
    known.taken.extend(email.clone());
    Ok(member::Model {
        id: write.id(),
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        person_id: None,
        name,
        job_title,
        email,
        status: MemberStatus::Active,
        created_at: write.now(),
        removed_at: None,
        version: 1,
    })
}

/// The member, and what its new address does not change.
async fn update(caller: &Caller, input: MemberUpdateInput) -> Result<(Id<Entity>, Option<String>), Error> {
    let (write, member) =
        caller.write::<Entity>(Permission::MemberUpdate, typed(&input.id), "input.id").await?;
    expect_version(member.version, input.expected_version)?;
    let client = write.load::<client::Entity>(Some(member.client_id), "input.id").await?;
    let mut check = Check::new();
    let name = check.name_if("input.name", input.name.as_ref(), 1..=120);
    let job_title = check.line_if("input.jobTitle", input.job_title.as_ref(), 0..=120);
    let email = input.email.map(|email| match email.trim() {
        "" => None,
        email => Some(check.email("input.email", email)),
    });
    check.done()?;
    rules::active(&member)?;
    if let Some(Some(email)) = &email {
        reachable(&write, email, &client, member.team_id, Some(member.id)).await?;
    }
    let mut change = member.clone().into_active_model();
    name.into_iter().for_each(|name| change.name = Set(name));
    job_title.into_iter().for_each(|title| change.job_title = Set(title));
    email.clone().into_iter().for_each(|email| change.email = Set(email));
    write.update::<Entity>(&member, change).await?;
    let notice = match (email, member.person_id) {
        (Some(email), Some(person)) => write
            .find::<person::Entity>(person)
            .await?
            .filter(|person| person.identity_id.is_some() && Some(&person.email) != email.as_ref())
            .map(|_| SIGN_IN_KEPT.to_owned()),
        _ => None,
    };
    write.commit().await?;
    Ok((member.id, notice))
}

const SIGN_IN_KEPT: &str = "The member still signs in with the address of before, and e-mails go there. Only they can change it, \
    by `addressChange`. If they cannot, end their memberships at the client and invite the member with the new address.";

async fn remove(caller: &Caller, input: MemberRemoveInput) -> Result<Id<Entity>, Error> {
    // the team is locked first: two priorities must not both take a successor's last place
    let under = member::Column::TeamId;
    let (write, _, member) = caller
        .write_under::<team::Entity, Entity>(Permission::MemberRemove, under, typed(&input.id), "input.id")
        .await?;
    expect_version(member.version, input.expected_version)?;
    let successor = match &input.successor_id {
        Some(id) => Some(write.load::<Entity>(typed(id), "input.successorId").await?),
        None => None,
    };
    if let Some(held) = sponsorship(&write, &member).await? {
        return Err(rules::still_sponsor(&held).into());
    }
    let owned = action::Entity::find()
        .filter(action::Column::OwnerId.eq(member.id))
        .filter(action::Column::Status.is_in(ActionStatus::TO_BE_DONE));
    let owned = write.lock_all(owned).await?;
    let led = priority::Entity::find()
        .filter(priority::Column::OwnerId.eq(member.id))
        .filter(priority::Column::Status.is_in([PriorityStatus::Proposed, PriorityStatus::Committed]));
    let led = write.lock_all(led).await?;
    let decided = decision::Entity::find()
        .filter(decision::Column::OwnerId.eq(member.id))
        .filter(decision::Column::Status.is_in([DecisionStatus::Proposed, DecisionStatus::Ratified]));
    let decided = write.lock_all(decided).await?;
    let open = Open { actions: owned.len(), priorities: led.len(), decisions: decided.len() };
    rules::removable(&member, open, successor.as_ref())?;
    if let Some(successor) = &successor {
        let own = priority::Entity::find()
            .filter(priority::Column::OwnerId.eq(successor.id))
            .filter(priority::Column::Status.eq(PriorityStatus::Committed));
        let places = write.limits_of(member.team_id).await?;
        rules::room_for(&led, &write.all(own).await?, places, successor)?;
        hand_over(&write, owned, led, decided, successor.id).await?;
    }
    let successor = successor.map(|successor| successor.id);
    leave_agendas(&write, member.id, successor).await?;
    sign_off(&write, &member).await?;
    forget_keys(&write, &[member.id]).await?;
    let mut change = member.clone().into_active_model();
    change.status = Set(MemberStatus::Removed);
    change.removed_at = Set(Some(write.now()));
    write.update::<Entity>(&member, change).await?;
    write.commit().await?;
    Ok(member.id)
}

/// Forgets by which ids members were imported: the next import makes them anew.
pub(super) async fn forget_keys(write: &Write, members: &[Id<Entity>]) -> Result<(), Error> {
    let keys = import_key::Entity::delete_many()
        .filter(import_key::Column::NetworkId.eq(write.network()?))
        .filter(import_key::Column::Noun.eq(Entity::PREFIX))
        .filter(import_key::Column::SubjectId.is_in(members.iter().map(|member| member.uuid())));
    write.discard_all(keys).await.map(drop)
}

/// What someone was to lead in sessions to come, the successor does; without one, whoever runs the session.
async fn leave_agendas(write: &Write, from: Id<Entity>, to: Option<Id<Entity>>) -> Result<(), Error> {
    let ahead = agenda_item::Entity::find()
        .filter(agenda_item::Column::OwnerId.eq(from))
        .filter(agenda_item::Column::Status.eq(AgendaItemStatus::Open));
    for item in write.lock_all(ahead).await? {
        let mut change = item.clone().into_active_model();
        change.owner_id = Set(to);
        write.update::<agenda_item::Entity>(&item, change).await?;
    }
    Ok(())
}

/// Gives open work to another owner: actions are offered anew and keep their baseline.
async fn hand_over(
    write: &Write,
    owned: Vec<Locked<action::Model>>,
    led: Vec<Locked<priority::Model>>,
    decided: Vec<Locked<decision::Model>>,
    to: Id<Entity>,
) -> Result<(), Error> {
    for action in owned {
        let mut change = action.clone().into_active_model();
        change.owner_id = Set(to);
        change.status = Set(actions::next(action.status, actions::Step::Reassign)?);
        change.offered_at = Set(write.now());
        change.accepted_at = Set(None);
        let action = write.update::<action::Entity>(&action, change).await?;
        drift::action_changed(write, &action).await?;
    }
    for priority in led {
        let mut change = priority.clone().into_active_model();
        change.owner_id = Set(to);
        write.update::<priority::Entity>(&priority, change).await?;
    }
    for decision in decided {
        let mut change = decision.clone().into_active_model();
        change.owner_id = Set(Some(to));
        write.update::<decision::Entity>(&decision, change).await?;
    }
    Ok(())
}

/// The membership by which a member is a sponsor of the client: it is more than a place in the team.
async fn sponsorship(write: &Write, member: &member::Model) -> Result<Option<membership::Model>, Error> {
    let Some(person) = member.person_id else { return Ok(None) };
    let held = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Column::ClientId.eq(member.client_id))
        .filter(membership::Column::Role.eq(MembershipRole::Sponsor))
        .filter(membership::Entity::lasting(write.now()));
    write.one(held).await
}

/// Ends a member's memberships in the team, and takes their open invitations back.
async fn sign_off(write: &Write, member: &member::Model) -> Result<(), Error> {
    let invited = invitation::Entity::find()
        .filter(invitation::Column::MemberId.eq(member.id))
        .filter(invitations::waiting(write.now()));
    for invitation in write.lock_all(invited).await? {
        let mut change = invitation.clone().into_active_model();
        change.revoked_at = Set(Some(write.now()));
        write.update::<invitation::Entity>(&invitation, change).await?;
    }
    let Some(person) = member.person_id else { return Ok(()) };
    let held = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Column::TeamId.eq(member.team_id))
        .filter(membership::Entity::lasting(write.now()));
    for held in write.lock_all(held).await? {
        let mut change = held.clone().into_active_model();
        change.ends_at = Set(Some(write.now()));
        write.update::<membership::Entity>(&held, change).await?;
    }
    Ok(())
}

const ADDRESS_TAKEN: &str = "Another member of the team has this address.";

/// Refuses the address of another member of the team, and of anybody who works for the client.
async fn reachable(
    write: &Write,
    email: &str,
    client: &client::Model,
    team: Id<team::Entity>,
    but: Option<Id<Entity>>,
) -> Result<(), Error> {
    let others = Entity::find()
        .filter(member::Column::TeamId.eq(team))
        .filter(member::Column::Status.eq(MemberStatus::Active))
        .filter(member::Column::Email.eq(email))
        .filter(Condition::all().add_option(but.map(|member| member::Column::Id.ne(member))));
    let taken = write.count(others).await? > 0;
    let mut check = Check::new();
    check.refuse_if(taken, Code::Taken, "input.email", ADDRESS_TAKEN);
    check.done()?;
    if let Some(person) = write.person_by_email(email).await? {
        invitations::apart(write.works_for(person.id, client).await?)?;
    }
    Ok(())
}
