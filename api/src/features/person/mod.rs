//! Person: a user of one network. The identity of a person can belong to people in other networks too.
//!
//! A person can be erased once nothing depends on them. Erasing removes their names and addresses everywhere and ends
//! their login. Their work stays, attributed to a former user.

pub(super) mod erasing;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{membership::Membership, notice::NoticeSettings};
use crate::{
    kernel::{
        Caller, Check, Error, Write,
        access::{Permission, Role},
        expect_version,
        read::shape::typed,
    },
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{Id, assignment, member, membership, person::Entity};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// A person in the network, with or without a login.
    Person of person {
        /// Name of the person. `Former user` once the person is erased.
        name = text(Name).filter().order(),
        /// E-mail address of the person. A placeholder once the person is erased.
        email = text(Email).filter().order(),
        /// Whether the person can sign in.
        canSignIn = derived(Ty::Flag, "({t}.identity_id is not null)"),
        /// Time the person was erased and their name and address were removed. Null if not erased.
        erasedAt = instant(ErasedAt).or_null().filter(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// How the person wants to be informed by e-mail. Null for other people than the caller, and until they set it.
        noticeSettings = first::<NoticeSettings, _>(entity::notice_setting::Column::PersonId).by(entity::notice_setting::Column::CreatedAt, Ty::Instant),
        /// Memberships of the person, each with its role and place, earliest start first by default.
        memberships = pages::<Membership, _>(entity::membership::Column::PersonId).by(entity::membership::Column::StartsAt, Ty::Instant),
    }
}

/// Input for `personUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct PersonUpdateInput {
    /// ID of the person.
    pub id: ID,
    /// Name of the person: 1 to 120 characters.
    pub name: Option<String>,
    /// The `version` you last read. Fails with `CONFLICT` if the person has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `personErase`.
#[derive(InputObject)]
pub struct PersonEraseInput {
    /// ID of the person. You cannot erase yourself.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the person has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    PersonMutation: person -> Person of Entity {
        /// Changes a person's name. People can rename themselves; head-office admins can rename anyone.
        person_update(PersonUpdateInput) -> PersonUpdatePayload = update, on id;
        /// Erases a person. This cannot be undone. The person can no longer sign in and loses all roles and access.
        /// Their name and addresses are removed everywhere, including audit values, frozen recaps and exports, and so
        /// are texts that only they could read. Their actions, texts written for others and figures that include them
        /// stay, attributed to a former user. Fails with `WRONG_STATE` if they are still an active team member (use
        /// `memberRemove` first), lead a client (use `clientTransfer` first) or are the only head-office admin.
        person_erase(PersonEraseInput) -> PersonErasePayload = erase, on id;
    }
}

async fn update(caller: &Caller, input: PersonUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, person) =
        caller.write::<Entity>(Permission::PersonUpdate, typed(&input.id), "input.id").await?;
    let actor = write.actor()?;
    let admin = actor.roles().has(Role::HeadOfficeAdmin);
    let own = person.id == actor.person;
    rules::require_name_editor(own, admin, own || admin || can_see_person(&write, person.id).await?)?;
    rules::require_not_erased(&person)?;
    expect_version(person.version, input.expected_version)?;
    let mut check = Check::new();
    let name = check.name_if("input.name", input.name.as_ref(), 1..=120);
    check.done()?;
    let mut change = person.clone().into_active_model();
    name.into_iter().for_each(|name| change.name = Set(name));
    write.update::<Entity>(&person, change).await?;
    write.commit().await?;
    Ok(person.id)
}

async fn erase(caller: &Caller, input: PersonEraseInput) -> Result<Id<Entity>, Error> {
    let (mut write, person) =
        caller.write::<Entity>(Permission::PersonErase, typed(&input.id), "input.id").await?;
    rules::require_not_erased(&person)?;
    expect_version(person.version, input.expected_version)?;
    rules::require_another_person(person.id == write.person()?)?;
    write.reach_all().await?;
    erasing::erase_person(&write, &person).await?;
    write.commit().await?;
    Ok(person.id)
}

/// Whether the caller can see a person through a membership, an assignment or a team.
pub(super) async fn can_see_person(write: &Write, id: Id<Entity>) -> Result<bool, Error> {
    let memberships = membership::Entity::find().filter(membership::Column::PersonId.eq(id));
    let assignments = assignment::Entity::find().filter(assignment::Column::PersonId.eq(id));
    let members = member::Entity::find().filter(member::Column::PersonId.eq(id));
    Ok(write.count(memberships).await? > 0
        || write.count(assignments).await? > 0
        || write.count(members).await? > 0)
}
