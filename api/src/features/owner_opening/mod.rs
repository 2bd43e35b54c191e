//! Owner opening: when a client's content opens to a franchise owner whom head office named.
//!
//! Head office can name an owner only for a franchise that has none. The owner joins at once. The clients that the
//! franchise has at that time open to the owner seven days later, or earlier, client by client, if a sponsor agrees:
//! the people of each client have time to object. Clients that join later are open at once.
//!
//! Invariant: until a client opens, the owner has no role there (`grants` in the kernel's caller).

pub mod rules;
#[cfg(test)]
mod tests;

use super::client::Client;
use crate::{
    kernel::{Caller, Error, access::Permission, expect_version, read::shape::typed},
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{Id, owner_opening::Entity};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

shape! {
    /// When a client's content opens to a franchise owner whom head office named.
    OwnerOpening of owner_opening {
        /// The owner's name when they joined.
        name = text(Name),
        /// The owner's e-mail address when they joined.
        email = text(Email),
        /// When the client's content opens to the owner: seven days after the owner joined, or when a sponsor agreed.
        opensAt = instant(OpensAt).filter().order(),
        /// Whether the client's content is open to the owner now.
        open = derived(Ty::Flag, "({t}.opens_at <= {now})").filter(),
        /// When a sponsor of the client agreed. Null if no sponsor has agreed.
        agreedAt = instant(AgreedAt).or_null(),
        /// When the owner joined.
        createdAt = instant(CreatedAt).filter().order(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// The client. Null for the owner until the client's content opens.
        client = one::<Client, _>(ClientId).or_null(),
    }
}

/// Input for `ownerOpeningAgree`.
#[derive(InputObject)]
pub struct OwnerOpeningAgreeInput {
    /// ID of the owner opening. It must not be open yet.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    OwnerOpeningMutation: owner_opening -> OwnerOpening of Entity {
        /// Opens a client's content to an owner whom head office named, before the seven days are over. Fails with
        /// `WRONG_STATE` if the content is open already.
        owner_opening_agree(OwnerOpeningAgreeInput) -> OwnerOpeningAgreePayload = agree, on id;
    }
}

async fn agree(caller: &Caller, input: OwnerOpeningAgreeInput) -> Result<Id<Entity>, Error> {
    let (write, opening) =
        caller.write::<Entity>(Permission::OwnerOpeningAgree, typed(&input.id), "input.id").await?;
    expect_version(opening.version, input.expected_version)?;
    rules::require_closed(&opening, write.now())?;
    let mut change = opening.clone().into_active_model();
    change.opens_at = Set(write.now());
    change.agreed_at = Set(Some(write.now()));
    change.agreed_by = Set(Some(write.person()?));
    write.update::<Entity>(&opening, change).await?;
    write.commit().await?;
    Ok(opening.id)
}
