//! Region: a part of a network's territory, by a published classification.

use crate::{
    kernel::{
        Caller, Check, Code, Error, Write, access::Permission, expect_version, fold::same, read::shape::typed,
    },
    message, mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    region::{self, Entity},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// A region of the network.
    Region of region {
        /// The region's code in a published classification, such as `TLI`. Unique in the network.
        code = text(Code).filter().order(),
        /// The region's name.
        name = text(Name).filter().order(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
    }
}

/// Input for `regionCreate`.
#[derive(InputObject)]
pub struct RegionCreateInput {
    /// The region's code in a published classification, unique in the network: 1 to 20 characters.
    pub code: String,
    /// The region's name: 1 to 120 characters.
    pub name: String,
}

/// Input for `regionUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct RegionUpdateInput {
    /// ID of the region.
    pub id: ID,
    /// The region's code in a published classification, unique in the network: 1 to 20 characters.
    pub code: Option<String>,
    /// The region's name: 1 to 120 characters.
    pub name: Option<String>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    RegionMutation: region -> Region of Entity {
        /// Creates a region in the network.
        region_create(RegionCreateInput) -> RegionCreatePayload = create;
        /// Changes a region's code or name.
        region_update(RegionUpdateInput) -> RegionUpdatePayload = update, on id;
    }
}

async fn create(caller: &Caller, input: RegionCreateInput) -> Result<Id<Entity>, Error> {
    let (write, network) = caller.write_network(Permission::RegionCreate).await?;
    let mut check = Check::new();
    let code = check.line("input.code", &input.code, 1..=20);
    let name = check.line("input.name", &input.name, 1..=120);
    check_code_is_free(&write, &mut check, &code, None).await?;
    check.done()?;
    let id = write.id();
    let row = region::Model { id, network_id: network.id, code, name, created_at: write.now(), version: 1 };
    write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(id)
}

async fn update(caller: &Caller, input: RegionUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, region) =
        caller.write::<Entity>(Permission::RegionUpdate, typed(&input.id), "input.id").await?;
    expect_version(region.version, input.expected_version)?;
    let mut check = Check::new();
    let code = check.line_if("input.code", input.code.as_ref(), 1..=20);
    let name = check.line_if("input.name", input.name.as_ref(), 1..=120);
    if let Some(code) = &code {
        check_code_is_free(&write, &mut check, code, Some(region.id)).await?;
    }
    check.done()?;
    let mut change = region.clone().into_active_model();
    code.into_iter().for_each(|code| change.code = Set(code));
    name.into_iter().for_each(|name| change.name = Set(name));
    write.update::<Entity>(&region, change).await?;
    write.commit().await?;
    Ok(region.id)
}

async fn check_code_is_free(
    write: &Write,
    check: &mut Check,
    code: &str,
    but: Option<Id<Entity>>,
) -> Result<(), Error> {
    let others = Entity::find()
        .filter(same(region::Column::Code, code))
        .filter(Condition::all().add_option(but.map(|region| region::Column::Id.ne(region))));
    let taken = write.count(others).await? > 0;
    check.refuse_if(
        taken,
        Code::Taken,
        "input.code",
        message!(CODE_TAKEN, "Another region of the network has this code. Choose another code."),
    );
    Ok(())
}
