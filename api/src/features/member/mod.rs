//! Member: a person on a team, with or without a login. Members own priorities, actions and decisions.
//!
//! People who work for the client are never members of its teams. Removing a member hands over their open work and ends their
//! access to the team.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::{Action, rules as actions},
    client::rules as clients,
    decision::Decision,
    drift::keeping as drift,
    invitation::rules as invitations,
    measurable,
    participant::PARTICIPANT,
    person::Person,
    priority::{Priority, limits::load_limits},
    seat::{self, Seat},
    team::Team,
};
use crate::{
    kernel::{
        Caller, Check, Code, Error, Fault, Locked, Message, Refusal, Write, access::Permission,
        expect_version, mutation::split, payload_object::PayloadObject, read::shape::typed,
    },
    message, mutations, payload, shape,
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
use rules::OpenWork;
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
        /// Whether the member is a participant: active, and leader or sponsor or without a login. Every quorum, response rate
        /// and "of n" counts participants; observers count for nothing.
        participant = derived(Ty::Flag, PARTICIPANT),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Team that the member belongs to.
        team = one::<Team, _>(TeamId),
        /// Person who signs in as the member. Null if the member has no login.
        person = one::<Person, _>(PersonId).or_null(),
        /// ID of the person who signs in as the member.
        personId = id::<entity::person::Entity, _>(PersonId).or_null().filter_only(),
        /// Actions that the member owns, by default earliest due date first.
        actions = pages::<Action, _>(entity::action::Column::OwnerId).by(entity::action::Column::DueOn, Ty::Date),
        /// Priorities that the member owns, by default in order of rank.
        priorities = pages::<Priority, _>(entity::priority::Column::OwnerId).by(entity::priority::Column::Rank, Ty::Int),
        /// Seats that the member holds in the team's accountability chart, oldest first.
        seats = list::<Seat, _>(entity::seat::Column::MemberId).only("{t}.removed_at is null").by(entity::seat::Column::CreatedAt, Ty::Instant).about(2),
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
        /// Removes a member from a team and hands their open work, seats and measurables to a successor; without one, the
        /// seats become vacant. Ends their memberships in the team
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
    let new = NewMember {
        name: &input.name,
        job_title: &input.job_title,
        email: input.email.as_deref().unwrap_or_default(),
    };
    let planned = plan_members(&write, &team, &client, &[new]).await?;
    let row = planned.into_iter().next().ok_or(Fault::Internal)??;
    let member = write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(member.id)
}

/// The input of a new member, not yet checked. The e-mail address is empty if it is unknown.
pub(super) struct NewMember<'a> {
    pub name: &'a str,
    pub job_title: &'a str,
    pub email: &'a str,
}

