//! Franchise: a facilitator's practice or territory.
//!
//! Head office founds it in a region and closes it once it works with no client any more. What a closed franchise did
//! stays readable; it takes no clients and no invitations, and those still open are taken back.

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
        /// Its name, unique in the network.
        name = text(Name).filter().order(),
        /// The company behind it. Franchises of one legal group count as one in benchmarks.
        legalGroup = text(LegalGroup).filter().order(),
        /// Whether it takes part.
        status = closed::<FranchiseStatus, _>(Status).filter().order(),
        /// When it was founded here.
        createdAt = instant(CreatedAt).filter().order(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// Where it works.
        region = one::<Region, _>(RegionId),
        /// The id of its region, to filter by.
        regionId = id::<entity::region::Entity, _>(RegionId).filter(),
        /// Its figures: for its owners and for head office, and for nobody else.
        dashboard = dashboard::of_scope(),
        /// Its clients, as far as you can reach them.
        clients = pages::<Client, _>(entity::client::Column::FranchiseId).by(entity::client::Column::Name, Ty::Text),
        /// Who belongs to it: owners and facilitators.
        memberships = pages::<Membership, _>(entity::membership::Column::FranchiseId).by(entity::membership::Column::StartsAt, Ty::Instant),
    }
}

/// A franchise to found.
#[derive(InputObject)]
pub struct FranchiseCreateInput {
    /// Its name, unique in the network: 1 to 120 characters.
    pub name: String,
    /// The region it works in.
    pub region_id: ID,
    /// The company behind it: 1 to 200 characters. By default the franchise's name. Franchises of one legal group
    /// count as one in benchmarks.
    pub legal_group: Option<String>,
}

/// What to change of a franchise. What is left out stays.
#[derive(InputObject)]
pub struct FranchiseUpdateInput {
    /// The franchise.
    pub id: ID,
    /// Its name, unique in the network: 1 to 120 characters.
    pub name: Option<String>,
    /// The region it works in.
    pub region_id: Option<ID>,
    /// The company behind it: 1 to 200 characters.
    pub legal_group: Option<String>,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

/// Which franchise, and nothing more.
#[derive(InputObject)]
pub struct FranchiseCloseInput {
    /// The franchise.
    pub id: ID,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

mutations! {
    FranchiseMutation: franchise -> Franchise of Entity {
        /// Founds a franchise.
        franchise_create(FranchiseCreateInput) -> FranchiseCreatePayload = create;
        /// Changes what a franchise is called, where it works and who is behind it.
        franchise_update(FranchiseUpdateInput) -> FranchiseUpdatePayload = update, on id;
        /// Closes a franchise that has no active client left, and takes its open invitations back. Move or archive
        /// its clients first.
        franchise_close(FranchiseCloseInput) -> FranchiseClosePayload = close, on id;
    }
}

async fn create(caller: &Caller, input: FranchiseCreateInput) -> Result<Id<Entity>, Error> {
    let (write, network) = caller.write_network(Permission::FranchiseCreate).await?;
    let region = write.load::<region::Entity>(typed(&input.region_id), "input.regionId").await?;
    let mut check = Check::new();
    let name = check.name("input.name", &input.name, 1..=120);
    let legal_group = check.line_if("input.legalGroup", input.legal_group.as_ref(), 1..=200);
    taken(&write, &mut check, &name, None).await?;
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
        taken(&write, &mut check, name, Some(franchise.id)).await?;
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
        .filter(client::Column::Status.eq(ClientStatus::Active));
    rules::closable(franchise.status, write.count(clients).await?)?;
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

async fn taken(write: &Write, check: &mut Check, name: &str, but: Option<Id<Entity>>) -> Result<(), Error> {
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
