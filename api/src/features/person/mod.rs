//! Person: somebody in one network. The identity behind a person may be a person in other networks too.
//!
//! A person is erased when nothing depends on them any more: their names and addresses go wherever they stand, their
//! login ends, and what they did stays as a former user's.

pub(super) mod erasing;
pub mod rules;
#[cfg(test)]
mod tests;

use super::membership::Membership;
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
    /// A person in the network.
    Person of person {
        /// Their name.
        name = text(Name).filter().order(),
        /// Their e-mail address.
        email = text(Email).filter().order(),
        /// Whether they can sign in.
        canSignIn = derived(Ty::Flag, "({t}.identity_id is not null)"),
        /// When they were erased, if they were: name and address are nobody's since.
        erasedAt = instant(ErasedAt).or_null().filter(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// What they are, and where.
        memberships = list::<Membership, _>(entity::membership::Column::PersonId).by(entity::membership::Column::StartsAt, Ty::Instant).about(3),
    }
}

/// What to change of a person. What is left out stays.
#[derive(InputObject)]
pub struct PersonUpdateInput {
    /// The person.
    pub id: ID,
    /// Their name: 1 to 120 characters.
    pub name: Option<String>,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

/// Which person to erase.
#[derive(InputObject)]
pub struct PersonEraseInput {
    /// The person.
    pub id: ID,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

mutations! {
    PersonMutation: person -> Person of Entity {
        /// Changes what a person is called: oneself, or anybody for head-office admins.
        person_update(PersonUpdateInput) -> PersonUpdatePayload = update, on id;
        /// Erases a person. This cannot be undone. They can no longer sign in and hold nothing any more; their name and
        /// addresses go wherever they stand, the audit's values, frozen recaps and exports included, and so do words that
        /// were for them alone. What they did, wrote for others and were counted in stays, as a former user's. A member
        /// leaves their team first (`memberRemove`), a client gets another lead first (`clientTransfer`), and
        /// head office keeps an admin.
        person_erase(PersonEraseInput) -> PersonErasePayload = erase, on id;
    }
}

async fn update(caller: &Caller, input: PersonUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, person) =
        caller.write::<Entity>(Permission::PersonUpdate, typed(&input.id), "input.id").await?;
    let actor = write.actor()?;
    let admin = actor.roles().has(Role::HeadOfficeAdmin);
    let own = person.id == actor.person;
    rules::nameable(own, admin, own || admin || known(&write, person.id).await?)?;
    rules::present(&person)?;
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
    rules::present(&person)?;
    expect_version(person.version, input.expected_version)?;
    rules::another(person.id == write.person()?)?;
    write.reach_all().await?;
    erasing::erase(&write, &person).await?;
    write.commit().await?;
    Ok(person.id)
}

/// Whether the caller can see this person anywhere.
pub(super) async fn known(write: &Write, id: Id<Entity>) -> Result<bool, Error> {
    let held = membership::Entity::find().filter(membership::Column::PersonId.eq(id));
    let assigned = assignment::Entity::find().filter(assignment::Column::PersonId.eq(id));
    let belongs = member::Entity::find().filter(member::Column::PersonId.eq(id));
    Ok(write.count(held).await? > 0 || write.count(assigned).await? > 0 || write.count(belongs).await? > 0)
}
