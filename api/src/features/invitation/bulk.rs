//! Invites several members of a team in one transaction.

use super::{Invitation, keeping};
use crate::{
    features::batch,
    kernel::{
        Caller, Code, Error, Fault, Locked, Refusal, access::Permission, mutation::split,
        payload_object::PayloadObject, read::shape::typed, refused_id,
    },
    message, mutations, payload,
};
use async_graphql::{ID, InputObject};
use entity::{Id, client, invitation::Entity, member, membership::MembershipRole, team};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// Input for `membersInvite`.
#[derive(InputObject)]
pub struct MembersInviteInput {
    /// ID of the team that the members belong to.
    pub team_id: ID,
    /// Invitations to send: 1 to 100, at most one to each member.
    pub items: Vec<MembersInviteItem>,
}

/// An invitation to send with `membersInvite`.
#[derive(InputObject)]
pub struct MembersInviteItem {
    /// ID of an active member of this team who does not sign in as another person.
    pub member_id: ID,
    /// The member's e-mail address. Saved for the member if no address is known.
    pub email: String,
    /// The member's role: `SPONSOR` of the client, or `LEADER` or `OBSERVER` in the team.
    pub role: MembershipRole,
}

payload! {
    /// Result of `membersInvite`.
    pub struct MembersInvitePayload {
        /// Invitations, in the order of the items. Empty if any item was rejected.
        pub invitations: Vec<PayloadObject<Invitation>>,
        /// Reasons the batch was rejected; each path contains the index of the item. Empty if all items were saved.
        pub errors: Vec<Refusal>,
    }
}

mutations! {
    MembersInviteMutation {
        /// Gives several members of a team a login, each by an e-mail with a link, by the rules of `memberInvite`. If any
        /// item is rejected, nobody is invited.
        members_invite(MembersInviteInput) -> MembersInvitePayload = members_invite;
    }
}

async fn members_invite(caller: &Caller, input: MembersInviteInput) -> Result<MembersInvitePayload, Fault> {
    let (done, errors) = split(invite(caller, input).await)?;
    Ok(MembersInvitePayload { invitations: batch::saved_objects(done), errors })
}

async fn invite(caller: &Caller, input: MembersInviteInput) -> Result<Vec<Id<Entity>>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::MembersInvite, typed(&input.team_id), "input.teamId")
        .await?;
    batch::check_size(input.items.len())?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let named: Vec<Option<Id<member::Entity>>> =
        input.items.iter().map(|item| typed(&item.member_id)).collect();
    // Sorted, so that two batches lock rows in the same order and cannot deadlock.
    let members = member::Entity::find()
        .filter(member::Column::Id.is_in(named.iter().flatten().copied()))
        .filter(member::Column::TeamId.eq(team.id))
        .order_by_asc(member::Column::Id);
    let mut members = write.lock_all(members).await?;
    let days = caller.settings().invitation_days;
    let (mut ids, mut faults) = (vec![], vec![]);
    for (at, item) in input.items.iter().enumerate() {
        let invited = match take_member(&mut members, &named, at) {
            Ok(member) => {
                keeping::invite_member(&write, days, (&client, &team), member, &item.email, item.role).await
            }
            Err(refusal) => Err(refusal.into()),
        };
        match invited {
            Ok(id) => ids.push(id),
            Err(error) => faults.extend(batch::item_refusals(error, at)?),
        }
    }
    batch::refuse_if_any(faults)?;
    write.commit().await?;
    Ok(ids)
}

/// Takes the member that an item names out of the locked ones.
fn take_member(
    members: &mut Vec<Locked<member::Model>>,
    named: &[Option<Id<member::Entity>>],
    at: usize,
) -> Result<Locked<member::Model>, Refusal> {
    if named[at].is_some() && named[..at].contains(&named[at]) {
        let message = message!(MEMBER_NAMED_TWICE, "This member is named twice. Leave one out.");
        return Err(Refusal::new(Code::Invalid, message).at("input.memberId"));
    }
    let place = members.iter().position(|member| Some(member.id) == named[at]);
    place.map(|place| members.swap_remove(place)).ok_or_else(|| refused_id("input.memberId"))
}
