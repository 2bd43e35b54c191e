//! Seat: a function in a team's accountability chart, with what it answers for. One member holds it, or it is vacant.
//!
//! Seats of a team form a tree. Removing a seat moves those below it up. When a member leaves the team, the successor takes
//! over their seats; without a successor, they become vacant.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::rules::require_active_member,
    member::Member,
    team::{Team, link::linked},
};
use crate::{
    kernel::{
        Caller, Check, Error, Locked, Write,
        access::Permission,
        expect_version,
        read::{
            Field, Shape, Shaped, Ty,
            shape::{derived, one_of_view, typed},
        },
    },
    mutations, shape,
};
use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::{
    Id, member,
    seat::{self, Column, Entity},
    team,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use std::sync::OnceLock;

shape! {
    /// A function in a team's accountability chart, held by one member or vacant.
    Seat of seat {
        /// Title of the function, for example `Sales`.
        title = text(Title).filter().order(),
        /// What the seat answers for. May be empty.
        duties = text(Duties),
        /// Time since which the member has held the seat. Null if vacant.
        filledAt = instant(FilledAt).or_null(),
        /// Time the seat was removed. Null if not removed.
        removedAt = instant(RemovedAt).or_null(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Team that the seat belongs to.
        team = one::<Team, _>(TeamId),
        /// Seat above this one. Null at the top.
        parent = one::<Seat, _>(ParentId).or_null(),
        /// Seats directly below this one that are not removed, oldest first.
        children = list::<Seat, _>(entity::seat::Column::ParentId).only("{t}.removed_at is null").by(entity::seat::Column::CreatedAt, Ty::Instant).about(3),
        /// Member who holds the seat. Null if vacant.
        member = one::<Member, _>(MemberId).or_null(),
    }
}

/// What an active member of a team has to do.
pub struct MemberLoad;

impl Shaped for MemberLoad {
    fn shape() -> &'static Shape {
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let fields = vec![
                Field::new("member", "The member.", one_of_view::<Member>("id")),
                Field::new(
                    "priorityCount",
                    "Number of committed priorities that the member owns.",
                    derived(
                        Ty::Int,
                        "(select count(*) from priority p where p.owner_id = {t}.id and p.status = {PriorityStatus::Committed})",
                    ),
                ),
                Field::new(
                    "actionCount",
                    "Number of offered and accepted actions that the member owns.",
                    derived(
                        Ty::Int,
                        "(select count(*) from action a where a.owner_id = {t}.id \
                         and a.status in ({ActionStatus::Offered}, {ActionStatus::Accepted}))",
                    ),
                ),
                Field::new(
                    "seatCount",
                    "Number of seats that the member holds.",
                    derived(
                        Ty::Int,
                        "(select count(*) from seat s where s.member_id = {t}.id and s.removed_at is null)",
                    ),
                ),
            ];
            Shape::view::<member::Entity>(
                "MemberLoad",
                "What an active member of a team has to do: numbers of priorities, actions and seats.",
                "member",
                fields,
            )
        })
    }
}

/// Input for `seatCreate`.
#[derive(InputObject)]
pub struct SeatCreateInput {
    /// ID of the team.
    pub team_id: ID,
    /// Title of the function: 1 to 120 characters.
    pub title: String,
    /// What the seat answers for: up to 2,000 characters. Default: empty.
    pub duties: Option<String>,
    /// ID of the seat above, of the same team. Default: none.
    pub parent_id: Option<ID>,
    /// ID of the member who holds the seat: active, from this team. Default: the seat is vacant.
    pub member_id: Option<ID>,
}

/// Input for `seatUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct SeatUpdateInput {
    /// ID of the seat, which must not be removed.
    pub id: ID,
    /// Title of the function: 1 to 120 characters.
    pub title: Option<String>,
    /// What the seat answers for: up to 2,000 characters.
    pub duties: Option<String>,
    /// ID of the seat above, of the same team and not below this one; `null` for none.
    pub parent_id: MaybeUndefined<ID>,
    /// ID of the member who holds the seat: active, from the same team; `null` leaves it vacant.
    pub member_id: MaybeUndefined<ID>,
    /// The `version` you last read. Fails with `CONFLICT` if the seat has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `seatRemove`.
#[derive(InputObject)]
pub struct SeatRemoveInput {
    /// ID of the seat.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the seat has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    SeatMutation: seat -> Seat of Entity {
        /// Adds a seat to a team's accountability chart, which can have at most 60.
        seat_create(SeatCreateInput) -> SeatCreatePayload = create;
        /// Changes a seat: its title, its duties, its place in the chart, or who holds it.
        seat_update(SeatUpdateInput) -> SeatUpdatePayload = update, on id;
        /// Removes a seat from the chart. The seats directly below it move to the seat above it.
        seat_remove(SeatRemoveInput) -> SeatRemovePayload = remove, on id;
    }
}

