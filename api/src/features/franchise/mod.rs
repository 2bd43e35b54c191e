//! Franchise: a facilitator's practice or territory.
//!
//! Head office founds a franchise in a region, and can close it when it has no active clients. The data of a closed
//! franchise stays readable. It cannot get clients or invitations, and its open invitations are revoked.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{client::Client, dashboard, membership::Membership, region::Region};
use crate::{
    kernel::{
        Caller, Check, Error, Taken, Write, access::Permission, expect_version, fold::same,
        read::shape::typed,
    },
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    client::{self, ClientStatus},
    franchise::{self, Entity, FranchiseStatus},
    invitation, region,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// A franchise of the network: a practice with its facilitators and clients.
    Franchise of franchise {
        /// The franchise's name, unique in the network.
        name = text(Name).filter().order(),
        /// The company behind the franchise. Franchises of one legal group count as one in benchmarks.
        legalGroup = text(LegalGroup).filter().order(),
        /// Whether the franchise is active or closed.
        status = closed::<FranchiseStatus, _>(Status).filter().order(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// The region where the franchise works.
        region = one::<Region, _>(RegionId),
        /// ID of the region where the franchise works, for filters.
        regionId = id::<entity::region::Entity, _>(RegionId).filter(),
        /// The franchise's figures. Only for owners of the franchise and for head office.
        dashboard = dashboard::dashboard_field(),
        /// The franchise's clients that the caller can access, by default by name.
        clients = pages::<Client, _>(entity::client::Column::FranchiseId).by(entity::client::Column::Name, Ty::Text),
        /// Memberships of the franchise's owners and facilitators, by default earliest first.
        memberships = pages::<Membership, _>(entity::membership::Column::FranchiseId).by(entity::membership::Column::StartsAt, Ty::Instant),
    }
}

/// Input for `franchiseCreate`.
#[derive(InputObject)]
pub struct FranchiseCreateInput {
    /// The franchise's name, unique in the network: 1 to 120 characters.
    pub name: String,
    /// ID of the region where the franchise works.
    pub region_id: ID,
    /// The company behind the franchise: 1 to 200 characters. By default the franchise's name. Franchises of one legal
    /// group count as one in benchmarks.
    pub legal_group: Option<String>,
}

/// Input for `franchiseUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct FranchiseUpdateInput {
    /// ID of the franchise.
    pub id: ID,
    /// The franchise's name, unique in the network: 1 to 120 characters.
    pub name: Option<String>,
    /// ID of the region where the franchise works.
    pub region_id: Option<ID>,
    /// The company behind the franchise: 1 to 200 characters. Franchises of one legal group count as one in benchmarks.
    pub legal_group: Option<String>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `franchiseClose`.
#[derive(InputObject)]
pub struct FranchiseCloseInput {
    /// ID of the franchise.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    FranchiseMutation: franchise -> Franchise of Entity {
        /// Creates a franchise.
        franchise_create(FranchiseCreateInput) -> FranchiseCreatePayload = create;
        /// Changes a franchise's name, region or legal group.
        franchise_update(FranchiseUpdateInput) -> FranchiseUpdatePayload = update, on id;
        /// Closes a franchise and revokes its open invitations. Fails with `WRONG_STATE` if the franchise has an active
        /// client: move or archive its clients first.
        franchise_close(FranchiseCloseInput) -> FranchiseClosePayload = close, on id;
    }
}

async fn create(caller: &Caller, input: FranchiseCreateInput) -> Result<Id<Entity>, Error> {
    let (write, network) = caller.write_network(Permission::FranchiseCreate).await?;
    let region = write.load::<region::Entity>(typed(&input.region_id), "input.regionId").await?;
    let mut check = Check::new();
    let name = check.name("input.name", &input.name, 1..=120);
    let legal_group = check.line_if("input.legalGroup", input.legal_group.as_ref(), 1..=200);
    check_name(&write, &mut check, &name, None).await?;
    check.done()?;
    let id = write.id();
    let row = franchise::Model {
        id,
        network_id: network.id,
        region_id: region.id,
        legal_group: legal_group.unwrap_or_else(|| name.clone()),
        name,
        status: FranchiseStatus::Active,
        created_at: write.now(),
        version: 1,
    };
    write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(id)
}

async fn update(caller: &Caller, input: FranchiseUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, franchise) =
        caller.write::<Entity>(Permission::FranchiseUpdate, typed(&input.id), "input.id").await?;
    expect_version(franchise.version, input.expected_version)?;
    let region = match &input.region_id {
        Some(id) => Some(write.load::<region::Entity>(typed(id), "input.regionId").await?),
        None => None,
    };
    let mut check = Check::new();
    let name = check.name_if("input.name", input.name.as_ref(), 1..=120);
    let legal_group = check.line_if("input.legalGroup", input.legal_group.as_ref(), 1..=200);
    if let Some(name) = &name {
        check_name(&write, &mut check, name, Some(franchise.id)).await?;
    }
    check.done()?;
    let mut change = franchise.clone().into_active_model();
    name.into_iter().for_each(|name| change.name = Set(name));
    region.into_iter().for_each(|region| change.region_id = Set(region.id));
    legal_group.into_iter().for_each(|group| change.legal_group = Set(group));
    write.update::<Entity>(&franchise, change).await?;
    write.commit().await?;
    Ok(franchise.id)
}

async fn close(caller: &Caller, input: FranchiseCloseInput) -> Result<Id<Entity>, Error> {
    let (write, franchise) =
        caller.write::<Entity>(Permission::FranchiseClose, typed(&input.id), "input.id").await?;
    expect_version(franchise.version, input.expected_version)?;
    let clients = client::Entity::find()
        .filter(client::Column::FranchiseId.eq(franchise.id))
        .filter(client::Column::Status.is_in(ClientStatus::OPEN));
    rules::require_closable(franchise.status, write.count(clients).await?)?;
    let waiting = invitation::Entity::find()
        .filter(invitation::Column::FranchiseId.eq(franchise.id))
        .filter(invitation::Column::AcceptedAt.is_null())
        .filter(invitation::Column::RevokedAt.is_null());
    for invitation in write.lock_all(waiting).await? {
        let mut change = invitation.clone().into_active_model();
        change.revoked_at = Set(Some(write.now()));
        write.update::<invitation::Entity>(&invitation, change).await?;
    }
    let mut change = franchise.clone().into_active_model();
    change.status = Set(FranchiseStatus::Closed);
    write.update::<Entity>(&franchise, change).await?;
    write.commit().await?;
    Ok(franchise.id)
}

async fn check_name(
    write: &Write,
    check: &mut Check,
    name: &str,
    but: Option<Id<Entity>>,
) -> Result<(), Error> {
    let others = Entity::find()
        .filter(same(franchise::Column::Name, name))
        .filter(Condition::all().add_option(but.map(|franchise| franchise::Column::Id.ne(franchise))));
    let taken = match write.one(others).await?.map(|other| other.status) {
        None => Taken::No,
        Some(FranchiseStatus::Active) => Taken::Active,
        Some(FranchiseStatus::Closed) => Taken::Archived("closed"),
    };
    check.refuse_taken("input.name", "franchise of the network", taken, Some("franchiseUpdate"));
    Ok(())
}
