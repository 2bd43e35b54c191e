//! Chooses the people that a notice is for. Each function adds notices for everyone concerned, but for the acting person; the statements it
//! takes do not depend on how many people these are.

use crate::kernel::{Error, Fault, Notice, Write};
use entity::{
    Id,
    assignment::{self, AssignmentPart},
    member::{self, MemberStatus},
    membership::{self, MembershipRole},
    notice::NoticeKind,
    person, recap,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

/// Notifies a member, if they are a person of the network.
pub fn notify_member(write: &Write, notice: Notice, member: &member::Model) {
    if let Some(person) = member.person_id {
        write.notify(notice, person);
    }
}

/// Notifies the members of a team who can sign in.
pub async fn notify_team(write: &Write, notice: Notice) -> Result<(), Error> {
    let members = member::Entity::find()
        .filter(member::Column::TeamId.eq(notice.team().ok_or(Fault::Internal)?))
        .filter(member::Column::Status.eq(MemberStatus::Active))
        .filter(member::Column::PersonId.is_not_null());
    notify_people(write, notice, members).await
}

/// Notifies the participants of a team: its members who lead or sponsor, and not those who observe.
pub async fn notify_participants(write: &Write, notice: Notice) -> Result<(), Error> {
    let client = notice.client().ok_or(Fault::Internal)?;
    let taking_part = membership::Entity::find()
        .select_only()
        .column(membership::Column::PersonId)
        .filter(membership::Column::ClientId.eq(client))
        .filter(membership::Column::Role.is_in([MembershipRole::Sponsor, MembershipRole::Leader]))
        .filter(membership::Entity::lasting(write.now()));
    let members = member::Entity::find()
        .filter(member::Column::TeamId.eq(notice.team().ok_or(Fault::Internal)?))
        .filter(member::Column::Status.eq(MemberStatus::Active))
        .filter(member::Column::PersonId.in_subquery(taking_part.into_query()));
    notify_people(write, notice, members).await
}

async fn notify_people(
    write: &Write,
    notice: Notice,
    members: sea_orm::Select<member::Entity>,
) -> Result<(), Error> {
    let people = members.select_only().column(member::Column::PersonId);
    for person in write.select_values::<member::Entity, Uuid>(people).await? {
        write.notify(notice, Id::new(person));
    }
    Ok(())
}

/// Notifies the lead and the co-facilitators of a client.
pub async fn notify_facilitators(write: &Write, notice: Notice) -> Result<(), Error> {
    let client = notice.client().ok_or(Fault::Internal)?;
    let facilitators = assignment::Entity::find()
        .select_only()
        .column(assignment::Column::PersonId)
        .filter(assignment::Column::ClientId.eq(client))
        .filter(assignment::Column::Part.is_in([AssignmentPart::Lead, AssignmentPart::Co]))
        .filter(assignment::Column::StartsAt.lte(write.now()))
        .filter(assignment::Entity::lasting(write.now()));
    for person in write.select_values::<assignment::Entity, Uuid>(facilitators).await? {
        write.notify(notice, Id::new(person));
    }
    Ok(())
}

/// Notifies the sponsors of a client.
pub async fn notify_sponsors(write: &Write, notice: Notice) -> Result<(), Error> {
    let client = notice.client().ok_or(Fault::Internal)?;
    let sponsors = membership::Entity::find()
        .select_only()
        .column(membership::Column::PersonId)
        .filter(membership::Column::ClientId.eq(client))
        .filter(membership::Column::Role.eq(MembershipRole::Sponsor))
        .filter(membership::Entity::lasting(write.now()));
    for person in write.select_values::<membership::Entity, Uuid>(sponsors).await? {
        write.notify(notice, Id::new(person));
    }
    Ok(())
}

/// Notifies people of the network, such as all who are in a role.
pub fn notify_all(write: &Write, notice: Notice, people: impl IntoIterator<Item = Id<person::Entity>>) {
    people.into_iter().for_each(|person| write.notify(notice, person));
}

/// Notifies the participants and the facilitators of a team that the recap of a session is there.
pub async fn notify_recap(write: &Write, recap: &recap::Model) -> Result<(), Error> {
    let notice = Notice::about(NoticeKind::Recap, recap.id).of_team(recap.client_id, recap.team_id);
    notify_participants(write, notice).await?;
    notify_facilitators(write, notice).await
}