async fn create(caller: &Caller, input: SeatCreateInput) -> Result<Id<Entity>, Error> {
    let (write, team) =
        caller.write::<team::Entity>(Permission::SeatCreate, typed(&input.team_id), "input.teamId").await?;
    let mut check = Check::new();
    let title = check.line("input.title", &input.title, 1..=120);
    let duties = check.text("input.duties", input.duties.as_deref().unwrap_or_default(), 0..=2000);
    check.done()?;
    let parent_id = load_parent(&write, input.parent_id.as_ref(), team.id).await?;
    let member_id = load_holder(&write, input.member_id.as_ref(), team.id).await?;
    rules::require_room(write.all(select_seats(team.id)).await?.len())?;
    let id = write.id();
    let row = seat::Model {
        id,
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        parent_id,
        member_id,
        title,
        duties,
        filled_at: member_id.map(|_| write.now()),
        removed_at: None,
        created_at: write.now(),
        version: 1,
    };
    write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(id)
}

async fn update(caller: &Caller, input: SeatUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, seat) = lock_seat(caller, Permission::SeatUpdate, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let title = check.line_if("input.title", input.title.as_ref(), 1..=120);
    let duties = check.text_if("input.duties", input.duties.as_ref(), 0..=2000);
    check.done()?;
    let mut change = seat.clone().into_active_model();
    title.into_iter().for_each(|title| change.title = Set(title));
    duties.into_iter().for_each(|duties| change.duties = Set(duties));
    match &input.parent_id {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => change.parent_id = Set(None),
        MaybeUndefined::Value(parent) => {
            let parent = load_parent(&write, Some(parent), seat.team_id).await?;
            let seats = write.all(select_seats(seat.team_id)).await?;
            parent.map(|parent| rules::require_tree(&seats, seat.id, parent)).transpose()?;
            change.parent_id = Set(parent);
        }
    }
    match &input.member_id {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => seat_member(&mut change, &seat, None, &write),
        MaybeUndefined::Value(member) => {
            let member = load_holder(&write, Some(member), seat.team_id).await?;
            seat_member(&mut change, &seat, member, &write);
        }
    }
    write.update::<Entity>(&seat, change).await?;
    write.commit().await?;
    Ok(seat.id)
}

async fn remove(caller: &Caller, input: SeatRemoveInput) -> Result<Id<Entity>, Error> {
    let (write, seat) = lock_seat(caller, Permission::SeatRemove, &input.id, input.expected_version).await?;
    let below = select_seats(seat.team_id).filter(Column::ParentId.eq(seat.id));
    for below in write.lock_all(below).await? {
        let mut change = below.clone().into_active_model();
        change.parent_id = Set(seat.parent_id);
        write.update::<Entity>(&below, change).await?;
    }
    let mut change = seat.clone().into_active_model();
    change.removed_at = Set(Some(write.now()));
    write.update::<Entity>(&seat, change).await?;
    write.commit().await?;
    Ok(seat.id)
}

/// Seats a member, or leaves the seat vacant. Who holds it already goes on holding it.
fn seat_member(
    change: &mut seat::ActiveModel,
    seat: &seat::Model,
    member: Option<Id<member::Entity>>,
    write: &Write,
) {
    if seat.member_id != member {
        change.member_id = Set(member);
        change.filled_at = Set(member.map(|_| write.now()));
    }
}

/// Seats the successor of a member who leaves, or leaves the seats vacant.
pub(super) async fn hand_over(
    write: &Write,
    from: Id<member::Entity>,
    to: Option<Id<member::Entity>>,
) -> Result<(), Error> {
    let held = Entity::find()
        .filter(Column::MemberId.eq(from))
        .filter(Column::RemovedAt.is_null())
        .order_by_asc(Column::Id);
    for seat in write.lock_all(held).await? {
        let mut change = seat.clone().into_active_model();
        seat_member(&mut change, &seat, to, write);
        write.update::<Entity>(&seat, change).await?;
    }
    Ok(())
}

/// Selects the seats of a team's chart.
fn select_seats(team: Id<team::Entity>) -> sea_orm::Select<Entity> {
    Entity::find()
        .filter(Column::TeamId.eq(team))
        .filter(Column::RemovedAt.is_null())
        .order_by_asc(Column::Id)
}

/// Locks a seat after its team, so that two moves cannot make a circle.
async fn lock_seat(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<seat::Model>), Error> {
    let (write, _, seat) =
        caller.write_under::<team::Entity, Entity>(permission, Column::TeamId, typed(id), "input.id").await?;
    expect_version(seat.version, expected)?;
    rules::require_in_place(&seat, "input.id")?;
    Ok((write, seat))
}

async fn load_parent(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<Id<Entity>>, Error> {
    let parent = linked::<Entity>(write, id, team, "input.parentId").await?;
    let Some(parent) = parent else { return Ok(None) };
    rules::require_in_place(&parent, "input.parentId")?;
    Ok(Some(parent.id))
}

async fn load_holder(
    write: &Write,
    id: Option<&ID>,
    team: Id<team::Entity>,
) -> Result<Option<Id<member::Entity>>, Error> {
    let Some(id) = id else { return Ok(None) };
    let member = write.load::<member::Entity>(typed(id), "input.memberId").await?;
    require_active_member(&member, team).map_err(|refusal| refusal.at("input.memberId"))?;
    Ok(Some(member.id))
}