/// Checks new members without a login and returns the row or the refusals of each. A member's address counts as taken for the
/// members after them. The number of statements does not depend on the number of members.
pub(super) async fn plan_members(
    write: &Write,
    team: &team::Model,
    client: &client::Model,
    all: &[NewMember<'_>],
) -> Result<Vec<Result<member::Model, Vec<Refusal>>>, Error> {
    clients::require_active_client(client, "input.teamId")?;
    invitations::require_active_team(team, "input.teamId")?;
    let mut known = AddressFacts::of(write, team, client, all).await?;
    Ok(all.iter().map(|new| plan_member(write, team, new, &mut known)).collect())
}

/// The facts about addresses that the rules of new members need.
struct AddressFacts {
    /// Addresses of other members of the team.
    taken: HashSet<String>,
    /// Addresses of people who work for the client.
    at_work: HashSet<String>,
}

impl AddressFacts {
    async fn of(
        write: &Write,
        team: &team::Model,
        client: &client::Model,
        all: &[NewMember<'_>],
    ) -> Result<AddressFacts, Error> {
        let emails: Vec<String> = all
            .iter()
            .filter(|new| !new.email.trim().is_empty())
            .map(|new| Check::new().email("input.email", new.email))
            .collect();
        if emails.is_empty() {
            return Ok(AddressFacts { taken: HashSet::new(), at_work: HashSet::new() });
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
        Ok(AddressFacts { taken, at_work: at_work.map(|person| person.email).collect() })
    }
}

fn plan_member(
    write: &Write,
    team: &team::Model,
    new: &NewMember<'_>,
    known: &mut AddressFacts,
) -> Result<member::Model, Vec<Refusal>> {
    let mut check = Check::new();
    let name = check.name("input.name", new.name, 1..=120);
    let job_title = check.line("input.jobTitle", new.job_title, 0..=120);
    let email = Some(new.email.trim()).filter(|email| !email.is_empty());
    let email = email.map(|email| check.email("input.email", email));
    if let Some(email) = &email {
        let taken = known.taken.contains(email);
        check.refuse_if(taken, Code::Taken, "input.email", address_taken_message());
        check.keep(invitations::require_not_working_for(known.at_work.contains(email)));
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

/// Updates a member. Returns a notice if the member's login keeps its old address.
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
    rules::require_active(&member)?;
    if let Some(Some(email)) = &email {
        check_address(&write, email, &client, member.team_id, Some(member.id)).await?;
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
    // The team is locked first, so that two transactions cannot exceed the successor's limit of priorities.
    let under = member::Column::TeamId;
    let (write, _, member) = caller
        .write_under::<team::Entity, Entity>(Permission::MemberRemove, under, typed(&input.id), "input.id")
        .await?;
    expect_version(member.version, input.expected_version)?;
    let successor = match &input.successor_id {
        Some(id) => Some(write.load::<Entity>(typed(id), "input.successorId").await?),
        None => None,
    };
    if let Some(held) = find_sponsorship(&write, &member).await? {
        return Err(rules::still_sponsor_refusal(&held).into());
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
    let open = OpenWork { actions: owned.len(), priorities: led.len(), decisions: decided.len() };
    rules::require_removable(&member, open, successor.as_ref())?;
    if let Some(successor) = &successor {
        let own = priority::Entity::find()
            .filter(priority::Column::OwnerId.eq(successor.id))
            .filter(priority::Column::Status.eq(PriorityStatus::Committed));
        let limits = load_limits(&write, member.team_id).await?;
        rules::require_room_for(&led, &write.all(own).await?, limits, successor)?;
        hand_over_work(&write, owned, led, decided, successor.id).await?;
    }
    let successor = successor.map(|successor| successor.id);
    hand_over_agenda_items(&write, member.id, successor).await?;
    seat::hand_over(&write, member.id, successor).await?;
    measurable::hand_over(&write, member.id, successor).await?;
    end_access(&write, &member).await?;
    forget_import_keys(&write, &[member.id]).await?;
    let mut change = member.clone().into_active_model();
    change.status = Set(MemberStatus::Removed);
    change.removed_at = Set(Some(write.now()));
    write.update::<Entity>(&member, change).await?;
    write.commit().await?;
    Ok(member.id)
}

/// Deletes the import keys of members, so that the next import creates them again.
pub(super) async fn forget_import_keys(write: &Write, members: &[Id<Entity>]) -> Result<(), Error> {
    let keys = import_key::Entity::delete_many()
        .filter(import_key::Column::NetworkId.eq(write.network()?))
        .filter(import_key::Column::Noun.eq(Entity::PREFIX))
        .filter(import_key::Column::SubjectId.is_in(members.iter().map(|member| member.uuid())));
    write.discard_all(keys).await.map(drop)
}

/// Gives open agenda items to the successor. Without a successor, the person who runs the session leads them.
async fn hand_over_agenda_items(
    write: &Write,
    from: Id<Entity>,
    to: Option<Id<Entity>>,
) -> Result<(), Error> {
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

/// Gives open work to another owner. Actions are offered again and keep their baseline.
async fn hand_over_work(
    write: &Write,
    owned: Vec<Locked<action::Model>>,
    led: Vec<Locked<priority::Model>>,
    decided: Vec<Locked<decision::Model>>,
    to: Id<Entity>,
) -> Result<(), Error> {
    for action in owned {
        let mut change = action.clone().into_active_model();
        change.owner_id = Set(to);
        change.status = Set(actions::next_status(action.status, actions::Step::Reassign)?);
        change.offered_at = Set(write.now());
        change.accepted_at = Set(None);
        let action = write.update::<action::Entity>(&action, change).await?;
        drift::update_action_signals(write, &action).await?;
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

/// Finds the membership that makes a member a sponsor of the whole client.
async fn find_sponsorship(write: &Write, member: &member::Model) -> Result<Option<membership::Model>, Error> {
    let Some(person) = member.person_id else { return Ok(None) };
    let held = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Column::ClientId.eq(member.client_id))
        .filter(membership::Column::Role.eq(MembershipRole::Sponsor))
        .filter(membership::Entity::lasting(write.now()));
    write.one(held).await
}

/// Ends a member's memberships in the team and revokes their open invitations.
async fn end_access(write: &Write, member: &member::Model) -> Result<(), Error> {
    let invited = invitation::Entity::find()
        .filter(invitation::Column::MemberId.eq(member.id))
        .filter(invitations::open_condition(write.now()));
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

/// Message about an address that another member of the team has.
fn address_taken_message() -> Message {
    message!(ADDRESS_TAKEN, "Another member of the team has this address. Use another address.")
}

/// Requires that an address is not used by another member of the team or by a person who works for the client.
async fn check_address(
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
    check.refuse_if(taken, Code::Taken, "input.email", address_taken_message());
    check.done()?;
    if let Some(person) = write.person_by_email(email).await? {
        invitations::require_not_working_for(write.works_for(person.id, client).await?)?;
    }
    Ok(())
}
